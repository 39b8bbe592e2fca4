"""What a mail holds: two parts, headers nobody can add to, the lines the law wants, links that live in it alone."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay.extensions import Base, db
from relay.infra.keyed_hash import address_hash
from relay.mail import compose, tokens
from relay.models import Company, MailClass, Message, MessageState, Token, TokenPurpose, scopes
from tests.cast import Cast
from tests.smtp import SmtpServer

Queue = Callable[..., Message]
Deliver = Callable[..., int]


def part(mail: EmailMessage, subtype: str) -> str:
    body = mail.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def test_a_mail_has_text_and_html_and_says_who_it_is_from(
    cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    queue(values={"title": "髙橋様へ", "words": "一行目です。\n続きです。\n\n二つ目の段落。"})
    deliver()
    [mail] = server.received
    assert mail.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["Subject"] == "髙橋様へ"
    assert mail["From"].addresses[0].display_name == cast.acme.name
    assert mail["Reply-To"] == cast.acme.reply_to
    assert mail["To"] == "hanako@mail.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime is not None
    for subtype in ("plain", "html"):
        for line in (cast.acme.name, cast.acme.address, cast.acme.contact, "二つ目の段落。"):
            assert line in part(mail, subtype), f"{line} is missing in {subtype}"
    assert "続きです。" in part(mail, "html")
    assert "一行目です。<br>続きです。" in part(mail, "html")
    assert "img" not in part(mail, "html").lower()


def test_transactional_mail_offers_nothing_to_stop(queue: Queue, deliver: Deliver, server: SmtpServer) -> None:
    queue()
    deliver()
    [mail] = server.received
    assert mail["List-Unsubscribe"] is None
    assert "/u/" not in part(mail, "plain")


def test_a_mail_people_can_stop_says_how_in_the_header_and_in_both_parts(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue("offer", candidate_id=None)
    deliver()
    [mail] = server.received
    header = str(mail["List-Unsubscribe"])
    found = re.fullmatch(r"<(\S+/u/([\w-]{43}))>, <mailto:saiyo@acme\.example>", header)
    assert found, header
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found[1] in part(mail, "plain")
    assert found[1] in part(mail, "html")
    token = tokens.find(session, found[2], TokenPurpose.UNSUBSCRIBE)
    assert token is not None
    assert token.address_hash == address_hash("hanako@mail.example")
    assert (token.company_id, token.message_id) == (cast.acme.id, message.id)
    assert token.candidate_id is None, "the wish outlives the data"


def test_without_a_reply_address_there_is_only_the_page_to_stop(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    cast.acme.reply_to = ""
    session.commit()
    queue("offer")
    deliver()
    [mail] = server.received
    assert "mailto:" not in str(mail["List-Unsubscribe"])
    assert mail["Reply-To"] is None


def test_a_very_long_base_url_does_not_break_the_unsubscribe_header(app: Flask) -> None:
    message = EmailMessage(policy=compose.WIRE)
    url = f"https://{'a' * 60}.example.co.jp/relay/u/{'t' * 43}"
    message["List-Unsubscribe"] = f"<{url}>, <mailto:saiyo@acme.example>"
    message["Message-ID"] = f"<{'a' * 32}@{'b' * 60}.example.co.jp>"
    message["Subject"] = "選考結果のご連絡と、これからのご案内をお送りします。" * 3
    raw = message.as_bytes()
    assert f"<{url}>, <mailto:saiyo@acme.example>".encode() in raw
    assert f"Message-ID: <{'a' * 32}@".encode() in raw
    assert all(len(line) <= 78 for line in raw.split(b"\r\n") if b"List-" not in line and b"Message-ID" not in line)


@pytest.mark.parametrize(
    "name",
    ["株式会社ひなた, Inc.", 'A "B" 社', "Zoë O'Brien-Łęcka 合同会社", "髙﨑（東京）株式会社", "とても長い名前の" * 12],
)
def test_company_names_of_every_kind_survive_the_header(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, name: str
) -> None:
    cast.acme.name = name
    session.commit()
    queue()
    deliver()
    raw = message_from_bytes(server.raw[0])["From"].replace("\r\n", "")
    assert str(make_header(decode_header(raw))).replace('"', "") == f"{name} <relay@localhost>".replace('"', "")


def test_nothing_typed_can_add_a_header_or_markup(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    cast.acme.name = "悪い\r\nBcc: everyone@mail.example"
    session.commit()
    queue(values={"title": "題\r\nX-Evil: 1\r\n\r\n本文", "words": "<script>alert(1)</script>{{ 7 * 7 }}"})
    deliver()
    [mail] = server.received
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert "<script>" not in part(mail, "html")
    assert "{{ 7 * 7 }}" in part(mail, "plain"), "what people type is never a template (E-15)"


def test_no_usable_link_rests_in_the_database(
    session: Session, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    queue("offer", batch="act")
    deliver()
    [mail] = server.received
    live = re.findall(r"/[ru]/([\w-]{43})", part(mail, "plain"))
    assert len(live) == 2
    rest = "".join(
        str(row)
        for table in Base.metadata.sorted_tables
        for row in session.execute(text(f"SELECT * FROM {table.name}")).all()
    )
    assert rest
    for token in live:
        assert token not in rest
        assert tokens.find(session, token, TokenPurpose.RELAY) or tokens.find(session, token, TokenPurpose.UNSUBSCRIBE)
    assert "/r/" not in rest
    assert "/u/" not in rest
    if db.engine.dialect.name == "sqlite":
        folder = Path(db.engine.url.database or "").parent
        for path in folder.glob("*.sqlite3*"):
            assert not any(token.encode() in path.read_bytes() for token in live)


def test_a_preview_and_a_sent_mail_on_screen_lead_nowhere(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver
) -> None:
    message = queue("offer")
    deliver()
    assert message.state is MessageState.SENT
    unsaved = Message(
        company_id=cast.acme.id, letter="offer", mail_class=MailClass.RELAY, to_address="a@b.example", values={}
    )
    before = session.query(Token).count()
    with scopes.company(session, cast.acme.id):
        for shown in (message, unsaved):
            mail = compose.render(session, shown, preview=True)
            assert "https://…/r/（送信時に作られます）" in mail.text
            assert "内容を確かめる" in mail.html
            assert "href" not in mail.html
            assert "http://" not in mail.html
            assert "https://…/u/（送信時に作られます）" in mail.text, "how to stop is shown, and leads nowhere"
    assert session.query(Token).count() == before
    assert unsaved not in session


def test_a_mail_of_no_company_names_the_installation(session: Session, cast: Cast, deliver: Deliver) -> None:
    unsaved = Message(company_id=None, letter="note", mail_class=MailClass.TRANSACTIONAL, to_address="a@b.c", values={})
    mail = compose.render(session, unsaved, preview=False)
    assert "relay@localhost" in mail.headers["From"]


def test_links_are_built_from_the_configured_address_alone(app: Flask) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        url = tokens.url_of(TokenPurpose.RELAY, "t" * 43)
    assert url == f"{app.config['RELAY'].base_url}/r/{'t' * 43}"


def test_the_company_is_read_when_the_mail_is_sent(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    queue()
    company = session.get(Company, cast.acme.id)
    assert company is not None
    company.contact = "03-1111-2222"
    session.commit()
    deliver()
    assert "03-1111-2222" in part(server.received[0], "plain")
