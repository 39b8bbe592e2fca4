"""Addresses of webhooks: what may be one, whose they are, and what is kept of a secret (D-4, D-7, E-24)."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import secrets
from relay.connect.outbound import OutboundRefused
from relay.connect.webhooks import endpoints, messages
from relay.connect.webhooks.endpoints import NoWebhookTypes, TooManyWebhooks
from relay.models import Event, EventTag, WebhookEndpoint, WebhookMessage, WebhookState, scopes
from tests.cast import Cast, make_cast
from tests.db.connect import hooks
from tests.listening import listening

URL = "https://hook.example/in"
REJECTED = ["candidate.rejected"]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def test_a_secret_is_sealed_and_told_once(session: Session, cast: Cast) -> None:
    made = endpoints.add(session, cast.acme.id, f" {URL} ", REJECTED, by_user_id=cast.adam.id)
    assert made.secret.startswith("whsec_") and made.endpoint.url == URL
    assert made.secret not in made.endpoint.secret
    assert endpoints.secrets_in_force(made.endpoint) == [made.secret]
    assert secrets.count(session).current == 1, "it is sealed again with the others when the key is changed"


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://user@hook.example/",
        "javascript:alert(1)",
        "",
        "https://" + "x" * 2000 + ".example/",
    ],
)
def test_no_address_leads_inside(session: Session, cast: Cast, url: str) -> None:
    with pytest.raises(OutboundRefused):
        endpoints.add(session, cast.acme.id, url, REJECTED)
    made = endpoints.add(session, cast.acme.id, URL, REJECTED)
    with pytest.raises(OutboundRefused):
        endpoints.change(session, made.endpoint, url, REJECTED)
    assert made.endpoint.url == URL


@pytest.mark.parametrize("types", [[], ["webhook.test"], ["candidate.rejected", "candidate.erased"]])
def test_the_events_are_of_the_list(session: Session, cast: Cast, types: list[str]) -> None:
    with pytest.raises(NoWebhookTypes):
        endpoints.add(session, cast.acme.id, URL, types)


def test_there_are_not_too_many(session: Session, cast: Cast) -> None:
    for number in range(endpoints.MAX_ENDPOINTS):
        endpoints.add(session, cast.acme.id, f"{URL}{number}", REJECTED)
    with pytest.raises(TooManyWebhooks):
        endpoints.add(session, cast.acme.id, URL, REJECTED)
    endpoints.add(session, cast.other.id, URL, REJECTED)


def test_a_company_finds_its_own_alone(app: Flask, session: Session, cast: Cast) -> None:
    made = endpoints.add(session, cast.acme.id, URL, REJECTED)
    session.commit()
    hooks.reject(session, cast.acme)
    [message] = hooks.messages(session)
    assert endpoints.find(session, cast.other.id, made.endpoint.id) is None
    assert endpoints.living(session, cast.other.id) == []
    assert messages.find(session, cast.other.id, message.id) is None
    assert endpoints.find(session, cast.acme.id, made.endpoint.id) is made.endpoint
    assert messages.find(session, cast.acme.id, message.id) is not None


def test_each_act_is_a_line_of_the_log(session: Session, cast: Cast) -> None:
    endpoint = endpoints.add(session, cast.acme.id, URL, REJECTED).endpoint
    with scopes.company(session, cast.acme.id):
        assert endpoints.change(session, endpoint, URL, REJECTED) is False
        assert endpoints.change(session, endpoint, f"{URL}/2", ["credit.earned", *REJECTED]) is True
        assert endpoint.types == ["candidate.rejected", "credit.earned"], "in the order of the list"
        endpoints.rotate(session, endpoint)
        endpoints.stop(session, endpoint)
        endpoints.stop(session, endpoint)
        endpoints.resume(session, endpoint)
        endpoints.resume(session, endpoint)
        endpoints.remove(session, endpoint)
        session.commit()
        tags = select(Event.tag, Event.data).where(Event.tag.like("webhook:%")).order_by(Event.id)
        lines = [tuple(row) for row in session.execute(tags)]
    assert lines == [
        (EventTag.WEBHOOK_ADDED, {}),
        (EventTag.WEBHOOK_CHANGED, {"fields": ["url", "types"]}),
        (EventTag.WEBHOOK_SECRET_MADE, {}),
        (EventTag.WEBHOOK_STOPPED, {"why": "by-hand"}),
        (EventTag.WEBHOOK_RESUMED, {}),
        (EventTag.WEBHOOK_REMOVED, {}),
    ]


def test_only_chosen_events_are_sent_and_each_once(session: Session, cast: Cast) -> None:
    endpoints.add(session, cast.acme.id, URL, ["credit.earned"])
    chosen = endpoints.add(session, cast.acme.id, URL, REJECTED).endpoint
    session.commit()
    hooks.reject(session, cast.acme)
    [message] = hooks.messages(session)
    assert (message.endpoint_id, message.state) == (chosen.id, WebhookState.WAITING)
    event = session.scalars(select(Event).where(Event.tag == EventTag.APPLICATION_REJECTED)).one()
    messages.write(session, event)
    session.commit()
    assert len(hooks.messages(session)) == 1, "an event that is seen twice is told once"


def test_a_removed_address_takes_its_messages_along(app: Flask, session: Session, cast: Cast) -> None:
    app.extensions.pop("relay_outbound", None)
    endpoint = endpoints.add(session, cast.acme.id, URL, REJECTED).endpoint
    session.commit()
    hooks.reject(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        endpoints.remove(session, endpoint)
        session.commit()
        assert session.scalars(select(WebhookMessage)).all() == session.scalars(select(WebhookEndpoint)).all() == []


def test_an_address_removed_while_it_was_called_leaves_nothing(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relay.connect.webhooks import sending
    from relay.infra.turns import Turns

    hooks.open_loopback(app, monkeypatch)
    with listening() as hook:
        made = hooks.add(session, cast.acme, hook)
        hooks.reject(session, cast.acme)
        taken = sending.take(session, now=clock.now(), turns=Turns())
        assert taken is not None
        with scopes.company(session, cast.acme.id):
            endpoints.remove(session, made.endpoint)
            session.commit()
        sending.hand_over(session, taken)
    assert hooks.attempts(session) == []
