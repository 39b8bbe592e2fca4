"""A partner's memos, through the pages: posted to the account, shown in the portal, gone with the next request."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import PartnerNote, Profile, Role, scopes
from relay.network import consents
from relay.network.partner_notes import MAX_LENGTH
from tests.cast import Cast, browse, make_cast, make_user
from tests.web.agency.people import consented
from tests.web.landing.phone import Phone, mail_own_page, words


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi)


def write(client: FlaskClient, person: Profile, body: str = "午前に電話した", **more: str) -> str:
    """Send the form; gives where it leads."""
    answer = client.post(f"/account/people/{person.code}/notes", data={"body": body} | more)
    assert answer.status_code == 303, answer.text
    return answer.location


def kept(session: Session) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count(PartnerNote.id))) or 0


def edit_page(client: FlaskClient, person: Profile) -> str:
    """The address of the page on which the first memo is put right."""
    found = re.search(r'href="(/account/people/[^"?]+/notes/\d+)', client.get(f"/agency/people/{person.code}").text)
    assert found is not None
    return found[1]


def seen_in(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_it_is_written_in_the_portal_and_read_by_colleagues(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    assert 'action="/account/people/' in agnes.get(f"/agency/people/{haruka.code}").text
    assert write(agnes, haruka) == f"/agency/people/{haruka.code}#notes"
    page = agnes.get(f"/agency/people/{haruka.code}").text
    assert "メモを保存しました" in page
    assert "編集・削除する" in page
    ben = browse(app, make_user(session, "ben", cast.tsumugi, cast.agnes.role))
    session.commit()
    page = ben.get(f"/agency/people/{haruka.code}").text
    assert "午前に電話した" in page
    assert cast.agnes.name in page
    assert "編集・削除する" not in page


def test_it_leads_back_to_the_page_of_the_portal_it_came_from_and_nowhere_else(
    agnes: FlaskClient, haruka: Profile
) -> None:
    there = f"/agency/people/{haruka.code}?q=a&after=3"
    assert write(agnes, haruka, back=there) == f"{there}#notes"
    for place in ("https://evil.example/agency/", "//evil.example/agency", "/pool", "/agency-of-others", "/login"):
        assert write(agnes, haruka, "もう一つ", back=place).startswith(f"/agency/people/{haruka.code}#")


def test_refused_words_are_shown_again_with_the_reason(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    path = f"/account/people/{haruka.code}/notes"
    for body, told in (
        ("", "メモの内容を入力してください"),
        ("長" * (MAX_LENGTH + 1), f"メモは{MAX_LENGTH:,}文字までです"),
        ("うつ病と聞いた", "「うつ病」は、法律で集めることが制限されている内容かもしれません"),
    ):
        answer = agnes.post(path, data={"body": body})
        assert answer.status_code == 422
        assert told in answer.text
        assert "まだ保存していません" in answer.text
        assert body in answer.text
    assert kept(session) == 0
    assert agnes.get(path).status_code == 200, "a reloaded answer opens the form"
    write(agnes, haruka, "うつ病と聞いた", confirmed="1")
    assert kept(session) == 1


def test_it_is_put_right_and_removed_by_its_author(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    write(agnes, haruka)
    path = edit_page(agnes, haruka)
    page = agnes.get(path).text
    changed = agnes.post(path, data={"body": "午後に電話した", "seen": seen_in(page)})
    assert changed.status_code == 303
    assert "午後に電話した" in agnes.get(f"/agency/people/{haruka.code}").text
    ben = browse(app, make_user(session, "ben", cast.tsumugi, Role.AGENT))
    session.commit()
    for answer in (
        ben.post(path, data={"body": "書き換えた", "seen": seen_in(agnes.get(path).text)}),
        ben.post(f"{path}/removal", data={"seen": seen_in(agnes.get(path).text)}),
    ):
        assert answer.status_code == 303
    assert "ほかの担当者のメモです" in ben.get(f"/agency/people/{haruka.code}").text
    assert kept(session) == 1
    for told in ("メモを削除しました", "すでに削除されている"):
        agnes.post(f"{path}/removal", data={"seen": seen_in(agnes.get(path).text)})
        assert told in agnes.get(f"/agency/people/{haruka.code}").text
    assert kept(session) == 0


def test_a_lead_removes_what_a_colleague_left_behind_and_changes_no_word_of_it(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    ben = make_user(session, "ben", cast.tsumugi, Role.AGENT)
    session.commit()
    write(browse(app, ben), haruka, "悪口")
    path = edit_page(agnes, haruka)
    page = agnes.get(path).text
    assert "悪口" in page and "<textarea" not in page
    agnes.post(path, data={"body": "書き換えた", "seen": seen_in(page)})
    assert "悪口" in agnes.get(f"/agency/people/{haruka.code}").text
    agnes.post(f"{path}/removal", data={"seen": seen_in(page)})
    assert kept(session) == 0


def test_the_second_of_two_windows_is_told(agnes: FlaskClient, haruka: Profile) -> None:
    write(agnes, haruka)
    path = edit_page(agnes, haruka)
    seen = seen_in(agnes.get(path).text)
    agnes.post(path, data={"body": "一つ目の窓", "seen": seen})
    second = agnes.post(path, data={"body": "二つ目の窓", "seen": seen})
    assert second.status_code == 409
    for told in ("先に変更されました", "一つ目の窓", "二つ目の窓"):
        assert told in second.text
    assert agnes.post(f"{path}/removal", data={"seen": seen}).status_code == 409


def test_after_a_withdrawal_everything_of_it_is_closed_with_the_next_request(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    write(agnes, haruka)
    path = edit_page(agnes, haruka)
    seen = seen_in(agnes.get(path).text)
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    for method, place in (
        *(("GET", f"/account/people/{haruka.code}/notes"), ("POST", f"/account/people/{haruka.code}/notes")),
        *(("GET", path), ("POST", path), ("POST", f"{path}/removal")),
    ):
        answer = agnes.open(place, method=method, data={"body": "あとから", "seen": seen} if method == "POST" else None)
        assert (answer.status_code, answer.location) == (303, f"/agency/people/{haruka.code}")
        gone = agnes.get(answer.location)
        assert gone.status_code == 410
        assert ("送られた内容は保存していません" in gone.text) is (method == "POST")
        assert "午前に電話した" not in gone.text
    assert kept(session) == 1


def test_another_partner_and_an_unknown_reference_find_nothing(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient, haruka: Profile
) -> None:
    sho = browse(app, cast.sho)
    answer = sho.post(f"/account/people/{haruka.code}/notes", data={"body": "x"})
    assert sho.get(answer.location).status_code == 404
    assert agnes.post("/account/people/nowhere/notes", data={"body": "x"}).status_code == 404
    assert kept(session) == 0


def test_the_person_learns_that_it_exists_and_nothing_of_what_it_says(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    phone, path = Phone(app), mail_own_page(session, haruka.id)
    phone.enter(path)
    assert "対応やメモをRelayに" not in words(phone.get(path))
    write(agnes, haruka, "口のかたい話")
    page, copy = words(phone.get(path)), phone.get(f"{path}/copy-json")
    assert "この登録先は、対応やメモをRelayに記録しています" in page
    assert cast.tsumugi.contact in page
    [told] = json.loads(copy.text)["partner_records"]
    assert told == {
        "partner_name": cast.tsumugi.name,
        "contact": cast.tsumugi.contact,
        "exists": "kept",
        "contacted_on": None,
    }
    read = phone.get(f"{path}/copy")
    assert "登録先が書いた記録（あることだけをお知らせします" in read.text
    for each in (page, copy.text, read.text):
        assert "口のかたい話" not in each
        assert cast.agnes.name not in each
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    assert "登録先も見られません。終わった日から30日で消えます" in words(phone.get(path))
    [told] = json.loads(phone.get(f"{path}/copy-json").text)["partner_records"]
    assert told["exists"] == "kept-until-erased"
