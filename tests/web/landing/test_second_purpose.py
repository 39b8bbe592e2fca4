"""求人の紹介 by a school that notified (B-33): a tick of its own on each page, and none where it is not looked up."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Consent, scopes
from relay.network import partners
from tests.cast import Cast, browse
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, words

NUMBER = "13-学-300001"
TICK = "求人の紹介も希望する"


def look_up(app: Flask, cast: Cast) -> None:
    """Adam looks the school up again, on his page."""
    adam, path = browse(app, cast.adam), f"/settings/partners/{cast.manabi.id}/check"
    page = adam.get(path)
    assert NUMBER in words(page) and "届出受理番号は、形式のみ確認しています" in words(page)
    seen = page.text.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert adam.post(path, data={"seen": seen, "same": "y"}).status_code == 303


@pytest.fixture
def introducing(app: Flask, session: Session, cast: Cast) -> None:
    school = partners.held(session, cast.manabi.id)
    partners.describe_itself(session, school, notification_number=NUMBER, introduces_jobs=False)
    session.commit()
    look_up(app, cast)
    session.rollback()
    partners.describe_itself(session, school, notification_number=NUMBER, introduces_jobs=True)
    session.commit()


def purposes(session: Session) -> list[str]:
    session.rollback()
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(Consent.purpose).order_by(Consent.id)))


def jobs_shown(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(shown-jobs-\d+)" value="([0-9a-f]{64})"', page))


def test_the_page_has_a_second_tick_that_is_empty_and_says_what_it_adds(
    phone: Phone, session: Session, cast: Cast, introducing: None
) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path)
    said = words(page)
    assert f"{TICK}（任意）" in said and "チェックを入れなくても、案内は受けられます" in said
    assert f"届出受理番号 {NUMBER}" in said and "在学中の方と修了された方に、無料で求人を紹介" in said
    assert " checked" not in page.text.partition('name="jobs"')[2].partition(">")[0]
    sent = answers(page.text, cast.manabi.id) | jobs_shown(page.text) | {"jobs": str(cast.manabi.id)}
    assert phone.post(path, sent).status_code == 303
    assert purposes(session) == ["present-courses introduce-jobs"]


def test_without_it_the_courses_alone_are_agreed_to(
    phone: Phone, session: Session, cast: Cast, introducing: None
) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    assert phone.post(path, answers(page, cast.manabi.id) | jobs_shown(page)).status_code == 303
    assert purposes(session) == ["present-courses"]


def test_the_second_tick_without_the_school_is_explained_and_keeps_what_was_ticked(
    phone: Phone, session: Session, cast: Cast, introducing: None
) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    sent = answers(page, cast.tsumugi.id) | jobs_shown(page) | {"jobs": str(cast.manabi.id)}
    answer = phone.post(path, sent)
    assert answer.status_code == 422
    assert "講座・コースの案内とあわせて選べます" in words(answer) and "まだどこにも伝わっていません" in words(answer)
    assert f'value="{cast.tsumugi.id}" data-choice="1" checked' in answer.text and answer.text.count(" checked") >= 3
    assert purposes(session) == []


def test_a_school_that_was_not_looked_up_shows_neither_number_nor_purpose(
    app: Flask, phone: Phone, session: Session, cast: Cast
) -> None:
    _link, path = mail_link(session, cast.acme)
    register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    partners.describe_itself(
        session, partners.held(session, cast.manabi.id), notification_number=NUMBER, introduces_jobs=False
    )
    session.commit()
    phone.enter(own)
    for page in (phone.get(path), phone.get(own), browse(app, cast.sho).get("/agency/people")):
        assert NUMBER not in page.text and TICK not in page.text
    about = words(browse(app, cast.sho).get("/agency"))
    assert f"{NUMBER}（形式のみ確認）" in about, "itself it reads its own number"


def test_on_the_own_page_the_added_purpose_takes_a_tick_and_is_taken_back_alone(
    app: Flask, phone: Phone, session: Session, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(own)
    assert TICK not in phone.get(own).text
    school = partners.held(session, cast.manabi.id)
    partners.describe_itself(session, school, notification_number=NUMBER, introduces_jobs=False)
    session.commit()
    look_up(app, cast)
    session.rollback()
    partners.describe_itself(session, school, notification_number=NUMBER, introduces_jobs=True)
    session.commit()
    assert purposes(session) == ["present-courses"]
    asked = phone.post(f"{own}/purpose", form(phone, own) | {"answer": "add"})
    assert asked.status_code == 422 and "まだ何も変わっていません" in words(asked)
    given = phone.post(f"{own}/purpose", form(phone, own) | {"answer": "add", "agree": "1"})
    said = words(phone.get(given.location))
    assert "利用目的を変更しました" in said and "利用目的講座・コースの案内、求人の紹介" in said
    code = the_profile(session, EMAIL).code
    read = words(browse(app, cast.sho).get(f"/agency/people/{code}"))
    assert "ご本人に合う求人を探し、ご連絡するため" in read
    assert "講座・コースの案内、求人の紹介" in words(phone.get(f"{own}/receipt"))
    assert "期限も変わりません（" in words(phone.get(own))
    phone.post(f"{own}/purpose", form(phone, own) | {"answer": "remove"})
    assert purposes(session)[-1] == "present-courses"
    assert "求人を探し" not in words(browse(app, cast.sho).get(f"/agency/people/{code}"))


def form(phone: Phone, own: str) -> dict[str, str]:
    """The hidden fields of the form of the second purpose, as it is shown now."""
    shown = phone.get(own).text.partition('/purpose"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(partner|shown)" value="([0-9a-f]+)"', shown))


def test_one_more_school_is_chosen_with_both_purposes(
    phone: Phone, session: Session, cast: Cast, introducing: None
) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(own)
    page = phone.get(own).text.partition('/consent"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'name="(partner|shown|shown-jobs)" value="([0-9a-f]+)"', page))
    phone.post(f"{own}/consent", sent | {"agree": "1", "jobs": "1"})
    assert purposes(session) == ["introduce-jobs", "present-courses introduce-jobs"]


def test_the_schools_own_page_says_when_it_may_choose(app: Flask, session: Session, cast: Cast) -> None:
    lead = browse(app, cast.sho)
    page = lead.get("/account/partner")
    filled = {
        name: value
        for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.text)
        if name != "csrf_token"
    }
    filled |= {"complaints": "窓口", "name": cast.manabi.name}
    refused = lead.post("/account/partner", data=filled | {"notification_number": "届出済み"})
    assert refused.status_code == 422 and "届出受理番号を読み取れませんでした" in words(refused)
    early = lead.post("/account/partner", data=filled | {"notification_number": NUMBER, "introduces_jobs": "y"})
    assert early.status_code == 303
    page = lead.get("/account/partner")
    assert "番号は形式のみ確認しています" in words(page) and 'name="introduces_jobs"' not in page.text
    forged = lead.post("/account/partner", data=filled | {"notification_number": NUMBER, "introduces_jobs": "y"})
    assert forged.status_code == 422 and "確認したあとに選べます" in words(forged)
    look_up(app, cast)
    assert 'name="introduces_jobs"' in lead.get("/account/partner").text
    kept = lead.post("/account/partner", data=filled | {"notification_number": NUMBER, "introduces_jobs": "y"})
    assert kept.status_code == 303
    session.rollback()
    assert partners.held(session, cast.manabi.id).introduces_jobs
    assert "講座・コースの案内、求人の紹介" in words(browse(app, cast.adam).get("/settings/partners"))
