"""`relay ledger verify`: every company's credits counted again from what was recorded."""

from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay.cli import main
from relay.models import triggers
from tests.cast import make_cast
from tests.db.network.test_ledger import fill


def verify() -> Result:
    return CliRunner().invoke(main, ["ledger", "verify"])


def test_sound_ledgers_are_said_to_be_sound(app: Flask, session: Session) -> None:
    fill(session, make_cast(session).acme, 10)
    session.commit()
    said = verify()
    assert (said.exit_code, said.output.strip()) == (0, "台帳はすべて合っています（2社）。")


def test_a_line_that_was_changed_past_relay_is_named_with_its_company(app: Flask, session: Session) -> None:
    fill(session, make_cast(session).acme, 10)
    with triggers.suspended(session.connection()):
        session.execute(text("UPDATE credit_entries SET balance = 5"))
    session.commit()
    said = verify()
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "acme: 台帳の1行目の残高が合いません。",
        "acme: 台帳の1行目は、操作ログの記録と残高が合いません。",
    ]
