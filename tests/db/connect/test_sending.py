"""Webhooks are brought to their addresses: signed, tried again, stopped, and told of (D-3 to D-6)."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event as Signal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from relay import clock
from relay.connect.webhooks import endpoints, messages, sending
from relay.extensions import db
from relay.models import (
    EventTag,
    Message,
    WebhookCause,
    WebhookState,
    WebhookStop,
    WebhookType,
    event_data,
    record,
    scopes,
)
from relay.worker.webhooks import Calling
from tests.cast import Cast, make_cast
from tests.db.connect import hooks
from tests.listening import Listener, Request, listening

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def cast(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Cast:
    hooks.open_loopback(app, monkeypatch)
    made = make_cast(session)
    session.commit()
    return made


class Side:
    """The other side: answers as it is told to."""

    def __init__(self) -> None:
        self.answer: Answer = (204, {}, b"")

    def __call__(self, _request: Request) -> Answer:
        return self.answer


@pytest.fixture
def side() -> Side:
    return Side()


@pytest.fixture
def hook(side: Side) -> Iterator[Listener]:
    with listening(side) as listener:
        yield listener


def test_a_message_arrives_signed_and_thin(session: Session, cast: Cast, hook: Listener) -> None:
    """It reads as the standard's own library wants it (D-1 to D-3)."""
    made = hooks.add(session, cast.acme, hook)
    before = clock.now()
    hooks.reject(session, cast.acme, 7)
    assert hooks.send(session) == 1
    [request] = hook.requests
    told = Webhook(made.secret).verify(request.body, request.headers)
    moment = datetime.fromisoformat(told.pop("timestamp"))
    assert told == {"type": "candidate.rejected", "data": {"application_id": "7", "candidate_id": "3"}}
    assert before - timedelta(seconds=1) < moment <= clock.now()
    assert request.headers["content-type"] == "application/json"
    [message], [attempt] = hooks.messages(session), hooks.attempts(session)
    assert (message.state, message.due_at, message.uid) == (WebhookState.DELIVERED, None, request.headers["webhook-id"])
    assert (attempt.status, attempt.cause, attempt.taken) == (204, WebhookCause.SCHEDULE, True)
    assert hooks.send(session) == 0


def test_each_try_has_the_same_id_and_a_later_time(session: Session, cast: Cast, hook: Listener, side: Side) -> None:
    """The tries of D-6, each not before its time and no more than a tenth later; then it has failed."""
    made = hooks.add(session, cast.acme, hook)
    side.answer = (500, {}, b"no")
    hooks.reject(session, cast.acme)
    moment = clock.now()
    for wait in (timedelta(0), *sending.WAITS):
        if wait:
            with clock.at(moment + wait * 0.99):
                assert hooks.send(session) == 0, f"not before {wait}"
        moment += wait * (1 + sending.JITTER)
        with clock.at(moment):
            assert hooks.send(session) == 1, wait
            sent = hook.requests[-1]
            assert sent.headers["webhook-timestamp"] == str(int(moment.timestamp()))
    with clock.at(moment + timedelta(days=9)):
        assert hooks.send(session) == 0
    assert len(hook.requests) == 10 and len({each.headers["webhook-id"] for each in hook.requests}) == 1
    assert len({each.headers["webhook-signature"] for each in hook.requests}) == 10
    assert hooks.messages(session)[0].state is WebhookState.FAILED
    assert made.endpoint.failures == 10


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_taken_is_two_hundred(session: Session, cast: Cast, hook: Listener, side: Side, status: int) -> None:
    hooks.add(session, cast.acme, hook)
    side.answer = (status, {}, b"")
    hooks.reject(session, cast.acme)
    hooks.send(session)
    assert hooks.messages(session)[0].state is WebhookState.DELIVERED


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_all_else_is_tried_again(session: Session, cast: Cast, hook: Listener, side: Side, status: int) -> None:
    """A redirect is not followed (D-5)."""
    hooks.add(session, cast.acme, hook)
    side.answer = (status, {"Location": f"http://{hook.host}:{hook.port}/elsewhere"}, b"")
    hooks.reject(session, cast.acme)
    hooks.send(session)
    [message] = hooks.messages(session)
    assert (message.state, message.tries) == (WebhookState.WAITING, 1)
    assert [each.path for each in hook.requests] == ["/in"]


def letters(session: Session) -> list[Message]:
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(Message).where(Message.letter == "webhook-failed")))


def test_an_address_that_is_gone_is_stopped_and_administrators_are_told(
    session: Session, cast: Cast, hook: Listener, side: Side
) -> None:
    hooks.add(session, cast.acme, hook)
    side.answer = (410, {}, b"")
    hooks.reject(session, cast.acme)
    hooks.send(session)
    endpoint = hooks.endpoint_of(session, cast.acme)
    assert (endpoint.stopped_as, hooks.messages(session)[0].state) == (WebhookStop.GONE, WebhookState.HELD)
    [letter] = letters(session)
    assert (letter.to_address, letter.company_id) == (cast.adam.email, cast.acme.id)
    assert letter.values == {"host": "127.0.0.1", "why": "gone"}
    with hooks.later(clock.now(), days=5):
        assert hooks.send(session) == 0


def fail_to_the_end(session: Session, cast: Cast, *, days: float) -> None:
    """A message is tried for the last time, at an address that took nothing for so many days."""
    hooks.reject(session, cast.acme)
    [message], endpoint = hooks.messages(session), hooks.endpoint_of(session, cast.acme)
    message.tries, endpoint.failing_since = len(sending.WAITS), clock.now() - timedelta(days=days)
    endpoint.failures = 9
    session.commit()
    hooks.send(session)


def test_an_address_that_takes_nothing_for_days_is_stopped(
    session: Session, cast: Cast, hook: Listener, side: Side
) -> None:
    hooks.add(session, cast.acme, hook)
    side.answer = (500, {}, b"")
    fail_to_the_end(session, cast, days=3.1)
    assert hooks.endpoint_of(session, cast.acme).stopped_as is WebhookStop.FAILING
    assert [each.values["why"] for each in letters(session)] == ["failing"]


def test_administrators_hear_of_a_message_that_was_tried_to_the_end(
    session: Session, cast: Cast, hook: Listener, side: Side
) -> None:
    """Once a day of one address; the address itself goes on, and the message may be sent again by hand."""
    hooks.add(session, cast.acme, hook)
    side.answer = (500, {}, b"")
    fail_to_the_end(session, cast, days=1)
    endpoint, [message] = hooks.endpoint_of(session, cast.acme), hooks.messages(session)
    assert (endpoint.enabled, message.state) == (True, WebhookState.FAILED)
    assert [each.values["why"] for each in letters(session)] == [""]
    hooks.reject(session, cast.acme, 8)
    hooks.messages(session)[1].tries = len(sending.WAITS)
    session.commit()
    hooks.send(session)
    assert [each.state for each in hooks.messages(session)] == [WebhookState.FAILED] * 2
    assert len(letters(session)) == 1, "no more often than once a day"
    side.answer = (204, {}, b"")
    with scopes.company(session, cast.acme.id):
        messages.replay(session, message)
    hooks.send(session)
    assert hooks.messages(session)[0].state is WebhookState.DELIVERED


def test_what_happens_while_an_address_is_stopped_is_held_and_goes_out_afterwards(
    session: Session, cast: Cast, hook: Listener
) -> None:
    made = hooks.add(session, cast.acme, hook)
    hooks.reject(session, cast.acme, 1)
    with scopes.company(session, cast.acme.id):
        endpoints.stop(session, made.endpoint)
    hooks.reject(session, cast.acme, 2)
    assert hooks.send(session) == 0 and hook.calls == 0
    assert {each.state for each in hooks.messages(session)} == {WebhookState.HELD}
    with scopes.company(session, cast.acme.id):
        endpoints.resume(session, made.endpoint)
    session.commit()
    hooks.send(session)
    told = sorted(json.loads(each.body)["data"]["application_id"] for each in hook.requests)
    assert told == ["1", "2"]


def test_a_try_by_hand_is_single_and_counts_for_nothing(
    session: Session, cast: Cast, hook: Listener, side: Side
) -> None:
    """The same id, also at a stopped address; the schedule and the count of failures stay as they were (D-6)."""
    made = hooks.add(session, cast.acme, hook)
    side.answer = (500, {}, b"")
    hooks.reject(session, cast.acme)
    hooks.send(session)
    [message] = hooks.messages(session)
    due, since = message.due_at, made.endpoint.failing_since
    with scopes.company(session, cast.acme.id):
        messages.replay(session, message)
        messages.replay(session, message)  # pressed twice
        session.commit()
        assert hooks.send(session) == 1
        assert (message.due_at, message.tries, message.state) == (due, 1, WebhookState.WAITING)
        assert (made.endpoint.failures, made.endpoint.failing_since) == (1, since)
        endpoints.stop(session, made.endpoint)
        messages.replay(session, message)
        session.commit()
        assert hooks.send(session) == 1
        session.refresh(message)
        assert (message.state, message.due_at) == (WebhookState.HELD, None)
        side.answer = (204, {}, b"")
        messages.replay(session, message)
        session.commit()
        hooks.send(session)
        session.refresh(message)
    assert (message.state, made.endpoint.failures, made.endpoint.enabled) == (WebhookState.DELIVERED, 1, False)
    assert len({each.headers["webhook-id"] for each in hook.requests}) == 1
    assert [each.cause for each in hooks.attempts(session)] == [WebhookCause.SCHEDULE, *[WebhookCause.BY_HAND] * 3]


def test_a_gone_answer_to_a_try_by_hand_stops_nothing(session: Session, cast: Cast, hook: Listener, side: Side) -> None:
    made = hooks.add(session, cast.acme, hook)
    side.answer = (410, {}, b"")
    with scopes.company(session, cast.acme.id):
        messages.send_test(session, made.endpoint)
        session.commit()
    assert hooks.send(session) == 1
    assert made.endpoint.enabled and made.endpoint.failures == 0


def test_a_test_is_sent_once_also_to_a_stopped_address(
    session: Session, cast: Cast, hook: Listener, side: Side
) -> None:
    made = hooks.add(session, cast.acme, hook)
    with scopes.company(session, cast.acme.id):
        endpoints.stop(session, made.endpoint)
        side.answer = (500, {}, b"")
        messages.send_test(session, made.endpoint)
        session.commit()
    assert hooks.send(session) == 1 and hooks.send(session) == 0
    [message], [attempt] = hooks.messages(session), hooks.attempts(session)
    assert (message.type, message.state, attempt.cause) == (WebhookType.TEST, WebhookState.FAILED, WebhookCause.TEST)
    assert json.loads(hook.requests[0].body)["type"] == "webhook.test"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("written", ["seconds", "date"])
def test_an_address_is_left_in_peace_as_long_as_it_asks(
    session: Session, cast: Cast, hook: Listener, side: Side, status: int, written: str
) -> None:
    """`Retry-After` holds for its other messages as well (D-5)."""
    hooks.add(session, cast.acme, hook)
    until = clock.now() + timedelta(hours=1)
    asked = "3600" if written == "seconds" else format_datetime(until.astimezone(UTC), usegmt=True)
    side.answer = (status, {"Retry-After": asked}, b"")
    hooks.reject(session, cast.acme, 1)
    moment = clock.now()
    hooks.send(session)
    hooks.reject(session, cast.acme, 2)
    side.answer = (204, {}, b"")
    with hooks.later(moment, minutes=58):
        assert hooks.send(session) == 0
    with hooks.later(moment, minutes=62):
        assert hooks.send(session) == 2


@pytest.mark.parametrize("asked", ["", "soon", "-5", "99999999999999999999", "Mon, 99 Foo 2026"])
def test_what_cannot_be_read_of_it_does_no_harm(
    session: Session, cast: Cast, hook: Listener, side: Side, asked: str
) -> None:
    hooks.add(session, cast.acme, hook)
    side.answer = (503, {"Retry-After": asked}, b"")
    hooks.reject(session, cast.acme)
    hooks.send(session)
    [message] = hooks.messages(session)
    assert message.due_at is not None and message.due_at <= clock.now() + sending.MAX_REST


def test_for_a_day_both_secrets_sign(session: Session, cast: Cast, hook: Listener) -> None:
    """Then the new one alone (D-4)."""
    made = hooks.add(session, cast.acme, hook)
    former = made.secret
    with scopes.company(session, cast.acme.id):
        new = endpoints.rotate(session, made.endpoint).secret
    session.commit()
    assert new != former
    hooks.reject(session, cast.acme, 1)
    hooks.send(session)
    first = hook.requests[0]
    assert len(first.headers["webhook-signature"].split()) == 2
    for secret in (former, new):
        Webhook(secret).verify(first.body, first.headers)
    with hooks.later(clock.now(), hours=25):
        hooks.reject(session, cast.acme, 2)
        hooks.send(session)
    assert len(hook.requests[1].headers["webhook-signature"].split()) == 1


def test_an_answer_is_kept_up_to_a_kilobyte(session: Session, cast: Cast, hook: Listener, side: Side) -> None:
    hooks.add(session, cast.acme, hook)
    side.answer = (500, {}, "だめ\0<script>".encode() + b"\xff" * 5000)
    hooks.reject(session, cast.acme)
    hooks.send(session)
    [attempt] = hooks.attempts(session)
    assert attempt.answer.startswith("だめ\N{REPLACEMENT CHARACTER}<script>") and len(attempt.answer) <= 1024


def test_an_address_that_may_not_be_called_any_more_is_not_called(
    app: Flask, session: Session, cast: Cast, hook: Listener
) -> None:
    """A name that leads inside later fails like one that does not answer; the log says why."""
    hooks.add(session, cast.acme, hook)
    del app.extensions["relay_outbound"]
    hooks.reject(session, cast.acme)
    assert hooks.send(session) == 1 and hook.calls == 0
    assert [each.fault for each in hooks.attempts(session)] == ["outbound-refused"]


def test_a_message_in_the_hands_of_the_dead_is_sent_again_under_its_id(
    session: Session, cast: Cast, hook: Listener
) -> None:
    from relay.infra.turns import Turns

    hooks.add(session, cast.acme, hook)
    hooks.reject(session, cast.acme)
    now = clock.now()
    taken = sending.take(session, now=now, turns=Turns())
    assert taken is not None and sending.take(session, now=now, turns=Turns()) is None
    with hooks.later(now, seconds=121):
        assert hooks.send(session) == 1
    assert [each.headers["webhook-id"] for each in hook.requests] == [taken.uid]


def test_messages_go_after_thirty_days_with_their_tries(session: Session, cast: Cast, hook: Listener) -> None:
    hooks.add(session, cast.acme, hook)
    hooks.reject(session, cast.acme)
    hooks.send(session)
    for days, left in ((29, 1), (31, 0)):
        with hooks.later(clock.now(), days=days), scopes.everyone(session, "test"):
            messages.sweep(session)
        session.commit()
        assert (len(hooks.messages(session)), len(hooks.attempts(session))) == (left, left)


def stepping(app: Flask) -> tuple[Calling, Callable[[], bool]]:
    """The lane of the worker in this thread."""
    calling = Calling(app, Signal())

    def step() -> bool:
        try:
            return calling.step(db.session(), clock.now())
        finally:
            db.session.remove()

    return calling, step


def test_a_slow_address_holds_up_no_other_company(app: Flask, session: Session, cast: Cast) -> None:
    """Acme's addresses hang; Other's messages go out meanwhile, and Acme has two calls in hand at most."""
    release = Signal()

    def hang(_request: Request) -> Answer:
        release.wait(20)
        return 204, {}, b""

    with listening(hang) as slow, listening() as quick:
        for _each in range(4):
            hooks.add(session, cast.acme, slow)
        hooks.add(session, cast.other, quick)
        for number in range(3):
            hooks.reject(session, cast.acme, number)
            hooks.reject(session, cast.other, number)
        calling, step = stepping(app)
        try:
            began = time.monotonic()
            while len(quick.requests) < 3 and time.monotonic() - began < 15:
                step()
            assert (len(quick.requests), slow.calls) == (3, 2)
        finally:
            release.set()
            calling.end()


def test_an_event_of_one_company_reaches_no_address_of_another(session: Session, cast: Cast, hook: Listener) -> None:
    hooks.add(session, cast.other, hook)
    hooks.reject(session, cast.acme)
    assert hooks.messages(session) == [] and hooks.send(session) == 0 and hook.calls == 0


def test_a_withdrawal_from_a_partner_is_not_told_to_a_company(session: Session, cast: Cast, hook: Listener) -> None:
    """Who withdrew from whom is between the two; nor does a company hear who registered (A-45)."""
    hooks.add(session, cast.acme, hook)
    record(session, EventTag.CONSENT_WITHDRAWN, partner_id=cast.tsumugi.id, profile_id=1)
    record(
        session,
        EventTag.REFERRAL_COMPLETED,
        company_id=cast.acme.id,
        subject=("candidate", 4711),
        data=event_data.ReferralNumbered(referral_id=9, number=3),
    )
    session.commit()
    hooks.deliver_events(session)
    hooks.send(session)
    [request] = hook.requests
    told = json.loads(request.body)
    assert (told["type"], told["data"]) == ("referral.completed", {"number": 3})
    assert b"4711" not in request.body
