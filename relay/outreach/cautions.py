"""Cautions about an address before a result goes to it: told lately, or known to bounce (C-7, C-11)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import Message, MessageState

RECENT = timedelta(days=60)
_NOTIFIED = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)


def lately_notified(session: Session, addresses: Iterable[str]) -> dict[str, datetime]:
    """Return the addresses to which a result went or is about to go within 60 days, with the last time (C-11)."""
    last = (
        select(Message.to_address, func.max(Message.created_at))
        .where(
            Message.to_address.in_(_real(addresses)),
            letters.telling_result(),
            Message.state.in_(_NOTIFIED),
            Message.created_at > clock.now() - RECENT,
        )
        .group_by(Message.to_address)
    )
    return {row[0]: row[1] for row in session.execute(last)}


_BOUNCED = (
    select(Message.to_address)
    .where(
        Message.to_address.in_(bindparam("addresses", expanding=True)),
        Message.state == MessageState.BOUNCED,
    )
    .distinct()
)


def bounced(session: Session, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses a mail came back from for good; nothing more is sent there (C-7)."""
    return set(session.scalars(_BOUNCED, {"addresses": _real(addresses)}))


def doubled(addresses: Iterable[str]) -> set[str]:
    """Addresses that stand more than once among these: one person who applied twice would get two results."""
    return {address for address, count in Counter(_real(addresses)).items() if count > 1}


def _real(addresses: Iterable[str]) -> list[str]:
    return [address for address in addresses if address]
