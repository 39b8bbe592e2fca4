"""Recording by hand how an application goes on or ends: the form in its three places, and the way back."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.models import Application, ApplicationResult, ApplicationStep, Candidate, JournalEntry, scopes
from tests.cast import Cast, browse
from tests.conftest import ON_ONE
from tests.web.portal.conftest import HTMX
from tests.web.portal.desk import Desk


def address(application: Application) -> str:
    return f"/applications/{application.id}/progress"


def seen(browser: FlaskClient, application: Application) -> str:
    """The version of the application that the form carries."""
    found = re.search(r'name="application-\d+-seen"[^>]*value="([0-9a-f]+)"', browser.get(address(application)).text)
    assert found
    return found[1]


def post(
    browser: FlaskClient,
    application: Application,
    version: str = "",
    query: str = "",
    headers: dict[str, str] | None = None,
    **typed: str,
) -> TestResponse:
    values = {"seen": version or seen(browser, application), **typed}
    form = {f"application-{application.id}-{name}": value for name, value in values.items()}
    return browser.post(address(application) + query, data=form, headers=headers)


def now(session: Session, application: Application) -> Application:
    session.expire_all()
    with scopes.company(session, application.company_id):
        return session.scalars(select(Application).where(Application.id == application.id)).one()


def test_a_withdrawal_by_telephone_leaves_the_list_of_whom_to_tell(
    session: Session, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    post(ada, application, what="rejected", reason="filled")
    assert "髙橋 花子" in ada.get("/results").text
    answer = post(ada, application, what="withdrew", day="11月27日" if clock.today().day != 27 else "")
    assert (answer.status_code, answer.location) == (303, f"/pool/{hanako.id}")
    page = ada.get(f"/pool/{hanako.id}").text
    assert "髙橋 花子さんの辞退を記録しました" in page
    assert "辞退を記録しました" in page
    assert "/undo" in page, "one click takes it back"
    assert "髙橋 花子" not in ada.get("/results").text
    assert now(session, application).status is ApplicationResult.WITHDREW


def test_one_click_takes_it_back(
    session: Session, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    post(ada, application, what="hired")
    with scopes.company(session, application.company_id):
        entry_id = session.scalars(select(JournalEntry.id)).one()
    assert "応募の結果（入社）を記録した（髙橋 花子）" in ada.get("/pool/activity").text
    again = ada.post(f"/pool/activity/{entry_id}/undo", headers=HTMX)
    assert (again.status_code, again.headers["HX-Refresh"]) == (204, "true")
    page = ada.get(f"/pool/{hanako.id}?show=selection").text
    assert "元に戻しました" in page
    assert "記録した結果・段階を元に戻しました" in page
    assert now(session, application).status is ApplicationResult.OPEN


def test_a_step_takes_the_companys_own_word(
    session: Session, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    post(ada, application, what="step", step="final", own_word="社長面接", reason="skills")
    assert now(session, application).stage == "社長面接"
    with scopes.company(session, application.company_id):
        assert session.scalars(select(ApplicationStep.kind)).one().value == "final"
    page = ada.get(f"/pool/{hanako.id}").text
    assert "髙橋 花子さんを「社長面接」へ進めました" in page
    assert "選考中" in page


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "記録する内容を選んでください。"),
        ({"what": "step"}, "どの段階へ進んだかを選んでください。"),
        ({"what": "rejected"}, "見送りの理由を選んでください。"),
        ({"what": "withdrew", "day": "先週"}, "日付として読めません"),
        ({"what": "withdrew", "day": "2月30日"}, "という日はありません"),
        ({"what": "nonsense"}, "まだ記録していません"),
        ({"what": "step", "step": "first", "own_word": "面" * 101}, "100文字までで入力してください。"),
    ],
)
@pytest.mark.parametrize("headers", [None, HTMX])
def test_what_is_lacking_is_said_and_what_was_typed_stays(
    session: Session,
    ada: FlaskClient,
    application: Application,
    typed: dict[str, str],
    sentence: str,
    headers: dict[str, str] | None,
) -> None:
    answer = post(ada, application, headers=headers, **typed)
    assert answer.status_code == 422
    assert "まだ記録していません" in answer.text
    assert sentence in answer.text
    assert typed.get("day", "") in answer.text
    assert now(session, application).status is ApplicationResult.OPEN


def test_a_day_to_come_is_refused_with_a_sentence(session: Session, ada: FlaskClient, application: Application) -> None:
    day = clock.today() + timedelta(days=1)
    answer = post(ada, application, what="withdrew", day=f"{day:%Y/%m/%d}")
    assert answer.status_code == 409
    assert "これからの日は記録できません。" in answer.text


def test_of_two_tabs_the_second_is_told_and_shown_how_it_is_now(
    session: Session, ada: FlaskClient, application: Application
) -> None:
    first = second = seen(ada, application)
    assert post(ada, application, first, what="hired").status_code == 303
    refused = post(ada, application, second, what="withdrew")
    assert refused.status_code == 409
    assert "ほかの画面から変更されました。記録はしていません。" in refused.text
    assert now(session, application).status is ApplicationResult.HIRED
    fresh = re.search(r'-seen"[^>]*value="([0-9a-f]+)"', refused.text)
    assert fresh is not None, "after reading how it is now, the same form may be sent"
    assert post(ada, application, fresh[1], what="withdrew").status_code == 303


def test_the_same_form_twice_records_once(session: Session, ada: FlaskClient, application: Application) -> None:
    version = seen(ada, application)
    for told in ("の辞退を記録しました", "の記録は、すでにこの内容です"):
        answer = post(ada, application, version, what="withdrew")
        assert answer.status_code == 303
        assert told in ada.get(answer.location).text
    with scopes.company(session, application.company_id):
        assert len(session.scalars(select(JournalEntry)).all()) == 1


def test_while_its_result_mail_waits_nothing_is_recorded(session: Session, desk: Desk) -> None:
    person = desk.people(1)[0]
    version = seen(desk.browser, person)
    desk.told([person])
    refused = post(desk.browser, person, version, what="withdrew")
    assert refused.status_code == 409
    assert "先に送信を止めてから" in refused.text or "ほかの画面から変更されました" in refused.text
    assert now(session, person).status is ApplicationResult.REJECTED


def test_a_withdrawal_takes_the_person_out_of_what_is_being_written(session: Session, desk: Desk) -> None:
    one, other = desk.people(2)
    page = desk.begin([one, other])
    post(desk.browser, one, what="withdrew")
    assert len(desk.rows(page)) == 1
    assert desk.save(page, go="confirm").location == f"{page}/confirm"


def test_from_a_row_one_comes_back_to_the_list_as_it_was(ada: FlaskClient, application: Application) -> None:
    listed = ada.get("/applications?q=高橋&end=open").text
    link = re.search(rf'hx-get="(/applications/{application.id}/progress\?[^"]*)"', listed)
    assert link
    there = link[1].replace("&amp;", "&")
    row = ada.get(there, headers=HTMX).text
    assert row.lstrip().startswith("<tr") or "<tr>" in row
    answer = post(ada, application, query=there.partition("?")[2] and f"?{there.partition('?')[2]}", what="withdrew")
    assert answer.location.startswith("/applications?")
    assert "end=open" in answer.location and "q=" in answer.location
    after = post(ada, application, query="?from=https://evil.example", what="withdrew")
    assert after.location.startswith("/pool/")


def test_the_page_of_its_own_belongs_to_the_list(ada: FlaskClient, application: Application) -> None:
    assert 'href="/positions" aria-current="page"' in ada.get(address(application)).text


def test_who_only_reads_is_offered_nothing(
    cast: Cast, vic: FlaskClient, hanako: Candidate, application: Application
) -> None:
    assert "/progress" not in vic.get(f"/pool/{hanako.id}").text
    assert "/progress" not in vic.get("/applications").text
    assert vic.get(address(application)).status_code == 403
    assert vic.post(address(application)).status_code == 403


def test_the_roles_page_says_who_may(vic: FlaskClient) -> None:
    assert "選考の段階・結果" in vic.get("/settings/roles").text


def test_another_companys_application_is_not_found(app: Flask, cast: Cast, application: Application) -> None:
    mona = browse(app, cast.mona)
    assert mona.get(address(application)).status_code == 404
