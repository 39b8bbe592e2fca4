"""A result that comes back after it left: the person is as untold as if the server had refused it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from relay.extensions import begin_writing, db
from relay.hiring import decisions
from relay.mail import bounces
from relay.mail.bounces import BounceOutcome
from relay.mail.delivery_reports import Delivery, DeliveryReport
from relay.mail.refusals import Refusal
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Event,
    EventTag,
    LinkState,
    Message,
    MessageState,
    RelayLink,
    scopes,
)
from relay.network import links
from relay.outreach import cautions, mailings, pending_results
from relay.search import missing_information
from relay.search.missing_information import MissingInformation
from tests import bouncing
from tests.db.outreach.conftest import Desk, Postbox

DELAY = timedelta(minutes=15)
ADDRESS = "hanako@mail.example"


def come_back(desk: Desk, name: str, message: Message | None = None) -> BounceOutcome:
    """Hand in what a server wrote about the last mail, in a transaction of its own."""
    report = bounces.read(bouncing.about(message or messages(desk)[-1], name))
    assert report is not None
    outcome = bounces.note(desk.session, report)
    desk.session.commit()
    return outcome


def messages(desk: Desk) -> list[Message]:
    with scopes.company(desk.session, desk.cast.acme.id):
        return list(desk.session.scalars(select(Message).order_by(Message.id)))


def told(desk: Desk, postbox: Postbox) -> Application:
    """Somebody whose result has left, with the relay part."""
    application = desk.person(email=ADDRESS)
    desk.tell(application)
    postbox.collect(later=DELAY)
    return application


def facts(desk: Desk, application_id: int) -> dict[str, Any]:
    """What the company knows of one person's result, wherever it shows."""
    session = desk.session
    session.expire_all()
    with scopes.company(session, desk.cast.acme.id):
        row = session.scalars(select(Application).where(Application.id == application_id)).one()
        link = session.scalars(select(RelayLink).where(RelayLink.application_id == application_id)).one()
        message = session.scalars(select(Message).where(Message.subject_id == application_id)).all()[-1]
        address = session.scalar(select(Candidate.email).where(Candidate.id == row.candidate_id)) or ""
        missing = missing_information.listed(session, MissingInformation.BOUNCED)
        return {
            "application": (row.status, row.notified_at, row.notified_by, row.reason),
            "message": (message.state, message.failure),
            "link": (link.state, link.sent_at, link.registered_at),
            "relay": links.statuses(session, [row.candidate_id])[row.candidate_id].word,
            "undelivered": application_id in {each.application_id for each in mailings.failed(session)},
            "no address": row.candidate_id in {each.candidate_id for each in missing.rows},
            "caution": cautions.bounced(session, [address]) == {address},
        }


def counts(desk: Desk) -> dict[str, int | None]:
    """What home and the lists count."""
    session = desk.session
    failures = select(func.count()).select_from(Event).where(Event.tag == EventTag.RESULT_FAILED)
    with scopes.company(session, desk.cast.acme.id):
        return {
            "untold": pending_results.count(session),
            "undelivered": mailings.failed_count(session),
            "sent": mailings.sent_count(session),
            "failures told": session.scalar(failures),
        }


def test_late_and_at_once_it_ends_alike(desk: Desk, postbox: Postbox) -> None:
    late = told(desk, postbox)
    come_back(desk, "postfix-nobody")
    assert counts(desk) == {"untold": 1, "undelivered": 1, "sent": 0, "failures told": 1}
    at_once = desk.person("佐藤 次郎", "jiro@mail.example")
    postbox.unknown.add("jiro@mail.example")
    desk.tell(at_once)
    postbox.collect(later=DELAY)
    assert counts(desk) == {"untold": 2, "undelivered": 2, "sent": 0, "failures told": 2}
    seen = facts(desk, late.id)
    assert seen == facts(desk, at_once.id)
    assert seen["application"][:3] == (ApplicationResult.REJECTED, None, None)
    assert seen["link"] == (LinkState.ISSUED, None, None)
    assert (seen["undelivered"], seen["no address"], seen["caution"]) == (True, True, True)


def test_a_full_box_leaves_the_person_untold_and_free_to_be_written_to(desk: Desk, postbox: Postbox) -> None:
    application = told(desk, postbox)
    assert come_back(desk, "postfix-full") is BounceOutcome.NOTED
    seen = facts(desk, application.id)
    assert seen["message"] == (MessageState.FAILED, Refusal.MAILBOX_FULL)
    assert (seen["application"][1], seen["undelivered"], seen["caution"], seen["no address"]) == (
        None, True, False, False,
    )  # fmt: skip
    desk.tell(application, reason=None)
    postbox.collect(later=2 * DELAY)
    assert len(postbox.mails) == 2
    seen = facts(desk, application.id)
    assert (seen["application"][1] is not None, seen["undelivered"], seen["link"][0]) == (True, False, LinkState.SENT)


def test_an_old_report_says_nothing_of_the_next_mail(desk: Desk, postbox: Postbox) -> None:
    application = told(desk, postbox)
    first = messages(desk)[0]
    come_back(desk, "postfix-full")
    desk.tell(application, reason=None)
    postbox.collect(later=2 * DELAY)
    before = facts(desk, application.id)
    assert come_back(desk, "postfix-full", first) is BounceOutcome.NOTHING_NEW
    assert come_back(desk, "postfix-nobody", first) is BounceOutcome.NOTHING_NEW
    assert facts(desk, application.id) == before


def test_who_registered_by_the_link_has_read_the_result(desk: Desk, postbox: Postbox) -> None:
    application = told(desk, postbox)
    with scopes.company(desk.session, desk.cast.acme.id):
        link = links.of_application(desk.session, desk.cast.acme.id, application.id)
        assert link is not None
        link.state = LinkState.REGISTERED
        desk.session.commit()
    come_back(desk, "postfix-full")
    seen = facts(desk, application.id)
    assert (seen["application"][1] is not None, seen["link"][0]) == (True, LinkState.REGISTERED)


def test_who_was_told_on_the_telephone_since_stays_told(desk: Desk, postbox: Postbox) -> None:
    application = told(desk, postbox)
    come_back(desk, "postfix-nobody")
    with scopes.company(desk.session, desk.cast.acme.id):
        decisions.note_notified_elsewhere(desk.session, [application], by_user_id=desk.cast.ada.id)
        desk.session.commit()
    before = facts(desk, application.id)
    come_back(desk, "postfix-nobody")
    assert facts(desk, application.id) == before
    assert before["application"][1] is not None


KINDS = {
    "gone": ("failed", "5.1.1"),
    "full": ("failed", "5.2.2"),
    "filter": ("failed", "5.7.1"),
    "delayed": ("delayed", "4.4.1"),
    "delivered": ("delivered", "2.0.0"),
    "relayed": ("relayed", "2.0.0"),
}
LAST = {
    "gone": (MessageState.BOUNCED, Refusal.NO_SUCH_ADDRESS),
    "full": (MessageState.FAILED, Refusal.MAILBOX_FULL),
    "filter": (MessageState.FAILED, Refusal.FILTERED),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arriving=st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.booleans(), st.booleans()), max_size=6))
def test_whatever_arrives_the_first_failure_about_this_mail_decides(
    desk: Desk, postbox: Postbox, arriving: list[tuple[str, bool, bool]]
) -> None:
    """Reports in any number and order, some of another mail or another person."""
    application = desk.person(email=ADDRESS)
    desk.tell(application)
    postbox.collect(later=DELAY)
    with scopes.company(desk.session, desk.cast.acme.id):
        message = desk.session.scalars(select(Message).where(Message.subject_id == application.id)).one()
    counted = []
    for kind, of_this_mail, to_this_person in arriving:
        action, status = KINDS[kind]
        to = ADDRESS if to_this_person else "somebody.else@mail.example"
        delivery = Delivery(to, "", action, status, "", 0, False, "")
        message_id = message.message_id if of_this_mail else "<0123456789abcdef0123456789abcdef@relay.example>"
        outcome = bounces.note(desk.session, DeliveryReport(message_id, (delivery,)))
        desk.session.commit()
        if not (of_this_mail and to_this_person):
            assert outcome is BounceOutcome.UNKNOWN
        elif action == "failed":
            counted.append(kind)
            assert (outcome is BounceOutcome.NOTED) == (len(counted) == 1)
    desk.session.refresh(application)
    assert (message.state, message.failure) == (LAST[counted[0]] if counted else (MessageState.SENT, None))
    assert (application.notified_at is None) == bool(counted)
    with scopes.company(desk.session, desk.cast.acme.id):
        bounced = cautions.bounced(desk.session, [ADDRESS])
        message.to_address = ""
        desk.session.commit()
    assert bounced == ({ADDRESS} if counted[:1] == ["gone"] else set())


TOGETHER = 8


@pytest.mark.parametrize("name", ["postfix-nobody", "postfix-full"])
def test_eight_at_once_note_it_once(app: Flask, desk: Desk, postbox: Postbox, name: str) -> None:
    application = told(desk, postbox)
    report = bounces.read(bouncing.about(messages(desk)[0], name))
    assert report is not None
    desk.session.rollback()
    outcomes = _at_once(app, lambda: bounces.note(db.session(), report))
    assert sorted(outcomes) == [BounceOutcome.NOTED, *[BounceOutcome.NOTHING_NEW] * (TOGETHER - 1)]
    seen = facts(desk, application.id)
    assert (counts(desk)["failures told"], seen["application"][1], seen["link"][0]) == (1, None, LinkState.ISSUED)


def _at_once(app: Flask, act: Callable[[], BounceOutcome]) -> list[BounceOutcome]:
    start = Barrier(TOGETHER)

    def one(_number: int) -> BounceOutcome:
        with app.app_context():
            start.wait(timeout=30)
            begin_writing()
            outcome = act()
            db.session.commit()
            return outcome

    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(one, range(TOGETHER)))
