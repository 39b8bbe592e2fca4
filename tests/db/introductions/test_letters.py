"""The letters about requests: what stands in them leads nowhere but to Relay's own pages."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.introductions import endings
from relay.mail import compose
from relay.models import DeclineReason, Message, scopes
from tests.db.introductions.build import Desk


def test_a_title_leads_nowhere_in_letters_of_relays_own_sender(app: Flask, session: Session, desk: Desk) -> None:
    """Its letters carry the words of a company to another organisation, and back (see `mailed_name`)."""
    request = desk.ask()
    endings.decline(
        session, desk.company.id, request.id, partner_id=desk.partner.id, reason=DeclineReason.FIELD, advice=""
    )
    with scopes.everyone(session, "test"):
        sent = session.scalars(select(Message).where(Message.letter.like("introduction-%"))).all()
        for message in sent:
            message.values = {**message.values, "title": "急募 https://evil.example/login 至急"}
            mail = compose.render(session, message, preview=True)
            for part in (mail.subject, mail.text, mail.html):
                assert "evil.example" not in (part or "")
            assert "急募" in mail.text
    assert {message.letter for message in sent} == {"introduction-request", "introduction-news"}
