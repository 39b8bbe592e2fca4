"""The privacy text Relay proposes: it may be published as it is, and says what the product really does (A-6, A-24)."""

import pytest
from sqlalchemy.orm import Session

from relay.candidates.retention import MONTHS
from relay.models import ResultsFrom, RetentionBasis
from relay.rights import privacy_draft
from relay.trust import privacy, purposes
from relay.trust.privacy import PrivacySection
from tests.cast import make_company

KEPT = {RetentionBasis.SELECTION: 6, RetentionBasis.STATED: 6, RetentionBasis.CONSENTED: 12}


@pytest.mark.parametrize("results_from", [None, *ResultsFrom])
def test_the_proposal_can_be_published_as_it_is(session: Session, results_from: ResultsFrom | None) -> None:
    acme = make_company(session, "acme", results_from=results_from, ats_name="HERP")
    content = privacy_draft.proposal(acme)
    assert all(not purposes.faults(purpose, text) for purpose, text in content.purposes.items())
    privacy.save(session, acme, content, by_user_id=None)
    privacy.publish(session, acme)
    assert ("HERP" in content.sections[PrivacySection.SECURITY]) is (results_from is ResultsFrom.ATS)


def test_it_names_the_months_for_which_people_are_really_kept(session: Session) -> None:
    """Whoever changes the months must see to the texts that companies have published."""
    told = privacy_draft.proposal(make_company(session, "acme")).sections[PrivacySection.RETENTION]
    assert KEPT == MONTHS
    assert f"採用選考のためにお預かりした情報は、結果が決まった日から{KEPT[RetentionBasis.SELECTION]}か月" in told
    assert f"同意をいただいた場合は{KEPT[RetentionBasis.CONSENTED]}か月" in told
    assert "法律により3年" in told


def test_it_promises_the_second_factor_only_where_it_is_asked_for(session: Session) -> None:
    with_it = make_company(session, "with", second_factor_required=True)
    without = make_company(session, "without", second_factor_required=False)
    assert "確認コード" in privacy_draft.proposal(with_it).sections[PrivacySection.SECURITY]
    assert "確認コード" not in privacy_draft.proposal(without).sections[PrivacySection.SECURITY]
