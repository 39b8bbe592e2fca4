"""Stop everything: nothing of the company leaves until somebody lets it go on; other companies' mail does."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters, outbox, standstill
from relay.models import Event, EventTag, Message, MessageState, scopes
from tests.cast import Cast
from tests.smtp import SmtpServer

Queue = Callable[..., Message]
Deliver = Callable[..., int]


def _stop(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        standstill.stop(session, cast.acme)
        session.commit()


def _resume(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        standstill.resume(session, cast.acme)
        session.commit()


def test_nothing_leaves_while_stopped_and_everything_after(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    first = queue()
    _stop(session, cast)
    second = queue()
    assert deliver() == 0
    with scopes.company(session, cast.acme.id):
        assert standstill.waiting(session, cast.acme.id) == 2
    _resume(session, cast)
    assert deliver() == 2
    assert server.message_ids == [first.message_id, second.message_id]


def test_other_companies_go_on(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    queue()
    _stop(session, cast)
    with scopes.company(session, cast.other.id):
        outbox.queue(session, "note", company_id=cast.other.id, to="taro@mail.example")
        session.commit()
    deliver()
    assert [str(mail["To"]) for mail in server.received] == ["taro@mail.example"]


def test_letters_to_ones_own_members_still_go_so_that_somebody_can_come_in_and_resume(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    note = letters.find("note")
    letters.register(replace(note, audience="member"))
    _stop(session, cast)
    queue(to=cast.adam.email)
    assert deliver() == 1
    with scopes.company(session, cast.acme.id):
        assert standstill.waiting(session, cast.acme.id) == 0


def test_a_mail_claimed_the_moment_before_waits_on_and_can_be_taken_back(
    session: Session, cast: Cast, queue: Queue
) -> None:
    from relay.infra.turns import Turns
    from relay.mail import delivery

    message = queue(batch="act")
    claimed = delivery._claim(session, clock.now(), frozenset(), 0, Turns(), False)
    assert claimed is not None
    _stop(session, cast)
    with scopes.company(session, cast.acme.id):
        assert delivery._prepare(session, message) is None
        session.commit()
        assert (message.state, message.attempts) == (MessageState.SCHEDULED, 0)
        assert outbox.cancel(session, cast.acme.id) == 1


def test_a_mail_that_may_have_left_before_is_not_offered_for_taking_back(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    from relay.mail import delivery

    message = queue(batch="act")
    with scopes.company(session, cast.acme.id):
        message.state, message.attempts, message.lease_until = MessageState.SENDING, 2, clock.now()
        session.commit()
        _stop(session, cast)
        assert delivery._prepare(session, message) is None
        session.commit()
        assert outbox.cancel(session, cast.acme.id) == 0
    assert deliver() == 0
    _resume(session, cast)
    assert deliver() == 1
    assert server.message_ids == [message.message_id]


def test_each_press_is_logged_once(session: Session, cast: Cast, queue: Queue) -> None:
    queue()
    for recorder in (_stop, _stop, _resume, _resume):
        recorder(session, cast)
    presses = Event.tag.in_([EventTag.SENDING_STOPPED, EventTag.SENDING_RESUMED])
    logged = session.execute(select(Event.tag, Event.data).where(presses).order_by(Event.id)).all()
    assert [tuple(row) for row in logged] == [
        ("company:sending-stopped", {"waiting": 1}),
        ("company:sending-resumed", {"waiting": 1}),
    ]
