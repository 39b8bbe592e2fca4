"""One person's record: what was agreed to, each opening written down, nothing for another partner (invariant 5)."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Event, EventTag, Profile, ProvisionKind, ProvisionRecord, scopes
from relay.network import consents, partners
from tests.cast import Cast, browse
from tests.web.agency.people import consented

FIELDS = {
    "name": "中村 遥",
    "kana": "ナカムラ ハルカ",
    "phone": "09012345678",
    "desired_role": "品質保証",
    "place": "松本市",
    "experience": "生産技術を6年",
}


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, **FIELDS)


def test_it_shows_what_was_agreed_to(agnes: FlaskClient, cast: Cast, haruka: Profile) -> None:
    page = agnes.get(f"/agency/people/{haruka.code}").text
    shown = dict(FIELDS, phone="090-1234-5678").values()
    today = clock.today()
    dates = (f"{today.year}年{today.month}月{today.day}日", f"{today.year + 1}年{today.month}月")
    for each in (
        *shown,
        "haruka@mail.example",
        haruka.code,
        cast.acme.name,
        cast.acme.representative,
        *dates,
        "2026-11-28版",
    ):
        assert each in page
    assert "ご本人に合う求人を探し" in page
    assert "中村" not in page.partition("</title>")[0]


def test_what_was_not_filled_in_then_is_not_shown_later(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    person = consented(session, cast, "a@mail.example", cast.tsumugi, name="中村 遥")
    with scopes.profile(session, person.id):
        profile = session.scalars(select(Profile)).one()
        profile.phone, profile.experience = "09099999999", "あとから書いたこと"
    session.commit()
    page = agnes.get(f"/agency/people/{person.code}").text
    assert "中村 遥" in page
    assert "090-9999-9999" not in page
    assert "あとから書いたこと" not in page


def test_each_opening_is_written_down(agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile) -> None:
    """A page opened again within ten minutes is the same viewing."""
    for minutes in (0, 1, 11):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            assert agnes.get(f"/agency/people/{haruka.code}").status_code == 200
    records = _viewings(session, haruka)
    assert [(each.user_id, each.partner_id) for each in records] == [(cast.agnes.id, cast.tsumugi.id)] * 2
    assert set(records[0].items) == {*FIELDS, "email"}
    events = session.scalars(select(Event).where(Event.tag == EventTag.PROFILE_VIEWED).order_by(Event.id)).all()
    assert [each.actor_id for each in events] == [cast.agnes.id] * 2


def test_a_head_shows_and_records_nothing(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    response = agnes.head(f"/agency/people/{haruka.code}")
    assert response.status_code == 200
    assert response.data == b""
    assert _viewings(session, haruka) == []


def test_a_page_fetched_ahead_shows_and_records_nothing(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    for header in ("Sec-Purpose", "Purpose"):
        response = agnes.get(f"/agency/people/{haruka.code}", headers={header: "prefetch;prerender"})
        assert response.status_code == 503
        assert FIELDS["name"] not in response.text
    assert _viewings(session, haruka) == []


def test_the_ways_around_keep_list_and_place(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    people = [
        consented(session, cast, f"{number}@mail.example", cast.tsumugi, place="松本市", desired_role=role)
        for number, role in enumerate(("営業", "経理", "営業", "営業"))
    ]
    listed = [person for person in people if person.desired_role == "営業"]
    asked = {"q": "松本", "role": "営業", "order": "oldest"}
    address = _address(agnes.get("/agency/people", query_string=asked).text, listed[0].code)
    for number, person in enumerate(listed):
        page = agnes.get(address).text
        assert person.code in page
        assert bool(_labelled(page, "前の方")) == (number > 0)
        back = _labelled(page, "一覧へ戻る")
        assert back.endswith(f"#p-{person.code}")
        shown = agnes.get(back).text
        assert [each.code for each in people if each.code in shown] == [each.code for each in listed]
        address = _labelled(page, "次の方")
    assert address == "", "nobody comes after the last"
    assert [len(_viewings(session, person)) for person in people] == [1, 0, 1, 1]


def test_looking_at_the_list_is_no_viewing(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    agnes.get("/agency/people")
    agnes.get("/agency")
    assert _viewings(session, haruka) == []


def test_a_code_as_told_on_the_phone_leads_to_the_record(agnes: FlaskClient, haruka: Profile) -> None:
    for told in (haruka.code.lower(), haruka.code.replace("-", ""), haruka.code.replace("-", " ")):
        response = agnes.get(f"/agency/people/{told}")
        assert response.location == f"/agency/people/{haruka.code}"


def test_another_partner_finds_nothing(sho: FlaskClient, session: Session, cast: Cast, haruka: Profile) -> None:
    assert sho.get(f"/agency/people/{haruka.code}").status_code == 404
    assert _viewings(session, haruka) == []


def test_nobody_else_enters(app: Flask, session: Session, cast: Cast, haruka: Profile) -> None:
    path = f"/agency/people/{haruka.code}"
    for user in (cast.ada, cast.adam, cast.vic, cast.mona):
        assert browse(app, user).get(path).status_code == 404
    assert app.test_client().get(path).status_code == 302
    assert _viewings(session, haruka) == []


@pytest.mark.parametrize("code", ["AAAA-AAAA", "x", "ABCD-EFGH", "2222-2222"])
def test_a_code_that_never_was_is_not_found(agnes: FlaskClient, cast: Cast, code: str) -> None:
    assert agnes.get(f"/agency/people/{code}", follow_redirects=True).status_code == 404


def test_a_withdrawn_person_is_gone_with_the_next_request(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    assert agnes.get(f"/agency/people/{haruka.code}").status_code == 200
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    response = agnes.get(f"/agency/people/{haruka.code}")
    assert response.status_code == 410
    assert "この方の情報は表示できません" in response.text
    assert "消去をお願いします" in response.text
    assert "中村" not in response.text
    assert len(_viewings(session, haruka)) == 1


def test_the_end_of_a_consent_takes_the_record_away(
    agnes: FlaskClient, app: Flask, cast: Cast, haruka: Profile
) -> None:
    with clock.at(clock.now() + timedelta(days=366)):
        assert browse(app, cast.agnes).get(f"/agency/people/{haruka.code}").status_code == 410


def test_the_end_of_the_partnership_takes_the_record_away(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    assert agnes.get(f"/agency/people/{haruka.code}").status_code == 410


def _viewings(session: Session, person: Profile) -> list[ProvisionRecord]:
    session.rollback()
    with scopes.profile(session, person.id):
        return list(session.scalars(select(ProvisionRecord).where(ProvisionRecord.kind == ProvisionKind.VIEWED)))


def _address(page: str, code: str) -> str:
    return html.unescape(re.findall(rf'href="(/agency/people/{code}[^"]*)"', page)[0])


def _labelled(page: str, words: str) -> str:
    """Where the link of these words leads; empty where there is none."""
    found = [each for each in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL) if words in each[1]]
    return html.unescape(found[0][0]) if found else ""
