"""While a company practises, what is written to candidates goes to whoever pressed, and counts for nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters, outbox, practice
from relay.mail.letters import Audience
from relay.models import (
    Message,
    MessageState,
    PracticeRegistration,
    Token,
    TokenPurpose,
    scopes,
)
from tests.cast import Cast, make_candidate
from tests.db.mail.conftest import Letters
from tests.smtp import SmtpServer

Queue = Callable[..., Message]
Deliver = Callable[..., int]


@pytest.fixture(autouse=True)
def practising(session: Session, cast: Cast) -> None:
    cast.acme.live_since = None
    session.commit()


def _practised(session: Session, cast: Cast) -> list[Message]:
    with scopes.company(session, cast.acme.id), scopes.practice(session):
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_nothing_is_queued_for_a_candidate_in_earnest(queue: Queue) -> None:
    with pytest.raises(practice.PracticeOnly):
        queue()


def test_a_practice_mail_needs_a_member_to_go_to(cast: Cast, queue: Queue) -> None:
    for nobody in (None, cast.mona.id, cast.agnes.id, 987654321):
        with pytest.raises(practice.NobodyPractises):
            queue(practice=True, by_user_id=nobody)


def test_it_reaches_the_member_alone_and_says_whom_it_would_reach(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, written: Letters
) -> None:
    hanako = make_candidate(session, cast.acme, "高橋 花子")
    message = queue("offer", candidate_id=hanako.id, practice=True, by_user_id=cast.ada.id)
    assert deliver() == 1
    [mail] = server.received
    assert str(mail["To"]) == cast.ada.email
    assert str(mail["Subject"]) == "【練習】選考結果のご連絡"
    assert mail["List-Unsubscribe"] is None
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert (
            "これは練習のメールです。本番では、高橋 花子さん（hanako@mail.example）に届きます。" in body.get_content()
        )
    assert message.state is MessageState.SENT
    assert written.on_final_state == [], "practice counts for nothing: no letter hears of it"


def test_every_link_in_it_is_the_one_practice_link(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    message = queue("offer", practice=True, by_user_id=cast.ada.id)
    deliver()
    body = server.received[0].get_body(("plain",))
    assert body is not None
    links = {word for word in body.get_content().split() if word.startswith("http")}
    [link] = links
    found = session.scalars(select(Token)).one()
    assert (found.purpose, found.subject_id, found.message_id) == (TokenPurpose.PRACTICE, message.id, message.id)
    assert "/practice/" in link


def test_it_follows_the_member_to_a_new_address_and_dies_with_the_login(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    queue(practice=True, by_user_id=cast.ada.id)
    cast.ada.email = "ada.new@acme.example"
    session.commit()
    deliver()
    assert [str(mail["To"]) for mail in server.received] == ["ada.new@acme.example"]
    late = queue(practice=True, by_user_id=cast.ada.id)
    cast.ada.disabled_at = clock.now()
    session.commit()
    deliver()
    assert late.state is MessageState.CANCELLED
    assert len(server.received) == 1


def test_a_mail_in_earnest_that_got_in_all_the_same_is_cancelled_at_the_door(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    cast.acme.live_since = clock.now()
    message = queue()
    cast.acme.live_since = None
    session.commit()
    deliver()
    assert message.state is MessageState.CANCELLED
    assert server.received == []


def test_a_row_that_points_at_a_candidate_is_turned_to_the_member(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    """Even a row somebody wrote by hand."""
    message = queue(practice=True, by_user_id=cast.ada.id)
    message.to_address = "hanako@mail.example"
    session.commit()
    deliver()
    assert [str(mail["To"]) for mail in server.received] == [cast.ada.email]


def test_letters_to_members_and_partners_go_out_as_ever(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer
) -> None:
    note = letters.find("note")
    audiences: tuple[Audience, ...] = ("member", "partner")
    for audience in audiences:
        letters.register(replace(note, name=audience, audience=audience))
        queue(audience, to=f"{audience}@elsewhere.example").letter = "note"
    cast.acme.live_since = clock.now()
    session.commit()
    deliver()
    assert {str(mail["To"]) for mail in server.received} == {"member@elsewhere.example", "partner@elsewhere.example"}


def test_ordinary_eyes_do_not_see_practice(session: Session, cast: Cast, queue: Queue) -> None:
    queue(practice=True, by_user_id=cast.ada.id, batch="act")
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        assert outbox.waiting(session) is None
        assert outbox.cancel(session, cast.acme.id) == 0
    assert len(_practised(session, cast)) == 1


def test_what_was_practised_goes_after_a_month_with_its_links_and_what_was_typed(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver
) -> None:
    old = queue(practice=True, by_user_id=cast.ada.id)
    deliver()
    with scopes.company(session, cast.acme.id):
        old.created_at = clock.now() - practice.KEPT
        session.add(
            PracticeRegistration(message_id=old.id, answers={"name": "練習 太郎"}, partners=[], created_at=clock.now())
        )
        session.commit()
    young = queue(practice=True, by_user_id=cast.ada.id)
    assert practice.sweep(session) == 1
    session.commit()
    assert [each.id for each in _practised(session, cast)] == [young.id]
    assert session.scalars(select(Token)).all() == []
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(PracticeRegistration)).all() == []


def test_a_mail_taken_away_while_it_leaves_harms_nobody(
    session: Session, cast: Cast, queue: Queue, deliver: Deliver, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going live deletes practice while the worker may have some in hand."""
    from relay.mail import delivery

    queue(practice=True, by_user_id=cast.ada.id)
    finish = delivery._finish

    def taken_away(*args: object) -> None:
        practice.forget(session, cast.acme.id)
        session.commit()
        finish(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "_finish", taken_away)
    assert deliver(clock.now() + timedelta(seconds=1)) == 1
    assert _practised(session, cast) == []
