"""The post of the account tests: a real server, and the worker's own way of sending."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import outbox
from relay.mail.transport import Smtp
from tests.db.mail.conftest import way_to
from tests.smtp import smtp_server

Post = Callable[[str], list[EmailMessage]]


@pytest.fixture
def post(app: Flask, session: Session) -> Iterator[Post]:
    """Send everything due; gives the mails that have arrived at an address so far."""
    with smtp_server() as server:
        transport = Smtp(way_to(server))

        def arrived(address: str) -> list[EmailMessage]:
            for _mail in range(50):
                if not outbox.deliver_one(session, now=clock.now(), transport=transport):
                    break
            session.commit()
            return server.to(address)

        yield arrived
        transport.rest()


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage, start: str) -> str:
    """The path of the mailed link that begins so."""
    found = re.search(rf"({start}[\w-]{{43}})", text_of(mail))
    assert found is not None, text_of(mail)
    return found[1]
