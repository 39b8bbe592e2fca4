"""A company's beginning: each step keeps what it asks, can be left for later, and leads to the next."""

import re
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.models import Company, Installation, Message, ResultsFrom, scopes
from tests.cast import Cast, browse, make_cast
from tests.conftest import ON_ONE

STEPS = ("company", "results", "privacy", "sending", "operator", "import", "partner", "baseline", "done")
FACTS = {
    "name": "株式会社アクメ",
    "address": "長野県諏訪市4-5-6",
    "representative": "代表 次郎",
    "contact": "0266-11-1111",
    "reply_to": "jinji@acme.example",
    "slug": "ＡＣＭＥ-Works",
}
OPERATOR = {"operator_name": "株式会社アクメ", "operator_address": "長野県諏訪市4-5-6", "operator_contact": "0266-11"}


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    made.acme.runs_installation = True
    made.acme.live_since = None
    session.commit()
    return made


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def acme(session: Session, cast: Cast) -> Company:
    session.rollback()
    return session.scalars(select(Company).where(Company.id == cast.acme.id)).one()


def the_row(session: Session) -> Installation:
    row = installation.get(session)
    assert row is not None
    return row


@ON_ONE
@pytest.mark.parametrize("step", STEPS)
def test_every_step_opens_without_the_ones_before(adam: FlaskClient, step: str) -> None:
    answer = adam.get(f"/setup/{step}")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert 'aria-current="step"' in answer.text


@pytest.mark.parametrize(("step", "following"), list(pairwise(STEPS)))
def test_every_step_can_be_left_for_later(adam: FlaskClient, step: str, following: str) -> None:
    assert f'href="/setup/{following}"' in adam.get(f"/setup/{step}").text


@pytest.mark.parametrize("who", ["ada", "vic"])
def test_only_administrators_set_up(app: Flask, cast: Cast, who: str) -> None:
    client = browse(app, getattr(cast, who))
    assert client.get("/setup").status_code == 403
    assert client.post("/setup/company", data=FACTS).status_code == 403


def test_the_list_says_what_is_done_and_leads_to_the_first_open_step(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    assert "「結果連絡の方法」から続ける" in adam.get("/setup").text, "the company's particulars are there already"
    adam.post("/setup/results", data={"results_from": "mail"})
    assert "「個人情報の取扱い」から続ける" in adam.get("/setup").text


def test_the_company_is_kept_whatever_width_its_address_was_typed_in(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    answer = adam.post("/setup/company", data=FACTS)
    assert (answer.status_code, answer.location) == (303, "/setup/results")
    company = acme(session, cast)
    assert (company.name, company.address, company.slug) == ("株式会社アクメ", "長野県諏訪市4-5-6", "acme-works")
    assert company.send_delay_minutes == 10


def test_whoever_wants_to_look_at_the_footer_stays(adam: FlaskClient) -> None:
    answer = adam.post("/setup/company", data=FACTS | {"stay": "1"}, follow_redirects=True)
    assert answer.request.path == "/setup/company"
    footer = answer.text[answer.text.index('id="mail-footer"') :]
    assert "長野県諏訪市4-5-6" in footer[: footer.index("</pre>")]


def test_the_footer_follows_what_is_typed_and_keeps_nothing(adam: FlaskClient, session: Session, cast: Cast) -> None:
    typed = {"name": "株式会社<b>みどり</b>", "contact": "0266-99-9999"}
    answer = adam.get("/setup/company", query_string=typed, headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<pre")
    assert "0266-99-9999" in answer.text
    assert "&lt;b&gt;" in answer.text
    assert acme(session, cast).name == "株式会社acme"


def test_the_own_address_is_proposed_for_replies(app: Flask, session: Session, cast: Cast) -> None:
    cast.acme.reply_to = ""
    session.commit()
    assert 'value="adam@acme.example"' in browse(app, cast.adam).get("/setup/company").text
    assert acme(session, cast).reply_to == "", "until it is saved"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"name": ""}, "正式名称を入力"), ({"slug": "other"}, "すでに別の企業"), ({"slug": "a--b"}, "英小文字")],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    adam: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = adam.post("/setup/company", data=FACTS | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert acme(session, cast).name == "株式会社acme"


def test_where_results_are_told_from_is_kept(adam: FlaskClient, session: Session, cast: Cast) -> None:
    answer = adam.post("/setup/results", data={"results_from": "ats", "ats_name": "HERP"})
    assert answer.location == "/setup/privacy"
    assert (acme(session, cast).results_from, acme(session, cast).ats_name) == (ResultsFrom.ATS, "HERP")
    assert "HERP" in adam.get("/setup/import").text
    assert adam.post("/setup/results", data={}).status_code == 422


def test_a_number_answers_for_the_operator(adam: FlaskClient, session: Session) -> None:
    given = {"answer": "number", "notification_number": "５１－募－００１７３３", "waiver_with": "left over"}
    assert adam.post("/setup/operator", data=OPERATOR | given).location == "/setup/import"
    assert (the_row(session).notification_number, the_row(session).waiver_with) == ("51-募-001733", "")
    assert the_row(session).operator_name == "株式会社アクメ"
    assert installation.is_answered(session)


def test_so_does_a_confirmation_with_its_day_in_any_way_of_writing(adam: FlaskClient, session: Session) -> None:
    given = {"answer": "waiver", "waiver_with": "長野労働局", "waiver_on": "令和８年４月１日"}
    assert adam.post("/setup/operator", data=OPERATOR | given).status_code == 303
    assert str(the_row(session).waiver_on) == "2026-04-01"
    page = adam.get("/setup/operator").text
    assert "長野労働局" in page


def test_not_knowing_yet_is_an_answer_that_stays_open(adam: FlaskClient, session: Session) -> None:
    assert adam.post("/setup/operator", data=OPERATOR | {"answer": "open"}).status_code == 303
    assert not installation.is_answered(session)
    assert "要確認" in adam.get("/settings/operator").text


@ON_ONE
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "どれか一つ"),
        ({"answer": "number"}, "届出受理番号を入力"),
        ({"answer": "number", "notification_number": "13-ユ-316864"}, "51-募-001733"),
        ({"answer": "waiver", "waiver_on": "2026-04-01"}, "確認したか"),
        ({"answer": "waiver", "waiver_with": "労働局", "waiver_on": "きのう"}, "日付として読めません"),
        ({"answer": "waiver", "waiver_with": "労働局", "waiver_on": "2199-01-01"}, "今日まで"),
        ({"answer": "open", "operator_name": ""}, "運営者の名称"),
    ],
)
def test_half_an_answer_is_refused(adam: FlaskClient, session: Session, given: dict[str, str], sentence: str) -> None:
    answer = adam.post("/setup/operator", data=OPERATOR | given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert installation.get(session) is None


def test_a_company_that_does_not_answer_for_the_installation_is_not_asked(
    app: Flask, session: Session, cast: Cast
) -> None:
    mona = browse(app, cast.mona)
    assert mona.get("/setup/operator").location == "/setup/import"
    assert 'href="/setup/import"' in mona.get("/setup/sending").text
    assert 'href="/setup/operator"' not in mona.get("/setup").text
    for typed in (OPERATOR | {"answer": "open"}, {}):
        assert mona.post("/setup/operator", data=typed).status_code == 409
    assert installation.get(session) is None


def test_forms_shown_within_a_step_lead_back_to_it_and_nowhere_else(app: Flask, cast: Cast) -> None:
    from relay.portal.setup import steps as setup_steps

    def leads(form: dict[str, Any]) -> str:
        with app.test_request_context("/", method="POST", data=form):
            return setup_steps.after("/settings/mail")

    assert leads({"next": "/setup/sending"}) == "/setup/sending"
    assert leads({}) == "/settings/mail"
    assert leads({"next": "https://elsewhere.example/setup/sending"}) == "/settings/mail"
    assert leads({"next": "//elsewhere.example"}) == "/settings/mail"


def test_the_last_step_says_what_practising_means_and_what_is_still_open(adam: FlaskClient) -> None:
    page = adam.get("/setup/done").text
    assert "【練習】" in page
    assert "個人情報の取扱い" in page


@pytest.mark.parametrize(
    ("step", "recorder"),
    [
        ("privacy", "/settings/privacy"),
        ("sending", "/settings/mail/test"),
        ("partner", "/settings/partners/invitations"),
    ],
)
def test_forms_of_the_settings_stand_in_their_step_and_lead_back_to_it(
    adam: FlaskClient, step: str, recorder: str
) -> None:
    page = adam.get(f"/setup/{step}").text
    form = page[page.index(f'action="{recorder}"') :]
    assert f'name="next" value="/setup/{step}"' in form[: form.index("</form>")]


def test_an_invitation_sent_from_its_step_leads_back_and_the_step_is_done(
    app: Flask, session: Session, cast: Cast
) -> None:
    mona = browse(app, cast.mona)
    assert "あとで決めて次へ" in mona.get("/setup/partner").text
    typed = {"email": "desk@kakehashi.example", "rules": "y", "next": "/setup/partner"}
    assert mona.post("/settings/partners/invitations", data=typed).location == "/setup/partner"
    assert "次へ進む" in mona.get("/setup/partner").text


def test_what_is_wrong_is_said_in_the_step_it_was_sent_from(adam: FlaskClient) -> None:
    privacy = adam.post("/settings/privacy", data={"act": "publish", "next": "/setup/privacy"})
    code = adam.post("/settings/mail/code", data={"code": "000000", "next": "/setup/sending"})
    partner = adam.post("/settings/partners/invitations", data={"email": "desk", "next": "/setup/partner"})
    for answer in (privacy, code, partner):
        assert answer.status_code == 422
        assert 'aria-current="step"' in answer.text, "still among the steps"
    assert 'aria-current="step"' not in adam.post("/settings/privacy", data={"act": "publish"}).text


def test_whom_one_has_invited_stays_visible_in_the_step(adam: FlaskClient) -> None:
    invitation = {"email": "desk@hashiwatashi.example", "rules": "y", "next": "/setup/partner"}
    assert adam.post("/settings/partners/invitations", data=invitation).location == "/setup/partner"
    step = adam.get("/setup/partner").text
    assert "desk@hashiwatashi.example" in step
    again = re.search(r'action="([^"]+/again)"', step)
    assert again is not None
    assert adam.post(again[1], data={"next": "/setup/partner"}).location == "/setup/partner"


def test_the_import_leads_back_to_the_steps_until_real_sending(adam: FlaskClient, session: Session, cast: Cast) -> None:
    assert "初期設定に戻る" in adam.get("/pool/import").text
    acme(session, cast).live_since = clock.now()
    assert "初期設定に戻る" not in adam.get("/pool/import").text


def test_a_waiver_without_a_day_asks_for_the_day(adam: FlaskClient) -> None:
    answer = adam.post("/setup/operator", data=OPERATOR | {"answer": "waiver", "waiver_with": "長野労働局"})
    assert answer.status_code == 422
    assert "確認した日を入力してください" in answer.text


def test_the_invitation_says_that_it_really_leaves_and_what_it_says(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    cast.acme.live_since = None
    session.commit()
    page = adam.get("/setup/partner").text
    assert "練習中でも、この招待は提携先に実際に届きます。" in page
    assert f"{cast.acme.name}の採用担当、{cast.adam.name}さんから" in page
    assert "ご担当者様" in page
    with scopes.everyone(session, "test: mails of any company"):
        stored = session.scalars(select(Message.id)).all()
    assert stored == [], "looking sends and stores nothing"


def test_each_answer_of_the_operator_has_its_own_fields(adam: FlaskClient) -> None:
    page = adam.get("/setup/operator").text
    answers = page.split('class="choice-of"')[1:]
    assert ["notification_number" in each for each in answers] == [True, False, False]
    assert ["waiver_with" in each and "waiver_on" in each for each in answers] == [False, True, False]
    assert "届出は必要でしたか" in page


def test_the_first_step_names_the_second_factor_until_there_is_one(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    asked = "候補者を取り込む前に、あなたの二段階認証の設定をお願いします。"
    cast.acme.second_factor_required = True
    session.commit()
    assert asked in adam.get("/setup/company").text
    assert asked in adam.get("/setup").text
    cast.acme.second_factor_required = False
    session.commit()
    assert asked not in adam.get("/setup/company").text
