"""A person's own wish to hear no more from the company: no relay part, no promotion; a result may still be told (C-5).

HR writes down what it was told, and takes it back only on the person's word. What the person stopped by a link in a
mail is the person's own, and stays; to HR it is one word with age and with what HR wrote down itself (A-45).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import Candidate, ContactChannel, Event, EventTag, MailClass, OptOut, User, event_data, record

STOPPABLE = (MailClass.RELAY, MailClass.PROMO)
BY_STAFF = "staff"
"""How an opt-out came that HR wrote down."""


@dataclass(frozen=True)
class Stop:
    """Since when nothing but results is sent, who wrote it down and how it was said."""

    since: datetime
    by: str = ""
    contact_channel: ContactChannel | None = None


def stop(session: Session, candidate: Candidate, contact_channel: ContactChannel) -> bool:
    """Write the wish down; asking again changes nothing. Returns whether it was new."""
    if candidate.contact_stopped_at is not None:
        return False
    candidate.contact_stopped_at = candidate.updated_at = clock.now()
    carry_along(session, candidate)
    _note(session, EventTag.CONTACT_STOPPED, candidate, contact_channel)
    return True


def resume(session: Session, candidate: Candidate, contact_channel: ContactChannel) -> bool:
    """Write down that the person wants to hear again; returns whether that changed anything."""
    if candidate.contact_stopped_at is None:
        return False
    candidate.contact_stopped_at, candidate.updated_at = None, clock.now()
    session.flush()
    if candidate.email and not _wished_by_another(session, candidate):
        mine = (OptOut.address_hash == address_hash(candidate.email), OptOut.via.in_((BY_STAFF, optouts.BY_MERGE)))
        session.execute(delete(OptOut).where(OptOut.company_id == candidate.company_id, *mine))
    _note(session, EventTag.CONTACT_RESUMED, candidate, contact_channel)
    return True


def carry_along(session: Session, candidate: Candidate) -> None:
    """Let the wish hold for the address the person has now; to be called when that changes."""
    if candidate.contact_stopped_at is None or not candidate.email:
        return
    for mail_class in STOPPABLE:
        optouts.opt_out(session, candidate.company_id, address_hash(candidate.email), mail_class, BY_STAFF)


def written_down() -> Select[*tuple[Any, ...]]:
    """Return who wrote the wish down last, and how it was said: id, by, way, at. Given `whose` when it runs."""
    return (
        select(
            Event.id.label("id"),
            func.coalesce(User.name, "").label("by"),
            Event.data["contact_channel"].as_string().label("contact_channel"),
            Event.at.label("at"),
        )
        .outerjoin(User, and_(User.id == Event.actor_id, Event.actor_kind == "user"))
        .where(
            Event.company_id == bindparam("company"),
            Event.subject_kind == "candidate",
            Event.subject_id == bindparam("person"),
            Event.tag == EventTag.CONTACT_STOPPED.value,
        )
        .order_by(Event.id.desc())
        .limit(1)
    )


def stopped_by_oneself() -> Select[*tuple[Any, ...]]:
    """Select what the person stopped by a link in a mail to their address: the id alone. Given `whose` when it runs."""
    return select(OptOut.id.label("id")).where(
        OptOut.company_id == bindparam("company"),
        OptOut.address_hash == bindparam("address"),
        OptOut.mail_class == MailClass.RELAY,
        OptOut.via != BY_STAFF,
    )


def whose(candidate: Candidate) -> dict[str, Any]:
    """Return what statements about one person are given."""
    address = address_hash(candidate.email) if candidate.email else ""
    return {"person": candidate.id, "company": candidate.company_id, "address": address}


def _wished_by_another(session: Session, candidate: Candidate) -> bool:
    """Return whether someone else of the same address wished it too."""
    others = select(Candidate.id).where(
        Candidate.email_key == candidate.email_key,
        Candidate.id != candidate.id,
        Candidate.contact_stopped_at.is_not(None),
    )
    return session.scalars(others.limit(1)).first() is not None


def _note(session: Session, tag: EventTag, candidate: Candidate, contact_channel: ContactChannel) -> None:
    record(
        session,
        tag,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data=event_data.ContactWish(contact_channel=contact_channel.value),
    )
