"""A file that arrives: what a company may have waiting, and that nothing of it stays when it must not."""

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.infra import jobs, limited
from relay.intake.planning.plan import Answers
from relay.intake.reading import refusals
from relay.intake.uploads import arrival
from relay.intake.uploads.on_disk import open_reading
from relay.intake.writing import applying
from relay.intake.writing.applying import apply
from relay.models import Company, Event, EventTag, Import, ImportState, Job, RetentionBasis, scopes
from relay.rights.erasure import erase_candidates
from relay.worker import upkeep
from tests.cast import Cast, make_candidate, make_cast
from tests.conftest import ON_ONE
from tests.db.intake.bringing import on_the_disk, received, sheet
from tests.hostile_files import FILES

PEOPLE = sheet([{"氏名": "山田 花子", "メールアドレス": "hanako@mail.example"}])
LONG = sheet([{"氏名": f"山田 {n}", "メールアドレス": f"y{n}@mail.example"} for n in range(2_001)])
SLOW = "signs only vendors have in EUC-JP"
"""A kind of file whose reading takes as long as it may."""


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(cast: Cast) -> Company:
    return cast.acme


def states(session: Session, company: Company) -> list[ImportState]:
    with scopes.company(session, company.id):
        return list(session.scalars(select(Import.state).order_by(Import.id)))


# how much may wait


def test_five_files_of_a_company_wait_and_others_are_not_in_its_way(session: Session, cast: Cast) -> None:
    for _file in range(refusals.MAX_WAITING_FILES):
        received(session, cast.acme, PEOPLE)
    before = on_the_disk()
    with pytest.raises(refusals.TooManyWaiting, match="5件あるため、これ以上は受け付けられません"):
        received(session, cast.acme, PEOPLE)
    assert (len(states(session, cast.acme)), on_the_disk()) == (5, before)
    received(session, cast.other, PEOPLE)
    with scopes.company(session, cast.acme.id):
        assert arrival.discard(session, session.scalars(select(Import).order_by(Import.id)).all()[0])
        session.commit()
    received(session, cast.acme, PEOPLE)


def test_a_hundred_megabytes_of_a_company_wait(session: Session, cast: Cast) -> None:
    first = received(session, cast.acme, PEOPLE)
    with scopes.company(session, cast.acme.id):
        session.execute(update(Import).where(Import.id == first.id).values(size=refusals.MAX_WAITING_BYTES - 10))
        session.commit()
    before = on_the_disk()
    with pytest.raises(refusals.TooMuchWaiting, match="合わせて100MBを超えるため、受け付けられません"):
        received(session, cast.acme, PEOPLE)
    assert (len(states(session, cast.acme)), on_the_disk()) == (1, before)
    received(session, cast.other, PEOPLE)


def test_what_was_made_of_a_file_counts_not_only_what_was_sent(session: Session, acme: Company) -> None:
    """A workbook of some kilobytes may hold many megabytes of cells."""
    row = received(session, acme, PEOPLE)
    with scopes.company(session, acme.id):
        kept = [
            store.path_of(name) for name in (row.table_stored_as, row.reading_stored_as, row.people_stored_as) if name
        ]
        assert len(kept) == 3
        assert row.size == sum(path.stat().st_size for path in kept)


def test_one_file_of_a_company_is_read_at_a_time(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        session.add(Import(state=ImportState.READING, format="sheet", created_at=clock.now()))
        session.commit()
    with pytest.raises(refusals.ReadingAnother, match="10秒ほど待ってから"):
        received(session, cast.acme, PEOPLE)
    assert on_the_disk() == set()
    received(session, cast.other, PEOPLE)
    with clock.at(clock.now() + arrival.GIVEN_UP + timedelta(seconds=1)):
        received(session, cast.acme, PEOPLE)
    assert states(session, cast.acme) == [ImportState.PREVIEWED], "the process that had begun was killed"


# the reader


def test_a_killed_reader_is_a_sentence_and_leaves_nothing(session: Session, acme: Company) -> None:
    limited.wait_until_ready(arrival.READER)
    killer = threading.Thread(target=_kill_the_first_reader)
    killer.start()
    with pytest.raises(refusals.ReadingEnded, match="読み取りに時間がかかりすぎるか"):
        received(session, acme, FILES[SLOW]())
    killer.join()
    assert (states(session, acme), on_the_disk()) == ([], set())
    received(session, acme, PEOPLE)
    assert states(session, acme) == [ImportState.PREVIEWED]


@ON_ONE
def test_a_reader_begins_anew_whose_server_was_killed(session: Session, acme: Company) -> None:
    received(session, acme, PEOPLE)
    os.kill(_server(), signal.SIGKILL)
    os.waitpid(_server(), 0)
    received(session, acme, PEOPLE)
    assert len(states(session, acme)) == 2


@ON_ONE
def test_no_time_of_a_file_passes_while_its_reader_loads(
    session: Session, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that does much else, right after a start."""
    monkeypatch.setattr(limited, "_servers", {})
    monkeypatch.setattr(arrival, "PATIENCE", 1.0)
    received(session, acme, PEOPLE)
    assert states(session, acme) == [ImportState.PREVIEWED]


def _server() -> int:
    return limited._servers[os.getpid(), arrival.READER].process.pid


def _kill_the_first_reader() -> None:
    children = Path(f"/proc/{_server()}/task/{_server()}/children")
    while not (readers := children.read_text().split()):
        time.sleep(0.01)
    os.kill(int(readers[0]), signal.SIGKILL)


# what is left


def test_nothing_is_left_of_an_applied_file(session: Session, acme: Company) -> None:
    row = received(session, acme, PEOPLE)
    with scopes.company(session, acme.id):
        reading = open_reading(store.path_of(row.reading_stored_as or "")).whole()
        apply(session, acme.id, reading, Answers(RetentionBasis.STATED), by_user_id=None, import_row=row)
        assert len(on_the_disk()) == 3, "as long as the transaction may fail"
        session.commit()
        assert (row.state, row.table_stored_as, row.reading_stored_as) == (ImportState.APPLIED, None, None)
    assert on_the_disk() == set()


def test_a_file_that_could_not_be_applied_waits_on(session: Session, acme: Company) -> None:
    row = received(session, acme, PEOPLE)
    with scopes.company(session, acme.id):
        applying.let_go(session, [row])
        session.rollback()
    assert len(on_the_disk()) == 3


@pytest.mark.parametrize("data", [PEOPLE, LONG], ids=["looked at", "left to the worker"])
def test_after_a_day_nothing_is_left(session: Session, acme: Company, data: bytes) -> None:
    received(session, acme, data)
    with clock.at(clock.now() + timedelta(hours=23)):
        upkeep.sweep(session, Job(kind="sweep"))
        session.commit()
    assert on_the_disk()
    with clock.at(clock.now() + timedelta(hours=25)):
        upkeep.sweep(session, Job(kind="sweep"))
        session.commit()
    assert (states(session, acme), on_the_disk()) == ([ImportState.DISCARDED], set())
    while jobs.run_one(session, clock.now()):
        pass
    assert states(session, acme) == [ImportState.DISCARDED], "the worker leaves it alone"


def test_an_erasure_takes_every_file_of_the_company_and_no_other(session: Session, cast: Cast) -> None:
    """Whoever is erased may stand in any of them; what the worker has not read yet cannot be looked through."""
    for data in (PEOPLE, LONG):
        received(session, cast.acme, data)
    received(session, cast.other, PEOPLE)
    person = make_candidate(session, cast.acme)
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    assert states(session, cast.acme) == [ImportState.DISCARDED] * 2
    assert states(session, cast.other) == [ImportState.PREVIEWED]
    assert len(on_the_disk()) == 3


def test_the_worker_reads_a_long_file_and_says_who_sent_it(session: Session, cast: Cast) -> None:
    received(session, cast.acme, LONG, by_user_id=cast.ada.id)
    assert states(session, cast.acme) == [ImportState.READING]
    assert jobs.run_one(session, clock.now())
    assert states(session, cast.acme) == [ImportState.PREVIEWED]
    previewed = (
        select(func.count())
        .select_from(Event)
        .where(Event.tag == EventTag.IMPORT_PREVIEWED.value, Event.actor_id == cast.ada.id)
    )
    assert session.scalar(previewed) == 1
