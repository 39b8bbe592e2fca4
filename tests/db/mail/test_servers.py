"""By which server a mail leaves: the company's own, the installation's, the operator's; and what holds whom up."""

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock, config
from relay.infra import vault
from relay.mail import outbox, server_letters, server_settings, servers, transport
from relay.mail.connection import Connection
from relay.mail.mailbox import Mailbox
from relay.mail.server_route import ServerRoute
from relay.mail.server_settings import ServerInput
from relay.mail.transport import ConnectionPool
from relay.models import (
    Company,
    Event,
    EventTag,
    InstallationMailServer,
    MailServer,
    MailTls,
    Message,
    MessageState,
    scopes,
)
from tests.cast import Cast, make_batch
from tests.smtp import SmtpServer, free_port, smtp_server

GOOD = ServerInput(
    "smtp.acme.example", 587, MailTls.STARTTLS, "saiyo@acme.example", "himitsu no kotoba", "saiyo@acme.example"
)

ORGANISATION = ServerInput(
    "smtp.house.example", 587, MailTls.STARTTLS, "relay@house.example", "betsu no kotoba", "relay@house.example"
)


@pytest.fixture
def lines(app: Flask) -> Iterator[ConnectionPool]:
    """The worker's transport, as it holds it."""
    made = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    yield made
    made.rest()


@pytest.fixture
def elsewhere() -> Iterator[SmtpServer]:
    """A second real SMTP server."""
    with smtp_server() as running:
        yield running


@pytest.fixture
def set_organisation(app: Flask) -> Iterator[Callable[..., None]]:
    """Give the installation other settings for one test."""
    before: config.Settings = app.config["RELAY"]

    def with_values(**values: Any) -> None:
        app.config["RELAY"] = replace(before, **values)

    yield with_values
    app.config["RELAY"] = before


def save(session: Session, company: Company, typed: ServerInput = GOOD) -> MailServer:
    with scopes.company(session, company.id):
        kept = server_settings.save(session, company, typed, by_user_id=1)
    commit_pending(session)
    return kept


def save_installation(session: Session, typed: ServerInput = ORGANISATION) -> InstallationMailServer:
    kept = server_settings.save_installation(session, typed)
    commit_pending(session)
    return kept


def commit_pending(session: Session) -> None:
    """Who is told of the change, and by which way, has a file of its own: test_server_changes.py."""
    with scopes.everyone(session, "test"):
        session.execute(delete(Message).where(Message.letter == server_letters.LETTER))
        session.commit()


def by(server: SmtpServer, sender: str = "saiyo@acme.example") -> ServerInput:
    """A server that asks for no login, on a port only the operator may use."""
    return ServerInput(server.host, server.port, MailTls.NONE, "", "", sender)


def operator(session: Session, *companies: Company) -> None:
    for company in companies:
        company.runs_installation = True
    session.commit()


def route(session: Session, company: Company | None) -> ServerRoute:
    if company is None:
        return servers.route_for(session, None)
    with scopes.company(session, company.id):
        return servers.route_for(session, company.id)


def drain(session: Session, lines: ConnectionPool, *, rate: int = 0) -> int:
    count = 0
    while count < 200 and outbox.deliver_one(session, now=clock.now(), transport=lines, rate=rate):
        count += 1
    return count


def queue_for(
    session: Session, company: Company | None, to: str = "hanako@mail.example", batch: str = "", **values: Any
) -> Message:
    company_id = company.id if company else None
    with scopes.everyone(session, "test"):
        batch_id = make_batch(session, company, batch).id if company and batch else None
        message = outbox.queue(session, "note", company_id=company_id, to=to, batch_id=batch_id, **values)
        session.commit()
    return message


# what is kept


def test_the_password_is_sealed_and_opened_only_for_sending(session: Session, cast: Cast) -> None:
    kept = save(session, cast.acme)
    assert "himitsu" not in kept.password
    assert vault.unseal(kept.password) == GOOD.password
    assert route(session, cast.acme).password == GOOD.password
    assert "himitsu" not in repr(route(session, cast.acme))


def test_any_width_may_be_typed(session: Session, cast: Cast) -> None:
    kept = save(session, cast.acme, replace(GOOD, host=" ＳＭＴＰ．acme．example. ", sender="ｓａｉｙｏ@ACME.example"))
    assert (kept.host, kept.sender) == ("smtp.acme.example", "saiyo@acme.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "mail.acme.example"},
        {"port": 465},
        {"tls": MailTls.TLS},
        {"username": "jinji@acme.example"},
        {"password": "atarashii kotoba"},
        {"sender": "jinji@acme.example"},
    ],
)
def test_whatever_changes_the_way_makes_its_test_void(session: Session, cast: Cast, changes: dict[str, Any]) -> None:
    save(session, cast.acme)
    cast.acme.mail_tested_at = clock.now()
    session.commit()
    save(session, cast.acme, replace(GOOD, password=""))
    assert cast.acme.mail_tested_at is not None, "nothing changed"
    save(session, cast.acme, replace(GOOD, **changes))
    assert cast.acme.mail_tested_at is None
    logged = session.scalars(
        select(Event.data).where(Event.tag == EventTag.MAIL_SERVER_CHANGED.value).order_by(Event.id)
    ).all()
    assert set(changes) <= set(logged[-1]["fields"])
    assert "kotoba" not in str(logged)


def test_an_empty_password_keeps_the_stored_one_for_the_same_account_alone(session: Session, cast: Cast) -> None:
    """Else whoever sits at an open session could have the password sent to a server of their own."""
    save(session, cast.acme)
    kept = save(session, cast.acme, replace(GOOD, password="", sender="jinji@acme.example"))
    assert vault.unseal(kept.password) == GOOD.password
    for changes in ({"host": "evil.example"}, {"port": 465}, {"tls": MailTls.TLS}, {"username": "other@acme.example"}):
        with pytest.raises(server_settings.ServerRefused, match="パスワードを入力"):
            save(session, cast.acme, replace(GOOD, password="", **changes))
        session.rollback()
    kept = save(session, cast.acme, replace(GOOD, username="", password=""))
    assert kept.password == "", "without a login nothing is kept"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"host": "smtp acme"}, "名前を確認して"),
        ({"host": "a..example"}, "名前を確認して"),
        ({"host": "x" * 64 + ".example"}, "名前を確認して"),
        ({"port": 0}, "65535"),
        ({"port": 22}, "587"),
        ({"sender": "acme"}, "@"),
        ({"sender": ""}, "差出人"),
        ({"sender": "a@acme.example\r\nBcc: b@acme.example"}, "アドレス"),
        ({"password": "ひみつ"}, "送れない文字"),
        ({"username": ""}, "ユーザー名も"),
        ({"tls": MailTls.NONE}, "暗号化しない"),
    ],
)
def test_what_cannot_be_a_server_is_refused_in_a_sentence(
    session: Session, cast: Cast, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(server_settings.ServerRefused, match=sentence):
        save(session, cast.acme, replace(GOOD, **changes))


def test_only_whoever_runs_the_machine_calls_unusual_ports_from_it(session: Session, cast: Cast) -> None:
    with pytest.raises(server_settings.ServerRefused):
        save(session, cast.acme, replace(GOOD, port=10025))
    session.rollback()
    operator(session, cast.acme)
    assert save(session, cast.acme, replace(GOOD, port=10025)).port == 10025


def test_another_companys_server_is_neither_seen_nor_changed(session: Session, cast: Cast) -> None:
    save(session, cast.acme)
    with scopes.company(session, cast.other.id):
        assert servers.of(session, cast.acme.id) is None
        server_settings.remove(session, cast.other)
    with scopes.company(session, cast.acme.id):
        assert servers.of(session, cast.acme.id) is not None


# the chain


def test_a_companys_own_server_comes_before_the_installations(
    session: Session, cast: Cast, set_organisation: Callable[..., None]
) -> None:
    set_organisation(mail_host="smtp.house.example", mail_sender="relay@house.example")
    assert route(session, cast.acme).host == "smtp.house.example"
    save(session, cast.acme)
    assert route(session, cast.acme).host == "smtp.acme.example"
    assert route(session, cast.other).host == "smtp.house.example"
    with scopes.company(session, cast.acme.id):
        server_settings.remove(session, cast.acme)
        assert route(session, cast.acme).sender == "relay@house.example"


def test_the_installations_server_carries_who_has_none(
    session: Session, cast: Cast, set_organisation: Callable[..., None]
) -> None:
    set_organisation(env="production")
    with pytest.raises(servers.NoServerRoute, match="送信の設定がまだありません"):
        route(session, cast.other)
    save_installation(session)
    assert route(session, cast.other).host == route(session, None).host == "smtp.house.example"
    with scopes.company(session, cast.other.id):
        assert servers.sender_for(session, cast.other.id) == "relay@house.example"


def test_no_companys_server_carries_the_mails_of_others(
    session: Session, cast: Cast, set_organisation: Callable[..., None]
) -> None:
    """Also not the operating company's: who names a server reads what it carries."""
    set_organisation(env="production")
    operator(session, cast.acme)
    save(session, cast.acme)
    assert not servers.is_possible(session, None)
    for whose in (cast.other, None):
        with pytest.raises(servers.NoServerRoute):
            route(session, whose)


def test_the_settings_come_before_the_stored_server_and_the_stored_before_the_mailbox(
    session: Session, cast: Cast, set_organisation: Callable[..., None]
) -> None:
    assert route(session, None).host == "", "in development, the mailbox"
    save_installation(session)
    assert route(session, None).host == "smtp.house.example"
    assert route(session, None).password == ORGANISATION.password
    set_organisation(mail_host="smtp.settings.example", mail_sender="relay@settings.example")
    assert route(session, None).host == "smtp.settings.example"
    with pytest.raises(server_settings.ServerRefused, match="RELAY_MAIL_HOST"):
        save_installation(session, replace(ORGANISATION, host="smtp.other.example"))


def test_the_installations_server_stays_while_others_need_it(
    session: Session, cast: Cast, set_organisation: Callable[..., None]
) -> None:
    set_organisation(env="production")
    save_installation(session)
    with pytest.raises(server_settings.ServerNeeded, match="ほかの企業や提携先"):
        server_settings.remove_installation(session)


# mails on their way


def test_each_mail_takes_its_own_companys_way_and_names_its_sender(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, elsewhere: SmtpServer
) -> None:
    operator(session, cast.acme, cast.other)
    save(session, cast.acme, by(server))
    save(session, cast.other, by(elsewhere, "saiyo@other.example"))
    queue_for(session, cast.acme)
    queue_for(session, cast.other)
    assert drain(session, lines) == 2
    assert str(server.received[0]["From"]) == "株式会社acme <saiyo@acme.example>"
    assert str(elsewhere.received[0]["From"]) == "株式会社other <saiyo@other.example>"


def test_changed_settings_hold_for_the_next_mail(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, elsewhere: SmtpServer
) -> None:
    operator(session, cast.acme)
    save(session, cast.acme, by(server))
    queue_for(session, cast.acme)
    drain(session, lines)
    save(session, cast.acme, by(elsewhere))
    queue_for(session, cast.acme)
    drain(session, lines)
    assert (len(server.received), len(elsewhere.received)) == (1, 1)


def test_a_server_that_is_away_holds_up_its_own_mails_alone_until_it_is_set_anew(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, elsewhere: SmtpServer
) -> None:
    operator(session, cast.acme, cast.other)
    save(session, cast.acme, replace(by(server), port=free_port()))
    save(session, cast.other, by(elsewhere, "saiyo@other.example"))
    mine = [queue_for(session, cast.acme, to=f"p{number}@mail.example") for number in range(3)]
    queue_for(session, cast.other)
    drain(session, lines)
    assert len(elsewhere.received) == 1, "others flow"
    assert [message.attempts for message in mine] == [1, 0, 0], "one was tried, the others are spared"
    save(session, cast.acme, by(server))
    drain(session, lines)
    assert server.message_ids == [message.message_id for message in mine[1:]], "the first keeps its minute"


def test_mails_without_a_server_of_their_own_do_not_suffer_from_one(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, set_organisation: Callable[..., None]
) -> None:
    operator(session, cast.acme)
    save(session, cast.acme, replace(by(server), port=free_port()))
    set_organisation(mail_host=server.host, mail_port=server.port, mail_tls="none", mail_sender="relay@house.example")
    queue_for(session, cast.acme)
    queue_for(session, cast.acme)
    queue_for(session, cast.other)
    queue_for(session, None)
    drain(session, lines)
    assert len(server.received) == 2


def test_where_the_organisation_cannot_be_reached_a_companys_own_server_still_sends(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, set_organisation: Callable[..., None]
) -> None:
    operator(session, cast.acme)
    save(session, cast.acme, by(server))
    set_organisation(mail_host="127.0.0.1", mail_port=free_port(), mail_tls="none", mail_sender="relay@house.example")
    others = [queue_for(session, cast.other), queue_for(session, None), queue_for(session, cast.other)]
    queue_for(session, cast.acme)
    drain(session, lines)
    assert len(server.received) == 1
    assert sum(message.attempts for message in others) == 1


def test_mails_wait_untouched_until_there_is_a_way(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, set_organisation: Callable[..., None]
) -> None:
    set_organisation(env="production")
    waiting = [queue_for(session, cast.acme), queue_for(session, cast.other), queue_for(session, None)]
    assert drain(session, lines) == 0
    assert [message.attempts for message in waiting] == [0, 0, 0]
    operator(session, cast.acme)
    save(session, cast.acme, by(server))
    drain(session, lines)
    assert [message.attempts for message in waiting] == [1, 0, 0], "its own server carries no others"
    save_installation(session, by(server, "relay@house.example"))
    drain(session, lines)
    assert [message.state for message in waiting] == [MessageState.SENT] * 3


def test_a_password_that_cannot_be_opened_is_said_and_the_mail_waits(
    session: Session, cast: Cast, lines: ConnectionPool
) -> None:
    kept = save(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        kept.password = "gone:" + kept.password.partition(":")[2]
        session.commit()
    message = queue_for(session, cast.acme)
    drain(session, lines)
    assert message.state is MessageState.SCHEDULED
    assert "RELAY_SECRET_KEY_FALLBACKS" in message.last_error


def test_a_refused_login_is_not_tried_again_and_again(
    session: Session, cast: Cast, lines: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Providers lock accounts whose password is tried wrongly many times."""
    tried = []

    def refuse(connection: Connection) -> smtplib.SMTP:
        tried.append(connection.mail.server)
        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials")

    monkeypatch.setattr(Connection, "configure_host", refuse)
    save(session, cast.acme)
    for _ in range(3):
        queue_for(session, cast.acme)
    drain(session, lines)
    assert tried == ["smtp.acme.example"]
    [rest] = lines._rests.values()
    assert rest.until > transport.time.monotonic() + transport.MAX_PAUSE


def test_no_more_than_eight_connections_are_kept_and_the_unused_go_first(app: Flask, server: SmtpServer) -> None:
    lines = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    for number in range(12):
        sender = f"saiyo{number}@acme.example"
        route = ServerRoute(number, server.host, server.port, MailTls.NONE, "", "", sender)
        lines.send(transport.Envelope(sender, "hanako@mail.example", b"Subject: x\r\n\r\nx\r\n", route))
    kept = [line.route.company_id for line in lines._idle if line.is_open]
    assert kept == list(range(4, 12))
    assert len(server.received) == 12
    lines.rest()
    assert lines._idle == []


# pace


def test_a_companys_acts_send_so_many_a_minute_and_others_pass(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, set_organisation: Callable[..., None]
) -> None:
    set_organisation(mail_host=server.host, mail_port=server.port, mail_tls="none", mail_sender="relay@house.example")
    start = clock.now().replace(second=5, microsecond=0)
    with clock.at(start):
        recorder = [queue_for(session, cast.acme, to=f"p{number}@mail.example", batch="act") for number in range(7)]
        queue_for(session, cast.acme, to="single@mail.example")
        queue_for(session, cast.other, to="other@mail.example", batch="theirs")
        drain(session, lines, rate=3)
    assert len(server.to("single@mail.example")) == len(server.to("other@mail.example")) == 1
    assert [message.state for message in recorder].count(MessageState.SENT) == 3
    late = [message for message in recorder if message.state is MessageState.SCHEDULED]
    session.expire_all()
    with scopes.everyone(session, "test"):
        assert {(message.due_at, message.attempts) for message in late} == {
            (start.replace(second=0) + timedelta(minutes=1), 0)
        }
    for minute in (1, 2):
        with clock.at(start + timedelta(minutes=minute)):
            drain(session, lines, rate=3)
    sent = [mail_id for mail_id in server.message_ids if mail_id in {message.message_id for message in recorder}]
    assert sent == [message.message_id for message in recorder], "in their order, each once"


def test_what_waits_for_its_minute_can_still_be_stopped(
    session: Session, cast: Cast, lines: ConnectionPool, server: SmtpServer, set_organisation: Callable[..., None]
) -> None:
    set_organisation(mail_host=server.host, mail_port=server.port, mail_tls="none", mail_sender="relay@house.example")
    for number in range(4):
        queue_for(session, cast.acme, to=f"p{number}@mail.example", batch="act")
    drain(session, lines, rate=1)
    with scopes.company(session, cast.acme.id):
        assert outbox.cancel(session, cast.acme.id, "act") == 3
        session.commit()


def test_only_the_operators_company_sends_through_a_server_inside(session: Session, cast: Cast) -> None:
    operator(session, cast.acme)
    for company in (cast.acme, cast.other):
        save(session, company)
    assert (route(session, cast.acme).outward, route(session, cast.other).outward) == (False, True)
    save_installation(session)
    assert route(session, None).outward is False
