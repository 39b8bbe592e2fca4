"""Leaving: what is under way goes to a colleague, the login is shut, nobody is left without a key."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import leaving, sessions, users
from relay.identity.leaving import Holdings, LeavingRefused
from relay.identity.users import UserRefused
from relay.models import (
    Event,
    EventTag,
    Import,
    ImportState,
    MailClass,
    Message,
    MessageState,
    Role,
    User,
    UserSession,
    scopes,
)
from tests.cast import Cast, make_cast, make_user


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def under_way(session: Session, user: User, *states: MessageState, practice: bool = False) -> None:
    """Result mails of this person in these states, and a file that was looked through."""
    moment = clock.now()
    with scopes.company(session, user.company_id or 0):
        for number, state in enumerate(states):
            session.add(
                Message(
                    letter="result",
                    once_per_subject=True,
                    mail_class=MailClass.RELAY,
                    subject_kind="application",
                    subject_id=1000 + number,
                    to_address="hanako@mail.example",
                    state=state,
                    practice=practice,
                    due_at=moment,
                    message_id=f"<{user.id}-{number}-{practice}@test>",
                    created_at=moment,
                    by_user_id=user.id,
                )
            )
        if not practice:
            session.add(Import(state=ImportState.PREVIEWED, format="csv", created_at=moment, by_user_id=user.id))


def owners(session: Session) -> list[int | None]:
    session.flush()
    with scopes.everyone(session, "test: whose mails"):
        return list(session.scalars(select(Message.by_user_id).order_by(Message.id)))


def test_what_is_under_way_goes_to_a_colleague_and_what_is_done_stays(session: Session, cast: Cast) -> None:
    under_way(session, cast.ada, MessageState.DRAFT, MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)
    sessions.start(session, cast.ada.id, ip="", agent="")
    held = leaving.leave(session, cast.ada, to_user_id=cast.adam.id)
    assert held == Holdings(drafts=1, scheduled=2, files=1)
    assert owners(session) == [cast.adam.id] * 3 + [cast.ada.id], "what was sent keeps its sender"
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Import.by_user_id)).all() == [cast.adam.id]
    assert cast.ada.disabled_at is not None
    assert session.scalars(select(UserSession)).all() == []
    [handed] = session.scalars(select(Event.data).where(Event.tag == EventTag.HANDED_OVER.value))
    assert handed == {"to": cast.adam.id, "drafts": 1, "scheduled": 2, "files": 1, "invitations": 0}


def test_without_somebody_to_take_it_on_nothing_changes(session: Session, cast: Cast) -> None:
    under_way(session, cast.ada, MessageState.DRAFT)
    with pytest.raises(LeavingRefused, match="引き継ぐ方を選んで"):
        leaving.leave(session, cast.ada)
    assert cast.ada.disabled_at is None
    assert owners(session) == [cast.ada.id]


@pytest.mark.parametrize("who", ["ada", "vic", "mona", "agnes"])
def test_only_a_working_colleague_who_may_write_takes_it_on(session: Session, cast: Cast, who: str) -> None:
    under_way(session, cast.ada, MessageState.SCHEDULED)
    with pytest.raises(LeavingRefused, match="管理者か採用担当"):
        leaving.leave(session, cast.ada, to_user_id=getattr(cast, who).id)


def test_nobody_shut_takes_it_on(session: Session, cast: Cast) -> None:
    rin = make_user(session, "rin", cast.acme, Role.RECRUITER)
    users.disable(session, rin)
    assert [member.name for member in leaving.successors(session, cast.ada)] == ["Adam"]


def test_whoever_has_nothing_under_way_simply_leaves(session: Session, cast: Cast) -> None:
    assert leaving.leave(session, cast.vic) == Holdings()
    assert cast.vic.disabled_at is not None
    assert leaving.leave(session, cast.vic, to_user_id=cast.adam.id) == Holdings(), "leaving twice changes nothing"


def test_practice_is_handed_to_nobody(session: Session, cast: Cast) -> None:
    under_way(session, cast.ada, MessageState.SCHEDULED, practice=True)
    assert not leaving.leave(session, cast.ada).needs_somebody
    assert owners(session) == [cast.ada.id]


def test_another_companys_work_is_not_touched(session: Session, cast: Cast) -> None:
    under_way(session, cast.mona, MessageState.DRAFT)
    under_way(session, cast.ada, MessageState.DRAFT)
    leaving.leave(session, cast.ada, to_user_id=cast.adam.id)
    assert owners(session) == [cast.mona.id, cast.adam.id]


def test_the_last_administrator_cannot_leave(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="最後の管理者"):
        leaving.leave(session, cast.adam, to_user_id=cast.ada.id)
    assert cast.adam.disabled_at is None


def test_a_partner_keeps_a_lead(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="最後の責任者"):
        leaving.leave(session, cast.agnes)
    second = make_user(session, "nao", cast.tsumugi, Role.LEAD)
    leaving.leave(session, cast.agnes)
    with pytest.raises(UserRefused, match="最後の責任者"):
        leaving.leave(session, second)


def test_whoever_comes_back_has_the_role_they_had(session: Session, cast: Cast) -> None:
    leaving.leave(session, cast.vic)
    users.enable(session, cast.vic)
    users.enable(session, cast.vic)
    assert (cast.vic.disabled_at, cast.vic.role) == (None, Role.VIEWER)
    whats = session.scalars(select(Event.data).where(Event.tag == EventTag.USER_CHANGED.value).order_by(Event.id)).all()
    assert [data["what"] for data in whats] == ["disabled", "enabled"]


def test_two_administrators_who_shut_each_other_at_once_are_not_both_gone(app: Flask, session: Session) -> None:
    cast = make_cast(session)
    second = make_user(session, "eva", cast.acme, Role.ADMIN)
    session.commit()
    ready, refused = threading.Barrier(2), []

    def shut(user_id: int) -> None:
        with app.app_context():
            own = db.session()
            user = users.by_id(own, user_id)
            own.rollback()
            ready.wait()
            try:
                leaving.leave(own, users.by_id(own, user.id))
                own.commit()
            except UserRefused:
                own.rollback()
                refused.append(user_id)

    threads = [threading.Thread(target=shut, args=(user.id,)) for user in (cast.adam, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    left = [member for member in users.members(session, cast.acme) if member.role is Role.ADMIN]
    assert [member.disabled_at is None for member in left] == [True, False]
    assert len(refused) == 1
