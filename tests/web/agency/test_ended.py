"""The list of references that ended, and the answer that what was kept is deleted, which the person reads."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Profile
from relay.network import consents, partners
from relay.rights import own_copy
from tests.cast import Cast, browse
from tests.web.agency.people import consented
from tests.web.landing.phone import Phone, mail_own_page, words

ANSWER = "/account/people/deleted"


@pytest.fixture
def haruka(agnes: FlaskClient, session: Session, cast: Cast) -> Profile:
    """Registered with both, and has withdrawn from the agency."""
    person = consented(session, cast, "haruka@mail.example", cast.tsumugi, cast.manabi, name="中村 遥")
    withdraw(session, cast, person)
    return person


def withdraw(session: Session, cast: Cast, person: Profile) -> None:
    consents.withdraw(session, person.id, cast.tsumugi.id)
    session.commit()


def test_it_lists_reference_and_days_and_no_name(
    agnes: FlaskClient, sho: FlaskClient, cast: Cast, haruka: Profile
) -> None:
    page = agnes.get("/agency/ended")
    today = clock.today()
    assert haruka.code in page.text and page.text.count(f"{today:%Y}/{today.month}/{today.day}") == 3
    assert not any(each in page.text for each in ("中村", "haruka@"))
    assert "法律で保存する分（求職管理簿）を除いて消去した" in words(page)
    assert haruka.code not in sho.get("/agency/ended").text
    assert "回答がまだのものはありません" in words(sho.get("/agency/ended"))


def test_the_person_reads_on_the_own_page_that_it_was_deleted(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    phone = Phone(app)
    own = mail_own_page(session, haruka.id)
    phone.enter(own)
    said = f"{cast.tsumugi.name}が、保存した情報を消去したと答えました。法律で保存する分は除きます。"
    assert said not in words(phone.get(own))
    answer = agnes.post(ANSWER, data={"code": haruka.code, "back": "/agency/ended"})
    assert (answer.status_code, answer.location) == (303, "/agency/ended")
    assert "1件に、消去したと回答しました" in words(agnes.get("/agency/ended"))
    today = clock.today()
    assert f"{today.year}年{today.month}月{today.day}日、{said}" in words(phone.get(own))
    copied = {table.name: list(rows) for table, rows in own_copy.copy(session, haruka.id)}
    (line,) = copied["ended_references"]
    assert line["partner_name"] == cast.tsumugi.name and line["deleted_at"] is not None


def test_the_answer_is_kept_with_its_day(agnes: FlaskClient, haruka: Profile) -> None:
    agnes.post(ANSWER, data={"code": haruka.code.lower()})
    assert haruka.code not in agnes.get("/agency/ended").text
    today = clock.today()
    for address in ("/agency/ended?all=1", f"/agency/ended?q={haruka.code.replace('-', ' ')}"):
        assert f"{today:%Y}/{today.month}/{today.day}に回答" in words(agnes.get(address))


@pytest.mark.parametrize("code", ["", "山田", "ABCD-EFGH", "2222-2222"])
def test_an_answer_to_nothing_changes_nothing_and_says_so(agnes: FlaskClient, haruka: Profile, code: str) -> None:
    assert agnes.post(ANSWER, data={"code": code}).location == "/agency/people"
    assert "何も変わっていません" in words(agnes.get("/agency/people"))
    assert haruka.code in agnes.get("/agency/ended").text


def test_two_presses_are_one_answer(agnes: FlaskClient, haruka: Profile) -> None:
    for _press in range(2):
        agnes.post(ANSWER, data={"code": haruka.code})
    assert "すでに記録されている" in words(agnes.get("/agency/ended"))


def test_all_at_once_are_those_of_the_page(agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile) -> None:
    withdraw(session, cast, consented(session, cast, "a@mail.example", cast.tsumugi))
    page = agnes.get("/agency/ended").text
    assert "回答がまだの2件すべて" in words(agnes.get("/agency/ended"))
    up_to = page.partition('name="up_to" value="')[2].partition('"')[0]
    late = consented(session, cast, "late@mail.example", cast.tsumugi)
    withdraw(session, cast, late)
    asked = agnes.post(ANSWER, data={"up_to": up_to, "back": "/agency/ended"})
    assert "2件すべてを消去したと回答しますか" in words(asked) and "まだ回答していません" in words(asked)
    assert haruka.code in agnes.get("/agency/ended").text, "asked first, for it cannot be taken back"
    sent = dict(re.findall(r'name="(up_to|sure|back)" value="([^"]*)"', asked.text))
    assert agnes.post(ANSWER, data=sent).location == "/agency/ended"
    left = agnes.get("/agency/ended")
    assert late.code in left.text and haruka.code not in left.text


@pytest.mark.parametrize("up_to", ["x", "-1", "0", "9" * 30])
def test_a_number_that_is_none_answers_nothing(agnes: FlaskClient, haruka: Profile, up_to: str) -> None:
    assert agnes.post(ANSWER, data={"up_to": up_to}).status_code < 500
    assert up_to == "9" * 30 or haruka.code in agnes.get("/agency/ended").text


def test_it_goes_page_by_page(
    agnes: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.network.ended_references.A_PAGE", 2)
    people = [consented(session, cast, f"{n}@mail.example", cast.tsumugi) for n in range(3)]
    for person in people:
        withdraw(session, cast, person)
    first = agnes.get("/agency/ended").text
    assert people[2].code in first and people[0].code not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert people[0].code in agnes.get(older).text


def test_a_partner_that_sees_nobody_now_can_still_answer(
    app: Flask, session: Session, cast: Cast, haruka: Profile
) -> None:
    partners.suspend(session, cast.tsumugi)
    session.commit()
    agnes = browse(app, cast.agnes)
    assert haruka.code in agnes.get("/agency/ended").text
    assert agnes.post(ANSWER, data={"code": haruka.code}).status_code == 303
