"""Refusals that an older version stored: after the upgrade those people are as silent as everybody else (A-45)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations import stages
from tests.migrations.before import company_before
from tests.prepared import Prepared, opened

BEFORE, THEN = "0009", "0011"
AT = datetime(2026, 11, 1, tzinfo=UTC)
LINKS = [("sent", AT, None), ("declined", AT, AT), ("declined", None, AT), ("registered", AT, None)]
TAGS = ("mail:opted-out", "relay:declined", "relay:address-asked")


@pytest.fixture
def database(each: Prepared) -> Iterator[Engine]:
    """A database of the version before, empty, once of each kind."""
    with each.copy(stages.at(each, BEFORE)) as url, opened(url) as engine:
        yield engine


def test_a_stored_no_is_forgotten_in_links_and_log(database: Engine) -> None:
    with Session(database) as session:
        company_id = company_before(session, "acme")
        for state, sent_at, declined_at in LINKS:
            session.execute(
                text(
                    "INSERT INTO relay_links (company_id, state, issued_at, sent_at, expires_at, declined_at)"
                    " VALUES (:company_id, :state, :at, :sent_at, :at, :declined_at)"
                ),
                {"company_id": company_id, "state": state, "at": AT, "sent_at": sent_at, "declined_at": declined_at},
            )
        for tag in TAGS:
            session.execute(
                text(
                    "INSERT INTO events (at, tag, company_id, actor_kind, subject_kind, data, ip, request_id)"
                    " VALUES (:at, :tag, :company_id, 'candidate', '', '{}', '', '')"
                ),
                {"at": AT, "tag": tag, "company_id": company_id},
            )
        session.commit()

    migrations.upgrade(database, THEN)

    assert column(database, "SELECT state FROM relay_links ORDER BY id") == ["sent", "sent", "issued", "registered"]
    assert column(database, "SELECT tag FROM events ORDER BY id") == ["mail:opted-out", "relay:address-asked"]
    migrations.downgrade(database, BEFORE)
    assert column(database, "SELECT declined_at FROM relay_links") == [None] * len(LINKS)


def column(database: Engine, statement: str) -> list[object]:
    with database.connect() as connection:
        return list(connection.scalars(text(statement)))
