"""A person's own wish to hear no more from the company: no relay part, no promotion; a result may still be told (C-5).

HR writes down what it was told, and takes it back only on the person's word. What the person stopped by a link in a
mail is the person's own, and stays.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import optouts
from relay.mail.hashing import address_hash
from relay.models import Candidate, Event, EventTag, MailClass, OptOut, User, Way, record

STOPPABLE = (MailClass.RELAY, MailClass.PROMO)
BY_STAFF = "staff"
"""How an opt-out came that HR wrote down."""


@dataclass(frozen=True)
class Stop:
    """Since when nothing but results is sent, who wrote it down and how it was said; by oneself where nobody did."""

    since: datetime
    by: str = ""
    way: Way | None = None
    by_oneself: bool = False


def stop(session: Session, candidate: Candidate, way: Way) -> bool:
    """Write the wish down; asking again changes nothing. Returns whether it was new."""
    if candidate.contact_stopped_at is not None:
        return False
    candidate.contact_stopped_at = candidate.updated_at = clock.now()
    carry_along(session, candidate)
    _note(session, EventTag.CONTACT_STOPPED, candidate, way)
    return True


def resume(session: Session, candidate: Candidate, way: Way) -> bool:
    """Write down that the person wants to hear again; returns whether that changed anything."""
    if candidate.contact_stopped_at is None:
        return False
    candidate.contact_stopped_at, candidate.updated_at = None, clock.now()
    session.flush()
    if candidate.email and not _wished_by_another(session, candidate):
        mine = (OptOut.address_hash == address_hash(candidate.email), OptOut.via == BY_STAFF)
        session.execute(delete(OptOut).where(OptOut.company_id == candidate.company_id, *mine))
    _note(session, EventTag.CONTACT_RESUMED, candidate, way)
    return True


def carry_along(session: Session, candidate: Candidate) -> None:
    """Let the wish hold for the address the person has now; to be called when that changes."""
    if candidate.contact_stopped_at is None or not candidate.email:
        return
    for mail_class in STOPPABLE:
        optouts.opt_out(session, candidate.company_id, address_hash(candidate.email), mail_class, BY_STAFF)


def standing(session: Session, candidate: Candidate) -> Stop | None:
    """The wish as it stands, by one query; None where there is none."""
    if candidate.contact_stopped_at is not None:
        return _as_written_down(session, candidate, candidate.contact_stopped_at)
    if not candidate.email:
        return None
    since = session.scalar(
        select(OptOut.at).where(
            OptOut.company_id == candidate.company_id,
            OptOut.address_hash == address_hash(candidate.email),
            OptOut.mail_class == MailClass.RELAY,
            OptOut.via != BY_STAFF,
        )
    )
    return Stop(since, by_oneself=True) if since else None


def _as_written_down(session: Session, candidate: Candidate, since: datetime) -> Stop:
    last = (
        select(User.name, Event.data)
        .select_from(Event)
        .outerjoin(User, User.id == Event.actor_id)
        .where(
            Event.company_id == candidate.company_id,
            Event.subject_kind == "candidate",
            Event.subject_id == candidate.id,
            Event.tag == EventTag.CONTACT_STOPPED.value,
        )
        .order_by(Event.id.desc())
        .limit(1)
    )
    found = session.execute(last).one_or_none()
    if found is None:
        return Stop(since)
    return Stop(since, found.name or "", Way(found.data["way"]))


def _wished_by_another(session: Session, candidate: Candidate) -> bool:
    """Whether someone else of the same address wished it too."""
    others = select(Candidate.id).where(
        Candidate.email_key == candidate.email_key,
        Candidate.id != candidate.id,
        Candidate.contact_stopped_at.is_not(None),
    )
    return session.scalars(others.limit(1)).first() is not None


def _note(session: Session, tag: EventTag, candidate: Candidate, way: Way) -> None:
    record(
        session,
        tag,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data={"way": way.value},
    )
