"""Acts of the version before are taken back under the new names: images, fingerprints, what the worker has not begun.

The dump was made by the code of 0014, at NOON, with one act of each kind.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations, worker
from relay.bulk import undo
from relay.bulk.undo import ChangedSince
from relay.extensions import db
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import (
    ActionKind,
    Application,
    ApplicationResult,
    BulkRun,
    Candidate,
    Company,
    Event,
    FollowUp,
    JournalEntry,
    Note,
    SourceRecord,
    TagRule,
    scopes,
)
from relay.models.candidates import ContactChannel
from tests.conftest import make_settings
from tests.migrations import stages
from tests.migrations.contents import contents, lost
from tests.prepared import Prepared, opened

assert worker.Worker, "importing the worker registers what does each job"

DUMP = Path(__file__).parent / "journal" / "acts-0014.sql.gz"
BEFORE = "0014"
NOON = datetime(2026, 11, 28, 3, tzinfo=UTC)
AN_HOUR_LATER = NOON + timedelta(hours=1)


@pytest.fixture
def yesterday(each: Prepared, prepared: Callable[[str], Prepared]) -> Iterator[Engine]:
    """The dump's database as it was, not upgraded yet, once of each kind."""
    with each.copy(stages.kept(prepared, each, DUMP)) as url, opened(url) as engine:
        yield engine


@pytest.fixture
def today(each: Prepared, prepared: Callable[[str], Prepared]) -> Iterator[str]:
    """The URL of that database, upgraded an hour after the acts."""
    upgraded = each.once(f"{DUMP.name}-today", _upgrade_an_hour_later, of=stages.kept(prepared, each, DUMP))
    with each.copy(upgraded) as url:
        yield url


@pytest.fixture
def app(today: str, tmp_path: Path) -> Iterator[Flask]:
    """An installation of today on it, at that hour."""
    application = create_app(make_settings(tmp_path, database_url=today))
    with application.app_context(), clock.at(AN_HOUR_LATER):
        yield application
        db.session.remove()
        db.engine.dispose()


def _upgrade_an_hour_later(engine: Engine) -> None:
    with clock.at(AN_HOUR_LATER):
        migrations.upgrade(engine)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session in the scope of the company that acted."""
    session = db.session()
    company = session.scalars(select(Company).where(Company.slug == "acme")).one()
    with scopes.company(session, company.id):
        yield session


def person(session: Session, name: str) -> Candidate:
    """The candidate of this name, as the database has them now."""
    session.expire_all()
    return session.scalars(select(Candidate).where(Candidate.name == name)).one()


def entry(session: Session, kind: ActionKind, *, place: int = 0) -> JournalEntry:
    """One of the company's actions of this kind, the oldest first."""
    every = select(JournalEntry).where(JournalEntry.action == kind).order_by(JournalEntry.id)
    return session.scalars(every).all()[place]


def take_back(session: Session, kind: ActionKind) -> None:
    """Undo the company's oldest action of this kind."""
    found = entry(session, kind)
    undo.undo(session, found.company_id, found.id, by_user_id=None)
    session.commit()


def test_a_follow_up_that_was_set_is_open_again(session: Session) -> None:
    assert {person(session, name).follow_up for name in ("三 郎", "四 季")} == {FollowUp.SCOUT}

    take_back(session, ActionKind.FOLLOW_UP_SET)

    assert {person(session, name).follow_up for name in ("三 郎", "四 季")} == {None}


def test_what_was_changed_since_still_refuses(session: Session) -> None:
    changed = entry(session, ActionKind.FOLLOW_UP_SET, place=1)

    with pytest.raises(ChangedSince, match="五 月"):
        undo.undo(session, changed.company_id, changed.id, by_user_id=None)
    session.rollback()

    assert person(session, "五 月").follow_up is FollowUp.REAPPLY


def test_a_corrected_record_is_what_it_was(session: Session) -> None:
    assert person(session, "六 花").desired_role == "総務"

    take_back(session, ActionKind.EDITED)

    assert person(session, "六 花").desired_role == "経理"


def test_an_import_is_taken_back_with_everybody_it_brought(session: Session) -> None:
    assert person(session, "一 花").desired_role == "経理"

    take_back(session, ActionKind.IMPORTED)

    assert session.scalars(select(Candidate.name).where(Candidate.name.in_(["一 花", "二 葉"]))).all() == []
    assert session.scalars(select(SourceRecord)).all() == []


def test_two_merged_records_are_two_again(session: Session) -> None:
    assert person(session, "八 重").follow_up is FollowUp.SCOUT, "of the two names the newer stayed"

    take_back(session, ActionKind.MERGED)

    assert person(session, "七 海").follow_up is None
    eight = person(session, "八 重")
    assert eight.follow_up is FollowUp.SCOUT
    note = session.scalars(select(Note).where(Note.candidate_id == eight.id)).one()
    assert note.contact_channel is ContactChannel.PHONE


def test_a_result_by_hand_is_open_again(session: Session) -> None:
    nine = person(session, "九 重")
    mine = select(Application).where(Application.candidate_id == nine.id)
    assert session.scalars(mine).one().status is ApplicationResult.REJECTED

    take_back(session, ActionKind.RESULT_RECORDED)

    application = session.scalars(mine.execution_options(populate_existing=True)).one()
    assert (application.status, application.notified_at) == (ApplicationResult.OPEN, None)


def test_a_rule_comes_back_with_its_tag(session: Session) -> None:
    take_back(session, ActionKind.TAG_DROPPED)

    rule = session.scalars(select(TagRule)).one()
    assert (rule.follow_up, rule.tag_id is not None) == (FollowUp.REAPPLY, True)


def test_an_action_that_the_worker_had_not_begun_is_done_and_can_be_taken_back(session: Session) -> None:
    run = session.scalars(select(BulkRun)).one()
    assert (run.action, run.finished_at) == ({"kind": "follow-up-set", "follow_up": "scout"}, None)
    search_rows.index(session, list(session.scalars(select(Candidate.id))))  # the dump holds no words of PostgreSQL's
    session.commit()

    while jobs.run_one(session, clock.now()):
        pass

    session.expire_all()
    assert session.scalars(select(BulkRun)).one().finished_at is not None
    assert person(session, "十 和").follow_up is FollowUp.SCOUT


def test_the_log_says_it_in_the_new_words(session: Session) -> None:
    held = [event.data for event in session.scalars(select(Event).where(Event.tag == "candidate:changed"))]

    assert {"follow_up": "scout"} in held
    assert {"fields": ["desired_role"]} in held


def test_down_again_nothing_is_lost(yesterday: Engine, today: str) -> None:
    with opened(today) as engine:
        migrations.downgrade(engine, BEFORE)

        assert lost(contents(yesterday), contents(engine)) == []
        assert _names(engine) >= {"told_at", "told_by"}


def _names(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT * FROM applications WHERE id = 0")).keys())
