"""Changes of one's own login: the name, the password, and the address to sign in with (E-8)."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.identity import security_letters, sessions, users
from relay.identity.users import NAME_LENGTH, UserRefused, UserUnknown
from relay.infra.keyed_hash import address_hash
from relay.models import EventTag, Token, User, event_data, record
from relay.models.event_data import EventData
from relay.text import clean, mail_key, mail_sentence, normalise_mail
from relay.tokens import same


class ProofGone(DomainError):
    """Raise where the link proves an address that is no longer being changed to."""

    code = "address-change-gone"
    message = _l("このリンクのアドレスへの変更は、取り消されています。")


def rename(session: Session, user: User, name: str) -> None:
    """Write another name. Raises UserRefused for an empty or an overlong one."""
    wanted = clean(name)
    if not wanted or len(wanted) > NAME_LENGTH:
        raise UserRefused(_("お名前は1文字から%(n)s文字までで入力してください。", n=NAME_LENGTH))
    if wanted != user.name:
        user.name = wanted
        _record(session, EventTag.USER_CHANGED, user, event_data.UserChanged(what="name"))


def change_password(session: Session, user: User, password: str) -> None:
    """Set a new password, end every session and every mailed link, and tell the person.

    The caller has compared the old one, and opens a new session. Raises users.PasswordRefused.
    """
    users.set_password(session, user, password)
    security_letters.tell(session, user, "password-changed")


def ask_new_address(session: Session, user: User, typed: str) -> None:
    """Note another address and mail it a link; the old one stays in force until that link is used, and is told.

    Another person's login is answered alike and gets no mail: nobody learns who signs in (E-6). Raises UserRefused when
    the address is unusable or the one in use.
    """
    reading = normalise_mail(typed)
    if not reading.value:
        raise UserRefused(
            mail_sentence(reading.fault, typed) if reading.fault else _("メールアドレスを入力してください。")
        )
    if mail_key(reading.value) == user.email_key:
        raise UserRefused(_("いまと同じメールアドレスです。"))
    security_letters.take_back(session, user, security_letters.NEW_EMAIL)
    user.new_email = reading.value
    security_letters.tell(session, user, "email-asked")
    if _is_free(session, reading.value):
        security_letters.ask_address(session, user)


def forget_new_address(session: Session, user: User) -> None:
    """Stay with the address in force, and close the link to the other."""
    security_letters.take_back(session, user, security_letters.NEW_EMAIL)
    user.new_email = ""


def waiting_address(session: Session, token: Token) -> User:
    """Return the login whose address a link proves. Raises ProofGone when superseded, or the login was shut."""
    user = users.by_id(session, token.subject_id)
    proven = bool(user.new_email) and same(token.address_hash, address_hash(user.new_email))
    if not proven or user.disabled_at is not None:
        raise ProofGone
    return user


def take_new_address(session: Session, token: Token, *, keep_session: int | None) -> User:
    """Sign in with the proven address from now on; other sessions end, and the old address is told (E-8).

    Raises ProofGone, and UserRefused when another login has it by now.
    """
    user = waiting_address(session, token)
    before = user.email
    try:
        with session.begin_nested():
            user.email, user.email_key, user.new_email = user.new_email, mail_key(user.new_email), ""
            session.flush()
    except IntegrityError as error:
        raise UserRefused(_("このメールアドレスは、すでにログインに使われています。")) from error
    security_letters.close_links(session, user)
    sessions.end_all(session, user.id, but=keep_session)
    _record(session, EventTag.EMAIL_CHANGED, user)
    security_letters.tell(session, user, "email-changed", to=before)
    return user


def _is_free(session: Session, email: str) -> bool:
    try:
        users.by_address(session, email)
    except UserUnknown:
        return True
    return False


def _record(session: Session, tag: EventTag, user: User, data: EventData | None = None) -> None:
    record(
        session,
        tag,
        company_id=user.company_id,
        partner_id=user.partner_id,
        subject=("user", user.id),
        data=data,
    )
