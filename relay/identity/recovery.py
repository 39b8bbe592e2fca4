"""A forgotten password: one answer for everybody, a link by mail, and nothing changes before it is used (C-23)."""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.identity import security_letters, throttle, users
from relay.identity.users import UserUnknown
from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.models import EventTag, Token, TokenPurpose, User, record
from relay.text import mail_key
from relay.tokens import keyed_hash, same

MAILS_PER_HOUR = 3
"""For one address; more are answered alike and send nothing."""
HOUR = timedelta(hours=1)


class LinkUsed(DomainError):
    """Raise where the link set a password a moment ago, or the login is suspended."""

    code = "password-link-used"


def ask(session: Session, email: str, *, hash_key: bytes) -> None:
    """Mail a link for a new password to the login of this address; for every other address do the same work.

    The answer is the same for known, unknown and disabled logins, and past the third mail within an hour.
    """
    key = keyed_hash(hash_key, "password-asked", mail_key(email) or email.strip().casefold())
    often = throttle.hit(session, key, window=HOUR) > MAILS_PER_HOUR
    user = _working(session, email)
    record(
        session,
        EventTag.PASSWORD_ASKED,
        company_id=user.company_id if user else None,
        partner_id=user.partner_id if user else None,
        subject=("user", user.id if user else None),
    )
    with session.begin_nested() as step:
        security_letters.ask_password(session, user or _nobody())
        session.flush()
        if user is None or often:
            step.rollback()


def reset(session: Session, token: Token, password: str) -> User:
    """Set the password behind a mailed link, end every session and every such link, and tell the person.

    The second factor stays (C-23). Raises users.PasswordRefused, and LinkUsed where the link was used meanwhile.
    """
    user = owner(session, token)
    if not tokens.revoke(session, TokenPurpose.PASSWORD, user.id):
        raise LinkUsed(_("このリンクは、少し前に使われました。新しいパスワードでログインしてください。"))
    users.set_password(session, user, password)
    record(
        session,
        EventTag.PASSWORD_RESET,
        company_id=user.company_id,
        partner_id=user.partner_id,
        subject=("user", user.id),
    )
    security_letters.tell(session, user, "password-reset")
    return user


def owner(session: Session, token: Token) -> User:
    """Return the login a link is about. Raises LinkUsed when it has been shut, or signs in elsewhere, since."""
    user = users.by_id(session, token.subject_id)
    if not same(token.address_hash, address_hash(user.email)):
        raise LinkUsed(
            _("このリンクを送ったあとで、メールアドレスが変わりました。新しいアドレスで受け取り直してください。")
        )
    if user.disabled_at is not None:
        raise LinkUsed(_("このログインは停止されています。社内の管理者にお問い合わせください。"))
    return user


def _working(session: Session, email: str) -> User | None:
    try:
        user = users.by_address(session, email)
    except UserUnknown:
        return None
    return user if user.disabled_at is None else None


def _nobody() -> User:
    """Return a user who is never stored, so that unknown addresses cost the same work."""
    return User(id=0, email="nobody@invalid.example")
