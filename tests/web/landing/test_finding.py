"""/me: whoever lost the mail gets the link again by address while a registration exists; nobody else learns of it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra import jobs
from relay.mail import compose, letters
from relay.models import Job, Message, MessageState, scopes
from relay.network import consents, own_pages
from relay.rights.erasure import erase_address
from tests.cast import Cast
from tests.db.network.build import mails, the_profile
from tests.statements import counted
from tests.web.landing.phone import EMAIL, Phone, registered, words
from tests.web.landing.test_gone import UNKNOWN

STRANGER = "nobody@mail.example"


def ask(phone: Phone, address: str) -> tuple[int, str, str]:
    """Send the form; gives status, where it leads, and the page there."""
    answer = phone.post("/me", {"address": address})
    return answer.status_code, answer.location, phone.get(answer.location).text


def work(session: Session) -> None:
    """Do what waits, as the worker does."""
    while jobs.run_one(session, clock.now(), queues=[jobs.Queue.BULK_ACTIONS]):
        pass
    session.rollback()


def test_every_address_gets_the_same_answer_and_the_same_work(phone: Phone, session: Session, cast: Cast) -> None:
    registered(phone, session, cast)
    said = {}
    for address in (EMAIL, STRANGER):
        ask(phone, f"warm.{address}")
        with counted(db.engine) as statements:
            answer = ask(phone, address)
        said[address] = (answer, [each.partition("VALUES")[0] for each in statements])
    assert said[EMAIL] == said[STRANGER]
    assert "登録の有無は、この画面には表示しません" in said[EMAIL][0][2]


def test_a_registered_address_is_sent_the_link_and_any_other_is_forgotten(
    phone: Phone, session: Session, cast: Cast
) -> None:
    registered(phone, session, cast)
    for typed in (EMAIL.upper(), STRANGER, "ｗｏｒｋ＠mail.example"):
        ask(phone, typed)
    work(session)
    (mail,) = mails(session, own_pages.OWN_PAGE_ASKED)
    assert (mail.to_address, mail.state, mail.company_id) == (EMAIL, MessageState.SCHEDULED, None)
    links = own_page_letter_links(session, mail)
    assert phone.get(_path(links["own_url"])).status_code == 200
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).where(Message.to_address.like("%nobody%"))) == 0
    assert all("address" not in job.payload for job in session.scalars(select(Job)))


def test_it_works_when_the_company_has_erased_her_and_the_link_is_long_over(
    phone: Phone, session: Session, cast: Cast
) -> None:
    _link, path = registered(phone, session, cast)
    erase_address(session, EMAIL, cast.acme.id)
    session.commit()
    with clock.at(clock.now() + timedelta(days=61)):
        assert phone.get(path).status_code == 404
        ask(phone, EMAIL)
        work(session)
        assert len(mails(session, own_pages.OWN_PAGE_ASKED)) == 1


@pytest.mark.parametrize("address", [EMAIL, STRANGER])
def test_five_a_day_and_the_sixth_answer_says_so(phone: Phone, session: Session, cast: Cast, address: str) -> None:
    registered(phone, session, cast)
    first = [ask(phone, address) for _time in range(5)]
    assert len(set(first)) == 1
    assert "1日5通まで" in first[0][2]
    _status, location, page = ask(phone, address.upper())
    assert location == "/me?done=limit"
    assert "今日はもうお送りできません" in page
    work(session)
    assert len(mails(session, own_pages.OWN_PAGE_ASKED)) == (5 if address == EMAIL else 0)
    with clock.at(clock.now() + timedelta(days=1)):
        assert ask(phone, address)[1] == "/me?done=mailed"


def test_what_is_no_address_is_asked_for_again(phone: Phone) -> None:
    answer = phone.post("/me", {"address": "tanaka"})
    assert answer.status_code == 422
    assert 'value="tanaka"' in answer.text
    assert "tanaka" in words(answer)


def test_it_is_found_where_a_lost_link_leads(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = registered(phone, session, cast)
    for place in (path, "/about", f"/r/{UNKNOWN}", f"/me/{UNKNOWN}", f"/confirm/{UNKNOWN}", f"/pin/{UNKNOWN}"):
        assert 'href="/me"' in phone.get(place).text, place
    (mail,) = mails(session, "own-page")
    with scopes.everyone(session, "test"):
        written = compose.render(session, mail, preview=False, links=own_page_letter_links(session, mail))
    assert "/me\n" in written.text and '/me"' in written.html


def test_after_everything_was_erased_the_own_page_says_so(app: Flask, session: Session, cast: Cast) -> None:
    phone = Phone(app)
    registered(phone, session, cast)
    own = own_page_letter_links(session, mails(session, "own-page")[0])["own_url"]
    session.commit()
    erase_address(session, EMAIL)
    session.commit()
    page = phone.get(_path(own))
    assert page.status_code == 404
    assert "登録が消去されたときも、この画面になります" in words(page)
    assert page.text == phone.get(f"/me/{UNKNOWN}").text, "the same as for a link that never was (C-20)"


def test_whom_a_company_erases_is_told_that_partners_go_on(phone: Phone, session: Session, cast: Cast) -> None:
    registered(phone, session, cast)
    registered(phone, session, cast, "ended@mail.example")
    ended = the_profile(session, "ended@mail.example").id
    consents.withdraw(session, ended, cast.tsumugi.id)
    for address in (EMAIL, "ended@mail.example"):
        erase_address(session, address, cast.acme.id)
    session.commit()
    (mail,) = mails(session, own_pages.SHARING_GOES_ON)
    assert (mail.to_address, mail.company_id, mail.state) == (EMAIL, None, MessageState.SCHEDULED)
    own = _path(own_page_letter_links(session, mail)["own_url"])
    session.commit()
    phone.post(f"{own}/stop")
    assert consents.standing(session, the_profile(session, EMAIL).id) == []


def own_page_letter_links(session: Session, mail: Message) -> dict[str, str]:
    """The links as the worker makes them while it sends."""
    mint = letters.find(mail.letter).mint
    assert mint is not None
    with scopes.everyone(session, "test"):
        return mint(session, mail)


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
