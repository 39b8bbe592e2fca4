"""Signed-in browsers as rows: found by hash, idle after 30 minutes, ended after 12 hours, revocable (E-7).

A partner's people with a second factor are asked once a working day: each browser of theirs has passed it, for
enrolling one ends the others, so theirs idles no sooner than it ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_login import UserMixin
from sqlalchemy import Row, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import factor_rule
from relay.models import Company, EventTag, Partner, Role, User, UserSession, event_data, record, scopes
from relay.models.prepared import read
from relay.tokens import new_token, token_hash

AnyRow = Row[*tuple[Any, ...]]

IDLE = timedelta(minutes=30)
MAX_ROWS = 50
"""How many of one's sessions a page lists; a person has a handful."""
ABSOLUTE = timedelta(hours=12)
WORTH_KEEPING = timedelta(minutes=5)
"""A session with less than this of its twelve hours left is not offered to be kept."""
SEEN_EVERY = timedelta(minutes=5)
CODE_WITHIN = timedelta(minutes=10)
"""How long the second factor may take after the password."""
PROOF_LASTS = timedelta(minutes=15)
"""How long a proof of who one is carries a dangerous act (E-8)."""


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a request: plain values, loaded once."""

    token: str
    session_id: int
    user_id: int
    name: str
    email: str
    role: Role
    company_id: int | None
    partner_id: int | None
    organisation: str
    """The company's or partner's name."""
    seen_stale: bool
    ends_at: datetime
    """When the session ends if nothing more is asked: by idling, or after its twelve hours."""
    may_stay: bool
    """Whether asking for something would keep it longer than that."""
    proven_at: datetime
    accepted_notice: bool
    """Whether the notice on confidentiality was accepted (B-7)."""
    second_factor: bool
    """Whether a second factor is enrolled."""
    factor_missing: bool
    """Whether the organisation requires a second factor that is not there yet: nothing of a candidate is brought in
    before."""
    must_enrol: bool
    """Whether nothing at all is opened before: the organisation has somebody to protect
    (relay.identity.factor_rule)."""
    practising: bool
    """Whether the company has not begun real sending."""
    sending_stopped_at: datetime | None
    """Since when the company holds all its mails back."""

    @property
    def freshly_proven(self) -> bool:
        """Return whether the last proof of who this is still carries a dangerous act (E-8)."""
        return self.proven_at > clock.now() - PROOF_LASTS

    @property
    def seconds_left(self) -> int:
        """Return how long the session lasts if nothing more is asked."""
        return max(0, int((self.ends_at - clock.now()).total_seconds()))

    def get_id(self) -> str:
        """Return what the cookie carries: the session's secret, never the user's id."""
        return self.token


def load(session: Session, token: str) -> SignedIn | None:
    """Return the person whose session this is, or None when it ended, idled out, or the user was disabled."""
    moment = clock.now()
    asked = {"token_hash": token_hash(token), "now": moment, "idle_since": moment - IDLE}
    with scopes.everyone(session, "login: the session says whose it is"):
        row = next(iter(read(session, _whose_session(), **asked)), None)
    if row is None:
        return None
    factor_missing = not row.totp_secret and factor_rule.is_in_force(row.second_factor_required)
    return SignedIn(
        token=token,
        session_id=row.session_id,
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        role=row.role,
        company_id=row.company_id,
        partner_id=row.partner_id,
        organisation=row.organisation,
        seen_stale=row.last_seen_at < moment - SEEN_EVERY,
        ends_at=ends_at(row, row),
        may_stay=_idle_limit(row) < ABSOLUTE and moment + WORTH_KEEPING < row.expires_at,
        proven_at=row.proven_at,
        accepted_notice=row.confidentiality_at is not None,
        second_factor=bool(row.totp_secret),
        factor_missing=factor_missing,
        must_enrol=factor_missing and factor_rule.protects(session, row.company_id),
        sending_stopped_at=row.sending_stopped_at,
        practising=row.company_id is not None and row.live_since is None,
    )


def ends_at(kept: UserSession | AnyRow, user: User | AnyRow) -> datetime:
    """Return when this browser of the user's is signed out if nothing more is asked."""
    limit: datetime = min(kept.last_seen_at + _idle_limit(user), kept.expires_at)
    return limit


def _idle_limit(user: User | AnyRow) -> timedelta:
    return ABSOLUTE if user.partner_id is not None and user.totp_secret else IDLE


@cache  # tricks: portal.templates
def _whose_session() -> Select[*tuple[Any, ...]]:
    required = func.coalesce(Company.second_factor_required, Partner.second_factor_required)
    return (
        select(
            UserSession.id.label("session_id"),
            UserSession.last_seen_at,
            UserSession.expires_at,
            UserSession.proven_at,
            User.id.label("user_id"),
            User.name,
            User.email,
            User.role,
            User.company_id,
            User.partner_id,
            User.confidentiality_at,
            User.totp_secret,
            func.coalesce(Company.name, Partner.name).label("organisation"),
            required.label("second_factor_required"),
            Company.live_since,
            Company.sending_stopped_at,
        )
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Company, Company.id == User.company_id)
        .outerjoin(Partner, Partner.id == User.partner_id)
        .where(
            UserSession.token_hash == bindparam("token_hash"),
            UserSession.awaits_code.is_(False),
            UserSession.expires_at > bindparam("now"),
            or_(
                UserSession.last_seen_at > bindparam("idle_since"),
                and_(User.partner_id.is_not(None), User.totp_secret != ""),
            ),
            User.disabled_at.is_(None),
        )
    )


def whose(session: Session, token: str) -> int | None:
    """Return the user of a session, idled-out ones too while they are kept; None where it was ended."""
    wanted = select(UserSession.user_id).where(
        UserSession.token_hash == token_hash(token), UserSession.awaits_code.is_(False)
    )
    with scopes.everyone(session, "login: the session says whose it is"):
        return session.scalars(wanted).one_or_none()


def start(
    session: Session,
    user_id: int,
    *,
    ip: str,
    agent: str,
    awaits_code: bool = False,
    proven_at: datetime | None = None,
) -> str:
    """Open a session for a user who has just proven who they are; returns its secret, stored only as a hash.

    With `awaits_code` it opens nothing but the page that asks for the second factor, for ten minutes. `proven_at` is
    the last whole proof, where this one was not whole.
    """
    moment, token = clock.now(), new_token()
    session.add(
        UserSession(
            user_id=user_id,
            token_hash=token_hash(token),
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + (CODE_WITHIN if awaits_code else ABSOLUTE),
            awaits_code=awaits_code,
            proven_at=proven_at or moment,
            ip=ip,
            agent=agent[:200],
        )
    )
    return token


def renew(session: Session, person: SignedIn) -> str:
    """Note that the person proved again who they are, and give the session a new secret (E-7, E-8), returned."""
    token = new_token()
    session.execute(
        update(UserSession)
        .where(UserSession.id == person.session_id)
        .values(token_hash=token_hash(token), proven_at=clock.now(), last_seen_at=clock.now())
    )
    record(
        session,
        EventTag.PROVEN_AGAIN,
        company_id=person.company_id,
        partner_id=person.partner_id,
        subject=("user", person.user_id),
    )
    return token


def seen(session: Session, session_id: int) -> None:
    """Note that the session was used just now."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=clock.now()))


def awaiting(session: Session, token: str) -> UserSession | None:
    """Return the session that waits for the second factor, while there is time and the user was not disabled."""
    wanted = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.awaits_code.is_(True),
            UserSession.expires_at > clock.now(),
            User.disabled_at.is_(None),
        )
    )
    with scopes.everyone(session, "login: the session says whose it is"):
        return session.scalars(wanted).one_or_none()


def open_ones(session: Session, user: User) -> Sequence[UserSession]:
    """Return the user's browsers that are signed in, the one used last first."""
    moment = clock.now()
    wanted = select(UserSession).where(
        UserSession.user_id == user.id,
        UserSession.awaits_code.is_(False),
        UserSession.expires_at > moment,
        UserSession.last_seen_at > moment - _idle_limit(user),
    )
    return session.scalars(
        wanted.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc()).limit(MAX_ROWS)
    ).all()


def end(session: Session, session_id: int) -> bool:
    """Sign this browser out; False where it was out already."""
    ended = session.execute(delete(UserSession).where(UserSession.id == session_id).returning(UserSession.id))
    return ended.one_or_none() is not None


def end_one_of(session: Session, person: SignedIn, session_id: int) -> bool:
    """Sign out one of the person's own browsers; False where it is not theirs or ended already."""
    ended = session.execute(
        delete(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == person.user_id)
        .returning(UserSession.id)
    )
    found = ended.one_or_none() is not None
    if found:
        _record_ended(session, person, 1)
    return found


def end_others(session: Session, person: SignedIn) -> int:
    """Sign the person out everywhere but here; returns how many browsers that were."""
    count = end_all(session, person.user_id, but=person.session_id)
    if count:
        _record_ended(session, person, count)
    return count


def end_all(session: Session, user_id: int, *, but: int | None = None) -> int:
    """Sign a user out everywhere, or everywhere but in one session: on disabling, on a new password or factor."""
    theirs = delete(UserSession).where(UserSession.user_id == user_id)
    ended = session.execute((theirs.where(UserSession.id != but) if but else theirs).returning(UserSession.id))
    return len(ended.all())


def _record_ended(session: Session, person: SignedIn, count: int) -> None:
    record(
        session,
        EventTag.SESSION_ENDED,
        company_id=person.company_id,
        partner_id=person.partner_id,
        subject=("user", person.user_id),
        data=event_data.Counted(count=count),
    )
