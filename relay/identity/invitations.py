"""Invitations: a company asks members and partners, a partner asks its own people. Accepted by a mailed link, once.

What an inviter is told never says whether an address signs in elsewhere: only the invited person learns that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import invitation_letters, throttle, users
from relay.identity.invitation_letters import still_open
from relay.identity.roles import ANSWERABLE
from relay.infra.keyed_hash import keyed
from relay.mail import servers, tokens
from relay.models import (
    Company,
    EventTag,
    Invitation,
    InvitationKind,
    Partner,
    Role,
    TokenPurpose,
    User,
    event_data,
    record,
    scopes,
)
from relay.models.event_data import EventData
from relay.models.retention import INVITATION
from relay.text import clean, mail_key, normalise_mail
from relay.text.address import mail_sentence

LIFETIMES = {
    InvitationKind.MEMBER: timedelta(hours=72),
    InvitationKind.AGENT: timedelta(hours=72),
    InvitationKind.PARTNER: timedelta(days=14),
}
"""How long an invitation can be accepted (C-18)."""

MAX_OPEN = 50
"""So many invitations of an organisation may wait at once, so that nobody mails the world through it (E-23)."""

MAILS_AN_HOUR = {InvitationKind.MEMBER: 20, InvitationKind.AGENT: 20, InvitationKind.PARTNER: 10}
"""So many of an organisation's invitations of a kind leave within an hour; taking back frees no place. Staff comes in
teams, partners one by one, and to strangers."""
MAILS_TO_ONE = 5
"""So many of them leave within an hour for one address."""
HOUR = timedelta(hours=1)
KEPT = timedelta(days=INVITATION.number)
BY_LINK = "invitation: found by its mailed link or by an id that a link has named"


class InvitationRefused(DomainError):
    """Raise where the invitation cannot be sent; the message says why."""

    code = "invitation-refused"


class InvitationGone(DomainError):
    """Raise where the invitation is unknown, expired, revoked or accepted; all alike (C-20)."""

    code = "invitation-gone"


@dataclass(frozen=True)
class PendingInvitation:
    """An invitation not accepted yet, as lists show it."""

    id: int
    kind: InvitationKind
    email: str
    name: str
    role: Role | None
    created_at: datetime
    expires_at: datetime

    @property
    def expired(self) -> bool:
        """Return whether its time is over; it can be sent again."""
        return self.expires_at <= clock.now()


def invite_member(
    session: Session, company: Company, *, email: str, name: str, role: Role, by_user_id: int | None
) -> Invitation:
    """Ask a person by mail to sign in for the company, in a role.

    Raises InvitationRefused when the address is unusable, is a member's or is invited already, or too many wait;
    UserRefused when companies have no such role.
    """
    users.check_role(role, agents=False)
    return _invite(session, company, InvitationKind.MEMBER, email, name=name, role=role, by_user_id=by_user_id)


def invite_agent(
    session: Session,
    partner: Partner,
    *,
    email: str,
    name: str,
    by_user_id: int | None,
    role: Role = Role.AGENT,
) -> Invitation:
    """Ask a person by mail to sign in for the partner; without `role` as an agent, who lets nobody in or go.

    Raises InvitationRefused as `invite_member` does; UserRefused when partners have no such role.
    """
    users.check_role(role, agents=True)
    return _invite(session, partner, InvitationKind.AGENT, email, name=name, role=role, by_user_id=by_user_id)


def invite_partner(
    session: Session, company: Company, *, email: str, rules_version: str, by_user_id: int | None
) -> Invitation:
    """Ask an agency or a school by mail to become the company's partner.

    By inviting, the company accepts the sharing rules of this version. Raises InvitationRefused as `invite_member`,
    NoInstallationServer while nothing safe would carry the invitation (C-24).
    """
    servers.check_installation(session)
    return _invite(session, company, InvitationKind.PARTNER, email, rules_version=rules_version, by_user_id=by_user_id)


def again(session: Session, invitation: Invitation, *, by_user_id: int | None) -> None:
    """Send an invitation once more with a new link and a new term; the earlier links end.

    Raises InvitationGone when it was accepted or taken back, InvitationRefused when that happens too often.
    """
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationGone(_("この招待は、もう受け入れられたか、取り消されています。"))
    invitation_letters.take_back(session, invitation)
    invitation.expires_at = clock.now() + LIFETIMES[invitation.kind]
    invitation.by_user_id = by_user_id
    _send(session, invitation, by_user_id, again=True)


def revoke(session: Session, invitation: Invitation) -> None:
    """Take an invitation back: its links open nothing any more. One accepted or taken back already stays as it is."""
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        return
    invitation.revoked_at = clock.now()
    invitation_letters.take_back(session, invitation)
    _record(session, EventTag.INVITATION_REVOKED, invitation)


def accept(session: Session, invitation: Invitation, *, user_id: int | None = None) -> None:
    """Note that the invited person came, as which login; the links end. The caller made what was invited to.

    Raises InvitationGone when another request was faster or the invitation is over.
    """
    with scopes.everyone(session, BY_LINK):
        session.refresh(invitation, with_for_update=True)
    if not still_open(invitation):
        raise gone()
    invitation.accepted_at = clock.now()
    invitation_letters.take_back(session, invitation)
    _record(session, EventTag.INVITATION_ACCEPTED, invitation, event_data.InvitationAccepted(user_id=user_id))


def join(session: Session, invitation: Invitation, *, name: str, password: str) -> User:
    """Make the login a member or an agent was invited to, and note that they came.

    Raises InvitationGone when another was faster or nobody vouches for the role any more, UserRefused when the address
    signs in already, PasswordRefused.
    """
    if not _is_vouched_for(session, invitation):
        raise gone()
    accept(session, invitation)
    assert invitation.role is not None
    return users.create_user(
        session,
        organisation_of(session, invitation),
        email=invitation.email,
        name=name,
        role=invitation.role,
        password=password,
    )


def _is_vouched_for(session: Session, invitation: Invitation) -> bool:
    """Return whether the inviter of an administrator or a lead still answers for the organisation.

    Else a login that is about to be shut could invite itself back. The operator's invitations have no inviter.
    """
    if invitation.role not in ANSWERABLE or invitation.by_user_id is None:
        return True
    answers = (User.id == invitation.by_user_id, User.role.in_(ANSWERABLE), User.disabled_at.is_(None))
    with scopes.everyone(session, BY_LINK):
        return session.scalar(select(User.id).where(*answers)) is not None


def organisation_of(session: Session, invitation: Invitation) -> Company | Partner:
    """Return who invites."""
    if invitation.company_id is not None:
        return session.scalars(select(Company).where(Company.id == invitation.company_id)).one()
    return session.scalars(select(Partner).where(Partner.id == invitation.partner_id)).one()


def load(session: Session, invitation_id: int) -> Invitation:
    """Return the invitation of this id while it can be accepted. Raises InvitationGone."""
    with scopes.everyone(session, BY_LINK):
        found = session.scalars(select(Invitation).where(Invitation.id == invitation_id)).one_or_none()
    if found is None or not still_open(found):
        raise gone()
    return found


def by_token(session: Session, token: str) -> Invitation:
    """Return the invitation a mailed link opens. Raises InvitationGone for every link that opens none (C-20)."""
    known = tokens.find(session, token, TokenPurpose.INVITE)
    if known is None:
        raise gone()
    return load(session, known.subject_id)


@cache  # tricks: portal.settings_members
def _open_ones(kind: InvitationKind | None) -> Select[*tuple[Any, ...]]:
    columns = (
        Invitation.id,
        Invitation.kind,
        Invitation.email,
        Invitation.name,
        Invitation.role,
        Invitation.created_at,
        Invitation.expires_at,
    )
    wanted = select(*columns).where(*_waiting()).order_by(Invitation.id.desc()).limit(2 * MAX_OPEN)
    return wanted if kind is None else wanted.where(Invitation.kind == kind)


def open_ones(
    session: Session, organisation: Company | Partner, kind: InvitationKind | None = None
) -> Sequence[PendingInvitation]:
    """Return the organisation's invitations not accepted yet, expired ones too, newest first."""
    with users.within(session, organisation):
        return [PendingInvitation(*row) for row in session.execute(_open_ones(kind))]


def of_organisation(session: Session, organisation: Company | Partner, invitation_id: int) -> Invitation | None:
    """Return the organisation's own invitation of this id, if it has it."""
    with users.within(session, organisation):
        return session.scalars(select(Invitation).where(Invitation.id == invitation_id)).one_or_none()


def sweep(session: Session) -> None:
    """Delete invitations a month after they ended, accepted or not."""
    before = clock.now() - KEPT
    over = or_(Invitation.expires_at < before, Invitation.accepted_at < before, Invitation.revoked_at < before)
    with scopes.everyone(session, "worker: invitations that ended a month ago, of any house"):
        session.execute(delete(Invitation).where(over))


def gone() -> InvitationGone:
    """Return what every link that opens nothing says."""
    return InvitationGone(_("この招待は有効期限が過ぎたか、取り消されています。招待した方に、再送を頼んでください。"))


def _invite(
    session: Session,
    organisation: Company | Partner,
    kind: InvitationKind,
    email: str,
    *,
    by_user_id: int | None,
    name: str = "",
    role: Role | None = None,
    rules_version: str = "",
) -> Invitation:
    address = _checked(session, organisation, kind, email)
    moment = clock.now()
    invitation = Invitation(
        company_id=organisation.id if isinstance(organisation, Company) else None,
        partner_id=organisation.id if isinstance(organisation, Partner) else None,
        kind=kind,
        email=address,
        name=clean(name)[: users.NAME_LENGTH],
        role=role,
        rules_version=rules_version,
        by_user_id=by_user_id,
        created_at=moment,
        expires_at=moment + LIFETIMES[kind],
    )
    with scopes.everyone(session, BY_LINK):
        session.add(invitation)
    _send(session, invitation, by_user_id)
    return invitation


def _checked(session: Session, organisation: Company | Partner, kind: InvitationKind, email: str) -> str:
    reading = normalise_mail(email)
    if not reading.value:
        sentence = mail_sentence(reading.fault, email) if reading.fault else _("メールアドレスを入力してください。")
        raise InvitationRefused(sentence)
    key = mail_key(reading.value)
    if any(mail_key(member.email) == key for member in users.members(session, organisation)):
        raise InvitationRefused(_("このメールアドレスは、すでにこの組織のユーザーとして登録されています。"))
    with users.within(session, organisation):
        same_kind = select(Invitation.email).where(Invitation.kind == kind, *_waiting()).limit(2 * MAX_OPEN)
        if key in {mail_key(each) for each in session.scalars(same_kind)}:
            raise InvitationRefused(
                _("このメールアドレスには、すでに招待を送っています。一覧から「もう一度送る」を選んでください。")
            )
        if session.execute(select(func.count(Invitation.id)).where(*_waiting())).scalar_one() >= MAX_OPEN:
            raise InvitationRefused(
                _(
                    "返事を待っている招待が%(n)s件あります。取り消せるものを取り消してから、招待してください。",
                    n=MAX_OPEN,
                )
            )
    return reading.value


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)


def _send(session: Session, invitation: Invitation, by_user_id: int | None, *, again: bool = False) -> None:
    _check_pace(session, invitation)
    invitation_letters.send(session, invitation, by_user_id)
    _record(session, EventTag.INVITED, invitation, event_data.InvitationSent(kind=invitation.kind.value, again=again))


def _check_pace(session: Session, invitation: Invitation) -> None:
    organisation = f"{invitation.company_id}:{invitation.partner_id}"
    counted = (
        ("invited-address", f"{organisation}:{mail_key(invitation.email)}", MAILS_TO_ONE),
        (f"invited-{invitation.kind.value}", organisation, MAILS_AN_HOUR[invitation.kind]),
    )
    for purpose, name, most in counted:
        if throttle.hit(session, keyed(purpose, name), window=HOUR) > most:
            raise InvitationRefused(
                _("短い時間に何度も招待を送ったため、止めています。1時間ほどおいてから、もう一度お試しください。")
            )


def _record(session: Session, tag: EventTag, invitation: Invitation, data: EventData | None = None) -> None:
    record(
        session,
        tag,
        company_id=invitation.company_id,
        partner_id=invitation.partner_id,
        subject=(invitation_letters.SUBJECT, invitation.id),
        data=data,
    )
