"""/about and /about/privacy: who runs the installation and answers for profiles, for everyone (A-44)."""

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


def test_the_notice_names_who_answers_for_profiles(app: Flask, session: Session) -> None:
    midori = make_company(session, "midori", runs_installation=True)
    installation.describe(session, midori, Operator("みどりホールディングス", "長野県岡谷市9-9", "0266-99-9999"))
    session.commit()
    answer = app.test_client().get("/about/privacy")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert all(word in answer.text for word in ("みどりホールディングス", "長野県岡谷市9-9", "0266-99-9999"))
    assert "すべての同意が終わった日から30日" in answer.text
    assert "法律上の責任者は同社です" not in answer.text


def test_the_notice_says_when_a_hiring_company_answers_for_what_its_hr_cannot_see(app: Flask, session: Session) -> None:
    make_company(session, "midori", runs_installation=True)
    session.commit()
    page = app.test_client().get("/about/privacy").text
    assert "この仕組みは株式会社midoriが運営しています" in page
    assert "採用担当の画面には表示されませんが、法律上の責任者は同社です" in page


def test_every_candidate_page_leads_to_both(app: Flask) -> None:
    page = app.test_client().get("/about").text
    assert 'href="/about/privacy"' in page
