"""Signed-in browsers as rows: found by hash, idle after 30 minutes, ended after 12 hours, revocable (E-7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, EventTag, Partner, Role, User, UserSession, record, scopes
from relay.tokens import new_token, token_hash

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
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
    house: str
    """The company's or partner's name."""
    seen_stale: bool
    proven_at: datetime
    accepted_notice: bool
    """Whether the notice on confidentiality was accepted (B-7)."""
    second_factor: bool
    """Whether a second factor is enrolled."""
    must_enrol: bool
    """Whether the house requires a second factor that is not there yet. A company that practises does not ask."""
    practising: bool
    """Whether the company has not begun real sending."""

    @property
    def freshly_proven(self) -> bool:
        """Whether the last proof of who this is still carries a dangerous act (E-8)."""
        return self.proven_at > clock.now() - PROOF_LASTS

    def get_id(self) -> str:
        """What the cookie carries: the session's secret, never the user's id."""
        return self.token


def load(session: Session, token: str) -> SignedIn | None:
    """The person whose session this is, or None when it ended, idled out, or the user was disabled."""
    moment = clock.now()
    statement = (
        select(UserSession, User, Company, Partner)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Company, Company.id == User.company_id)
        .outerjoin(Partner, Partner.id == User.partner_id)
        .where(
            UserSession.token_hash == token_hash(token),
            UserSession.awaits_code.is_(False),
            UserSession.expires_at > moment,
            UserSession.last_seen_at > moment - IDLE,
            User.disabled_at.is_(None),
        )
    )
    with scopes.everyone(session, "login: the session says whose it is"):
        row = session.execute(statement).one_or_none()
    if row is None:
        return None
    kept, user, company, partner = row
    house = company or partner
    practising = company is not None and company.live_since is None
    return SignedIn(
        token=token,
        session_id=kept.id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        company_id=user.company_id,
        partner_id=user.partner_id,
        house=house.name,
        seen_stale=kept.last_seen_at < moment - SEEN_EVERY,
        proven_at=kept.proven_at,
        accepted_notice=user.confidentiality_at is not None,
        second_factor=bool(user.totp_secret),
        must_enrol=house.second_factor_required and not user.totp_secret and not practising,
        practising=practising,
    )


def start(session: Session, user_id: int, *, ip: str, agent: str, awaits_code: bool = False) -> str:
    """Open a session for a user who has just proven who they are; returns its secret, stored only as a hash.

    With `awaits_code` it opens nothing but the page that asks for the second factor, for ten minutes.
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
            proven_at=moment,
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


def end(session: Session, session_id: int) -> None:
    """Sign this browser out."""
    session.execute(delete(UserSession).where(UserSession.id == session_id))


def end_all(session: Session, user_id: int) -> None:
    """Sign a user out everywhere: on disabling, and on a new password."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
