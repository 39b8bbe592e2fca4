"""A partner reports an incident: its own record, the same words to each company, and no references there."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.identity import installation
from relay.identity.installation import Operator
from relay.mail import compose
from relay.models import Incident, Message, PartnerIncident, Role, scopes
from tests.cast import Cast, browse, make_cast, make_partnership, make_user
from tests.web.agency.people import consented
from tests.web.landing.phone import words

PAGE = "/account/incidents"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def sho(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.sho)


def reports(session: Session, cast: Cast) -> list[PartnerIncident]:
    session.expire_all()
    with scopes.partner(session, cast.tsumugi.id):
        return list(session.scalars(select(PartnerIncident)))


def entered(session: Session) -> list[Incident]:
    with scopes.everyone(session, "test: of any house"):
        return list(session.scalars(select(Incident).order_by(Incident.company_id)))


def told(session: Session) -> list[Message]:
    with scopes.everyone(session, "test: of any house"):
        return list(session.scalars(select(Message).where(Message.letter == "partner-joined").order_by(Message.id)))


def test_every_company_is_told_the_same_and_nobody_who_chose_whom(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    """Haruka came through Acme and nobody through Other: their records and mails do not differ."""
    haruka = consented(session, cast, "haruka@mail.example", cast.tsumugi, name="中村 遥")
    make_partnership(session, cast.other, cast.tsumugi)
    session.commit()
    typed = {"what": "営業用の端末の紛失", "codes": f" {haruka.code.lower()}、", "measures": "遠隔で消去した。"}
    answer = agnes.post(PAGE, data=typed)
    assert (answer.status_code, answer.location) == (303, PAGE)

    [own] = reports(session, cast)
    assert (own.codes, own.people, own.by_user_id) == ([haruka.code], 1, cast.agnes.id)
    acme, other = entered(session)
    assert (acme.company_id, other.company_id) == (cast.acme.id, cast.other.id)
    assert (acme.what, acme.account, acme.people) == (other.what, other.account, other.people)
    assert "10名未満（提携先全体で）" in acme.account and "遠隔で消去した。" in acme.account
    for reader, who in ((cast.adam, cast.acme), (cast.mona, cast.other)):
        there = browse(app, reader)
        assert "営業用の端末の紛失" in there.get("/settings/incidents").text, who.name
        [incident] = [each for each in (acme, other) if each.company_id == who.id]
        shown = there.get(f"/settings/incidents/{incident.id}").text
        assert haruka.code not in shown and "haruka" not in shown and "中村" not in shown
    mails = told(session)
    assert [each.to_address for each in mails] == [cast.adam.email, cast.mona.email]
    assert {str(each.values) for each in mails} == {str({"partner": cast.tsumugi.name, "what": "incident"})}
    with scopes.company(session, cast.acme.id):
        assert "/settings/incidents" in compose.render(session, mails[0], preview=False).text


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("", "確認中"),
        ("9", "10名未満（提携先全体で）"),
        ("10", "10名以上"),
        ("39", "30名以上（提携先全体で、10名単位）"),
    ],
)
def test_companies_are_told_the_number_in_tens(
    agnes: FlaskClient, session: Session, cast: Cast, people: str, said: str
) -> None:
    agnes.post(PAGE, data={"what": "紛失", "people": people})
    assert f"本人の数：{said}" in entered(session)[0].account
    assert [each.people for each in reports(session, cast)] == [int(people) if people else None]


@pytest.mark.parametrize(("malicious", "days"), [("", 30), ("y", 60)])
def test_the_days_to_report_are_shown(
    agnes: FlaskClient, session: Session, cast: Cast, malicious: str, days: int
) -> None:
    noticed = clock.today() - timedelta(days=1)
    agnes.post(PAGE, data={"what": "紛失", "day": f"{noticed:%Y/%m/%d}", "malicious": malicious})
    page = words(agnes.get(PAGE))
    first, full = noticed + timedelta(days=5), noticed + timedelta(days=days)
    assert f"{first.year}年{first.month}月{first.day}日（3〜5日以内）" in page
    assert f"{full.year}年{full.month}月{full.day}日" in page


def test_what_cannot_be_read_is_said_and_nothing_is_reported(
    agnes: FlaskClient, sho: FlaskClient, session: Session, cast: Cast
) -> None:
    school = consented(session, cast, "school@mail.example", cast.manabi)
    tomorrow = clock.today() + timedelta(days=1)
    for typed, sentence in (
        ({"what": ""}, "何が起きたかを入力してください"),
        ({"what": "x" * 101}, "文字まで"),
        ({"what": "紛失", "day": f"{tomorrow:%Y/%m/%d}"}, "これからの日"),
        ({"what": "紛失", "people": "many"}, "数字で入力"),
        ({"what": "紛失", "codes": "中村 遥"}, "読み取れないものがあります：中村、遥"),
        ({"what": "紛失", "codes": school.code}, "貴社に提供されていません"),
    ):
        answer = agnes.post(PAGE, data=typed)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert reports(session, cast) == entered(session) == told(session) == []


def test_a_second_press_reports_nothing_twice(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    for _press in range(2):
        assert agnes.post(PAGE, data={"what": "紛失"}).status_code == 303
    assert (len(reports(session, cast)), len(entered(session)), len(told(session))) == (1, 1, 1)
    agnes.post(PAGE, data={"what": "紛失", "measures": "遠隔で消去した。"})
    assert len(reports(session, cast)) == 2, "what was added is not lost"


def test_each_of_the_partners_people_reports_and_nobody_else_reads_it(
    app: Flask, sho: FlaskClient, session: Session, cast: Cast
) -> None:
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    session.commit()
    assert browse(app, amy).post(PAGE, data={"what": "カバンの盗難"}).status_code == 303
    assert "カバンの盗難" not in sho.get(PAGE).text
    assert browse(app, cast.adam).get(PAGE).status_code == 403


def test_the_operator_is_told_and_reads_the_references_on_the_command_line(
    agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    haruka = consented(session, cast, "haruka@mail.example", cast.tsumugi, name="中村 遥")
    cast.acme.runs_installation = True
    installation.describe(session, cast.acme, Operator("運営", "東京都", "operator@relay.example"))
    session.commit()
    agnes.post(PAGE, data={"what": "紛失", "codes": haruka.code})
    *_companies, mail = told(session)
    assert (mail.to_address, mail.company_id, mail.values["slug"]) == ("operator@relay.example", None, "tsumugi")
    with scopes.everyone(session, "test: of any house"):
        text = compose.render(session, mail, preview=False).text
    assert "relay partner incidents tsumugi" in text and "/settings" not in text
    assert haruka.code not in text
    said = CliRunner().invoke(main, ["partner", "incidents", "tsumugi"])
    assert said.exit_code == 0
    assert haruka.code in said.output and "中村" not in said.output
