"""Leaving an organisation: what a person has under way goes to a colleague, then the login is shut."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.identity import users
from relay.identity.roles import may
from relay.models import (
    BatchState,
    EventTag,
    Import,
    ImportState,
    Invitation,
    Message,
    MessageBatch,
    MessageState,
    User,
    event_data,
    record,
)

WAITING = (MessageState.SCHEDULED, MessageState.SENDING)
_LOOKED_AT = (ImportState.READING, ImportState.PREVIEWED)
"""Files that nobody took over yet."""


class LeavingRefused(DomainError):
    """Raise where a user cannot be removed yet; the message says what is missing."""

    code = "leaving-refused"


@dataclass(frozen=True)
class Holdings:
    """The work a person has under way, as numbers."""

    drafts: int = 0
    """People to whom a result is being written."""
    scheduled: int = 0
    """Mails that wait for their time."""
    files: int = 0
    """Files that were looked through and not taken over yet."""
    invitations: int = 0
    """Invitations nobody has answered. They are the organisation's and stay as they are."""

    @property
    def needs_somebody(self) -> bool:
        """Return whether there is something a colleague has to take on."""
        return bool(self.drafts or self.scheduled or self.files)


_MAILS = select(func.count(Message.id)).where(
    Message.by_user_id == bindparam("user"), Message.state.in_(bindparam("states", expanding=True))
)
_FILES = select(func.count(Import.id)).where(Import.by_user_id == bindparam("user"), Import.state.in_(_LOOKED_AT))
_ASKED = select(func.count(Invitation.id)).where(
    Invitation.by_user_id == bindparam("user"), Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
)


def holdings(session: Session, user: User) -> Holdings:
    """Return what the person has under way."""
    with users.within(session, users.organisation_of(session, user)):
        if user.partner_id is not None:
            return Holdings()
        of = {"user": user.id}
        drafts, scheduled = (
            session.execute(_MAILS, of | {"states": list(states)}).scalar_one()
            for states in ((MessageState.DRAFT,), WAITING)
        )
        files, asked = (session.execute(counted, of).scalar_one() for counted in (_FILES, _ASKED))
        return Holdings(drafts, scheduled, files, asked)


def successors(session: Session, user: User) -> Sequence[users.MemberRow]:
    """Return who could take on what the person has under way: working colleagues who may write."""
    if user.company_id is None:
        return []
    return [
        member
        for member in users.members(session, users.organisation_of(session, user))
        if member.id != user.id and member.disabled_at is None and may(member.role, "results:tell")
    ]


def leave(session: Session, user: User, *, to_user_id: int | None = None) -> Holdings:
    """Shut a login and end its sessions, after handing what it has under way to a colleague; returns what that was.

    Raises LeavingRefused when there is something and no colleague was named who could take it on; UserRefused for a
    company's last administrator and a partner's last lead. A person who left already stays as they are.
    """
    if user.disabled_at is not None:
        return Holdings()
    held = holdings(session, user)
    if held.needs_somebody:
        _hand_over(session, user, held, to_user_id)
    users.disable(session, user)
    return held


def _hand_over(session: Session, user: User, held: Holdings, to_user_id: int | None) -> None:
    if to_user_id is None:
        raise LeavingRefused(
            _("この方には書きかけや送信待ちのものがあります。引き継ぐ方を選んでください。まだ何も変わっていません。")
        )
    if to_user_id not in {member.id for member in successors(session, user)}:
        raise LeavingRefused(_("引き継げるのは、利用中の管理者か採用担当です。別の方を選んでください。"))
    with users.within(session, users.organisation_of(session, user)):
        moving = (*WAITING, MessageState.DRAFT)
        session.execute(
            update(Message)
            .where(Message.by_user_id == user.id, Message.state.in_(moving))
            .values(by_user_id=to_user_id)
        )
        session.execute(
            update(MessageBatch)
            .where(MessageBatch.by_user_id == user.id, MessageBatch.state == BatchState.DRAFT)
            .values(by_user_id=to_user_id)
        )
        session.execute(
            update(Import)
            .where(Import.by_user_id == user.id, Import.state.in_(_LOOKED_AT))
            .values(by_user_id=to_user_id)
        )
    record(
        session,
        EventTag.HANDED_OVER,
        company_id=user.company_id,
        subject=("user", user.id),
        data=event_data.HandedOver(to=to_user_id, **asdict(held)),
    )
