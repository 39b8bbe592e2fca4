"""A whole import taken back: the database is as it was, or nothing happens and whoever changed since is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.bulk.undo import CannotUndo, ChangedSince
from relay.candidates import notes
from relay.hiring import decisions, interviews, slots
from relay.models import (
    ActionKind,
    Application,
    ApplicationResult,
    Candidate,
    Company,
    FollowUp,
    Import,
    InterviewInvitation,
    JournalEntry,
    Position,
    RejectionReason,
    journal,
    scopes,
)
from relay.rights import erasure
from relay.text.times import TypedTime
from tests.cast import make_cast
from tests.db.intake.bringing import bring, first_of, herp, sample
from tests.db.intake.test_properties import (
    FEW,
    LEAVING,
    Rows,
    answers,
    exported,
    kept_by_hand,
    rows,
    somewhere,
    standing_in,
)
from tests.rows import every_row

BY_ITSELF = {"events", "event_deliveries", "journal_entries", "journal_images", "imports"}
TODAY = datetime(2026, 11, 21, 3, tzinfo=UTC)
HANAKO = {"応募ID": "H1", "名前": "高橋 花子", "メールアドレス": "hanako@mail.example", "募集職種": "経理"}


TWO_OF_A_NAME: Rows = [
    {"名前": "高橋 花子", "メールアドレス": "a@mail.example", "募集職種": "経理"},
    {"名前": "高橋 花子", "メールアドレス": "b@mail.example", "募集職種": "法人営業"},
]
"""A later file that calls one of them a duplicate puts the two into the review queue."""


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, on one fixed day."""
    company = make_cast(session).acme
    with clock.at(TODAY), scopes.company(session, company.id):
        yield company


def everything(session: Session) -> dict[str, Any]:
    """All rows of all tables but logs, journal and the imports themselves."""
    return every_row(session, BY_ITSELF)


def take_back(session: Session, company: Company) -> None:
    """Undo the newest import of the company, if it changed anything."""
    newest = session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()
    if newest.journal_entry_id is not None:
        undo.undo(session, company.id, newest.journal_entry_id, by_user_id=None)
    session.commit()


@pytest.mark.parametrize(
    "file",
    [first_of("herp.csv", 40), sample("hrmos.tsv"), first_of("doda.csv", 40), sample("hand-kept.xlsx")],
    ids=["herp", "hrmos", "doda", "hand-kept"],
)
def test_import_then_undo_leaves_everything_as_it_was(session: Session, acme: Company, file: bytes) -> None:
    bring(session, acme, herp(HANAKO))
    before = everything(session)
    assert bring(session, acme, file).created >= 40
    assert everything(session) != before
    take_back(session, acme)
    assert everything(session) == before


def test_a_later_file_taken_back_leaves_what_the_first_brought(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"))
    before = everything(session)
    bring(session, acme, sample("herp-a-week-later.csv"))
    take_back(session, acme)
    assert everything(session) == before
    again = bring(session, acme, sample("herp-a-week-later.csv"))
    assert (again.created, again.updated) == (40, 17)


@given(first=rows, second=rows, said=answers)
@example(first=TWO_OF_A_NAME, second=[TWO_OF_A_NAME[0] | {"選考終了理由": "重複"}], said=LEAVING)
@FEW
def test_whatever_came_in_leaves_without_a_trace(
    session: Session, first: Rows, second: Rows, said: dict[str, Any]
) -> None:
    company = somewhere(session)
    with standing_in(session, company):
        bring(session, company, exported(first), **said)
        before = everything(session)
        bring(session, company, kept_by_hand(second), **said)
        take_back(session, company)
        assert everything(session) == before


def test_whoever_was_acted_on_since_is_named_and_nothing_is_undone(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO, HANAKO | {"応募ID": "H2", "名前": "森 凛", "メールアドレス": "r@mail.example"}))
    hanako = session.scalars(select(Candidate).where(Candidate.name == "高橋 花子")).one()
    notes.add_note(session, hanako, "電話で話した", by_user_id=None)
    before = everything(session)
    with pytest.raises(ChangedSince) as refused:
        take_back(session, acme)
    session.rollback()
    assert refused.value.names == ["高橋 花子"]
    assert everything(session) == before


def test_an_import_goes_back_without_those_who_changed_since(session: Session, acme: Company) -> None:
    rin = HANAKO | {"応募ID": "H2", "名前": "森 凛", "メールアドレス": "r@mail.example", "募集職種": "営業"}
    bring(session, acme, herp(rin))
    before = everything(session)
    bring(session, acme, herp(HANAKO, rin | {"電話番号": "090-1111-2222"}, HANAKO | {"応募ID": "H3", "名前": "林 蓮"}))
    hanako = session.scalars(select(Candidate).where(Candidate.name == "高橋 花子")).one()
    note = notes.add_note(session, hanako, "電話で話した", by_user_id=None)
    entry = undo.undo(
        session, acme.id, session.scalars(select(JournalEntry.id).order_by(JournalEntry.id.desc()).limit(1)).one(),
        by_user_id=None, leave_changed=True,
    )  # fmt: skip
    session.commit()
    assert entry.data["left"] == 1
    assert session.scalars(select(Candidate.name).order_by(Candidate.name)).all() == ["森 凛", "高橋 花子"]
    assert session.scalars(select(Candidate.phone).where(Candidate.name == "森 凛")).one() == ""
    assert session.scalars(select(Position.title).order_by(Position.title)).all() == ["営業", "経理"]
    session.delete(note)
    erasure.erase_candidates(session, acme.id, [hanako.id])
    session.commit()
    assert everything(session)["candidates"] == before["candidates"]


def test_other_acts_go_back_as_a_whole_or_not_at_all(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    hanako = session.scalars(select(Candidate)).one()
    with journal.kept(session, acme.id, ActionKind.FOLLOW_UP_SET, by_user_id=None) as recorder:
        recorder.will_change(Candidate, [hanako.id])
        hanako.follow_up = FollowUp.SCOUT
    hanako.follow_up = FollowUp.REAPPLY
    session.flush()
    assert recorder.entry is not None
    with pytest.raises(ChangedSince):
        undo.undo(session, acme.id, recorder.entry.id, by_user_id=None, leave_changed=True)


def test_a_decision_made_since_is_acting_too(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    application = session.scalars(select(Application)).one()
    decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
    session.commit()
    with pytest.raises(ChangedSince):
        take_back(session, acme)
    session.rollback()
    assert application.status is ApplicationResult.REJECTED


def test_an_application_whose_person_was_invited_to_an_interview_stays(session: Session, acme: Company) -> None:
    """Else the appointment would go with it, and nobody would hear."""
    bring(session, acme, herp(HANAKO))
    first = session.scalars(select(Application.id)).one()
    bring(session, acme, herp(HANAKO | {"応募ID": "H9", "募集職種": "営業"}))
    second = session.scalars(select(Application).where(Application.id != first)).one()
    at = TypedTime(clock.today() + timedelta(days=3), time(10))
    slots.offer(session, acme.id, second.position_id or 0, [at], minutes=60, place="", by_user_id=None)
    interviews.invite(session, second.id, by_user_id=None)
    session.commit()
    with pytest.raises(ChangedSince):
        take_back(session, acme)
    session.rollback()
    assert session.scalars(select(InterviewInvitation.application_id)).all() == [second.id]


def test_it_can_be_taken_back_for_thirty_days_once(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    with clock.at(TODAY + timedelta(days=31)), pytest.raises(CannotUndo):
        take_back(session, acme)
    session.rollback()
    with clock.at(TODAY + timedelta(days=29)):
        take_back(session, acme)
        with pytest.raises(CannotUndo):
            take_back(session, acme)
    assert session.scalars(select(Position)).all() == []


def test_a_file_that_changes_nothing_leaves_nothing_to_undo(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO))
    entries = session.scalars(select(JournalEntry.id)).all()
    bring(session, acme, herp(HANAKO))
    assert session.scalars(select(JournalEntry.id)).all() == entries
    assert session.scalars(select(Import.journal_entry_id).order_by(Import.id.desc()).limit(1)).one() is None


def test_who_was_erased_meanwhile_does_not_come_back(session: Session, acme: Company) -> None:
    bring(session, acme, herp(HANAKO | {"電話番号": "090-1111-2222"}))
    bring(session, acme, herp(HANAKO | {"電話番号": "090-3333-4444"}))
    erasure.erase_candidates(session, acme.id, [session.scalars(select(Candidate.id)).one()])
    session.commit()
    take_back(session, acme)
    assert session.scalars(select(Candidate)).all() == []
