"""`relay setup`, and the way from the demo to a real company and back."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import create_app, demo, migrations
from relay.cli import main
from relay.cli.serve import greet_first_start, prepare_first_start
from relay.demo import organisations
from relay.extensions import db
from relay.identity import companies, installation, users
from relay.mail import tokens
from relay.models import Company, TokenPurpose
from relay.outreach import opening
from tests.cast import PASSWORD, make_company

ADDRESS = re.compile(r"^  http\S+/setup/(\S+)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> None:
    """Commands use the application that is open."""


def relay(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def token_in(text: str) -> str:
    found = ADDRESS.search(text)
    assert found, text
    return found[1]


def test_it_prints_an_address_that_opens_the_first_company(session: Session) -> None:
    said = relay("setup")
    assert said.exit_code == 0
    assert "24時間" in said.output
    assert tokens.find(session, token_in(said.output), TokenPurpose.SETUP) is not None


def test_it_refuses_once_a_company_is_there_and_says_what_to_do(session: Session) -> None:
    make_company(session, "midori")
    session.commit()
    said = relay("setup")
    assert said.exit_code == 1
    assert "招待" in said.stderr
    assert "relay user password" in said.stderr


def test_the_web_server_gives_an_empty_database_its_tables(app: Flask, tmp_path: Path) -> None:
    empty = create_app(replace(app.config["RELAY"], database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    prepare_first_start(empty)
    with empty.app_context():
        assert migrations.is_current(db.engine)
        db.engine.dispose()


def test_the_web_server_says_it_too_while_nobody_is_there(
    app: Flask, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    greet_first_start(app)
    assert tokens.find(session, token_in(capsys.readouterr().out), TokenPurpose.SETUP) is not None
    make_company(session, "midori")
    session.commit()
    greet_first_start(app)
    assert capsys.readouterr().out == ""


def test_in_production_the_journal_holds_no_address_but_what_to_run(
    app: Flask, session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    greet_first_start(app)
    told = capsys.readouterr().out
    assert "relay setup" in told
    assert "/setup/" not in told


def test_from_the_demo_to_a_real_company_and_back(session: Session) -> None:
    """Beside the demo a real company begins; the demo goes, and nothing of the real one with it."""
    organisations.create_organisations(session, PASSWORD)
    session.commit()
    assert relay("setup").exit_code == 0
    admin = opening.Administrator("aya@midori.example", PASSWORD, "緑川 彩")
    opening.open_company(session, "midori", companies.CompanyDetails(name="株式会社みどり工業"), admin)
    midori = companies.by_slug(session, "midori")
    installation.answer(session, midori, installation.Answer("51-募-001733"))
    session.commit()

    assert relay("demo", "--remove").exit_code == 0
    db.session.expire_all()
    assert list(session.scalars(select(Company.slug))) == ["midori"]
    assert users.by_address(session, "aya@midori.example").company_id == midori.id
    assert installation.is_answered(session), "what the real company answered stays"

    organisations.create_organisations(session, PASSWORD)
    session.commit()
    assert demo.remove(session) > 0
    assert installation.is_answered(session)
    assert companies.by_slug(session, "midori").runs_installation
