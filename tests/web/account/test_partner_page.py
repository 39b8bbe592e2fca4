"""The partner's own page says what a change will do, asks where it closes people, and does exactly that (A-43)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.network import sharing
from relay.network.particulars import LENGTHS
from tests.cast import Cast, browse, make_cast
from tests.db.network.build import mailed_link, mails, register
from tests.statements import counted
from tests.web.landing.phone import words

OWN, ANOTHER = "7000012050002", "1180301018771"
PEOPLE = 12


@pytest.fixture
def cast(session: Session) -> Cast:
    """Tsumugi's number is known, and its particulars are whole."""
    cast = make_cast(session)
    cast.tsumugi.corporate_number, cast.tsumugi.manager = OWN, "佐藤 実"
    cast.tsumugi.complaints, cast.tsumugi.license_since = "苦情窓口", clock.today() - timedelta(days=1000)
    session.commit()
    return cast


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


def typed(cast: Cast, **changed: str) -> dict[str, str]:
    """The page's form as it is filled, with these fields typed anew."""
    names = (*LENGTHS, "corporate_number", "license_number", "license_since", "license_until")
    return {name: str(getattr(cast.tsumugi, name) or "") for name in names} | changed


def look_up(app: Flask, cast: Cast) -> None:
    """The company's administrator looks the partner up again."""
    adam = browse(app, cast.adam)
    page = adam.get(f"/settings/partners/{cast.tsumugi.id}/check").text
    seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert adam.post(f"/settings/partners/{cast.tsumugi.id}/check", data={"seen": seen, "same": "y"}).status_code == 303


def seen_by(app: Flask, cast: Cast, *, in_days: int = 0) -> int:
    """How many people the portal counts on that day, to an agent who signs in then."""
    with clock.at(clock.now() + timedelta(days=in_days)):
        page = words(browse(app, cast.agnes).get("/agency"))
    return int(page.partition("現在閲覧できる方")[2].split("名")[0])


def test_another_number_closes_everybody_at_once_and_for_good(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    for each in range(PEOPLE):
        register(session, mailed_link(session, cast.acme, f"{each}@mail.example"), cast.tsumugi)
    session.commit()
    assert seen_by(app, cast) == PEOPLE
    replaced = typed(
        cast,
        name="株式会社まったく別の会社",
        corporate_number=ANOTHER,
        license_number="13-ユ-777777",
        representative="別 人",
    )
    asked = agnes.post("/account/partner", data=replaced)
    assert asked.status_code == 422
    assert asked.text.index('href="#closing"') < asked.text.index('id="closing"')
    assert f"{PEOPLE}名の方の同意と、すべての企業との提携がすぐに終わります" in words(asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sharing, "COUNT_CAP", PEOPLE - 1)
        assert f"{PEOPLE - 1}名以上の方の同意と" in words(agnes.post("/account/partner", data=replaced))
    with counted(db.engine) as said:
        agnes.get("/account/partner")
    assert not [each for each in said if "partner_people" in each], "counted only where it is said"
    assert seen_by(app, cast) == PEOPLE, "nothing happens before it is confirmed"
    assert agnes.post("/account/partner", data=replaced | {"sure": "y"}).status_code == 303
    assert seen_by(app, cast) == 0
    assert len(mails(session, "partner-replaced")) == PEOPLE
    session.expire_all()
    back = typed(cast, name="tsumugiエージェント株式会社", corporate_number=OWN, sure="y")
    assert agnes.post("/account/partner", data=back).status_code == 303
    assert seen_by(app, cast) == 0
    assert browse(app, cast.adam).get(f"/settings/partners/{cast.tsumugi.id}/check").status_code == 404


def test_a_renewed_licence_closes_nobody(app: Flask, agnes: FlaskClient, session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    today = clock.today()
    early = agnes.post("/account/partner", data=typed(cast, license_until=str(today + timedelta(days=1900))))
    assert early.status_code == 422
    assert "いまの満了日の90日前" in words(early)
    cast.tsumugi.license_until = today + timedelta(days=60)
    session.commit()
    renewed = typed(cast, license_until=str(today + timedelta(days=1900)))
    assert agnes.post("/account/partner", data=renewed).status_code == 303
    assert (seen_by(app, cast), seen_by(app, cast, in_days=60)) == (1, 1)
    page = words(browse(app, cast.adam).get("/settings/partners"))
    until = today + timedelta(days=60)
    assert f"{until.year}年{until.month}月{until.day}日までに、もう一度確認してください" in page
    look_up(app, cast)
    assert seen_by(app, cast, in_days=61) == 1
    assert "もう一度" not in words(browse(app, cast.adam).get("/settings/partners"))


def test_a_licence_that_ran_out_stays_closed_until_a_company_looked(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    cast.tsumugi.license_until = clock.today() - timedelta(days=1)
    session.commit()
    renewed = typed(cast, license_until=str(clock.today() + timedelta(days=730)))
    asked = agnes.post("/account/partner", data=renewed)
    assert (asked.status_code, "すでに同意された方も、見えなくなります" in words(asked)) == (422, True)
    assert agnes.post("/account/partner", data=renewed | {"sure": "y"}).status_code == 303
    assert seen_by(app, cast) == 0
    assert "企業が貴社の登録を確認するまで表示されません" in words(agnes.get("/agency/people"))
    page = words(browse(app, cast.adam).get("/settings/partners"))
    assert "確認を記録するまで、すでに同意された方も、提携先には表示されません" in page
    look_up(app, cast)
    assert seen_by(app, cast) == 1


def test_a_new_name_says_until_when_people_are_seen(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    session.commit()
    assert agnes.post("/account/partner", data=typed(cast, name="改名した株式会社")).status_code == 303
    until = clock.today() + timedelta(days=14)
    assert f"{until.year}年{until.month}月{until.day}日までご覧いただけます" in words(agnes.get("/agency"))
    assert (seen_by(app, cast, in_days=14), seen_by(app, cast, in_days=15)) == (1, 0)


@pytest.mark.parametrize("number", ["123", "7000012050003", "７０００"])
def test_a_number_that_is_none_is_asked_for_again(agnes: FlaskClient, cast: Cast, number: str) -> None:
    answer = agnes.post("/account/partner", data=typed(cast, corporate_number=number))
    assert answer.status_code == 422
    assert "法人番号を読み取れませんでした" in words(answer)
    assert number in answer.text
