"""A batch ALTER on SQLite copies, drops and renames a table: nothing that hangs on it may go with the old one.

With foreign keys ON the children of the table vanish without an error, and its triggers vanish either way.
"""

from collections.abc import Callable, Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import migrations
from relay.extensions import Base
from relay.indexing import search_rows
from relay.models import AppliedRule, Candidate, CandidateTag, Company, QueuedRuleCheck, Tag, TagKind, TagRule, scopes
from relay.search import candidate_search
from tests.cast import make_candidate
from tests.migrations import stages
from tests.migrations.conftest import LATER
from tests.migrations.contents import built, contents, lost, triggers
from tests.prepared import Prepared, opened

Later = Callable[..., Config]

EVERY = [table.name for table in Base.metadata.sorted_tables]
COPY = """
for table in {tables}:
    with op.batch_alter_table(table, recreate="always") as batch:
        batch.add_column(sa.Column("later", sa.Integer(), nullable=True))
"""
COPY_ALL = COPY.format(tables=EVERY)
COPY_BACK = COPY_ALL.replace('add_column(sa.Column("later", sa.Integer(), nullable=True))', 'drop_column("later")')


@pytest.fixture
def sqlite(prepared: Callable[[str], Prepared]) -> Iterator[Engine]:
    """A SQLite database at the newest revision, with something in every table."""
    files = prepared("sqlite")
    with files.copy(stages.filled(files)) as url, opened(url) as engine:
        yield engine


@pytest.fixture
def copied(prepared: Callable[[str], Prepared], later: Later) -> Iterator[Engine]:
    """The same database after a revision that copies every table."""
    files = prepared("sqlite")
    copy_all = files.once(
        "every-table-copied",
        lambda engine: command.upgrade(later(engine, COPY_ALL), LATER),
        of=stages.filled(files),
    )
    with files.copy(copy_all) as url, opened(url) as engine:
        yield engine


def test_copying_every_table_keeps_rows_triggers_and_constraints(sqlite: Engine, copied: Engine, later: Later) -> None:
    rows, structure, guards = contents(sqlite), built(sqlite), triggers(sqlite)

    assert "later" in built(copied)["candidates"]["columns"]
    assert lost(rows, contents(copied)) == []
    assert triggers(copied) == guards
    command.downgrade(later(copied, COPY_ALL, COPY_BACK), "-1")
    assert lost(rows, contents(copied)) == []
    assert triggers(copied) == guards
    assert built(copied) == structure


def test_copying_keeps_indexes_that_cannot_be_reflected(sqlite: Engine, copied: Engine) -> None:
    """By an expression: the results page would walk the company without its own."""
    assert "ix_applications_pending" in _indexes(copied)
    assert _indexes(sqlite) == _indexes(copied)


def test_no_row_misses_its_parent_after_copying(copied: Engine) -> None:
    with copied.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_search_still_follows_its_table_after_copying(copied: Engine) -> None:
    company_id = _acme(copied)

    with Session(copied) as session, scopes.company(session, company_id):
        assert len(candidate_search.find(session, company_id, candidate_search.Query(q="髙橋")).rows) == 1
        company = session.scalars(select(Company).where(Company.id == company_id)).one()
        search_rows.index(session, [make_candidate(session, company, name="髙橋 新").id])
        assert len(candidate_search.find(session, company_id, candidate_search.Query(q="髙橋")).rows) == 2
        session.execute(text("INSERT INTO candidate_fts(candidate_fts, rank) VALUES ('integrity-check', 1)"))


def test_copying_does_not_free_the_highest_id(sqlite: Engine, later: Later) -> None:
    company_id = _acme(sqlite)
    with Session(sqlite) as session, scopes.company(session, company_id):
        gone = make_candidate(session, session.scalars(select(Company).where(Company.id == company_id)).one())
        session.commit()
        session.delete(gone)
        session.commit()

    command.upgrade(later(sqlite, COPY.format(tables=["candidates"])), LATER)

    with Session(sqlite) as session, scopes.company(session, company_id):
        assert session.scalar(select(func.max(Candidate.id))) == gone.id - 1
        company = session.scalars(select(Company).where(Company.id == company_id)).one()
        assert make_candidate(session, company).id == gone.id + 1


def test_copying_an_emptied_table_does_not_start_its_ids_anew(sqlite: Engine, later: Later) -> None:
    company_id = _acme(sqlite)
    with Session(sqlite) as session, scopes.company(session, company_id):
        used = session.scalar(select(func.max(Tag.id))) or 0
        for model in (CandidateTag, AppliedRule, QueuedRuleCheck, TagRule, Tag):
            session.execute(delete(model))
        session.commit()

    command.upgrade(later(sqlite, COPY.format(tables=["tags"])), LATER)

    with Session(sqlite) as session, scopes.company(session, company_id):
        fresh = Tag(kind=TagKind.FREE, name="新", name_key="新", created_at=_moment(session))
        session.add(fresh)
        session.flush()
        assert fresh.id == used + 1


def test_a_migration_that_would_leave_orphans_is_refused_whole(sqlite: Engine, later: Later) -> None:
    before = contents(sqlite)
    config = later(sqlite, 'op.execute("DELETE FROM candidates")')

    with pytest.raises(RuntimeError, match="without their parent"):
        command.upgrade(config, LATER)

    assert lost(before, contents(sqlite)) == []
    assert migrations.is_current(sqlite)


@pytest.mark.parametrize("code", ["pass", 'op.execute("DELETE FROM candidates")'])
def test_foreign_keys_are_watched_again_after_a_migration(sqlite: Engine, later: Later, code: str) -> None:
    config = later(sqlite, code)
    if code == "pass":
        command.upgrade(config, LATER)
    else:
        with pytest.raises(RuntimeError):
            command.upgrade(config, LATER)

    with sqlite.connect() as connection, connection.begin(), pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM candidates"))


def test_a_failing_migration_leaves_the_schema_as_it_was(sqlite: Engine, later: Later) -> None:
    """Tables that are referred to, guarded, searched."""
    structure, guards = built(sqlite), triggers(sqlite)
    copy = COPY.format(tables=["candidates", "events", "candidate_search"])

    with pytest.raises(ZeroDivisionError):
        command.upgrade(later(sqlite, f"{copy}\n1 / 0"), LATER)

    assert built(sqlite) == structure
    assert triggers(sqlite) == guards


def test_a_changed_cell_and_a_lost_row_are_both_noticed(sqlite: Engine) -> None:
    """The comparison the other tests stand on."""
    before = contents(sqlite)
    with sqlite.begin() as connection:
        connection.execute(text("UPDATE companies SET name = 'x' WHERE slug = 'other'"))
        connection.execute(text("DELETE FROM heartbeats"))

    assert lost(before, contents(sqlite)) == ["companies.name changed", "heartbeats: 1 rows became 0"]
    assert lost(before, contents(sqlite), frozenset({"companies.name", "heartbeats"})) == []


def _acme(engine: Engine) -> int:
    """The id of the company with everything."""
    with Session(engine) as session:
        return session.scalars(select(Company.id).where(Company.slug == "acme")).one()


def _moment(session: Session) -> object:
    return session.scalar(select(Company.created_at).limit(1))


def _indexes(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'index'")).scalars())
