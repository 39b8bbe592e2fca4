"""Mails that come back: what a report changes, once, and all that changes nothing and is kept aside (C-13, C-26)."""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import bounces, delivery_reports, mailbox
from relay.mail.bounces import BounceOutcome
from relay.mail.delivery_reports import DeliveryReport
from relay.mail.mailbox import MAX_UNKNOWN_BYTES, UNKNOWN, Mailbox
from relay.mail.refusals import Refusal
from relay.models import Message, MessageState, scopes
from tests import bouncing
from tests.cast import Cast
from tests.db.mail.conftest import Letters
from tests.smtp import SmtpServer

Queue = Callable[..., Message]
Deliver = Callable[..., int]
Return = Callable[[bytes], BounceOutcome]
SOFT = {
    "postfix-full": Refusal.MAILBOX_FULL,
    "postfix-spam": Refusal.FILTERED,
    "exim-dmarc": Refusal.OUR_SETUP,
    "postfix-ptr": Refusal.OUR_SETUP,
    "exim-later": Refusal.UNREACHED,
    "gmail-inactive": Refusal.INACTIVE,
    "m365-full": Refusal.MAILBOX_FULL,
    "m365-denied": Refusal.FILTERED,
    "sendmail-guessed": Refusal.REFUSED,
    "sendmail-docomo": Refusal.FILTERED,
}


@pytest.fixture
def come_back(session: Session) -> Return:
    """Hand a mail in, in a transaction of its own."""

    def handed_in(data: bytes) -> BounceOutcome:
        report = bounces.read(data)
        outcome = bounces.note(session, report) if report is not None else BounceOutcome.UNKNOWN
        session.commit()
        return outcome

    return handed_in


@pytest.fixture
def sent(queue: Queue, deliver: Deliver) -> Callable[..., Message]:
    """A mail that has left."""

    def left(to: str = "hanako@mail.example") -> Message:
        message = queue(to=to)
        deliver()
        assert message.state is MessageState.SENT
        return message

    return left


Sent = Callable[..., Message]


@pytest.mark.parametrize("name", bouncing.NOBODY)
def test_an_address_that_does_not_exist_gets_nothing_more_from_this_company(
    session: Session, queue: Queue, deliver: Deliver, come_back: Return, sent: Sent, written: Letters, name: str
) -> None:
    message = sent()
    assert come_back(bouncing.about(message, name)) is BounceOutcome.NOTED
    assert (message.state, message.failure) == (MessageState.BOUNCED, Refusal.NO_SUCH_ADDRESS)
    assert message.last_error
    again = queue(to="HANAKO@mail.example")
    deliver()
    assert again.state is MessageState.SUPPRESSED
    assert written.on_final_state == [
        (message.id, MessageState.SENT),
        (message.id, MessageState.BOUNCED),
        (again.id, MessageState.SUPPRESSED),
    ]


@pytest.mark.parametrize(("name", "refusal"), SOFT.items())
def test_a_full_box_a_filter_and_our_own_fault_do_not_count_against_the_person(
    queue: Queue, deliver: Deliver, come_back: Return, sent: Sent, name: str, refusal: Refusal
) -> None:
    message = sent()
    assert come_back(bouncing.about(message, name)) is BounceOutcome.NOTED
    assert (message.state, message.failure) == (MessageState.FAILED, refusal)
    again = queue()
    deliver()
    assert again.state is MessageState.SENT


def test_the_answer_that_comes_later_ends_like_the_one_at_once(
    queue: Queue, deliver: Deliver, come_back: Return, sent: Sent, server: SmtpServer
) -> None:
    late = sent("nobody@mail.example")
    come_back(bouncing.about(late, "postfix-nobody"))
    answer = "550 5.1.1 <nobody@mail.example>: Recipient address rejected: User unknown in local recipient table"
    server.refuse["other@mail.example"] = answer
    at_once = queue(to="other@mail.example")
    deliver()
    assert (late.state, late.failure, late.last_error) == (at_once.state, at_once.failure, at_once.last_error)


@pytest.mark.parametrize("name", ["postfix-nobody", "postfix-full"])
def test_the_same_report_changes_something_once(come_back: Return, sent: Sent, written: Letters, name: str) -> None:
    message = sent()
    assert come_back(bouncing.about(message, name)) is BounceOutcome.NOTED
    before = (message.state, message.failure, message.last_error, message.settled_at, list(written.on_final_state))
    for again in (name, "postfix-nobody", "exim-full", "postfix-later-delayed"):
        assert come_back(bouncing.about(message, again)) is BounceOutcome.NOTHING_NEW
    assert before == (
        message.state, message.failure, message.last_error, message.settled_at, written.on_final_state,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["postfix-later-delayed", "gmail-delayed", *bouncing.names("report-")])
def test_a_delay_and_a_delivery_change_nothing(come_back: Return, sent: Sent, name: str) -> None:
    message = sent()
    assert come_back(bouncing.about(message, name)) is BounceOutcome.NOTHING_NEW
    assert (message.state, message.failure) == (MessageState.SENT, None)


@pytest.mark.parametrize("name", bouncing.names("no-report-"))
def test_what_is_no_report_changes_nothing_though_it_names_the_mail(come_back: Return, sent: Sent, name: str) -> None:
    message = sent("nobody@mail.example")
    assert come_back(bouncing.about(message, name)) is BounceOutcome.UNKNOWN
    assert message.state is MessageState.SENT


def test_who_cannot_name_the_mail_changes_nothing(come_back: Return, sent: Sent) -> None:
    message = sent("nobody@mail.example")
    assert come_back(bouncing.sample("forged-guessed")) is BounceOutcome.UNKNOWN
    assert come_back(bouncing.written("postfix-nobody", "", message.to_address)) is BounceOutcome.UNKNOWN
    assert message.state is MessageState.SENT


def test_a_message_id_cannot_be_guessed(queue: Queue) -> None:
    secrets = {queue().message_id.partition("@")[0].strip("<") for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(bytes.fromhex(each)) == 16 for each in secrets), "128 random bits"


def test_a_report_about_somebody_else_changes_nothing(come_back: Return, sent: Sent) -> None:
    message = sent("nobody@mail.example")
    other = bouncing.written("postfix-nobody", message.message_id, "somebody.else@mail.example")
    assert come_back(other) is BounceOutcome.UNKNOWN
    assert message.state is MessageState.SENT


def test_where_a_mail_was_passed_on_the_next_address_is_at_fault(come_back: Return, sent: Sent) -> None:
    message = sent()
    assert come_back(bouncing.about(message, "passed-on")) is BounceOutcome.NOTED
    assert (message.state, message.failure) == (MessageState.FAILED, Refusal.REFUSED)


def test_of_several_people_the_one_we_wrote_to_counts(session: Session, sent: Sent) -> None:
    message = sent()
    gone = delivery_reports.Delivery("second@mail.example", "", "failed", "5.1.1", "", 0, False, "")
    here = gone._replace(recipient="Hanako@MAIL.example", status="5.2.2")
    assert bounces.note(session, DeliveryReport(message.message_id, (gone, here))) is BounceOutcome.NOTED
    assert (message.state, message.failure) == (MessageState.FAILED, Refusal.MAILBOX_FULL)


def test_what_arrived_and_was_passed_on_as_well_has_arrived(session: Session, sent: Sent) -> None:
    message = sent()
    arrived = delivery_reports.Delivery("hanako@mail.example", "", "delivered", "2.0.0", "", 0, False, "")
    further = delivery_reports.Delivery("x@else.example", "hanako@mail.example", "failed", "5.1.1", "", 0, False, "")
    assert bounces.note(session, DeliveryReport(message.message_id, (further, arrived))) is BounceOutcome.NOTHING_NEW
    assert message.state is MessageState.SENT


def test_an_odd_address_is_known_in_its_quotes(come_back: Return, sent: Sent) -> None:
    message = sent("kyohi..ten@mail.example")
    assert come_back(bouncing.about(message, "postfix-nobody")) is BounceOutcome.NOTED
    assert message.state is MessageState.BOUNCED


def test_a_report_may_come_before_the_worker_has_noted_that_the_mail_left(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, come_back: Return, server: SmtpServer
) -> None:
    server.cut_before_answer = 1
    message = queue()
    deliver()
    assert message.state is MessageState.SENDING
    assert come_back(bouncing.about(message, "postfix-nobody")) is BounceOutcome.NOTED
    assert message.state is MessageState.BOUNCED
    assert deliver(clock.now() + timedelta(days=1)) == 0


@pytest.mark.parametrize("state", [MessageState.SCHEDULED, MessageState.CANCELLED, MessageState.SUPPRESSED])
def test_a_mail_that_never_left_cannot_come_back(
    session: Session, cast: Cast, queue: Queue, come_back: Return, state: MessageState
) -> None:
    message = queue(due_at=clock.now() + timedelta(days=1))
    with scopes.company(session, cast.acme.id):
        message.state = state
        session.commit()
    assert come_back(bouncing.about(message, "postfix-nobody")) is BounceOutcome.NOTHING_NEW
    assert message.state is state


def test_of_an_erased_person_nothing_is_written_or_kept_again(
    session: Session, cast: Cast, come_back: Return, sent: Sent
) -> None:
    message = sent()
    report = bouncing.about(message, "postfix-nobody")
    with scopes.company(session, cast.acme.id):
        message.to_address = ""
        session.commit()
    assert come_back(report) is BounceOutcome.NOTHING_NEW
    assert (message.state, message.last_error) == (MessageState.SENT, "")


@pytest.mark.parametrize("harm", ["nested", "long line", "bytes", "many parts"])
def test_a_hostile_mail_is_no_report_and_takes_little(harm: str) -> None:
    report = bouncing.sample("postfix-nobody")
    hostile = {
        "nested": b"".join(b'Content-Type: multipart/report; boundary="%d"\n\n--%d\n' % (n, n) for n in range(20_000)),
        "long line": b"Content-Type: multipart/report; boundary=" + b"a" * (2 << 20),
        "bytes": bytes(range(256)) * 4_000,
        "many parts": b'Content-Type: multipart/report; boundary="a"\n\n' + b"--a\n\nx\n" * 100_000 + report,
    }
    assert bounces.read(hostile[harm]) is None


def test_a_long_mail_is_read_by_its_beginning() -> None:
    long = bouncing.sample("postfix-nobody").replace(b"6YG46ICD57WQ5p6c44Gn", b"6YG46ICD57WQ5p6c44Gn\n" * 200_000)
    found = bounces.read(long)
    assert found is not None
    assert found.deliveries[0].recipient == "nobody@mail.example"


# what is kept aside


@pytest.fixture
def unknown(app: Flask) -> Mailbox:
    """What is kept aside: nothing yet."""
    kept = Mailbox.of(app.config["RELAY"], UNKNOWN)
    shutil.rmtree(kept.folder, ignore_errors=True)
    return kept


def test_what_cannot_be_placed_is_kept_for_a_month_and_in_bounds(app: Flask, unknown: Mailbox) -> None:
    with clock.at(clock.now() - timedelta(days=31)):
        bounces.keep_aside(b"Subject: old\n\n")
    bounces.keep_aside(b"Subject: new\n\n" + b"x" * (1 << 20))
    assert [str(each.mail["Subject"]) for each in unknown.newest_first()] == ["new", "old"]
    mailbox.sweep()
    assert [str(each.mail["Subject"]) for each in unknown.newest_first()] == ["new"]
    assert sum(path.stat().st_size for path in unknown.folder.iterdir()) == MAX_UNKNOWN_BYTES
    for _ in range(205):
        bounces.keep_aside(b"Subject: more\n\n")
    assert len(list(unknown.folder.iterdir())) == 200


@pytest.mark.parametrize(
    "mail",
    [
        b"From: <Hanako@Mail.example>\n\nAway.",
        b"Subject: x\n\nYour mail to hanako@mail.example",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naGFuYWtvQG1haWwuZXhhbXBsZQ==\n",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nhanako=40mail.exa=\nmple\n",
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(1_000)),
    ],
)
def test_erasure_takes_away_what_names_the_person(app: Flask, unknown: Mailbox, mail: bytes) -> None:
    bounces.keep_aside(b"From: taro@mail.example\n\nhanako@other.example")
    bounces.keep_aside(mail)
    assert mailbox.forget_address("HANAKO@mail.example") == 1
    assert [str(each.mail["From"]) for each in unknown.newest_first()] == ["taro@mail.example"]
