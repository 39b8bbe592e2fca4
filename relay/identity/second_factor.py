"""The second factor: codes of an authenticator app (RFC 6238) and ten codes for when the device is lost (E-5).

Six digits, thirty seconds, a secret of 160 bits kept sealed, one step of drift either way, and no step twice.
"""

import secrets
from dataclasses import dataclass

import pyotp
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import security_letters, sessions
from relay.infra import vault
from relay.models import EventTag, RecoveryCode, User, record, scopes
from relay.text import clean, plain_ascii
from relay.tokens import CODE_ALPHABET, keyed_hash, same

LOGIN = "login: the second factor of whoever just proved their password"
ISSUER = "Relay"
SECRET_CHARACTERS = 32
"""Of base32: 160 bits (RFC 4226, 4 R6)."""
DIGITS = 6
STEP_SECONDS = 30
DRIFT = 1
CODES = 10
CODE_LENGTH = 10
"""Of 31 characters each: 49 random bits, of which a wrong one costs a growing wait."""


class CodeRefused(DomainError):
    """Raise for a code that is wrong, too old or used, without telling which (E-6)."""

    code = "code-refused"
    message = _l("コードが違うか、期限が過ぎています。アプリに新しく表示されたコードを入力してください。")


class NotRemovable(DomainError):
    """Raise where the organisation requires a second factor, which can be replaced but not removed."""

    code = "second-factor-required"
    message = _l("二段階認証が必須になっているため、外すことはできません。別の端末に移すことはできます。")


class NothingPending(DomainError):
    """Raise where no enrolment of a second factor was begun."""

    code = "no-enrolment-pending"


@dataclass(frozen=True)
class PendingEnrolment:
    """The secret an authenticator app needs; in force only once a code from it was entered."""

    secret: str
    uri: str


@dataclass(frozen=True)
class State:
    """The state of a person's second factor."""

    enrolled: bool
    codes_left: int


def begin(session: Session, user: User) -> PendingEnrolment:
    """Make a new secret to be confirmed; whatever factor is in force stays so until then."""
    user.totp_pending = vault.seal(pyotp.random_base32(SECRET_CHARACTERS))
    return _pending(user)


def pending(user: User) -> PendingEnrolment | None:
    """Return the secret that waits to be confirmed, if any; none where the key it was sealed with is gone."""
    try:
        return _pending(user) if user.totp_pending else None
    except vault.SealBroken:
        return None


def confirm(session: Session, user: User, typed: str, *, hash_key: bytes, keep_session: int | None) -> list[str]:
    """Put the waiting secret in force by a code of it, end the other sessions, and return ten recovery codes.

    They are shown this once. Raises NothingPending without a waiting secret, CodeRefused for a wrong code.
    """
    if not user.totp_pending:
        raise NothingPending(_("設定の途中の鍵がありません。はじめからやり直してください。"))
    step = _matching_step(vault.unseal(user.totp_pending), typed)
    if step is None:
        raise CodeRefused
    user.totp_secret, user.totp_pending = user.totp_pending, ""
    user.totp_last_step, user.totp_enrolled_at = step, clock.now()
    sessions.end_all(session, user.id, but=keep_session)
    _record(session, EventTag.SECOND_FACTOR_ENROLLED, user)
    security_letters.tell(session, user, "second-factor-enrolled")
    return _new_codes(session, user, hash_key)


def accept(session: Session, user: User, typed: str, *, hash_key: bytes) -> bool:
    """Return whether this is a code of the user's app not accepted before, or a recovery code not used before.

    Either is spent by being accepted, in one atomic step, so that of two who show the same code one is let in.
    """
    if not user.totp_secret:
        return False
    code = "".join(plain_ascii(clean(typed)).split()).replace("-", "").upper()
    if len(code) == CODE_LENGTH:
        return _spend_recovery_code(session, user, code, hash_key)
    step = _matching_step(vault.unseal(user.totp_secret), code)
    if step is None or not _spend_step(session, user, step):
        return False
    if not vault.is_current(user.totp_secret):
        user.totp_secret = vault.seal(vault.unseal(user.totp_secret))
    return True


def new_codes(session: Session, user: User, *, hash_key: bytes) -> list[str]:
    """Ten new recovery codes in place of all earlier ones. Raises NothingPending where no factor is in force."""
    if not user.totp_secret:
        raise NothingPending(_("二段階認証がまだ設定されていません。先に設定してください。"))
    return _new_codes(session, user, hash_key)


def remove_own(session: Session, user: User, *, required: bool, keep_session: int | None) -> None:
    """Go back to the password alone, ending the other sessions. Raises NotRemovable where the organisation requires
    it."""
    if required:
        raise NotRemovable
    remove(session, user, keep_session=keep_session)


def remove(session: Session, user: User, *, keep_session: int | None = None) -> None:
    """Take the factor away and tell the person: for a device that is gone."""
    if take_away(session, user, keep_session=keep_session):
        security_letters.tell(session, user, "second-factor-removed")


def take_away(session: Session, user: User, *, keep_session: int | None = None) -> bool:
    """Take the factor and its codes away and end the sessions; whether there was one. Who does it tells the person."""
    if not (user.totp_secret or user.totp_pending):
        return False
    user.totp_secret = user.totp_pending = ""
    user.totp_enrolled_at = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    sessions.end_all(session, user.id, but=keep_session)
    security_letters.close_pages(session, user)
    _record(session, EventTag.SECOND_FACTOR_REMOVED, user)
    return True


def state(session: Session, user: User) -> State:
    """Return whether a factor is in force, and how many recovery codes are left."""
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return State(bool(user.totp_secret), session.scalar(unused) or 0)


def _pending(user: User) -> PendingEnrolment:
    secret = vault.unseal(user.totp_pending)
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return PendingEnrolment(secret, uri)


def _matching_step(secret: str, typed: str) -> int | None:
    """Return the time step of this code, the present or a neighbour; all are compared, in equal time."""
    code = "".join(plain_ascii(clean(typed)).split())
    if len(code) != DIGITS or not code.isdigit():
        return None
    machine, now = pyotp.HOTP(secret, digits=DIGITS), int(clock.now().timestamp()) // STEP_SECONDS
    found = [step for step in range(now - DRIFT, now + DRIFT + 1) if same(machine.at(step), code)]
    return found[-1] if found else None


def _spend_step(session: Session, user: User, step: int) -> bool:
    """Take the step, unless it or a later one was taken before (RFC 6238, 5.2)."""
    with scopes.everyone(session, LOGIN):
        taken = session.execute(
            update(User)
            .where(User.id == user.id, User.totp_last_step < step)
            .values(totp_last_step=step)
            .returning(User.id)
        )
        return taken.one_or_none() is not None


def _spend_recovery_code(session: Session, user: User, code: str, hash_key: bytes) -> bool:
    taken = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _code_hash(user, code, hash_key),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    if taken.one_or_none() is None:
        return False
    _record(session, EventTag.RECOVERY_CODE_USED, user)
    security_letters.tell(session, user, "recovery-code-used")
    return True


def _new_codes(session: Session, user: User, hash_key: bytes) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH)) for _number in range(CODES)]
    session.add_all(
        RecoveryCode(user_id=user.id, code_hash=_code_hash(user, code, hash_key), created_at=clock.now())
        for code in codes
    )
    session.flush()
    _record(session, EventTag.RECOVERY_CODES_MADE, user)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _code_hash(user: User, code: str, hash_key: bytes) -> str:
    return keyed_hash(hash_key, "recovery-code", f"{user.id}:{code}")


def _record(session: Session, tag: EventTag, user: User) -> None:
    record(session, tag, company_id=user.company_id, partner_id=user.partner_id, subject=("user", user.id))
