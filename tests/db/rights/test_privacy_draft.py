"""The privacy text Relay proposes: it may be published as it is, and says what the product really does (A-6, A-24)."""

import pytest
from sqlalchemy.orm import Session

from relay.models import ResultsFrom
from relay.rights import privacy_draft
from relay.trust import privacy, purposes
from relay.trust.privacy import PrivacySection
from tests.cast import make_company


@pytest.mark.parametrize("results_from", [None, *ResultsFrom])
def test_the_proposal_can_be_published_as_it_is(session: Session, results_from: ResultsFrom | None) -> None:
    acme = make_company(session, "acme", results_from=results_from, ats_name="HERP")
    content = privacy_draft.proposal(acme)
    assert all(not purposes.faults(purpose, text) for purpose, text in content.purposes.items())
    privacy.save(session, acme, content, by_user_id=None)
    privacy.publish(session, acme)
    assert ("HERP" in content.sections[PrivacySection.SECURITY]) is (results_from is ResultsFrom.ATS)


def test_it_leaves_the_periods_to_the_page_which_prints_those_that_are_kept(session: Session) -> None:
    told = privacy_draft.proposal(make_company(session, "acme")).sections[PrivacySection.RETENTION]
    assert not privacy.names_a_period(told)


def test_it_promises_the_second_factor_only_where_it_is_asked_for(session: Session) -> None:
    with_it = make_company(session, "with", second_factor_required=True)
    without = make_company(session, "without", second_factor_required=False)
    assert "確認コード" in privacy_draft.proposal(with_it).sections[PrivacySection.SECURITY]
    assert "確認コード" not in privacy_draft.proposal(without).sections[PrivacySection.SECURITY]
