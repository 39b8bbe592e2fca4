"""Mails on their way: queued with the decision, sent once, tried again, given up, stopped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import letters, optouts, outbox
from relay.mail.delivery import WAITS, _finish
from relay.mail.server_route import ServerRoute
from relay.mail.transport import DeliveryResult, Fate, Smtp
from relay.models import MailClass, MailTls, Message, MessageState, scopes
from tests.cast import Cast
from tests.db.mail.conftest import Letters
from tests.smtp import SmtpServer, free_port

Queue = Callable[..., Message]
Deliver = Callable[..., int]


def test_a_mail_arrives_once_under_the_id_chosen_when_it_was_queued(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    message = queue(values={"title": "お知らせ", "words": "一行目\n\n二行目"})
    assert deliver() == 1
    assert deliver() == 0
    assert server.message_ids == [message.message_id]
    assert message.state is MessageState.SENT
    assert message.settled_at is not None
    assert written.on_final_state == [(message.id, MessageState.SENT)]


def test_a_mail_leaves_only_if_the_decision_was_saved(
    session: Session, cast: Cast, deliver: Deliver, server: SmtpServer
) -> None:
    with scopes.company(session, cast.acme.id):
        outbox.queue(session, "note", company_id=cast.acme.id, to="hanako@mail.example")
        session.rollback()
    assert deliver() == 0
    assert server.received == []


def test_a_mail_does_not_leave_before_its_time(queue: Queue, deliver: Deliver, server: SmtpServer) -> None:
    due = clock.now() + timedelta(minutes=10)
    queue(due_at=due)
    assert deliver(due - timedelta(seconds=1)) == 0
    assert deliver(due) == 1
    assert len(server.received) == 1


def test_no_second_result_for_an_application_whatever_the_first_has_become(
    session: Session, cast: Cast, written: Letters, queue: Queue, deliver: Deliver
) -> None:
    letters.register(replace(letters.find("offer"), once_per_subject=True))
    first = queue("offer", subject=("application", 7))
    with scopes.company(session, cast.acme.id):
        for state in (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT):
            first.state = state
            session.commit()
            with pytest.raises(outbox.AlreadyQueued):
                outbox.queue(session, "offer", company_id=cast.acme.id, to="a@b.example", subject=("application", 7))
            session.rollback()
        first.state = MessageState.CANCELLED
        session.commit()
        outbox.queue(session, "offer", company_id=cast.acme.id, to="a@b.example", subject=("application", 7))


def test_a_person_without_a_usable_address_gets_no_mail(session: Session, cast: Cast) -> None:
    for nothing in ("", "佐藤", "a@b.example\r\nBcc: c@d.example"):
        with pytest.raises(outbox.NoAddress):
            outbox.queue(session, "note", company_id=cast.acme.id, to=nothing)


def test_a_server_that_says_later_is_asked_again_with_growing_waits(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    server.refuse["hanako@mail.example"] = "451 4.7.1 greylisted"
    message = queue()
    moment = clock.now()
    for wait in WAITS:
        assert deliver(moment) == 1
        assert message.state is MessageState.SCHEDULED
        assert message.due_at - moment == wait
        assert deliver(moment + wait / 2) == 0
        moment += wait
    assert "greylisted" in message.last_error
    server.refuse.clear()
    assert deliver(moment) == 1
    assert server.message_ids == [message.message_id]
    assert written.on_final_state == [(message.id, MessageState.SENT)]


def test_after_the_last_try_a_mail_has_failed_and_its_letter_knows(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    server.refuse["hanako@mail.example"] = "451 try later"
    message = queue()
    moment = clock.now()
    for wait in (*WAITS, timedelta()):
        deliver(moment)
        moment += wait
    assert message.state is MessageState.FAILED
    assert written.on_final_state == [(message.id, MessageState.FAILED)]
    assert deliver(moment + timedelta(days=3)) == 0


def test_an_address_that_does_not_exist_bounces_and_gets_nothing_more_from_this_company(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    server.refuse["hanako@mail.example"] = "550 5.1.1 no such user"
    first = queue()
    deliver()
    assert first.state is MessageState.BOUNCED
    server.refuse.clear()
    again = queue(to="HANAKO@mail.example")
    deliver()
    assert again.state is MessageState.SUPPRESSED
    assert server.received == []
    assert written.on_final_state == [(first.id, MessageState.BOUNCED), (again.id, MessageState.SUPPRESSED)]
    with scopes.company(session, cast.other.id):
        outbox.queue(session, "note", company_id=cast.other.id, to="hanako@mail.example")
        session.commit()
    deliver()
    assert len(server.received) == 1


def test_a_server_that_refuses_us_and_not_the_address_does_not_condemn_the_address(
    queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    server.refuse["hanako@mail.example"] = "554 5.7.1 relaying denied"
    message = queue()
    deliver()
    assert message.state is MessageState.SCHEDULED


def test_content_a_server_will_never_take_fails_at_once(queue: Queue, deliver: Deliver, server: SmtpServer) -> None:
    server.refuse_content = "554 5.6.0 will not take this"
    message = queue()
    deliver()
    assert message.state is MessageState.FAILED
    assert "5.6.0" in message.last_error


def test_one_refused_mail_does_not_hold_up_the_next(queue: Queue, deliver: Deliver, server: SmtpServer) -> None:
    server.refuse["bad@mail.example"] = "550 5.1.1 no such user"
    queue(to="bad@mail.example")
    good = queue()
    assert deliver() == 2
    assert server.message_ids == [good.message_id]


def test_a_line_cut_before_the_answer_leaves_the_mail_in_hand_and_sends_the_same_id_again(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    server.cut_before_answer = 1
    message = queue(batch="act")
    deliver()
    assert message.state is MessageState.SENDING, "it may have left: nobody may take the decision back"
    with scopes.company(session, cast.acme.id):
        assert outbox.cancel(session, cast.acme.id) == 0
        session.commit()
    deliver(clock.now() + WAITS[0] + timedelta(seconds=1))
    assert message.state is MessageState.SENT
    assert server.message_ids == [message.message_id] * 2


def test_a_server_that_is_away_is_tried_later_and_not_for_every_mail(
    session: Session, queue: Queue, written: Letters
) -> None:
    nobody = Smtp(ServerRoute(None, "127.0.0.1", free_port(), MailTls.NONE, "", "", "relay@relay.example"))
    message = queue()
    assert outbox.deliver_one(session, now=clock.now(), transport=nobody)
    assert message.state is MessageState.SCHEDULED
    assert nobody.held()


def test_a_mail_whose_worker_died_is_taken_up_when_its_lease_is_over(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue()
    with scopes.company(session, cast.acme.id):
        message.state, message.lease_until = MessageState.SENDING, clock.now() + timedelta(seconds=60)
        session.commit()
    assert deliver() == 0
    assert deliver(clock.now() + timedelta(seconds=61)) == 1
    assert server.message_ids == [message.message_id]


def test_a_letter_that_cannot_be_written_waits_and_the_others_leave(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    written.break_context = True
    broken, whole = queue(), queue("offer")
    assert deliver() == 2
    assert broken.state is MessageState.SCHEDULED
    assert "RuntimeError" in broken.last_error
    assert server.message_ids == [whole.message_id]


def test_a_letter_that_fails_after_sending_does_not_send_again(
    queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    written.break_settled = True
    message = queue()
    deliver()
    assert message.state is MessageState.SENT
    assert deliver(clock.now() + timedelta(days=1)) == 0
    assert len(server.received) == 1


def test_a_message_blanked_by_erasure_is_not_sent(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue()
    with scopes.company(session, cast.acme.id):
        message.to_address = ""
        session.commit()
    deliver()
    assert message.state is MessageState.CANCELLED
    assert server.received == []


# opt-outs


def test_an_opt_out_between_queueing_and_sending_takes_the_relay_part_away(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue("offer")
    with scopes.company(session, cast.acme.id):
        assert optouts.opt_out(session, cast.acme.id, address_hash("Hanako@mail.example"), MailClass.RELAY, "one-click")
        session.commit()
    deliver()
    assert message.mail_class is MailClass.TRANSACTIONAL
    [mail] = server.received
    assert mail["List-Unsubscribe"] is None
    assert "/r/" not in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "結果です。" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_mail_that_is_all_promotion_is_not_sent_to_who_opted_out(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue("promo-note")
    with scopes.company(session, cast.acme.id):
        optouts.opt_out(session, cast.acme.id, address_hash(message.to_address), MailClass.PROMO, "page")
        session.commit()
    deliver()
    assert message.state is MessageState.SUPPRESSED
    assert server.received == []


def test_an_opt_out_holds_for_one_company_and_one_class_and_any_spelling(session: Session, cast: Cast) -> None:
    hashed = address_hash("ＨＡＮＡＫＯ@mail.example")
    with scopes.company(session, cast.acme.id):
        assert optouts.opt_out(session, cast.acme.id, hashed, MailClass.RELAY, "page")
        assert not optouts.opt_out(session, cast.acme.id, hashed, MailClass.RELAY, "page")
        assert optouts.is_opted_out(session, cast.acme.id, "hanako@MAIL.example", MailClass.RELAY)
        assert not optouts.is_opted_out(session, cast.acme.id, "hanako@mail.example", MailClass.PROMO)
        assert not optouts.is_opted_out(session, cast.acme.id, "hanako@mail.example", MailClass.TRANSACTIONAL)
        both = optouts.opted_out(session, cast.acme.id, ["Hanako@mail.example", "taro@mail.example"])
        assert both == {"Hanako@mail.example"}
    with scopes.company(session, cast.other.id):
        assert not optouts.is_opted_out(session, cast.other.id, "hanako@mail.example", MailClass.RELAY)


# stopping


def test_a_waiting_act_is_counted_and_can_be_stopped(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    soon = clock.now() + timedelta(minutes=5)
    first, second = queue(batch="one", due_at=soon), queue(batch="one", due_at=soon)
    queue(batch="two", due_at=soon + timedelta(minutes=1))
    own = queue(due_at=soon)
    with scopes.company(session, cast.acme.id):
        waiting = outbox.waiting(session)
        assert waiting is not None
        assert (waiting.count, waiting.due_at) == (3, soon)
        assert [(each.batch, each.count) for each in waiting.batches] == [("one", 2), ("two", 1)]
        assert outbox.cancel(session, cast.acme.id, "one") == 2
        assert outbox.cancel(session, cast.acme.id) == 1
        assert outbox.waiting(session) is None
        session.commit()
    assert (first.id, MessageState.CANCELLED) in written.on_final_state
    assert (second.id, MessageState.CANCELLED) in written.on_final_state
    deliver(soon + timedelta(minutes=2))
    assert server.message_ids == [own.message_id], "what a candidate asked for is no act of HR"


def test_nobody_stops_or_sees_another_companys_mails(session: Session, cast: Cast, queue: Queue) -> None:
    message = queue(batch="one", due_at=clock.now() + timedelta(minutes=5))
    with scopes.company(session, cast.other.id):
        assert outbox.waiting(session) is None
        assert outbox.cancel(session, cast.other.id) == 0
        assert outbox.cancel(session, cast.acme.id) == 0
    assert message.state is MessageState.SCHEDULED


def test_the_address_hash_needs_the_installations_key(app: Flask) -> None:
    assert len(address_hash("hanako@mail.example")) == 64
    assert address_hash("hanako@mail.example") != address_hash("taro@mail.example")


def test_a_person_erased_while_their_mail_was_being_sent_is_not_written_about_again(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    message = queue()
    with scopes.company(session, cast.acme.id):
        message.state, message.lease_until = MessageState.SENDING, clock.now() + timedelta(seconds=60)
        session.commit()
        message.state, message.to_address = MessageState.CANCELLED, ""
        session.commit()
        _finish(session, message, DeliveryResult(Fate.SENT))
    assert message.state is MessageState.CANCELLED
    assert written.on_final_state == []
