"""Deletion deletes (invariant 9): afterwards no table and no file holds the person's name, address or number."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import Base, db
from relay.infra import jobs
from relay.mail.mailbox import Mailbox
from relay.models import (
    Candidate,
    CreditEntry,
    Event,
    EventTag,
    Import,
    ImportState,
    Job,
    JobState,
    Message,
    MessageState,
    OptOut,
    Profile,
    ProvisionRecord,
    Referral,
    ReferralAddress,
    RelayLink,
    SavedSearch,
    Share,
    SourceRecord,
    Token,
    UserSession,
    scopes,
)
from relay.network import company_links
from relay.rights import jobs as rights_jobs
from relay.rights.erasure import Erased, erase_address, erase_candidates
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import Cast, browse, make_application, make_candidate, make_cast
from tests.conftest import ON_ONE
from tests.db.intake.bringing import bring, herp, on_the_disk
from tests.db.rights.journeys import MAIL, NAME, TRACES, Life, known, registered

SPLIT = (13, 16, 18, 27, 28, 32)
"""Seeds of acts after which SQLite 3.40 leaves a copy behind: about one in four does."""


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    box = Mailbox.of(app.config["RELAY"])
    yield box
    for path in box.folder.glob("*.eml"):
        path.unlink()


@pytest.fixture
def life(session: Session, cast: Cast, mailbox: Mailbox) -> Life:
    return known(session, cast.acme, mailbox)


def test_an_erased_candidate_is_in_no_table(session: Session, cast: Cast, life: Life, mailbox: Mailbox) -> None:
    assert found_in_tables(session) >= {
        "attachments",
        "candidates",
        "candidate_search",
        "notes",
        "source_records",
        "messages",
    }
    assert erase_candidates(session, cast.acme.id, [life.candidate.id]) == 1
    session.commit()
    assert found_in_tables(session) == set()
    assert not list(mailbox.newest_first())
    assert not [path for path in (mailbox.folder.parent / "uploads").rglob("*") if path.is_file()]


def test_after_the_scrub_the_database_file_holds_nothing_either(session: Session, cast: Cast, life: Life) -> None:
    look = found_in_file if session.get_bind().dialect.name == "sqlite" else found_in_statistics
    others = {"応募ID": "X2", "名前": "別の 方", "メールアドレス": "another@mail.example", "メモ": "別の覚え書き"}
    bring(session, cast.acme, herp(others))
    assert look(), "the person has to be there first"
    erase_candidates(session, cast.acme.id, [life.candidate.id])
    session.commit()
    work_off(session)
    assert look(analyse=False) == []


@ON_ONE
@pytest.mark.parametrize("large", [False, True])
def test_pages_that_were_split_keep_no_copy(session: Session, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    """SQLite overwrites what is deleted where it lies, not the copies that a split left behind in the page before."""
    delete_from_split_pages(session)
    if large:
        monkeypatch.setattr(rights_jobs, "REWRITTEN_AT_ONCE", 0)
    with clock.at(datetime.combine(clock.today(), time(12), clock.JAPAN)):
        jobs.enqueue(session, "scrub", key="scrub:test")
        run_jobs(session)
        waits = [each.due_at for each in session.scalars(select(Job).where(Job.state == JobState.QUEUED))]
    if large:
        assert found_in_file(), "the file is not rewritten by day, and the copies are there"
        (night,) = waits
        with clock.at(night):
            run_jobs(session)
    assert found_in_file() == []
    for number in SPLIT:
        session.execute(text(f"DROP TABLE grown_{number}"))
    session.commit()


@ON_ONE
def test_a_reader_who_holds_the_log_has_it_emptied_later_and_the_file_rewritten_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.enqueue(session, "rewrite", key="rewrite:test")
    session.commit()
    done = list[str]()
    really = rights_jobs._run

    def busy(engine: Engine, statement: str) -> Any:
        done.append(statement)
        return (1, 0, 0) if len(done) == 2 else really(engine, statement)

    monkeypatch.setattr(rights_jobs, "_run", busy)
    for minutes in (0, 5):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            run_jobs(session)
    emptied = "PRAGMA wal_checkpoint(TRUNCATE)"
    assert done == ["VACUUM", emptied, emptied]
    assert session.scalars(select(Job.state)).all() == [JobState.DONE]


def delete_from_split_pages(session: Session) -> None:
    """Rows that grow between others in indexed columns, and are deleted with every care SQLite takes."""
    for number in SPLIT:
        table, chance, grown = f"grown_{number}", Random(number), 0  # noqa: S311  (what it makes is no secret)
        session.execute(text(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, erased BOOLEAN, told TEXT)"))
        session.execute(text(f"CREATE INDEX ix_{table} ON {table} (told)"))
        for _act in range(400):
            if chance.random() < 0.5:
                erased, grown = chance.random() < 0.3, grown + 1
                told = f"{NAME if erased else 'よその人'}{chance.random()}" + "x" * chance.randrange(300)
                row = {"erased": erased, "told": told}
                session.execute(text(f"INSERT INTO {table} (erased, told) VALUES (:erased, :told)"), row)
            else:
                more = {"id": chance.randrange(400), "more": "y" * chance.randrange(200)}
                session.execute(text(f"UPDATE {table} SET told = told || :more WHERE id = :id"), more)
        session.execute(text(f"DELETE FROM {table} WHERE erased"))
    session.commit()


def run_jobs(session: Session) -> None:
    """What the worker does at this moment."""
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(session, clock.now()):
        pass


def test_a_registered_person_is_erased_from_everywhere_but_the_record_of_provision(
    session: Session, cast: Cast, life: Life
) -> None:
    registered(session, cast, life)
    erased = erase_address(session, MAIL.upper())
    session.commit()
    assert (erased.candidates, erased.profiles) == (1, 1)
    assert found_in_tables(session) == {"provision_records"}
    with scopes.everyone(session, "test"):
        record = session.scalars(select(ProvisionRecord)).one()
        assert (record.person_name, record.items) == (NAME, ["name"])
        assert session.scalar(select(func.count()).select_from(Share)) == 0
        assert session.scalar(select(func.count()).select_from(Token)) == 0


def test_no_job_no_session_and_no_event_ever_holds_what_would_have_to_be_erased(
    app: Flask, session: Session, cast: Cast, life: Life
) -> None:
    """They are cut by their age alone, so nothing of a person may stand in them."""
    registered(session, cast, life)
    company_links.ask(session, cast.acme.id, MAIL)
    browse(app, cast.ada)
    for table in (Job, Token, UserSession, Event):
        assert session.scalar(select(func.count()).select_from(table)), f"{table.__tablename__}: there has to be one"
    assert not {"jobs", "tokens", "user_sessions", "events", "event_deliveries"} & found_in_tables(session)


def test_partners_who_had_the_persons_yes_are_told_to_stop_and_delete(session: Session, cast: Cast, life: Life) -> None:
    code = registered(session, cast, life).code
    erase_address(session, MAIL)
    session.commit()
    work_off(session)
    with scopes.everyone(session, "test"):
        notice = session.scalars(select(Message).where(Message.letter == "withdrawal-notice")).one()
    assert notice.to_address == cast.agnes.email
    assert notice.values == {"code": code, "partner": cast.tsumugi.name, "items": []}
    assert found_in_tables(session) == {"provision_records"}


def test_erased_for_one_company_the_registration_stays(session: Session, cast: Cast, life: Life) -> None:
    registered(session, cast, life)
    erased = erase_address(session, MAIL, cast.acme.id)
    session.commit()
    assert (erased.candidates, erased.profiles) == (1, 0)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Profile.name)).all() == [NAME]
        assert session.scalar(select(func.count()).select_from(Share)) == 1


def test_erased_for_one_company_the_other_still_knows_them(session: Session, cast: Cast, life: Life) -> None:
    make_candidate(session, cast.other, NAME, email=MAIL)
    session.commit()
    assert erase_address(session, MAIL, cast.acme.id).candidates == 1
    session.commit()
    with scopes.company(session, cast.other.id):
        assert session.scalars(select(Candidate.name)).all() == [NAME]
    assert erase_address(session, MAIL).candidates == 1
    session.commit()
    assert found_in_tables(session) == set()


def test_referrals_and_opt_outs_stay_and_point_to_no_one(session: Session, cast: Cast, life: Life) -> None:
    erase_candidates(session, cast.acme.id, [life.candidate.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        referral = session.scalars(select(Referral)).one()
        assert (referral.number, referral.candidate_id, referral.relay_link_id) == (1, None, None)
        assert session.scalar(select(func.count()).select_from(ReferralAddress)) == 1
        assert session.scalar(select(func.count()).select_from(OptOut)) == 1
        assert session.scalar(select(func.count()).select_from(CreditEntry)) == 0
        assert session.scalars(select(RelayLink.candidate_id)).all() == [None]


def test_a_mail_that_has_not_left_does_not_leave_any_more(session: Session, cast: Cast, life: Life) -> None:
    erase_candidates(session, cast.acme.id, [life.candidate.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        message = session.scalars(select(Message)).one()
        assert (message.state, message.to_address, message.values) == (MessageState.CANCELLED, "", {})
        assert message.settled_at


def test_a_file_not_applied_goes_with_the_person(session: Session, cast: Cast, life: Life) -> None:
    erase_candidates(session, cast.acme.id, [life.candidate.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        states = session.execute(select(Import.state, Import.table_stored_as).order_by(Import.id)).all()
    assert states == [(ImportState.APPLIED, None), (ImportState.DISCARDED, None)]
    assert on_the_disk() == set(), "neither the file nor the person's own papers"


def test_a_saved_search_in_which_their_name_stands_goes_and_others_stay(
    session: Session, cast: Cast, life: Life
) -> None:
    with scopes.company(session, cast.acme.id):
        for name, q in (("あの方", NAME), ("経理", "tag:経理"), (NAME, "経理")):
            saved.save(session, name, Query(q=q), user_id=cast.ada.id, shared=True)
    with scopes.company(session, cast.other.id):
        saved.save(session, NAME, Query(q=NAME), user_id=cast.mona.id, shared=False)
    session.commit()
    erase_candidates(session, cast.acme.id, [life.candidate.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert [saved.name for saved in session.scalars(select(SavedSearch))] == ["経理"]
    with scopes.company(session, cast.other.id):
        assert [saved.name for saved in session.scalars(select(SavedSearch))] == [NAME]


def test_nobody_else_is_touched(session: Session, cast: Cast, life: Life) -> None:
    with scopes.company(session, cast.acme.id):
        bring(session, cast.acme, herp({"応募ID": "X2", "名前": "佐藤 健", "メールアドレス": "ken@mail.example"}))
        erase_candidates(session, cast.acme.id, [life.candidate.id])
        session.commit()
        assert session.scalars(select(Candidate.name)).all() == ["佐藤 健"]
        assert session.scalar(select(func.count()).select_from(SourceRecord)) == 1


def test_another_companys_ids_erase_nobody(session: Session, cast: Cast, life: Life) -> None:
    assert erase_candidates(session, cast.other.id, [life.candidate.id]) == 0
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).select_from(Candidate)) == 1


def test_an_address_hr_corrected_is_forgotten_where_a_file_brought_it(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        bring(session, cast.acme, herp({"応募ID": "X3", "名前": "佐藤 健", "メールアドレス": MAIL}))
        candidate = session.scalars(select(Candidate)).one()
        candidate.email = candidate.email_key = "ken@mail.example"
        session.commit()
        assert erase_address(session, MAIL) == Erased(candidates=0, profiles=0, others=1)
        session.commit()
        assert session.scalars(select(SourceRecord.values["email"].as_string())).all() == [""]
        assert session.scalar(select(func.count()).select_from(Candidate)) == 1


def test_the_log_says_who_by_number_only(session: Session, cast: Cast, life: Life) -> None:
    candidate_id = life.candidate.id
    erase_candidates(session, cast.acme.id, [candidate_id])
    session.commit()
    event = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATE_ERASED.value)).one()
    assert event.data == {"candidate_ids": [candidate_id], "cause": "request"}


def test_ids_are_not_given_again(session: Session, cast: Cast, life: Life) -> None:
    candidate_id, application_id = life.candidate.id, life.application.id
    erase_candidates(session, cast.acme.id, [candidate_id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        again = bring(session, cast.acme, herp({"応募ID": "X9", "名前": "佐藤 健"}))
        assert again.created == 1
        assert session.scalars(select(Candidate.id)).one() > candidate_id
    later = make_candidate(session, cast.acme)
    assert make_application(session, later).id > application_id + 1


def test_an_unknown_address_erases_nobody(session: Session, cast: Cast, life: Life) -> None:
    before = session.scalar(select(func.count()).select_from(Event))
    with scopes.company(session, cast.acme.id):
        session.query(Import).filter_by(state=ImportState.PREVIEWED).delete()
    assert not erase_address(session, "nobody@mail.example")
    assert not erase_address(session, "not an address")
    assert session.scalar(select(func.count()).select_from(Event)) == before


def found_in_tables(session: Session) -> set[str]:
    """The tables in which any trace stands, in any column."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(text(f"SELECT * FROM {table.name}")):
            said = " ".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row).lower()
            if any(trace in said for trace in TRACES):
                found.add(table.name)
    session.rollback()
    return found


def found_in_statistics(*, analyse: bool = True) -> list[str]:
    """The traces that stand in PostgreSQL's samples of column values."""
    samples = (
        "SELECT concat_ws(' ', most_common_vals::text, histogram_bounds::text, most_common_elems::text) FROM pg_stats"
    )
    with db.engine.begin() as connection:
        if analyse:
            connection.execute(text("ANALYZE"))
        said = " ".join(connection.scalars(text(f"{samples} WHERE schemaname = 'public'"))).lower()
    return [trace for trace in TRACES if trace in said]


def found_in_file(*, analyse: bool = False) -> list[str]:
    """The traces that stand in the bytes of the SQLite files."""
    path = Path(str(db.engine.url.database))
    data = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*")).lower()
    return [trace for trace in TRACES if trace.encode() in data]


def work_off(session: Session) -> None:
    """What the worker does after an erasure."""
    run_jobs(session)
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    assert set(session.scalars(select(Job.kind))) == ({"scrub", "rewrite"} if on_sqlite else {"scrub"})
