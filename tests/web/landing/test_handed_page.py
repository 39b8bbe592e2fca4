"""The page behind a link that a company handed over itself: nothing of the person on it, a mail to their address."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import compose, optouts
from relay.models import Application, ApplicationResult, Consent, MailClass, Referral, scopes
from relay.network import handed_links
from tests.cast import Cast, browse, make_application, make_candidate
from tests.db.network.build import hand_out_to, mails
from tests.web.landing.phone import Phone, answers, words
from tests.web.landing.test_finding import own_page_letter_links

HANA = "hana@mail.example"


@pytest.fixture
def rejected(session: Session, cast: Cast) -> Application:
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    return make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())


@pytest.fixture
def path(session: Session, cast: Cast, rejected: Application) -> str:
    """The page of Hana's link."""
    made = "/f/" + hand_out_to(session, cast.acme.id, rejected.id).rpartition("/")[2]
    session.commit()
    return made


def test_the_page_shows_nothing_of_the_person(phone: Phone, cast: Cast, path: str) -> None:
    text = words(phone.get(path))
    assert cast.acme.name in text and "任意のご案内です" in text
    assert not any(each in text for each in ("高橋", HANA, "見送り", "不採用"))


def test_from_the_page_to_the_registration(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    phone.post(path)
    (mail,) = mails(session, handed_links.LETTER)
    links = own_page_letter_links(session, mail)
    session.commit()
    with scopes.everyone(session, "test"):
        written = compose.render(session, mail, preview=False, links=links)
    assert not any(each in written.text for each in ("見送り", "不採用", "高橋"))
    assert "お心当たりのない方へ" in written.text
    relay_path = "/r/" + links["relay_url"].rpartition("/")[2]
    assert relay_path in written.text and relay_path in written.html
    phone.post(relay_path, answers(phone.get(relay_path).text, cast.tsumugi.id))
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Consent)).one().partner_id == cast.tsumugi.id
        assert session.scalars(select(Referral)).one().number == 1


def test_the_answer_is_the_same_whether_a_mail_leaves(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    """Written to, written to already, stopped: nothing tells whoever holds the link which it was."""
    first = phone.post(path)
    again = phone.post(path)
    optouts.opt_out(session, cast.acme.id, address_hash(HANA), MailClass.RELAY, "page")
    session.commit()
    stopped = phone.post(path)
    pages = [phone.get(each.location).text for each in (first, again, stopped)]
    assert len(set(pages)) == 1
    assert len(mails(session, handed_links.LETTER)) == 1


def test_the_company_sees_neither_the_visit_nor_the_press(
    phone: Phone, session: Session, cast: Cast, rejected: Application, path: str
) -> None:
    browser = browse(phone.app, cast.ada)
    pages = (f"/pool/{rejected.candidate_id}", "/results", "/results/waiting", "/results/sent", "/")
    before = [words(browser.get(each)) for each in pages]
    phone.get(path)
    phone.post(path)
    assert mails(session, handed_links.LETTER)
    assert [words(browser.get(each)) for each in pages] == before


def test_a_company_that_takes_nobody_now_says_so(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    cast.acme.relay_enabled = False
    session.commit()
    assert "いまは受け付けていません" in words(phone.get(path))
    phone.post(path)
    assert mails(session, handed_links.LETTER) == []
