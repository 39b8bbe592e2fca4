"""Logins: of a company's people and of a partner's agents. What takes rights away ends the open sessions (E-7)."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, bindparam, cast, literal, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import security_letters, sessions
from relay.identity.passwords import check_rules, hash_password
from relay.identity.roles import ANSWERABLE, LEADS
from relay.models import Company, EventTag, Partner, Role, User, event_data, record, scopes
from relay.models.event_data import EventData
from relay.models.prepared import Prepared
from relay.models.retention import LOGIN as LOGIN_KEPT
from relay.text import clean, mail_key, normalise_mail
from relay.text.address import mail_sentence

LOGIN = "login and command line: a mail address signs in once in the installation"
COMPANY_ROLES = (Role.ADMIN, Role.RECRUITER, Role.VIEWER)
"""The roles there are pages for."""
PARTNER_ROLES = (Role.LEAD, Role.AGENT)
"""The roles of a partner, its 責任者 and 担当者; the first person is a lead."""
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
NAME_LENGTH = 100


class UserRefused(DomainError):
    """Raise where the login cannot be created or changed so; the message says why."""

    code = "user-refused"


class UserUnknown(DomainError):
    """Raise where no user signs in with this address."""

    code = "user-unknown"
    message = _l("このメールアドレスのユーザーはいません。")


class PasswordRefused(DomainError):
    """Raise where the password breaks a rule; the message says which (E-3)."""

    code = "password-refused"


@dataclass(frozen=True)
class MemberRow:
    """A login as lists show it."""

    id: int
    name: str
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    second_factor: bool


def create_user(
    session: Session, organisation: Company | Partner, *, email: str, name: str, role: Role, password: str
) -> User:
    """Make a login of a company or partner.

    Raises UserRefused when the address is unusable or already signs in, or the role does not belong to
    this kind of house; PasswordRefused when the password breaks a rule.
    """
    reading = normalise_mail(email)
    if not reading.value:
        sentence = mail_sentence(reading.fault, email) if reading.fault else _("メールアドレスを入力してください。")
        raise UserRefused(sentence)
    if _by_key(session, mail_key(reading.value)) is not None:
        raise UserRefused(_("このメールアドレスは、すでにログインに使われています。"))
    check_role(role, agents=isinstance(organisation, Partner))
    _check_password(password, organisation, name=name, email=reading.value)
    user = User(
        company_id=organisation.id if isinstance(organisation, Company) else None,
        partner_id=organisation.id if isinstance(organisation, Partner) else None,
        email=reading.value,
        email_key=mail_key(reading.value),
        name=(clean(name) or reading.value.split("@")[0])[:NAME_LENGTH],
        role=role,
        password_hash=hash_password(password),
        created_at=clock.now(),
    )
    with scopes.everyone(session, LOGIN):
        session.add(user)
    _record(session, EventTag.USER_CREATED, user, event_data.UserCreated(role=role.value))
    return user


def disable(session: Session, user: User) -> None:
    """Shut a login, end its sessions and its mailed links; shutting it again changes nothing.

    Raises UserRefused for the last administrator of a company, the last lead of a partner.
    """
    if user.disabled_at is not None:
        return
    _keep_somebody_answerable(session, user)
    user.disabled_at = clock.now()
    sessions.end_all(session, user.id)
    security_letters.close_links(session, user)
    _record(session, EventTag.USER_CHANGED, user, event_data.UserChanged(what="disabled"))


def enable(session: Session, user: User) -> None:
    """Open a shut login again, with the role and the password it had."""
    if user.disabled_at is not None:
        user.disabled_at = None
        _record(session, EventTag.USER_CHANGED, user, event_data.UserChanged(what="enabled"))


def forget_left(session: Session) -> None:
    """Forget name and address of logins that were shut for three years; what they did keeps their number."""
    left = update(User).where(User.email != "", User.disabled_at <= clock.now() - LOGIN_KEPT.length)
    gone = {
        "name": _("以前の担当者"),
        "email": "",
        "email_key": literal("left-") + cast(User.id, String),
        "password_hash": "",
    }
    with scopes.everyone(session, "worker: logins that were shut long ago, of any organisation"):
        session.execute(left.values(gone | {"new_email": "", "totp_secret": "", "totp_pending": ""}))


def set_role(session: Session, user: User, role: Role) -> None:
    """Give another role and end the open sessions, which were opened under the old one.

    Raises UserRefused when the role does not fit, or the last administrator or lead would lose theirs.
    """
    if user.role is role:
        return
    check_role(role, agents=user.partner_id is not None)
    _keep_somebody_answerable(session, user)
    user.role = role
    sessions.end_all(session, user.id)
    _record(session, EventTag.USER_CHANGED, user, event_data.UserChanged(what="role", role=role.value))


def set_password(session: Session, user: User, password: str) -> None:
    """Set a new password; the open sessions and every mailed link that could change the login end.

    Raises PasswordRefused when it breaks a rule.
    """
    _check_password(password, organisation_of(session, user), name=user.name, email=user.email)
    user.password_hash = hash_password(password)
    sessions.end_all(session, user.id)
    security_letters.close_links(session, user)
    _record(session, EventTag.USER_CHANGED, user, event_data.UserChanged(what="password"))


def new_password() -> str:
    """Return a generated password that fulfils the rules: five groups of four characters, 99 random bits."""
    return "-".join("".join(secrets.choice(READABLE) for _place in range(4)) for _group in range(5))


def accept_notice(session: Session, user: User) -> None:
    """Note that the person accepted the notice on confidentiality (B-7); once is enough."""
    if user.confidentiality_at is None:
        user.confidentiality_at = clock.now()
        _record(session, EventTag.CONFIDENTIALITY_ACCEPTED, user)


def by_id(session: Session, user_id: int) -> User:
    """Return the login of this id, which a session or a token has already named."""
    with scopes.everyone(session, LOGIN):
        return session.scalars(select(User).where(User.id == user_id)).one()


def by_address(session: Session, email: str) -> User:
    """Return the login of this mail address, disabled or not. Raises UserUnknown."""
    user = _by_key(session, mail_key(email))
    if user is None:
        raise UserUnknown
    return user


def signs_in(session: Session, email: str) -> bool:
    """Return whether a login of this address exists; to be told only to the person who proved it (E-6)."""
    return _by_key(session, mail_key(email)) is not None


_COMPANY = select(Company).where(Company.id == bindparam("company"))
_PARTNER = select(Partner).where(Partner.id == bindparam("partner"))


def organisation_of(session: Session, user: User) -> Company | Partner:
    """Return the company or partner the login belongs to."""
    if user.company_id is not None:
        return session.scalars(_COMPANY, {"company": user.company_id}).one()
    return session.scalars(_PARTNER, {"partner": user.partner_id}).one()


def hold(session: Session, organisation: Company | Partner) -> None:
    """Keep others from changing who belongs to the organisation until this transaction ends.

    Two administrators who shut each other at once would else both be gone.
    """
    table = Company if isinstance(organisation, Company) else Partner
    session.execute(select(table.id).where(table.id == organisation.id).with_for_update(key_share=True))


def within(session: Session, organisation: Company | Partner) -> AbstractContextManager[None]:
    """Return the scope of one organisation."""
    return (scopes.company if isinstance(organisation, Company) else scopes.partner)(session, organisation.id)


_MEMBERS = (
    select(User.id, User.name, User.email, User.role, User.created_at, User.disabled_at, User.totp_secret != "")
    .where(User.email != "")
    .order_by(User.disabled_at.is_not(None), User.id)
)


def members(session: Session, organisation: Company | Partner) -> Sequence[MemberRow]:
    """Return the logins of one organisation, working ones first, oldest first; not those that are forgotten."""
    with within(session, organisation):
        return [MemberRow(*row) for row in session.execute(_MEMBERS)]


def working(session: Session, organisation: Company | Partner) -> Sequence[User]:
    """Return the organisation's logins that are not shut, oldest first."""
    with within(session, organisation):
        return session.scalars(select(User).where(User.disabled_at.is_(None)).order_by(User.id)).all()


def names_of_leads(session: Session) -> Sequence[str]:
    """Return the names of the working leads of the partner in scope, the first one first."""
    return _LEADS.all(session)


_LEADS = Prepared(
    select(User.name).where(User.role == Role.LEAD, User.disabled_at.is_(None)).order_by(User.id),
    str,
)


_ONE = select(User).where(User.id == bindparam("user"))


def of_organisation(session: Session, organisation: Company | Partner, user_id: int) -> User | None:
    """Return the organisation's own login of this id, if it has it."""
    with within(session, organisation):
        return session.scalars(_ONE, {"user": user_id}).one_or_none()


def _by_key(session: Session, key: str) -> User | None:
    with scopes.everyone(session, LOGIN):
        return session.scalars(select(User).where(User.email_key == key)).one_or_none()


def check_role(role: Role, *, agents: bool) -> None:
    """Raise UserRefused unless this kind of organisation has the role."""
    if agents and role not in PARTNER_ROLES:
        raise UserRefused(_("提携先のユーザーの役割は、責任者（lead）・担当者（agent）です。"))
    if not agents and role not in COMPANY_ROLES:
        raise UserRefused(_("企業のユーザーの役割は、管理者（admin）・採用担当（recruiter）・閲覧のみ（viewer）です。"))


def is_last_answerable(session: Session, user: User) -> bool:
    """Return whether nobody would answer for the user's organisation without them: no administrator, no lead."""
    if user.role not in ANSWERABLE or user.disabled_at is not None:
        return False
    others = select(User.id).where(User.role.in_(ANSWERABLE), User.disabled_at.is_(None), User.id != user.id)
    with within(session, organisation_of(session, user)):
        return session.scalars(others.limit(1)).first() is None


def _check_password(password: str, organisation: Company | Partner, *, name: str, email: str) -> None:
    problem = check_rules(password, (organisation.name, organisation.slug, name, email))
    if problem:
        raise PasswordRefused(problem)


def _keep_somebody_answerable(session: Session, user: User) -> None:
    if user.role not in ANSWERABLE or user.disabled_at is not None:
        return
    hold(session, organisation_of(session, user))
    if not is_last_answerable(session, user):
        return
    if user.role in LEADS:
        raise UserRefused(
            _("この提携先の最後の責任者です。先に別の方を責任者にしてください。まだ何も変わっていません。")
        )
    raise UserRefused(_("この企業の最後の管理者です。先に別の方を管理者にしてください。"))


def _record(session: Session, tag: EventTag, user: User, data: EventData | None = None) -> None:
    record(
        session,
        tag,
        company_id=user.company_id,
        partner_id=user.partner_id,
        subject=("user", user.id),
        data=data,
    )
