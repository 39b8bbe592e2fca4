"""Signing in: one answer for everybody who is not let in, equal work, growing delays (E-6).

Three steps, so that hashing never holds a writer up: `begin` counts the attempt and reads the stored
hash, `prove` compares without a transaction, `finish` opens the session or records the refusal.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import second_factor, security_letters, sessions, throttle
from relay.identity.passwords import MAX_LENGTH, check_password, hash_password, wants_rehash
from relay.identity.throttle import Patience
from relay.models import Event, EventTag, User, record, scopes
from relay.text import mail_key
from relay.tokens import keyed_hash

log = logging.getLogger("relay")

HERE = Patience(free=5, longest=timedelta(minutes=15))
"""For one account from one address."""
ANYWHERE = Patience(free=10, longest=timedelta(minutes=1))
"""For one account from all addresses; short, and not for addresses its owner has signed in from."""
ADDRESS = Patience(free=30, longest=timedelta(minutes=15))
"""For one address and all accounts; an office shares one."""
CODES = Patience(free=5, longest=timedelta(minutes=15))
"""For the second factor of one account."""
KNOWN_FOR = timedelta(days=90)

# argon2id of a random secret that was thrown away: what unknown people's passwords are compared with.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$cJvsf7COqzeJnyY8st6qvQ$lgIjwH3q/3ZiwI/onCCw0RsH2d2C/nNEyOhv70Xx5HI"


@dataclass(frozen=True)
class Attempt:
    """One try to sign in, as `begin` found it."""

    user: User | None
    ip: str
    keys: tuple[str, str, str]
    wait: timedelta

    @property
    def must_wait(self) -> bool:
        """Return whether earlier failures still hold this attempt back."""
        return self.wait > timedelta(0)


@dataclass(frozen=True)
class Proof:
    """The result of comparing the password; `new_hash` replaces one made with older parameters."""

    user: User | None
    new_hash: str | None = None


def begin(session: Session, *, email: str, ip: str, hash_key: bytes) -> Attempt:
    """Count an attempt before anything is compared, and find whom it is for. Nobody learns whether they exist.

    An attempt that must wait is not counted and leaves no row behind, only a line in the log, so that a
    flood of them fills nothing.
    """
    user = _active_user(session, email)
    account, origin = mail_key(email) or email.strip().casefold(), throttle.origin(ip)
    here, anywhere, address = (
        keyed_hash(hash_key, "sign-in", what)
        for what in (f"here:{account}:{origin}", f"account:{account}", f"address:{origin}")
    )
    patience = {here: HERE, address: ADDRESS}
    if user is None or not _signed_in_before(session, user, ip):
        patience[anywhere] = ANYWHERE
    wait = throttle.attempt(session, patience)
    if wait > timedelta(0):
        log.warning("sign-in held back for %s seconds", round(wait.total_seconds()))
    return Attempt(user, ip, (here, anywhere, address), wait)


def prove(attempt: Attempt, password: str) -> Proof:
    """Compare the password exactly as typed; equal work whether or not the person exists (E-4, E-6)."""
    stored = attempt.user.password_hash if attempt.user else NOBODY
    proven = len(password) <= MAX_LENGTH and check_password(stored, password)
    if not proven or attempt.user is None:
        return Proof(None)
    return Proof(attempt.user, hash_password(password) if wants_rehash(stored) else None)


@dataclass(frozen=True)
class OpenedSession:
    """The secret of a new session; with `awaits_code` it opens only the page that asks for the code."""

    token: str
    awaits_code: bool = False


def finish(session: Session, attempt: Attempt, proof: Proof, *, agent: str) -> OpenedSession | None:
    """Open a session; or record the refusal, without the typed address, and return None.

    A password is half the proof where a second factor is set up: the session awaits the code (E-5).
    """
    if proof.user is None:
        _refused(session, attempt)
        return None
    _proven(session, attempt, proof)
    return open_session(session, proof.user, ip=attempt.ip, agent=agent)


def open_session(session: Session, user: User, *, ip: str, agent: str) -> OpenedSession:
    """Open a session for a user who has just proven who they are; with a second factor it awaits its code."""
    if user.totp_secret:
        return OpenedSession(sessions.start(session, user.id, ip=ip, agent=agent, awaits_code=True), awaits_code=True)
    return OpenedSession(_start(session, user, ip=ip, agent=agent))


def may_try_code(session: Session, user_id: int, *, hash_key: bytes) -> timedelta:
    """Count one try at the second factor and return zero, or count nothing and return how long still to wait.

    This step is behind the password, so tries are counted for the user alone, from everywhere together (E-5).
    """
    wait = throttle.attempt(session, {_code_key(user_id, hash_key): CODES})
    if wait > timedelta(0):
        log.warning("second factor held back for %s seconds", round(wait.total_seconds()))
    return wait


def try_code(session: Session, user: User, code: str, *, hash_key: bytes) -> bool:
    """Return whether the code is the user's and unused; counts from zero on success, is recorded on failure.

    At the failure that makes the next try wait, the person is told that their password is known.
    """
    key = _code_key(user.id, hash_key)
    if second_factor.accept(session, user, code, hash_key=hash_key):
        throttle.succeeded(session, anew=[key])
        return True
    if throttle.counted(session, key) == CODES.free:
        security_letters.tell(session, user, "codes-guessed")
    record(
        session,
        EventTag.SECOND_FACTOR_REFUSED,
        company_id=user.company_id,
        partner_id=user.partner_id,
        subject=("user", user.id),
    )
    return False


def finish_with_code(session: Session, waiting_id: int, user: User, *, ip: str, agent: str) -> str | None:
    """Open the session that waited for the code, under a new id (E-7); returns its secret, None if it ended by now."""
    if not sessions.end(session, waiting_id):
        return None
    return _start(session, user, ip=ip, agent=agent)


def _start(session: Session, user: User, *, ip: str, agent: str) -> str:
    record(
        session,
        EventTag.SIGNED_IN,
        company_id=user.company_id,
        partner_id=user.partner_id,
        subject=("user", user.id),
    )
    return sessions.start(session, user.id, ip=ip, agent=agent)


def prove_again(session: Session, attempt: Attempt, password: str) -> bool:
    """Compare the password of a signed-in person; a refusal is recorded, a success forgets the failures."""
    proof = prove(attempt, password)
    if proof.user is None:
        _refused(session, attempt)
        return False
    _proven(session, attempt, proof)
    return True


def sign_out(session: Session, person: sessions.SignedIn) -> None:
    """End this browser's session."""
    sessions.end(session, person.session_id)
    record(
        session,
        EventTag.SIGNED_OUT,
        company_id=person.company_id,
        partner_id=person.partner_id,
        subject=("user", person.user_id),
    )


def _refused(session: Session, attempt: Attempt) -> None:
    known = attempt.user
    record(
        session,
        EventTag.SIGN_IN_REFUSED,
        company_id=known.company_id if known else None,
        partner_id=known.partner_id if known else None,
        subject=("user", known.id if known else None),
    )


def _proven(session: Session, attempt: Attempt, proof: Proof) -> None:
    here, anywhere, address = attempt.keys
    throttle.succeeded(session, anew=[here, anywhere], less=[address])  # before the user's row, as everywhere
    if proof.user is not None and proof.new_hash:
        proof.user.password_hash = proof.new_hash


def _code_key(user_id: int, hash_key: bytes) -> str:
    return keyed_hash(hash_key, "second-factor", str(user_id))


def _active_user(session: Session, email: str) -> User | None:
    with scopes.everyone(session, "login: a mail address signs in once in the installation"):
        wanted = select(User).where(User.email_key == mail_key(email), User.disabled_at.is_(None))
        return session.scalars(wanted).one_or_none()


def _signed_in_before(session: Session, user: User, ip: str) -> bool:
    """Compare networks as the throttle does: whether this person came from this one lately.

    So strangers elsewhere cannot keep them out, nor does a new address within their own IPv6 network.
    """
    before = select(Event.ip).where(
        Event.company_id == user.company_id if user.company_id else Event.company_id.is_(None),
        Event.subject_kind == "user",
        Event.subject_id == user.id,
        Event.tag == EventTag.SIGNED_IN.value,
        Event.at > clock.now() - KNOWN_FOR,
    )
    here = throttle.origin(ip)
    return any(throttle.origin(known) == here for known in session.scalars(before.distinct()))
