"""Addresses of companies that are really listened at, and the worker's way to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.outbound import Outbound
from relay.connect.webhooks import endpoints, sending
from relay.connect.webhooks.endpoints import WebhookSecret
from relay.infra import jobs
from relay.infra.turns import Turns
from relay.models import Company, EventTag, WebhookAttempt, WebhookEndpoint, WebhookMessage, event_data, record, scopes
from tests.listening import Listener

ALL = [kind.value for kind in endpoints.CHOICES]


def open_loopback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this installation call servers on this machine, as its operator could."""
    monkeypatch.setitem(app.extensions, "relay_outbound", Outbound([ip_network("127.0.0.0/8")]))


def add(session: Session, company: Company, listener: Listener, types: list[str] | None = None) -> WebhookSecret:
    """Add the listener's address to the company, for all kinds of events unless said."""
    made = endpoints.add(session, company.id, f"http://{listener.host}:{listener.port}/in", types or ALL)
    session.commit()
    return made


def reject(session: Session, company: Company, application_id: int = 7) -> None:
    """Write that somebody was rejected, and make messages of it."""
    data = event_data.ApplicationDecided(candidate_id=3, reason="skills")
    record(
        session,
        EventTag.APPLICATION_REJECTED,
        company_id=company.id,
        subject=("application", application_id),
        data=data,
    )
    session.commit()
    deliver_events(session)


def deliver_events(session: Session) -> None:
    """Hand every waiting event to its consumers."""
    while jobs.deliver_event(session, clock.now()):
        pass


def send(session: Session) -> int:
    """Send what is due; returns how many tries that were."""
    turns, tries = Turns(), 0
    while sending.deliver_one(session, now=clock.now(), turns=turns):
        tries += 1
    return tries


@contextmanager
def later(moment: datetime, **after: float) -> Iterator[datetime]:
    """Stand so much later inside the block."""
    with clock.at(moment + timedelta(**after)):
        yield moment + timedelta(**after)


def messages(session: Session) -> list[WebhookMessage]:
    with scopes.everyone(session, "test"):
        found = select(WebhookMessage).order_by(WebhookMessage.id).execution_options(populate_existing=True)
        return list(session.scalars(found))


def attempts(session: Session) -> list[WebhookAttempt]:
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)))


def endpoint_of(session: Session, company: Company) -> WebhookEndpoint:
    with scopes.company(session, company.id):
        return session.scalars(select(WebhookEndpoint).execution_options(populate_existing=True)).one()
