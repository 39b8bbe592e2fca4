"""Not hired is no judgement and nobody asks for reasons: rules, partners' pages and candidates' pages agree (A-46)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy.orm import Session

from relay.identity import invitations
from relay.mail import tokens
from relay.models import RejectionReason, TokenPurpose
from relay.network import partnerships
from tests.cast import Cast, browse, make_cast
from tests.web.landing.phone import Phone, answers, mail_link, words


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


def says_it(page: str) -> bool:
    return all(str(escape(sentence)) in page for sentence in partnerships.NOT_HIRED)


def test_the_rules_and_every_page_of_a_partner_say_it_in_the_same_words(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient
) -> None:
    phone = Phone(app)
    _link, path = mail_link(session, cast.acme)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    points = partnerships.rules_of(partnerships.RULES_VERSION).points
    assert set(map(str, partnerships.NOT_HIRED)) <= set(points)
    code = agnes.get("/agency/people").text.split("/agency/people/", 1)[1].split('"', 1)[0]
    for address in ("/agency", f"/agency/people/{code}"):
        assert says_it(agnes.get(address).text), address


def test_a_partner_accepts_it_and_finds_no_reason_anywhere(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient
) -> None:
    invitation = invitations.invite_partner(
        session, cast.acme, email="desk@musubi.example", rules_version=partnerships.RULES_VERSION,
        by_user_id=cast.adam.id,
    )  # fmt: skip
    token = tokens.mint(session, TokenPurpose.INVITE, invitation.id)
    session.commit()
    joining = app.test_client().get(f"/invite/{token}")
    assert says_it(joining.text)
    phone = Phone(app)
    _link, path = mail_link(session, cast.acme)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    shown = agnes.get("/agency/people").text
    code = shown.split("/agency/people/", 1)[1].split('"', 1)[0]
    told = shown + agnes.get(f"/agency/people/{code}").text + agnes.get("/agency/records").text
    assert not [each.label for each in RejectionReason if str(each.label) in told]


def test_candidates_read_it_where_the_recipients_are_named(app: Flask, session: Session, cast: Cast) -> None:
    phone, sentence = Phone(app), str(partnerships.ASKED_OF_NOBODY)
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path)
    assert sentence in words(page)
    own = phone.post(path, answers(page.text, cast.tsumugi.id)).location
    assert sentence in words(phone.get(own))
