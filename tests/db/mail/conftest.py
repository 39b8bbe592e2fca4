"""Letters that exist in tests only: a plain note, and one with a relay part that can be left out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters, optouts, outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.server_route import ServerRoute
from relay.mail.transport import Smtp
from relay.models import MailClass, MailTls, Message, MessageState, TokenPurpose, scopes
from relay.network.links import RELAY_LINK
from tests.cast import Cast, make_batch, make_cast
from tests.smtp import SmtpServer, smtp_server

BY_COMPANY = MailRoute.COMPANY
TEMPLATES = {
    "mail/note/subject.txt": "{{ title }}",
    "mail/note/body.txt": '{% extends "mail/_layout.txt" %}{% block content %}{{ words }}{% endblock %}',
    "mail/note/body.html": '{% extends "mail/_layout.html" %}'
    "{% block content %}{{ parts.paragraphs(words) }}{% endblock %}",
    "mail/offer/subject.txt": "選考結果のご連絡",
    "mail/offer/body.txt": '{% extends "mail/_layout.txt" %}{% block content %}結果です。{{ relay_url }}{% endblock %}',
    "mail/offer/body.html": '{% extends "mail/_layout.html" %}{% block content %}'
    "{{ parts.paragraph('結果です。') }}"
    "{% if relay_url %}{{ parts.button(relay_url, '内容を確かめる') }}{% endif %}{% endblock %}",
}

TEMPLATES |= {name.replace("/note/", "/promo-note/"): text for name, text in TEMPLATES.items() if "/note/" in name}


class Letters:
    """What the test letters were told of their mails' fates."""

    def __init__(self) -> None:
        self.on_final_state: list[tuple[int, MessageState]] = []
        self.break_context = False
        self.break_settled = False


@pytest.fixture
def written(app: Flask) -> Iterator[Letters]:
    """Both test letters, known to the organisation."""
    told = Letters()

    def on_final_state(session: Session, message: Message, state: MessageState) -> None:
        if told.break_settled:
            raise RuntimeError("a bug in a letter")
        told.on_final_state.append((message.id, state))

    def note(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
        if told.break_context:
            raise RuntimeError("a bug in a letter")
        return {"title": message.values.get("title", "お知らせ"), "words": message.values.get("words", "本文です。")}

    def offer(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
        return {"relay_url": link(TokenPurpose.RELAY)}

    def mint(session: Session, message: Message) -> dict[str, str]:
        assert message.company_id is not None
        if optouts.is_opted_out(session, message.company_id, message.to_address):
            return {"mail_class": MailClass.TRANSACTIONAL}
        token = tokens.mint(session, TokenPurpose.RELAY, message.id, message_id=message.id)
        return {"relay_url": tokens.url_of(TokenPurpose.RELAY, token)}

    before, app.jinja_env.loader = app.jinja_env.loader, ChoiceLoader([app.jinja_env.loader, DictLoader(TEMPLATES)])  # type: ignore[list-item]
    app.extensions.pop("relay_mail_environment", None)
    known = dict(letters._letters)
    plain = Letter(
        name="note", mail_class=MailClass.TRANSACTIONAL, route=BY_COMPANY, context=note, on_final_state=on_final_state
    )
    letters.register(
        plain,
        replace(plain, name="promo-note", mail_class=MailClass.PROMO),
        replace(plain, name="offer", mail_class=MailClass.RELAY, context=offer, mint=mint, link=RELAY_LINK),
    )
    yield told
    letters._letters.clear()
    letters._letters.update(known)
    app.jinja_env.loader = before
    app.extensions.pop("relay_mail_environment", None)


@pytest.fixture
def cast(session: Session, written: Letters) -> Cast:
    """The cast, and the test letters with it."""
    return make_cast(session)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A real SMTP server."""
    with smtp_server() as running:
        yield running


def way_to(server: SmtpServer) -> ServerRoute:
    """The way to a test server: open, without a login."""
    return ServerRoute(None, server.host, server.port, MailTls.NONE, "", "", "relay@relay.example")


@pytest.fixture
def line(app: Flask, server: SmtpServer) -> Iterator[Smtp]:
    """A transport to the server, as the worker would have it."""
    transport = Smtp(way_to(server))
    yield transport
    transport.rest()


@pytest.fixture
def queue(session: Session, cast: Cast) -> Callable[..., Message]:
    """Queue a mail of Acme, on wish as one of an act, and commit."""

    def queued(letter: str = "note", to: str = "hanako@mail.example", batch: str = "", **values: Any) -> Message:
        with scopes.company(session, cast.acme.id):
            batch_id = make_batch(session, cast.acme, batch).id if batch else None
            message = outbox.queue(session, letter, company_id=cast.acme.id, to=to, batch_id=batch_id, **values)
            session.commit()
        return message

    return queued


@pytest.fixture
def deliver(session: Session, line: Smtp) -> Callable[..., int]:
    """Send everything due, now or at a given moment; returns how many mails were taken in hand."""

    def delivered(at: datetime | None = None) -> int:
        moment = at or clock.now()
        with clock.at(moment):
            count = 0
            while count < 50 and outbox.deliver_one(session, now=moment, transport=line):
                count += 1
        return count

    return delivered
