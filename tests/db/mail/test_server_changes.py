"""A changed mail server is told to every administrator whom it concerns, by the way as it was before (C-24).

By the new one only whoever named it would hear of it. Two real SMTP servers: the one before, and the one after.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import security_letters
from relay.mail import former_route, outbox, server_letters, server_settings
from relay.mail.mailbox import Mailbox
from relay.mail.server_settings import ServerInput
from relay.mail.transport import ConnectionPool
from relay.models import Company, MailTls, Message, MessageState, Role, User, scopes
from tests.cast import Cast, make_user
from tests.smtp import SmtpServer, free_port, smtp_server

ADMINS = ["adam@acme.example", "abe@acme.example"]
EVERY_COMPANYS = [*ADMINS, "mona@other.example"]


@pytest.fixture
def cast(session: Session, cast: Cast) -> Cast:
    """Acme runs the installation and has two administrators."""
    cast.acme.runs_installation = True
    make_user(session, "abe", cast.acme, Role.ADMIN)
    session.commit()
    return cast


@pytest.fixture
def before() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def after() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def organisation() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def by(server: SmtpServer, sender: str = "saiyo@acme.example") -> ServerInput:
    return ServerInput(server.host, server.port, MailTls.NONE, "", "", sender)


def set_own(session: Session, cast: Cast, typed: ServerInput) -> None:
    with scopes.company(session, cast.acme.id):
        server_settings.save(session, cast.acme, typed, by_user_id=cast.adam.id)
        session.commit()


def remove_own(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        server_settings.remove(session, cast.acme, by_user_id=cast.adam.id)
        session.commit()


def set_organisation(session: Session, server: SmtpServer) -> None:
    server_settings.save_installation(session, by(server, "relay@house.example"))
    session.commit()


def send(app: Flask, session: Session, minutes: int = 0) -> None:
    """What is due so many minutes from now."""
    lines = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        while outbox.deliver_one(session, now=clock.now(), transport=lines):
            pass
    lines.rest()


def told(server: SmtpServer) -> list[str]:
    """Whom this server brought the notice."""
    return [str(mail["To"]) for mail in server.received if "サーバーの設定が変わりました" in str(mail["Subject"])]


def text(server: SmtpServer, to: str) -> str:
    part = server.to(str(to))[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def notices(session: Session) -> list[Message]:
    with scopes.everyone(session, "test"):
        return list(
            session.scalars(select(Message).where(Message.letter == server_letters.LETTER).order_by(Message.id))
        )


@pytest.fixture
def own(app: Flask, session: Session, cast: Cast, before: SmtpServer, organisation: SmtpServer) -> None:
    """The installation has its server, Acme its own; who was told of that has been told."""
    set_organisation(session, organisation)
    set_own(session, cast, by(before))
    send(app, session)
    for server in (before, organisation):
        server.received.clear()


def test_a_companys_change_is_told_to_all_its_administrators_by_the_server_before(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer, organisation: SmtpServer
) -> None:
    set_own(session, cast, by(after))
    send(app, session)
    assert told(before) == ADMINS, "nobody of another company, and whoever changed it too"
    assert (told(after), told(organisation)) == ([], [])
    said = text(before, ADMINS[1])
    assert "Adam" in said
    assert "変更の前の送り方" in said
    assert "/settings/mail" in said
    assert str(before.received[0]["From"]) == "株式会社acme <saiyo@acme.example>"


def test_taking_it_away_is_told_by_it(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, organisation: SmtpServer
) -> None:
    remove_own(session, cast)
    send(app, session)
    assert (told(before), told(organisation)) == (ADMINS, [])


def test_the_first_server_of_a_company_is_told_of_by_the_installations(
    app: Flask, session: Session, cast: Cast, after: SmtpServer, organisation: SmtpServer
) -> None:
    set_organisation(session, organisation)
    send(app, session)
    organisation.received.clear()
    set_own(session, cast, by(after))
    send(app, session)
    assert (told(organisation), told(after)) == (ADMINS, [])


def test_the_installations_change_is_told_by_its_server_before_to_every_companys_administrators(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer, organisation: SmtpServer
) -> None:
    set_organisation(session, after)
    send(app, session)
    assert told(organisation) == EVERY_COMPANYS, "whoever runs the new one reads the links of all"
    assert (told(before), told(after)) == ([], [])
    for to in EVERY_COMPANYS:
        assert "パスワードの再設定や招待のリンク" in text(organisation, to)
        assert "コマンド" in text(organisation, to), "by whom: nobody who is signed in"


def test_other_companies_hear_that_the_operator_changed_it_and_no_name(
    app: Flask, session: Session, cast: Cast, own: None, after: SmtpServer, organisation: SmtpServer
) -> None:
    server_settings.save_installation(session, by(after, "relay@house.example"), by_user_id=cast.adam.id)
    session.commit()
    send(app, session)
    assert "変更した人：Adam" in text(organisation, ADMINS[1])
    assert "変更した人：運営者の管理者" in text(organisation, "mona@other.example")
    assert "Adam" not in text(organisation, "mona@other.example")


def test_what_is_saved_as_it_was_is_told_to_nobody(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, organisation: SmtpServer
) -> None:
    set_own(session, cast, by(before))
    set_organisation(session, organisation)
    send(app, session)
    assert (before.received, organisation.received) == ([], [])


def test_a_former_server_that_is_away_is_tried_twice_and_then_the_installations_tells(
    app: Flask, session: Session, cast: Cast, own: None, after: SmtpServer, organisation: SmtpServer
) -> None:
    set_own(session, cast, replace(by(after), port=free_port()))
    with scopes.everyone(session, "test"):
        for message in notices(session):
            message.state = MessageState.CANCELLED
        session.commit()
    set_own(session, cast, by(after))
    send(app, session)
    send(app, session, minutes=2)
    assert told(organisation) == []
    send(app, session, minutes=10)
    assert told(organisation) == ADMINS
    assert "変更の前のサーバーからは届けられなかった" in text(organisation, ADMINS[0])
    assert after.received == [], "the change itself was never held up, and the new server knows of no notice"


def test_a_former_server_that_refuses_the_notice_hides_nothing(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer, organisation: SmtpServer
) -> None:
    before.refuse = {ADMINS[0]: "550 5.1.1 no such address"}
    before.refuse_content = "554 5.6.0 not this"
    set_own(session, cast, by(after))
    send(app, session)
    assert sorted(told(organisation)) == sorted(ADMINS)
    assert "変更の前のサーバーからは届けられなかった" in text(organisation, ADMINS[0])


def test_a_companys_server_that_denies_an_address_keeps_no_letter_about_a_login_from_it(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, organisation: SmtpServer
) -> None:
    before.refuse = {ADMINS[1]: "550 5.1.1 no such address"}
    with scopes.company(session, cast.acme.id):
        outbox.queue(session, "note", company_id=cast.acme.id, to=ADMINS[1])
        abe = session.scalars(select(User).where(User.email == ADMINS[1])).one()
        security_letters.ask_password(session, abe)
        session.commit()
    send(app, session)
    assert before.to(ADMINS[1]) == []
    assert "/password/" in text(organisation, ADMINS[1])


def test_the_way_before_is_sealed_in_the_notice_and_gone_once_it_was_sent(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer
) -> None:
    set_own(session, cast, by(after))
    carried = [message.values for message in notices(session) if message.state is MessageState.SCHEDULED]
    assert [former_route.VALUE in values for values in carried] == [True, True]
    assert str(before.port) not in "".join(values[former_route.VALUE] for values in carried)
    send(app, session)
    assert [former_route.VALUE in message.values for message in notices(session)] == [False] * len(notices(session))


def test_where_no_key_opens_the_way_before_the_installations_tells(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer, organisation: SmtpServer
) -> None:
    set_own(session, cast, by(after))
    for message in notices(session):
        if former_route.VALUE in message.values:
            message.values = message.values | {former_route.VALUE: "gone:sealed"}
    with scopes.everyone(session, "test"):
        session.commit()
    send(app, session)
    assert (told(before), told(organisation)) == ([], ADMINS)


def test_a_firm_with_one_server_and_none_before_is_told_by_it(
    app: Flask, session: Session, cast: Cast, after: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RELAY", replace(app.config["RELAY"], env="production"))
    set_own(session, cast, by(after))
    send(app, session)
    assert told(after) == ADMINS


def test_notices_leave_while_a_company_practises_and_while_its_sending_is_stopped(
    app: Flask, session: Session, cast: Cast, own: None, before: SmtpServer, after: SmtpServer
) -> None:
    acme: Company = cast.acme
    acme.live_since, acme.sending_stopped_at = None, clock.now()
    session.commit()
    set_own(session, cast, by(after))
    send(app, session)
    assert told(before) == ADMINS
