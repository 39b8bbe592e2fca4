"""A plan precomputed, so that others wait less: used if nothing happened since, drawn anew if anything did."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.intake.planning.plan import Answers
from relay.intake.writing.applying import PrecomputedPlan, apply, precompute_plan
from relay.models import (
    Application,
    Candidate,
    CandidateTag,
    Company,
    EventTag,
    Import,
    ImportState,
    Position,
    RetentionBasis,
    Tag,
    record,
    scopes,
)
from tests.cast import make_cast, make_position
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


def precompute(session: Session, acme: Company, file: bytes = LATER) -> PrecomputedPlan | None:
    """What is worked out of a file before it is applied."""
    answers = Answers(RetentionBasis.STATED)
    return precompute_plan(session, acme.id, read(file), answers, by_user_id=None, import_id=None)


def apply_with(session: Session, acme: Company, precomputed: PrecomputedPlan | None, file: bytes = LATER) -> str:
    """Apply a file; returns Hanako's number then."""
    import_id = precomputed.rows.act.import_id if precomputed else None
    row = Import(id=import_id, state=ImportState.PREVIEWED, format="herp", created_at=clock.now())
    session.add(row)
    session.flush()
    apply(
        session,
        acme.id,
        read(file),
        Answers(RetentionBasis.STATED),
        by_user_id=None,
        import_row=row,
        precomputed=precomputed,
    )
    session.commit()
    return session.scalars(select(Candidate.phone).order_by(Candidate.id)).first() or ""


def test_it_is_carried_out_as_drawn(session: Session, acme: Company) -> None:
    precomputed = precompute(session, acme)
    assert (precomputed is None) == (session.get_bind().dialect.name == "postgresql")
    assert apply_with(session, acme, precomputed) == "09033334444"


def test_what_hr_did_meanwhile_stands(session: Session, acme: Company) -> None:
    precomputed = precompute(session, acme)
    person = session.scalars(select(Candidate)).one()
    person.phone = "0312345678"
    record(session, EventTag.CANDIDATE_CHANGED, company_id=acme.id, subject=("candidate", person.id))
    session.commit()
    assert apply_with(session, acme, precomputed) == "0312345678"


TARO = {"応募ID": "H2", "名前": "山田 太郎", "メールアドレス": "taro@mail.example", "募集職種": "経理", "タグ": "簿記"}


def test_a_position_and_a_tag_that_came_to_be_meanwhile_are_taken(session: Session, acme: Company) -> None:
    """Names are looked up again, whether an event tells of them or not; ids given out before are then for nobody."""
    precomputed = precompute(session, acme, herp(TARO))
    made = [make_position(session, acme, "経理").id, tags.find_or_make(session, "簿記").id]
    session.commit()
    apply_with(session, acme, precomputed, herp(TARO))
    assert session.scalars(select(Application.position_id).order_by(Application.id.desc())).first() == made[0]
    assert session.scalars(select(CandidateTag.tag_id)).all() == [made[1]]


def test_a_new_position_and_a_new_tag_have_the_ids_given_out(session: Session, acme: Company) -> None:
    precomputed = precompute(session, acme, herp(TARO))
    apply_with(session, acme, precomputed, herp(TARO))
    position, tag = session.scalars(select(Position)).one(), session.scalars(select(Tag)).one()
    assert (position.title, tag.name) == ("経理", "簿記")
    if precomputed:
        assert precomputed.named.new_positions == {"経理": position.id}
        assert list(precomputed.named.new_tags.values()) == [tag.id]
