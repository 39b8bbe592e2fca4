"""A registration that waits until its other address is proven: one row per link, a day at most (invariant 3).

The person behind the mailed address is asked first, for links are forwarded and results go astray; only their POST
sends the letter to the typed address, which holds the only way in. Neither is shown what the other typed.
The row holds what was typed and the words that were agreed to.
"""

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.infra.keyed_hash import keyed
from relay.mail import tokens
from relay.models import Event, EventTag, Message, PendingRegistration, RelayLink, Token, TokenPurpose, record, scopes
from relay.models.locking import lock_company
from relay.network import letters
from relay.network.consent_texts import SharingCompany
from relay.network.granting import Agreed
from relay.network.links import LinkGone
from relay.network.partner_options import sharing_company
from relay.network.profiles import ITEMS, ProfileFields, item_label
from relay.text import mail_key


class TooManyAddresses(DomainError):
    """Raise where the link was used to write to too many addresses within a day."""

    code = "too-many-addresses"
    message = _l(
        "確認のメールを続けてお送りしたため、今日は別の宛先を受け付けられません。"
        "このメールが届いた宛先なら、いま登録できます。まだどこにも伝わっていません。"
    )


LIFETIME = letters.WAITS
MAX_A_DAY = 5
MAX_WRONG = 5
"""How many tries of the number a waiting row takes; then the person registers anew."""


@dataclass(frozen=True)
class PendingConfirmation:
    """The state the confirmation page may show: nothing typed or chosen (C-25). `confirmed`: it was done before."""

    id: int
    company: SharingCompany
    confirmed: bool = False
    usable: bool = True
    """Whether the number may still be tried."""


@dataclass(frozen=True)
class RegistrationInput:
    """The registration agreed to, shown once the number was given: recipients with their terms, and what was typed.

    `proof` replaces the number in the POST that agrees, so that it is typed once and travels no further.
    """

    agreed: tuple[Agreed, ...]
    facts: tuple[tuple[str, str], ...]
    proof: str
    openings: bool = False


def wait(
    session: Session,
    link: RelayLink,
    address: str,
    fields: ProfileFields,
    agreed: Sequence[Agreed],
    *,
    pin_hash: str,
    token_id: int | None,
    locale: str,
    mailed: str,
    openings: bool = False,
) -> PendingRegistration:
    """Keep choices, words and the number's hash until a POST from the mailbox of `address`; ask at `mailed` first.

    A newer attempt replaces an earlier one. The caller has asked `refuse_too_many` first.
    """
    forget(session, link)
    pending = PendingRegistration(
        company_id=link.company_id,
        relay_link_id=link.id,
        candidate_id=link.candidate_id,
        email=address,
        email_key=mail_key(address),
        fields=asdict(fields),
        pin_hash=pin_hash,
        evidence={
            "token_id": token_id,
            "locale": locale,
            "agreed": [each.as_json() for each in agreed],
            "openings": openings,
        },
        created_at=clock.now(),
        expires_at=clock.now() + LIFETIME,
    )
    session.add(pending)
    session.flush()
    record(session, EventTag.ADDRESS_ASKED, subject=("relay_link", link.id))
    letters.ask_owner(session, pending, mailed, sharing_company(session, link.company_id).name)
    return pending


def agree(session: Session, pending_id: int) -> None:
    """Send the letter to the typed address, for the person behind the mailed one has agreed; once. Raises LinkGone."""
    waiting = asked(session, pending_id)
    with scopes.company(session, waiting.company_id):
        lock_company(session, waiting.company_id)
    waiting = asked(session, pending_id)
    if waiting.agreed_at is None:
        waiting.agreed_at = clock.now()
        session.flush()
        letters.send_confirmation(session, waiting, sharing_company(session, waiting.company_id).name)


def asked(session: Session, pending_id: int) -> PendingRegistration:
    """Return what waits for the person behind the mailed address. Raises LinkGone."""
    waiting = _waiting(session, pending_id)
    if waiting is None:
        raise LinkGone
    return waiting


def again_key(waiting: PendingRegistration) -> str:
    """Return what shows the typed form again: only the browser that sent it is given this, never a holder of the link.

    Bound to the salted hash of the number, so a newer attempt has another key.
    """
    return keyed("typed-form", f"{waiting.id}:{waiting.pin_hash}")


def typed_form(session: Session, link: RelayLink, key: str) -> PendingRegistration | None:
    """Return what waits on the link, for the holder of its key."""
    found = select(PendingRegistration.id).where(PendingRegistration.relay_link_id == link.id)
    waiting = _waiting(session, session.scalar(found) or 0)
    return waiting if waiting is not None and hmac.compare_digest(again_key(waiting).encode(), key.encode()) else None


def refuse_too_many(session: Session, link: RelayLink) -> None:
    """Raise TooManyAddresses past a few attempts a day: a link must not serve to mail strangers."""
    if _asked_today(session, link) >= MAX_A_DAY:
        raise TooManyAddresses


def count_try(session: Session, pending_id: int) -> str | None:
    """Count a try of the number and return the hash to compare with; None when no more is allowed.

    To be committed before comparing, as `pins.count_try`; a right number takes its try back (`give_back`).
    """
    return session.scalars(
        update(PendingRegistration)
        .where(PendingRegistration.id == pending_id, *_triable())
        .values(pin_failures=PendingRegistration.pin_failures + 1)
        .returning(PendingRegistration.pin_hash)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def give_back(session: Session, pending_id: int) -> None:
    """Take a counted try back, for the number was right."""
    session.execute(
        update(PendingRegistration)
        .where(PendingRegistration.id == pending_id, PendingRegistration.pin_failures > 0)
        .values(pin_failures=PendingRegistration.pin_failures - 1)
        .execution_options(synchronize_session=False)
    )


def typed(session: Session, pending_id: int) -> RegistrationInput:
    """Return what is agreed to by confirming. Only for the holder of the number (C-25). Raises LinkGone."""
    row = load(session, pending_id)
    if row is None:
        raise LinkGone
    values = row.fields | {"email": row.email}
    facts = tuple((item_label(code), str(values[code])) for code in ITEMS if values.get(code))
    agreed = tuple(map(Agreed.from_json, row.evidence["agreed"]))
    return RegistrationInput(agreed, facts, _proof(row), row.evidence.get("openings", False))


def is_proven(session: Session, pending_id: int, proof: str) -> bool:
    """Return whether the number was given for exactly what waits now."""
    row = load(session, pending_id)
    return row is not None and hmac.compare_digest(_proof(row).encode(), proof.encode())


def load(session: Session, pending_id: int) -> PendingRegistration | None:
    """Return the row as the database has it now, if it may be confirmed: it waits, has a number, and was agreed to."""
    waiting = _waiting(session, pending_id)
    return waiting if waiting is not None and waiting.agreed_at is not None else None


def shown(session: Session, pending_id: int) -> PendingConfirmation:
    """Return what the confirming page shows. Raises LinkGone when nothing waits and nothing was confirmed."""
    row = load(session, pending_id)
    if row is not None:
        return PendingConfirmation(
            row.id, sharing_company(session, row.company_id), usable=row.pin_failures < MAX_WRONG
        )
    token = _confirmed(session, pending_id)
    if token is None or token.company_id is None:
        raise LinkGone
    return PendingConfirmation(pending_id, sharing_company(session, token.company_id), confirmed=True)


def was_confirmed(session: Session, pending_id: int) -> bool:
    """Return whether the row is gone because its address was proven."""
    return _confirmed(session, pending_id) is not None


def complete(session: Session, pending: PendingRegistration, profile_id: int) -> None:
    """Delete the row of a proven address, and hand its mails and tokens to the profile."""
    for token in _tokens(session, pending.id):
        token.profile_id = profile_id
    tokens.revoke(session, TokenPurpose.AGREE_ADDRESS, pending.id)
    letters.complete_confirmation(session, pending.id, profile_id)
    session.delete(pending)
    session.flush()


def forget(session: Session, link: RelayLink) -> None:
    """Drop what waits on a link, with the way in."""
    waiting = session.scalars(
        select(PendingRegistration).where(PendingRegistration.relay_link_id == link.id)
    ).one_or_none()
    if waiting is not None:
        _drop(session, waiting)


def purge(session: Session) -> int:
    """Drop every row whose day is over, and the typed address in its mails; returns how many rows went."""
    over = session.scalars(
        select(PendingRegistration)
        .where(PendingRegistration.expires_at <= clock.now())
        .order_by(PendingRegistration.id)
        .with_for_update(skip_locked=True)
    ).all()
    for pending in over:
        _drop(session, pending)
    _forget_strays(session)
    return len(over)


def _waiting(session: Session, pending_id: int) -> PendingRegistration | None:
    return session.scalars(
        select(PendingRegistration)
        .where(
            PendingRegistration.id == pending_id,
            PendingRegistration.expires_at > clock.now(),
            PendingRegistration.pin_hash != "",
        )
        .execution_options(populate_existing=True)
    ).one_or_none()


def _proof(row: PendingRegistration) -> str:
    return keyed("number-given", f"{row.id}:{row.pin_hash}")


def _triable() -> tuple[ColumnElement[bool], ...]:
    return (
        PendingRegistration.expires_at > clock.now(),
        PendingRegistration.pin_hash != "",
        PendingRegistration.agreed_at.is_not(None),
        PendingRegistration.pin_failures < MAX_WRONG,
    )


def _asked_today(session: Session, link: RelayLink) -> int:
    asked = select(func.count()).where(
        Event.company_id.is_(None),
        Event.subject_kind == "relay_link",
        Event.subject_id == link.id,
        Event.tag == EventTag.ADDRESS_ASKED.value,
        Event.at > clock.now() - LIFETIME,
    )
    return session.scalar(asked) or 0


def _drop(session: Session, pending: PendingRegistration) -> None:
    for purpose in (TokenPurpose.CONFIRM_ADDRESS, TokenPurpose.AGREE_ADDRESS):
        tokens.revoke(session, purpose, pending.id)
    letters.complete_confirmation(session, pending.id, None)
    session.delete(pending)
    session.flush()


def _forget_strays(session: Session) -> None:
    """Clear the typed address from mails whose pending row was deleted elsewhere (an erased candidate)."""
    with scopes.everyone(session, letters.NO_COMPANY):
        strays = session.scalars(
            select(Message.subject_id)
            .where(
                Message.company_id.is_(None),
                Message.subject_kind == letters.PENDING,
                Message.profile_id.is_(None),
                Message.to_address != "",
                Message.subject_id.not_in(select(PendingRegistration.id)),
            )
            .distinct()
        ).all()
    for pending_id in strays:
        letters.complete_confirmation(session, pending_id or 0, None)


def _tokens(session: Session, pending_id: int) -> Sequence[Token]:
    return session.scalars(
        select(Token).where(Token.purpose == TokenPurpose.CONFIRM_ADDRESS, Token.subject_id == pending_id)
    ).all()


def _confirmed(session: Session, pending_id: int) -> Token | None:
    return next((each for each in _tokens(session, pending_id) if each.profile_id is not None), None)
