"""Databases of earlier days, kept as they were: each upgrades to the newest revision, on SQLite and on PostgreSQL."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import clock, create_app, migrations, worker
from relay.infra import jobs
from relay.mail import tokens
from relay.models import Company, CreditEntry, Job, Message, Profile, TokenPurpose, scopes
from relay.network import consents, own_pages, pins
from relay.network.ledger_check import verify
from relay.search import candidate_search
from relay.text import spelled
from tests.conftest import make_settings
from tests.migrations import dumps, stages
from tests.migrations.contents import built, contents, lost, never_reusing
from tests.migrations.stages import steps
from tests.migrations.test_walk import MEANT
from tests.prepared import Prepared, opened

assert worker.Worker, "importing the worker registers what does each job"

DUMPS = dumps.kept()


@pytest.fixture(params=DUMPS, ids=dumps.revision_of)
def dump(request: pytest.FixtureRequest) -> Path:
    """One kept dump."""
    path: Path = request.param
    return path


@pytest.fixture
def yesterday(each: Prepared, dump: Path, prepared: Callable[[str], Prepared]) -> Iterator[Engine]:
    """The dump's database as it was, not upgraded yet, once of each kind."""
    with each.copy(stages.kept(prepared, each, dump)) as url, opened(url) as engine:
        yield engine


@pytest.fixture
def today(each: Prepared, dump: Path, prepared: Callable[[str], Prepared]) -> Iterator[Engine]:
    """The dump's database upgraded to the newest revision, once of each kind."""
    upgraded = each.once(f"{dump.name}-today", migrations.upgrade, of=stages.kept(prepared, each, dump))
    with each.copy(upgraded) as url, opened(url) as engine:
        yield engine


def test_a_dump_is_kept() -> None:
    assert DUMPS, "python -m tests.migrations.keep_dump"


def test_its_revision_is_still_what_it_was(dump: Path, prepared: Callable[[str], Prepared]) -> None:
    """A revision that has left the house is never changed. If this one has not: keep_dump --replace."""
    files = prepared("sqlite")
    as_kept, fresh = stages.kept(prepared, files, dump), stages.at(files, dumps.revision_of(dump))

    with files.copy(as_kept) as kept, files.copy(fresh) as walked, opened(kept) as was, opened(walked) as now:
        assert built(was) == built(now)


def test_it_upgrades_with_every_row_and_sum(yesterday: Engine, today: Engine, dump: Path) -> None:
    assert migrations.current(yesterday) == dumps.revision_of(dump)

    before, after = contents(yesterday), contents(today)
    meant = _meant_since(dumps.revision_of(dump))
    assert lost(before, after, meant) == []
    for table in (before.keys() & after.keys()) - meant:
        sums = after[table].sums()
        assert {name: sums.get(name, total) for name, total in before[table].sums().items()} == before[table].sums()
    assert migrations.differences(today) == []


def test_ledgers_are_sound_after_the_upgrade(today: Engine) -> None:
    with Session(today) as session:
        companies = session.scalars(select(Company.id)).all()
        assert [verify(session, company_id) for company_id in companies] == [[] for _ in companies]
        with scopes.everyone(session, "test: is there a ledger at all"):
            assert session.scalars(select(CreditEntry.id)).all()


def test_people_are_found_after_the_upgrade(today: Engine, dump: Path, tmp_path: Path) -> None:
    """Where a revision knows more words of them, the worker is told to write them anew."""
    with create_app(make_settings(tmp_path)).app_context(), Session(today) as session:
        companies = session.scalars(select(Company.id).order_by(Company.id)).all()
        told = session.scalars(select(Job.company_id).where(Job.kind == "search-words")).all()
        assert set(told) == (set(companies) if dumps.revision_of(dump) < "0032" else set())
        company_id = companies[0]
        if not told:
            jobs.enqueue(session, "search-words", key="search-words:test", company_id=company_id)
        while jobs.run_one(session, clock.now()):
            pass
        with scopes.company(session, company_id):
            first = next(
                row for row in candidate_search.find(session, company_id, candidate_search.Query()).rows if row.kana
            )
            assert candidate_search.find(session, company_id, candidate_search.Query(q=first.name)).rows
            assert candidate_search.find(
                session, company_id, candidate_search.Query(q=spelled(first.kana).split()[0])
            ).rows


def test_who_is_registered_already_is_asked_for_a_number_and_shown_nothing_until_then(
    today: Engine, tmp_path: Path
) -> None:
    """Old links keep working for stopping and erasing alone (C-25); one mail to each person, however often it runs."""
    app = create_app(make_settings(tmp_path))
    with app.app_context(), Session(today) as session:
        asking = session.scalars(select(Job).where(Job.kind == "ask-for-pins")).one()
        for _run in range(2):
            pins.ask_for_pins(session, asking)
        with scopes.everyone(session, "test: whoever is registered"):
            asked = session.execute(select(Message.profile_id).where(Message.letter == "choose-pin")).scalars().all()
            ids = session.scalars(select(Profile.id).order_by(Profile.id)).all()
        assert ids
        assert sorted(asked) == list(ids)
        assert {pins.standing(session, each).state for each in ids} == {pins.PinState.MISSING}
        shared = next(each for each in ids if consents.standing(session, each))
        token = tokens.mint(session, TokenPurpose.CHOOSE_PIN, shared, profile_id=shared)
        pins.choose(session, token, "6038")
        assert consents.standing(session, shared) == []
        assert consents.has_earlier(session, shared)
        own_pages.stop_all(session, shared)
        assert not consents.has_earlier(session, shared)


def test_no_row_misses_its_parent(today: Engine) -> None:
    """PostgreSQL refuses such rows while they are loaded; SQLite is asked."""
    if today.dialect.name == "sqlite":
        with today.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_ids_go_on_where_they_were(today: Engine) -> None:
    held = contents(today)
    for table in never_reusing(today) & held.keys():
        highest = max((row[held[table].columns.index("id")] for row in held[table].rows), default=0)
        assert _last_id(today, table) >= highest, table


def test_a_dump_holds_no_secret(dump: Path) -> None:
    """Nobody signed in, no file on its way in, no link, no address outside the names reserved for examples."""
    written = dumps.text_of(dump)

    assert "INSERT INTO user_sessions" not in written
    assert not re.search(r"/(?:r|me|u|confirm)/[A-Za-z0-9_-]{20,}", written)
    addresses = set(re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", written))
    assert {address for address in addresses if not address.endswith((".example", "127.0.0.1"))} == set()


def test_a_dump_reads_back_as_it_was_written(prepared: Callable[[str], Prepared], tmp_path: Path) -> None:
    files, again, kept = prepared("sqlite"), tmp_path / "again.sqlite3", tmp_path / "test-0001.sql.gz"
    with files.copy(stages.filled(files)) as url, opened(url) as engine, opened(f"sqlite:///{again}") as copy:
        file = Path(str(engine.url.database))
        dumps.keep(file, kept)
        dumps.load(kept, again)

        assert dumps.written(again) == dumps.written(file)
        assert lost(contents(engine), contents(copy)) == []


def _meant_since(revision: str) -> frozenset[str]:
    """What the revisions after this one are meant to change."""
    names: set[str] = set()
    for later, _ in steps():
        if later == revision:
            break
        names |= MEANT.get(later, frozenset())
    return frozenset(names)


def _last_id(engine: Engine, table: str) -> int:
    question = (
        "SELECT seq FROM sqlite_sequence WHERE name = :name"
        if engine.dialect.name == "sqlite"
        else "SELECT last_value FROM pg_sequences WHERE sequencename = :name || '_id_seq'"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(question), {"name": table}).scalar() or 0)
