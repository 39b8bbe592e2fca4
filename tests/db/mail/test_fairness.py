"""Whose mail leaves next: letters about logins, then companies by turns, two at a time by a company's own server."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import invitation_letters, security_letters
from relay.infra.turns import Turns
from relay.mail import delivery, in_hand, letters, outbox, server_letters, server_settings
from relay.mail.delivery import Taken
from relay.mail.server_route import ServerRouteKey
from relay.mail.server_settings import ServerInput
from relay.mail.transport import DeliveryResult, Envelope, Fate
from relay.models import Company, MailTls, Message, MessageState, scopes
from tests.cast import Cast, make_company

Setting = Callable[..., None]


class Noted:
    """A transport that notes what it is handed, and hands it nowhere."""

    def __init__(self) -> None:
        self.to: list[str] = []

    def send(self, envelope: Envelope) -> DeliveryResult:
        self.to.append(envelope.to)
        return DeliveryResult(Fate.SENT)

    def held(self) -> frozenset[ServerRouteKey]:
        return frozenset()

    def rest(self) -> None:
        pass


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def organisation(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation has a mail server of its own."""
    settings = replace(app.config["RELAY"], mail_host="smtp.house.example", mail_sender="relay@house.example")
    monkeypatch.setitem(app.config, "RELAY", settings)


def queue(session: Session, company: Company | None, to: str, count: int = 1, *, letter: str = "note") -> None:
    with scopes.everyone(session, "test"):
        for number in range(count):
            outbox.queue(session, letter, company_id=company.id if company else None, to=f"{to}{number}@mail.example")
        session.commit()


def send(session: Session, noted: Noted, count: int) -> list[str]:
    """To whom the next mails went, without the number."""
    turns = Turns()
    for _mail in range(count):
        outbox.deliver_one(session, now=clock.now(), transport=noted, turns=turns)
    return [address.partition("@")[0].rstrip("0123456789") for address in noted.to]


def own_server(session: Session, company: Company) -> None:
    with scopes.company(session, company.id):
        sender = f"saiyo@{company.slug}.example"
        typed = ServerInput(f"smtp.{company.slug}.example", 587, MailTls.STARTTLS, "", "", sender)
        server_settings.save(session, company, typed, by_user_id=1)
        session.execute(delete(Message).where(Message.letter == server_letters.LETTER))  # the notice of it leaves first
        session.commit()


def take(session: Session, *, by_organisation_only: bool = False) -> Taken | None:
    return delivery.take(session, now=clock.now(), turns=Turns(), by_organisation_only=by_organisation_only)


# turns


def test_three_hundred_mails_of_one_company_delay_no_other(session: Session, cast: Cast, noted: Noted) -> None:
    third = make_company(session, "third")
    session.commit()
    queue(session, cast.acme, "acme", 300)
    queue(session, cast.other, "other", 3)
    queue(session, third, "third", 3)
    queue(session, None, "nobody", 3)
    sent = send(session, noted, 13)
    assert sorted(sent[:12]) == sorted(["acme", "other", "third", "nobody"] * 3)
    assert all(set(sent[turn : turn + 4]) == {"acme", "other", "third", "nobody"} for turn in (0, 4, 8))
    assert sent[12] == "acme"


def test_within_a_company_mails_leave_in_their_order(session: Session, cast: Cast, noted: Noted) -> None:
    queue(session, cast.acme, "p", 4)
    send(session, noted, 4)
    assert noted.to == [f"p{number}@mail.example" for number in range(4)]


def test_letters_about_logins_leave_first(session: Session, cast: Cast, noted: Noted) -> None:
    queue(session, cast.acme, "acme", 20)
    security_letters.ask_password(session, cast.mona)
    security_letters.tell(session, cast.ada, "password-changed")
    session.commit()
    send(session, noted, 3)
    assert noted.to[:2] == [cast.mona.email, cast.ada.email]
    assert noted.to[2].startswith("acme")


def test_whatever_is_about_a_login_is_urgent_and_nothing_else() -> None:
    """Password, new address, every notice of a change (second factor, sessions …), invitations."""
    logins = {security_letters.PASSWORD, security_letters.NEW_EMAIL, security_letters.NOTICE, "invite-partner"}
    assert set(letters.urgent()) == logins | set(invitation_letters.NAMES.values())


# two at a time


def test_a_companys_own_server_is_handed_two_at_a_time_by_all_workers_together(
    app: Flask, session: Session, cast: Cast, organisation: None
) -> None:
    own_server(session, cast.acme)
    queue(session, cast.acme, "acme", 12)
    queue(session, cast.other, "other", 3)
    taken = at_once(app, 8)
    companies = [each.message.company_id for each in taken if each is not None]
    assert companies.count(cast.acme.id) == in_hand.MAX_CONNECTIONS == 2
    assert companies.count(cast.other.id) == 3, "the house's server carries as many as there are"


def at_once(app: Flask, workers: int) -> list[Taken | None]:
    """What so many workers take in hand in the same moment."""
    together, taken = threading.Barrier(workers), list[Taken | None]()

    def work() -> None:
        with app.app_context():
            together.wait(10)
            taken.append(take(db.session()))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == workers
    return taken


def test_when_one_of_the_two_is_done_the_next_may_go(
    session: Session, cast: Cast, organisation: None, noted: Noted
) -> None:
    own_server(session, cast.acme)
    queue(session, cast.acme, "acme", 4)
    first, second = take(session), take(session)
    assert first is not None
    assert second is not None
    assert take(session) is None
    delivery.hand_over(session, first, noted)
    assert take(session) is not None
    assert take(session) is None


def test_what_may_have_left_and_waits_for_its_next_try_is_in_nobodys_hand(
    session: Session, cast: Cast, organisation: None
) -> None:
    own_server(session, cast.acme)
    queue(session, cast.acme, "acme", 4)
    later = clock.now() + timedelta(minutes=5)
    with scopes.everyone(session, "test"):
        for message in session.scalars(select(Message).order_by(Message.id).limit(3)):
            message.state, message.due_at, message.lease_until = MessageState.SENDING, later, later
        session.commit()
    assert take(session) is not None


def test_a_sender_kept_free_takes_nothing_that_goes_by_a_companys_server(
    session: Session, cast: Cast, organisation: None
) -> None:
    own_server(session, cast.acme)
    queue(session, cast.acme, "acme", 4)
    assert take(session, by_organisation_only=True) is None
    queue(session, cast.other, "other")
    taken = take(session, by_organisation_only=True)
    assert taken is not None
    assert (taken.message.company_id, taken.by_own) == (cast.other.id, False)
    own = take(session)
    assert own is not None
    assert own.by_own


def test_what_the_installations_server_carries_for_a_company_is_not_counted(
    session: Session, cast: Cast, organisation: None
) -> None:
    own_server(session, cast.acme)
    queue(session, cast.acme, "acme", 4)
    for member in (cast.ada, cast.mona):
        security_letters.ask_password(session, member)
    session.commit()
    taken = [take(session) for _mail in range(5)]
    assert [mail and mail.by_own for mail in taken] == [False, False, True, True, None]
