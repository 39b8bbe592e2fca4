"""Another mail address for a registration: asked for on the own page, in force once a mail to it has proven it.

The link proves the mailbox and the 暗証番号 the person: a mistyped address is a stranger's, whom the link must not let
in. The mail is the store: its row names the new address until the link has run out. Whether another registration has
that address is answered to whom both the mailbox and the number belong (C-20); the present address is told at once, and
can stop it without the number.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import throttle
from relay.infra.keyed_hash import address_hash, keyed
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    EventTag,
    MailClass,
    Message,
    MessageState,
    Profile,
    TokenPurpose,
    event_data,
    record,
    retention,
    scopes,
)
from relay.models.locking import lock_profile
from relay.network import letters, own_acts, profiles
from relay.network.granting import ErasurePlanned
from relay.network.links import LinkGone
from relay.network.own_acts import OwnAct
from relay.text import MailFault, mail_key, mail_sentence, normalise_mail

LETTER = "new-address"
NOTICE = "new-address-asked"
WAITS = timedelta(hours=retention.PENDING.number)
"""How long a new address waits to be proven, and its link with it (C-18)."""
A_DAY = timedelta(days=1)
MAX_A_DAY = 3
"""How many mails that prove an address a person causes within a day, and one address is sent."""
LINK = Link(TokenPurpose.NEW_ADDRESS, lifetime=WAITS, path="/address/", key="address_url")
BY_ADDRESS = "network: the profile of an address, and mails to registered people, which belong to no company"


class NewAddressUnusable(DomainError):
    """Raise where no mail can be sent to what was typed."""

    code = "new-address-unusable"


class SameAddress(DomainError):
    """Raise where the new address is the present one."""

    code = "same-address"
    message = _l("いま登録されているアドレスと同じです。何も変わっていません。")


class TooManyNewAddresses(DomainError):
    """Raise where the day's mails that prove an address are used up."""

    code = "too-many-new-addresses"
    message = _l(
        "アドレスの確認のメールは、1日に3通までです。何も変わっていません。お手数ですが、明日もう一度お試しください。"
    )


class AddressTaken(DomainError):
    """Raise, once mailbox and number are proven, where another registration has the address."""

    code = "new-address-taken"
    message = _l(
        "このアドレスには、別の登録があります。何も変わっていません。このアドレスを使うには、先に、その登録を"
        "ご本人専用ページで消去してください。"
    )


@dataclass(frozen=True)
class AddressProof:
    """The registration that a link is for, the address it proves, and whether that is in force already."""

    profile_id: int
    address: str
    changed: bool


def ask(session: Session, profile_id: int, typed: str) -> None:
    """Mail a link to the new address and a notice to the present one; an earlier request ends.

    Says the same whether the address is another registration's. Raises NewAddressUnusable, SameAddress,
    ErasurePlanned, TooManyNewAddresses.
    """
    reading = normalise_mail(typed)
    if not reading.value:
        raise NewAddressUnusable(mail_sentence(reading.fault or MailFault.UNUSABLE, typed))
    profile = _held(session, profile_id)
    if profile.erase_at is not None:
        raise ErasurePlanned
    if mail_key(reading.value) == profile.email_key:
        raise SameAddress
    for counted in (str(profile_id), address_hash(reading.value)):
        if throttle.hit(session, keyed(LETTER, counted), window=A_DAY) > MAX_A_DAY:
            raise TooManyNewAddresses
    cancel(session, profile_id)
    with scopes.everyone(session, BY_ADDRESS):
        about = ("profile", profile_id)
        outbox.queue(session, LETTER, company_id=None, to=reading.value, subject=about, profile_id=profile_id)
    letters.send(session, NOTICE, profile)


def waiting(session: Session, profile_id: int) -> str:
    """Return the address that waits to be proven; empty while none does, or a number was replaced meanwhile (C-25)."""
    with scopes.profile(session, profile_id):
        since = session.scalar(select(Profile.visible_since)) or clock.EPOCH
    with scopes.everyone(session, BY_ADDRESS):
        found = select(Message.to_address).where(*_of(profile_id), Message.created_at >= since)
        return session.scalar(found.order_by(Message.id.desc()).limit(1)) or ""


def is_asked(session: Session, profile_id: int) -> bool:
    """Return whether any address waits to be proven: what the page says without the number."""
    with scopes.everyone(session, BY_ADDRESS):
        return session.scalar(select(Message.id).where(*_of(profile_id)).limit(1)) is not None


def cancel(session: Session, profile_id: int) -> None:
    """End what waits: its link opens nothing any more, and the address is forgotten. Asking again changes nothing."""
    lock_profile(session, profile_id)
    with scopes.everyone(session, BY_ADDRESS):
        for message in session.scalars(select(Message).where(*_of(profile_id)).with_for_update()).all():
            _end(session, message)


def proven(session: Session, message_id: int) -> AddressProof:
    """Return what a link proves. Raises LinkGone."""
    message = _message(session, message_id)
    profile_id = scopes.required(message.profile_id)
    with scopes.profile(session, profile_id):
        present = session.scalars(select(Profile.email_key)).one_or_none()
    return AddressProof(profile_id, message.to_address, present == mail_key(message.to_address))


def confirm(session: Session, message_id: int) -> None:
    """Put the proven address in the place of the present one. Links that were mailed to that one open nothing any more.

    The caller has compared the number: the mail alone opens nothing, for the address may be mistyped (C-25).
    Consents stay, and partners keep what they have until the own page's question is answered (A-43). Doing it again
    changes nothing. Raises LinkGone, AddressTaken, ErasurePlanned.
    """
    message = _message(session, message_id)
    profile = _held(session, scopes.required(message.profile_id))
    if mail_key(message.to_address) == profile.email_key:
        return
    if profile.erase_at is not None:
        raise ErasurePlanned
    former = profile.email
    _put(session, profile, message.to_address)
    for purpose in (TokenPurpose.OWN_PAGE, TokenPurpose.OWN_PAGE_SESSION, TokenPurpose.CHOOSE_PIN):
        tokens.revoke(session, purpose, profile.id)
    _redirect(session, profile, former)
    record(
        session,
        EventTag.PROFILE_CORRECTED,
        profile_id=profile.id,
        subject=("profile", profile.id),
        data=event_data.FieldsChanged(fields=("email",)),
    )
    own_acts.tell(session, profile.id, OwnAct.ADDRESS_CHANGED)
    letters.send_own_page(session, profile)


def sweep(session: Session) -> None:
    """Forget the addresses that were not proven in time; a changed one is the registration's own by then."""
    over = (
        select(Message)
        .join(Profile, Profile.id == Message.profile_id)
        .where(
            Message.letter == LETTER,
            Message.company_id.is_(None),
            Message.to_address != "",
            Message.to_address != Profile.email,
            Message.created_at <= clock.now() - WAITS,
        )
    )
    with scopes.everyone(session, BY_ADDRESS):
        for message in session.scalars(over).all():
            _end(session, message)


def _of(profile_id: int) -> tuple[Any, ...]:
    """Return the conditions of the mail whose address waits to be proven."""
    present = select(Profile.email).where(Profile.id == profile_id).scalar_subquery()
    return (
        Message.company_id.is_(None),
        Message.letter == LETTER,
        Message.profile_id == profile_id,
        Message.to_address != "",
        Message.to_address != present,
        Message.created_at > clock.now() - WAITS,
    )


def _end(session: Session, message: Message) -> None:
    if message.state is MessageState.SCHEDULED:
        mark_final(session, message, MessageState.CANCELLED)
    message.to_address, message.last_error = "", ""
    session.flush()
    tokens.revoke(session, TokenPurpose.NEW_ADDRESS, message.id)


def _held(session: Session, profile_id: int) -> Profile:
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        return session.scalars(select(Profile).execution_options(populate_existing=True)).one()


def _message(session: Session, message_id: int) -> Message:
    with scopes.everyone(session, BY_ADDRESS):
        found = select(Message).where(Message.id == message_id, Message.letter == LETTER, Message.to_address != "")
        message = session.scalars(found).one_or_none()
    if message is None or message.profile_id is None:
        raise LinkGone
    return message


def _put(session: Session, profile: Profile, address: str) -> None:
    """Store the address. Raises AddressTaken, also where another registration took it in the same moment."""
    try:
        with session.begin_nested(), scopes.profile(session, profile.id):
            profile.email, profile.email_key = address, mail_key(address)
            profile.updated_at = profile.unshared_since = clock.now()
            profiles.confirm(profile)
            session.flush()
    except IntegrityError as error:
        raise AddressTaken from error


def _redirect(session: Session, profile: Profile, former: str) -> None:
    """Send what still waits for the former address to the new one, except for the notice that is meant for it."""
    with scopes.everyone(session, BY_ADDRESS):
        session.execute(
            update(Message)
            .where(
                Message.company_id.is_(None),
                Message.profile_id == profile.id,
                Message.to_address == former,
                Message.state == MessageState.SCHEDULED,
                Message.letter != NOTICE,
            )
            .values(to_address=profile.email)
        )


def _link_context(_session: Session, _message: Message, link: LinkFor) -> dict[str, Any]:
    return {"address_url": link(TokenPurpose.NEW_ADDRESS), "hours": WAITS // timedelta(hours=1)}


def _mint(session: Session, message: Message) -> dict[str, str]:
    profile_id = scopes.required(message.profile_id)
    token = tokens.mint(session, TokenPurpose.NEW_ADDRESS, message.id, profile_id=profile_id, message_id=message.id)
    return {LINK.key: tokens.url_of(TokenPurpose.NEW_ADDRESS, token)}


def _mint_notice(session: Session, message: Message) -> dict[str, str]:
    """Make the link of the own page; where the address was changed before this mail left, one that is over at once."""
    profile_id = scopes.required(message.profile_id)
    with scopes.profile(session, profile_id):
        present = session.scalar(select(Profile.email))
    lifetime = None if present == message.to_address else timedelta(microseconds=1)
    token = tokens.mint(
        session,
        TokenPurpose.OWN_PAGE,
        profile_id,
        profile_id=profile_id,
        message_id=message.id,
        lifetime=lifetime,
    )
    return {letters.OWN_PAGE_LINK.key: tokens.url_of(TokenPurpose.OWN_PAGE, token)}


def _notice_context(_session: Session, _message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE), "hours": WAITS // timedelta(hours=1)}


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_link_context,
        mint=_mint,
        link=LINK,
    ),
    Letter(
        name=NOTICE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_notice_context,
        mint=_mint_notice,
        link=letters.OWN_PAGE_LINK,
    ),
)
