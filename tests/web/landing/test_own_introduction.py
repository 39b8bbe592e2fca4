"""An introduction link opened from the own page: registered facts are typed in, for whoever gave the number there."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay.access.csrf import link_csrf
from relay.models import Candidate, Introduction, Message, Profile
from tests.cast import PIN, Cast, make_cast
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words
from tests.web.landing.test_introduction_page import ACT, PATH, count, typed

FILLED = ("高橋 花子", "タカハシ ハナコ", EMAIL, "090-1234-5678")


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)


@pytest.fixture
def hanako(session: Session, cast: Cast, desk: Desk) -> Profile:
    """A person who is registered, with all that an introduction tells."""
    link = mailed_link(session, cast.acme, EMAIL)
    register(session, link, cast.tsumugi, name=FILLED[0], kana=FILLED[1], phone=FILLED[3])
    session.commit()
    return the_profile(session, EMAIL)


@pytest.fixture
def own(session: Session, hanako: Profile) -> str:
    return mail_own_page(session, hanako.id)


@pytest.fixture
def token(desk: Desk) -> str:
    return desk.link(desk.ask())


def told(session: Session, desk: Desk) -> list[int]:
    return [count(session, desk, table) for table in (Candidate, Introduction, Message)]


def test_inside_the_own_page_the_form_is_filled_in_and_nothing_is_told_yet(
    phone: Phone, session: Session, desk: Desk, own: str, token: str
) -> None:
    phone.enter(own)
    before = told(session, desk)
    opened = phone.post(f"{own}/introduction", {"link": f"  https://relay.example{PATH}{token}/ "})
    assert opened.status_code == 200
    for each in FILLED:
        assert f'value="{each}"' in opened.text
    assert ACT in words(opened) and not re.search(r'name="slot"[^>]*checked', opened.text)
    assert told(session, desk) == before, "opened, and told to nobody"
    assert phone.get(f"{own}/introduction").status_code == 303, "the address leads back to the own page"


def test_the_page_that_was_filled_in_is_sent_like_any_other(
    phone: Phone, session: Session, desk: Desk, own: str, token: str
) -> None:
    phone.enter(own)
    page = phone.post(f"{own}/introduction", {"link": f"{PATH}{token}"}).text
    assert f'action="{PATH}{token}"' in page and f'value="{link_csrf(token)}"' in page
    sent = typed(page, name=FILLED[0], kana=FILLED[1], email=FILLED[2], phone=FILLED[3])
    assert "面談を受け付けました" in words(phone.post(PATH + token, sent))
    assert count(session, desk, Introduction) == 1


def test_without_the_number_nothing_is_shown(phone: Phone, own: str, token: str) -> None:
    refused = phone.post(f"{own}/introduction", {"link": PATH + token})
    assert refused.status_code == 303
    for page in (refused.text, phone.get(refused.location).text, phone.get(PATH + token).text):
        assert not [each for each in FILLED if each in page]
    phone.enter(own, "9999")
    assert phone.post(f"{own}/introduction", {"link": PATH + token}).status_code == 303


def test_the_introductions_own_page_shows_nothing_registered_even_to_who_is_inside(
    phone: Phone, own: str, token: str
) -> None:
    """Nor does an address that is typed into it, which any holder of a link could do."""
    phone.enter(own)
    asked = phone.post(PATH + token, typed(phone.get(PATH + token).text, email=EMAIL, name=""))
    assert asked.status_code == 422
    assert not [each for each in (FILLED[0], FILLED[1], FILLED[3]) if each in phone.get(PATH + token).text + asked.text]


def test_another_persons_number_opens_nothing(
    app: Flask, phone: Phone, session: Session, cast: Cast, own: str, token: str
) -> None:
    link = mailed_link(session, cast.acme, "another@mail.example")
    register(session, link, cast.tsumugi, name="別の 人")
    session.commit()
    another = mail_own_page(session, the_profile(session, "another@mail.example").id)
    phone.enter(another)
    assert phone.post(f"{own}/introduction", {"link": PATH + token}).status_code == 303


@pytest.mark.parametrize("pasted", ["", "こちらです", "https://relay.example/introductions/", f"{PATH}{'A' * 43}"])
def test_what_opens_nothing_is_said_and_kept_in_the_field(phone: Phone, own: str, pasted: str) -> None:
    phone.enter(own, PIN)
    refused = phone.post(f"{own}/introduction", {"link": pasted})
    assert refused.status_code == 422
    assert "この紹介リンクは、いまは使えません。ご登録の内容は、どこにも伝えていません。" in words(refused)
    assert f'value="{pasted}"' in refused.text
