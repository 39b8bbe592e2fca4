"""Files that waited in the database of an older version: discarded by the upgrade, the others as they were."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations import stages
from tests.migrations.before import company_before
from tests.prepared import Prepared, opened

BEFORE, THEN = "0008", "0009"
STATES = ("previewed", "queued", "applied", "discarded")


@pytest.fixture
def database(each: Prepared) -> Iterator[Engine]:
    """A database of the version before, empty, once of each kind."""
    with each.copy(stages.at(each, BEFORE)) as url, opened(url) as engine:
        yield engine


def test_what_waited_is_discarded_and_its_bytes_are_gone(database: Engine) -> None:
    added = text(
        "INSERT INTO imports (company_id, state, format, content, report, created_at)"
        " VALUES (:company_id, :state, 'sheet', :content, '{}', :at)"
    )
    with Session(database) as session:
        company_id = company_before(session, "acme")
        for state in STATES:
            content = None if state in {"applied", "discarded"} else "氏名\n山田".encode()
            session.execute(
                added,
                {"company_id": company_id, "state": state, "content": content, "at": datetime(2026, 11, 1, tzinfo=UTC)},
            )
        session.commit()

    migrations.upgrade(database, THEN)

    assert states(database) == ["discarded", "discarded", "applied", "discarded"]
    migrations.downgrade(database, BEFORE)
    assert states(database) == ["discarded", "discarded", "applied", "discarded"]
    with database.connect() as connection:
        assert set(connection.scalars(text("SELECT content FROM imports"))) == {None}


def states(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.scalars(text("SELECT state FROM imports ORDER BY id")))
