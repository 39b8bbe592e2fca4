"""The partner's companies: terms, rules, people received in full tens, and ending a partnership from this side."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.mail import compose
from relay.models import Message, Partnership, Role, UserSession, scopes
from relay.network import partner_companies, partnerships
from tests.cast import Cast, browse, make_company, make_partnership, make_user
from tests.conftest import ON_ONE
from tests.db.network.build import mailed_link, register
from tests.statements import said
from tests.web.agency.people import consented
from tests.web.landing.phone import words

PAGE = "/agency/companies"
NOVEMBER, DECEMBER = datetime(2026, 11, 20, 3, tzinfo=UTC), datetime(2026, 12, 2, 3, tzinfo=UTC)


def end_of(cast: Cast) -> str:
    return f"/account/companies/{cast.acme.id}/end"


def stands(session: Session, cast: Cast) -> bool:
    session.expire_all()
    with scopes.partner(session, cast.tsumugi.id):
        return session.scalars(select(Partnership.ended_at)).all() == [None]


def told(session: Session, letter: str) -> list[Message]:
    with scopes.everyone(session, "test: of any house"):
        return list(session.scalars(select(Message).where(Message.letter == letter).order_by(Message.id)))


def test_a_partner_sees_its_terms_and_the_rules_and_nobody_elses(
    agnes: FlaskClient, session: Session, cast: Cast
) -> None:
    with scopes.company(session, cast.acme.id):
        session.execute(update(Partnership).values(free_introductions_per_year=4, checked_on=clock.today()))
    make_partnership(session, cast.other, cast.manabi)
    session.commit()
    page = words(agnes.get(PAGE))
    assert cast.acme.name in page and cast.other.name not in page
    assert "無料紹介の件数（1年）4件まで" in page
    assert "2026-11版に双方が同意" in page
    for point in partnerships.rules_of("2026-11").points:
        assert point in page
    assert agnes.post(PAGE).status_code == 405


def test_people_are_told_in_full_tens_as_of_the_end_of_last_month(app: Flask, session: Session, cast: Cast) -> None:
    """Twelve came in November: nothing is said before the month is over, and then no more than the tens."""
    with clock.at(NOVEMBER):
        for n in range(12):
            register(session, mailed_link(session, cast.acme, f"p{n}@mail.example"), cast.tsumugi)
        register(session, mailed_link(session, cast.acme, "school@mail.example"), cast.manabi)
        session.commit()
        of = [cast.acme.id, cast.other.id]
        assert partner_companies.received(session, cast.tsumugi.id, of).of == dict.fromkeys(of, 0)
    with clock.at(DECEMBER):
        register(session, mailed_link(session, cast.acme, "late@mail.example"), cast.tsumugi)
        session.commit()
        counted = partner_companies.received(session, cast.tsumugi.id, of)
        assert counted.of == {cast.acme.id: 10, cast.other.id: 0}
        assert "10名以上（2026年11月30日時点）" in words(browse(app, cast.agnes).get(PAGE))
        assert str(counted.day) == "2026-11-30"
        nobody_and_one = partner_companies.received(session, cast.manabi.id, of).of
        assert nobody_and_one == dict.fromkeys(of, 0), "one person and nobody are told alike (A-45)"
        assert partner_companies.received(session, cast.tsumugi.id, []).of == {}


@ON_ONE
def test_they_are_counted_along_one_index(session: Session, cast: Cast) -> None:
    with said(db.engine) as statements:
        partner_companies.received(session, cast.tsumugi.id, [cast.acme.id, cast.other.id])
    [(statement, values)] = [each for each in statements if "provision_records" in each[0]]
    plan = str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert plan.count("COVERING INDEX ix_provision_records_company (partner_id=? AND company_id=? AND kind=?") == 2


def test_companies_go_page_by_page_and_no_page_counts_the_others(
    agnes: FlaskClient, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_companies, "A_PAGE", 2)
    others = [make_company(session, f"company-{n}") for n in range(3)]
    for each in others:
        make_partnership(session, each, cast.tsumugi)
    session.commit()
    with said(db.engine) as statements:
        page = agnes.get(PAGE)
    (counting,) = [statement for statement, _values in statements if "provision_records" in statement]
    assert counting.count("FROM provision_records") == 2
    assert "提携中4社" in words(page).replace(" ", "")
    assert others[0].name in page.text and others[2].name not in page.text
    further = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    rest = agnes.get(further).text
    assert others[2].name in rest and cast.acme.name not in rest.partition("<main")[2]


def test_the_partner_ends_it_and_everybody_is_told(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    haruka = consented(session, cast, "haruka@mail.example", cast.tsumugi, name="中村 遥")
    asked = words(agnes.get(end_of(cast)))
    assert cast.acme.name in asked and "すぐに貴社の画面から見えなくなります" in asked
    assert stands(session, cast), "asking ends nothing"

    answer = agnes.post(end_of(cast))
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert not stands(session, cast)
    assert haruka.code not in agnes.get("/agency/people").text
    assert agnes.get(f"/agency/people/{haruka.code}").status_code == 410
    assert "終了した提携" in agnes.get(PAGE).text

    [person] = told(session, "partnership-ended")
    assert person.to_address == "haruka@mail.example"
    [company] = told(session, "partner-joined")
    assert (company.to_address, company.company_id) == (cast.adam.email, cast.acme.id)
    assert company.values == {"partner": cast.tsumugi.name, "what": "left"}, "who had registered is not told"
    with scopes.company(session, cast.acme.id):
        mail = compose.render(session, company, preview=False)
    assert "提携を終了しました" in mail.subject
    for text in (mail.text, mail.html):
        assert "貴社の案内からいただいた同意は、すべて終了しました" in text and "haruka" not in text
    [colleague] = told(session, "partnership-ended-notice")
    assert (colleague.to_address, colleague.values["codes"]) == (cast.agnes.email, [haruka.code])


def test_a_second_press_and_a_page_left_open_change_nothing(agnes: FlaskClient, session: Session, cast: Cast) -> None:
    agnes.post(end_of(cast))
    again = agnes.post(end_of(cast), follow_redirects=True)
    assert "この提携は、すでに終わっています" in again.text
    assert agnes.get(end_of(cast)).location == PAGE
    assert len(told(session, "partner-joined")) == 1
    assert agnes.get("/account/companies/987654321/end").status_code == 404


def test_only_a_lead_ends_it_and_proves_it_again(app: Flask, agnes: FlaskClient, session: Session, cast: Cast) -> None:
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    session.commit()
    hers = browse(app, amy)
    assert hers.get(PAGE).status_code == 200
    assert end_of(cast) not in hers.get(PAGE).text
    assert hers.get(end_of(cast)).status_code == hers.post(end_of(cast)).status_code == 403
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    assert "proof_password" in agnes.post(end_of(cast)).text
    assert stands(session, cast)


@pytest.mark.parametrize("who", ["sho", "adam"])
def test_nobody_elses_partnership_is_ended(app: Flask, session: Session, cast: Cast, who: str) -> None:
    """The school ends its own with Acme; the agency's stands. A company has no such page."""
    foreign = make_company(session, "foreign")
    make_partnership(session, foreign, cast.tsumugi)
    session.commit()
    client = browse(app, getattr(cast, who))
    assert client.post(f"/account/companies/{foreign.id}/end").status_code == (404 if who == "sho" else 403)
    client.post(end_of(cast))
    with scopes.partner(session, cast.tsumugi.id):
        assert session.scalars(select(Partnership.ended_at)).all() == [None, None]
