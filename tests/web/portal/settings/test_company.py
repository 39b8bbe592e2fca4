"""The company's settings: only its administrators, what is checked, what is logged."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Company, Event, EventTag, Partner
from tests.cast import Cast, browse, make_cast
from tests.conftest import ON_ONE

PAGES = ["/settings/company", "/settings/members", "/settings/partners"]
TYPED = {
    "name": "株式会社アクメ",
    "address": "長野県諏訪市4-5-6",
    "representative": "代表 次郎",
    "contact": "0266-11-1111",
    "reply_to": "jinji@acme.example",
    "slug": "acme",
}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def acme(session: Session) -> Company:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Company).where(Company.slug == "acme")).one()


def data_of(session: Session, tag: EventTag) -> list[dict[str, Any]]:
    return list(session.scalars(select(Event.data).where(Event.tag == tag.value).order_by(Event.id)))


@pytest.mark.parametrize("path", PAGES)
def test_an_administrator_reads_every_page(adam: FlaskClient, path: str) -> None:
    answer = adam.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_does(app: Flask, cast: Cast, path: str) -> None:
    assert browse(app, cast.ada).get(path).status_code == 403
    assert browse(app, cast.vic).get(path).status_code == 403
    assert browse(app, cast.agnes).get(path).status_code == 404


def test_what_is_typed_is_kept_and_logged_by_field(adam: FlaskClient, session: Session) -> None:
    answer = adam.post("/settings/company", data=TYPED)
    assert (answer.status_code, answer.location) == (303, "/settings/company")
    company = acme(session)
    assert {name: str(getattr(company, name)) for name in TYPED} == TYPED
    assert data_of(session, EventTag.COMPANY_CHANGED) == [{"fields": [name for name in TYPED if name != "slug"]}]
    assert "保存しました" in adam.get("/settings/company").text


def test_htmx_is_sent_back_to_the_page(adam: FlaskClient) -> None:
    answer = adam.post("/settings/company", data=TYPED, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/settings/company"


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "正式名称を入力してください"),
        ({"address": ""}, "住所を入力してください"),
        ({"contact": ""}, "問い合わせ先を入力してください"),
        ({"representative": "長" * 101}, "100文字まで"),
        ({"reply_to": "jinji"}, "@"),
        ({"slug": "other"}, "本番の送信を始めたあとは"),
        ({"slug": "アクメ"}, "英小文字"),
    ],
)
def test_bad_input_is_said_and_nothing_is_kept(
    adam: FlaskClient, session: Session, typed: dict[str, str], sentence: str
) -> None:
    answer = adam.post("/settings/company", data=TYPED | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "諏訪市" in answer.text or "address" in typed, "what was typed stays in the form"
    assert acme(session).name == "株式会社acme"


def test_the_page_shows_the_end_of_a_mail_as_it_is(adam: FlaskClient) -> None:
    page = adam.get("/settings/company").text
    end_of_mail = page[page.index("<pre") : page.index("</pre>")]
    for line in ("株式会社acme", "長野県岡谷市1-2-3", "0266-00-0000", "saiyo@acme.example", "受信を停止"):
        assert line in end_of_mail
    assert "href" not in end_of_mail


def test_the_relay_is_switched_for_everybody_and_logged(adam: FlaskClient, session: Session) -> None:
    assert adam.post("/settings/relay", data={"on": "0"}).status_code == 303
    assert acme(session).relay_enabled is False
    assert "止めています" in adam.get("/settings/company").text
    assert adam.post("/settings/relay", data={"on": "1"}).status_code == 303
    assert acme(session).relay_enabled is True
    assert data_of(session, EventTag.RELAY_SWITCHED) == [{"on": False}, {"on": True}]
    logged = session.scalars(select(Event).where(Event.tag == EventTag.RELAY_SWITCHED.value).order_by(Event.id)).first()
    assert logged is not None
    assert (logged.actor_kind, logged.actor_id) == ("user", acme_admin(session))


def acme_admin(session: Session) -> int:
    from relay.identity import users

    return users.by_address(session, "adam@acme.example").id


def test_a_switch_to_nothing_is_refused(adam: FlaskClient, session: Session) -> None:
    assert adam.post("/settings/relay", data={}).status_code == 400
    assert acme(session).relay_enabled is True


def test_another_companys_settings_stay_as_they_are(app: Flask, session: Session, cast: Cast) -> None:
    browse(app, cast.mona).post("/settings/company", data=TYPED)
    assert acme(session).name == "株式会社acme"


def test_members_of_this_company_only(app: Flask, session: Session, cast: Cast, adam: FlaskClient) -> None:
    from relay.identity import users

    users.disable(session, cast.vic)
    session.commit()
    page = adam.get("/settings/members").text
    assert all(word in page for word in ("ada@acme.example", "採用担当", "管理者", "停止中"))
    assert "mona" not in page
    assert "agnes" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "候補者に表示しています"),
        ({"checked_on": None}, "形式のみ確認"),
        ({"address": ""}, "住所が登録されていません"),
    ],
)
def test_partners_with_their_licence_and_standing(
    session: Session, cast: Cast, adam: FlaskClient, changes: dict[str, Any], sentence: str
) -> None:
    partner = session.scalars(select(Partner).where(Partner.slug == "tsumugi")).one()
    for name, value in changes.items():
        setattr(partner, name, value)
    session.commit()
    page = adam.get("/settings/partners").text
    assert sentence in page
    assert partner.license_number is not None
    assert partner.license_number in page


def test_a_company_without_partners_reads_why_that_matters(app: Flask, cast: Cast) -> None:
    assert "提携先はまだありません" in browse(app, cast.mona).get("/settings/partners").text
