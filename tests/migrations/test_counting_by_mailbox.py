"""The upgrade to counting by mailbox: hashes stay, their mailboxes are looked for, and refused forms are forgiven."""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations.everything import fill
from tests.migrations.test_walk import steps

REVISION = "0012"
OF_SYNTAX = ("501 Syntax: RCPT TO: <address>", "553 5.1.3 Error: malformed address")
OF_ADDRESS = "550 5.1.1 no such user"


def test_an_address_refused_for_its_form_may_be_written_to_again(database: Engine) -> None:
    before(database)
    messages = query(database, "SELECT id FROM messages WHERE state = 'sent' ORDER BY id")
    for answer in (*OF_SYNTAX, OF_ADDRESS):
        with database.begin() as connection:
            connection.execute(
                text("UPDATE messages SET state = 'bounced', last_error = :answer WHERE id = :id"),
                {"answer": answer, "id": messages[0][0]},
            )
        migrations.upgrade(database, REVISION)
        [(state, failure)] = query(database, f"SELECT state, failure FROM messages WHERE id = {messages[0][0]}")
        condemned = answer == OF_ADDRESS
        assert (state, failure) == (("bounced", None) if condemned else ("failed", "malformed")), answer
        migrations.downgrade(database, below())


def test_every_hash_stays_and_one_job_looks_for_the_mailboxes(database: Engine) -> None:
    before(database)
    hashes = query(database, "SELECT referral_id, address_hash FROM referral_addresses ORDER BY id")
    assert hashes
    migrations.upgrade(database, REVISION)
    assert query(database, "SELECT referral_id, address_hash FROM referral_addresses ORDER BY id") == hashes
    assert query(database, "SELECT count(*) FROM jobs WHERE kind = 'count-by-mailbox' AND state = 'queued'") == [(1,)]


def test_where_nobody_was_counted_there_is_nothing_to_look_for(database: Engine) -> None:
    migrations.upgrade(database, REVISION)
    assert query(database, "SELECT count(*) FROM jobs WHERE kind = 'count-by-mailbox'") == [(0,)]


def before(engine: Engine) -> None:
    """Everything in every table, as it is below the revision."""
    migrations.upgrade(engine)
    with Session(engine) as session:
        fill(session)
    migrations.downgrade(engine, below())


def below() -> str:
    return dict(steps())[REVISION]


def query(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
