"""The upgrade to counting by mailbox: hashes stay, their mailboxes are looked for, and refused forms are forgiven."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, text

from relay import migrations
from tests.migrations import stages
from tests.prepared import Prepared, opened

BELOW, REVISION = "0011", "0012"
OF_SYNTAX = ("501 Syntax: RCPT TO: <address>", "553 5.1.3 Error: malformed address")
OF_ADDRESS = "550 5.1.1 no such user"


@pytest.fixture
def before(each: Prepared) -> Iterator[Engine]:
    """Everything in every table, as it is below the revision, once of each kind."""
    down = partial(migrations.downgrade, revision=BELOW)
    with each.copy(each.once(f"filled-{BELOW}", down, of=stages.filled(each))) as url, opened(url) as engine:
        yield engine


def test_an_address_refused_for_its_form_may_be_written_to_again(before: Engine) -> None:
    messages = query(before, "SELECT id FROM messages WHERE state = 'sent' ORDER BY id")
    for answer in (*OF_SYNTAX, OF_ADDRESS):
        with before.begin() as connection:
            connection.execute(
                text("UPDATE messages SET state = 'bounced', last_error = :answer WHERE id = :id"),
                {"answer": answer, "id": messages[0][0]},
            )
        migrations.upgrade(before, REVISION)
        [(state, failure)] = query(before, f"SELECT state, failure FROM messages WHERE id = {messages[0][0]}")
        condemned = answer == OF_ADDRESS
        assert (state, failure) == (("bounced", None) if condemned else ("failed", "malformed")), answer
        migrations.downgrade(before, BELOW)


def test_every_hash_stays_and_one_job_looks_for_the_mailboxes(before: Engine) -> None:
    hashes = query(before, "SELECT referral_id, address_hash FROM referral_addresses ORDER BY id")
    assert hashes
    migrations.upgrade(before, REVISION)
    assert query(before, "SELECT referral_id, address_hash FROM referral_addresses ORDER BY id") == hashes
    assert query(before, "SELECT count(*) FROM jobs WHERE kind = 'count-by-mailbox' AND state = 'queued'") == [(1,)]


def test_where_nobody_was_counted_there_is_nothing_to_look_for(each: Prepared) -> None:
    with each.copy(stages.at(each, REVISION)) as url, opened(url) as engine:
        assert query(engine, "SELECT count(*) FROM jobs WHERE kind = 'count-by-mailbox'") == [(0,)]


def query(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
