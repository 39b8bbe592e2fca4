"""/about: who runs the installation, for everyone."""

from flask import Flask
from sqlalchemy.orm import Session

from relay.identity import installation
from relay.identity.installation import Operator
from tests.cast import make_company


def test_it_names_the_operator_and_no_company_that_merely_uses_it(app: Flask, session: Session) -> None:
    midori = make_company(session, "midori", runs_installation=True)
    make_company(session, "other")
    installation.describe(session, midori, Operator("みどりホールディングス", "長野県岡谷市9-9", "0266-99-9999"))
    session.commit()
    answer = app.test_client().get("/about")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert all(word in answer.text for word in ("みどりホールディングス", "長野県岡谷市9-9", "0266-99-9999"))
    assert "株式会社other" not in answer.text


def test_until_it_is_said_the_company_that_answers_is_named(app: Flask, session: Session) -> None:
    make_company(session, "other")
    make_company(session, "midori", runs_installation=True)
    session.commit()
    page = app.test_client().get("/about").text
    assert "株式会社midori" in page
    assert "株式会社other" not in page


def test_an_empty_installation_says_that_nobody_is_named_yet(app: Flask) -> None:
    assert "まだ登録されていません" in app.test_client().get("/about").text
