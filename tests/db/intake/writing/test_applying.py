"""A plan precomputed, so that others wait less: used if nothing happened since, drawn anew if anything did."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.intake.planning.plan import Answers
from relay.intake.writing.applying import PrecomputedPlan, apply, precompute_plan
from relay.models import Candidate, Company, EventTag, Import, ImportState, RetentionBasis, record, scopes
from tests.cast import make_cast
from tests.db.intake.bringing import bring, herp, read

HANAKO = {"応募ID": "H1", "名前": "高橋 花子", "メールアドレス": "hanako@mail.example", "電話番号": "090-1111-2222"}
LATER = herp(HANAKO | {"電話番号": "090-3333-4444"})


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, which knows Hanako."""
    company = make_cast(session).acme
    bring(session, company, herp(HANAKO))
    with scopes.company(session, company.id):
        yield company


def apply_with(session: Session, acme: Company, precomputed: PrecomputedPlan | None) -> str:
    """Apply the later file; returns Hanako's number then."""
    row = Import(state=ImportState.PREVIEWED, format="herp", created_at=clock.now())
    session.add(row)
    session.flush()
    apply(
        session,
        acme.id,
        read(LATER),
        Answers(RetentionBasis.STATED),
        by_user_id=None,
        import_row=row,
        precomputed=precomputed,
    )
    session.commit()
    return session.scalars(select(Candidate.phone)).one()


def test_it_is_carried_out_as_drawn(session: Session, acme: Company) -> None:
    precomputed = precompute_plan(session, acme.id, read(LATER), Answers(RetentionBasis.STATED))
    assert (precomputed is None) == (session.get_bind().dialect.name == "postgresql")
    assert apply_with(session, acme, precomputed) == "09033334444"


def test_what_hr_did_meanwhile_stands(session: Session, acme: Company) -> None:
    precomputed = precompute_plan(session, acme.id, read(LATER), Answers(RetentionBasis.STATED))
    person = session.scalars(select(Candidate)).one()
    person.phone = "0312345678"
    record(session, EventTag.CANDIDATE_CHANGED, company_id=acme.id, subject=("candidate", person.id))
    session.commit()
    assert apply_with(session, acme, precomputed) == "0312345678"
