"""The end of what a partner keeps for itself about a person, and what the person is told of it.

With the last share of the two the rows end, in the transaction that ends it: nobody reads or writes them from then on,
a new share begins without them, and the sweep erases them after their term. A share that runs out is found by the
sweep, or by the consent that opens it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import Consent, Partner, PartnerNote, PartnerPerson, Share, WorkChange, WorkState, scopes
from relay.models.locking import lock_profiles
from relay.models.names import names_by_id
from relay.models.partner_records import CONTACT
from relay.models.retention import PARTNER_RECORD

KEPT: tuple[Any, ...] = (PartnerNote, WorkChange)
"""The tables of a partner's own rows."""
CHUNK_SIZE = 500
_MARKED = or_(PartnerPerson.work_state != WorkState.NEW, PartnerPerson.opened_at.is_not(None))


def end(session: Session, partner_id: int, profile_id: int | None = None) -> None:
    """End what the partner keeps about everybody, or this person, with whom no share is in force any more."""
    with scopes.partner(session, partner_id):
        _end(session, lambda table: true() if profile_id is None else table.profile_id == profile_id)


def _end(session: Session, whose: Callable[[Any], ColumnElement[bool]]) -> None:
    for table in KEPT:
        ended = update(table).where(whose(table), table.ended_at.is_(None), ~_shared(table))
        moment = func.coalesce(_ran_out(table), clock.now())
        session.execute(ended.values(ended_at=moment), execution_options=_UNSYNCHRONISED)
    begun_anew = update(PartnerPerson).where(whose(PartnerPerson), _MARKED, ~_shared(PartnerPerson))
    unmarked = {"work_state": WorkState.NEW, "opened_at": None, "opened_by_user_id": None}
    session.execute(begun_anew.values(unmarked), execution_options=_UNSYNCHRONISED)


_UNSYNCHRONISED = {"synchronize_session": False}


def sweep(session: Session) -> int:
    """End what belongs to shares that have run out, of the next people (CHUNK_SIZE); returns at how many it looked.

    To be called until none is left, each time in a transaction of its own. The people are held, and what is ended is
    asked again then: a consent may be renewed at this very moment. What ended longer ago than the term is erased.
    """
    with scopes.everyone(session, "worker: what partners kept about people whose shares are over"):
        people = session.scalars(_lapsed().limit(CHUNK_SIZE)).all()
        lock_profiles(session, people)
        _end(session, lambda table: table.profile_id.in_(people))
        for table in KEPT:
            over = delete(table).where(table.ended_at <= clock.now() - PARTNER_RECORD.length)
            session.execute(over, execution_options=_UNSYNCHRONISED)
    return len(people)


def _lapsed() -> Select[int]:
    """Select the people of whom a partner still keeps something that belongs to shares which have run out."""
    marks = [(table, table.ended_at.is_(None)) for table in KEPT] + [(PartnerPerson, _MARKED)]
    kept = (
        exists().where(table.partner_id == Share.partner_id, table.profile_id == Share.profile_id, still)
        for table, still in marks
    )
    return select(Share.profile_id).where(Share.until < clock.now(), or_(*kept), ~_shared(Share)).distinct()


@dataclass(frozen=True)
class KeptByPartner:
    """That a partner keeps a record of its own about the person, and since when it says 連絡済み: all they are told."""

    partner_id: int
    partner_name: str
    """As the person agreed to it last."""
    contact: str
    ended: bool
    """Whether the share is over: nobody reads it any more, and it waits for its erasure."""
    contacted_on: date | None


def of_profile(session: Session, profile_id: int, *, since: datetime) -> list[KeptByPartner]:
    """Return the partners that keep something of their own about the person, agreed to and written since that moment.

    A partner that was chosen before the present number is not named, whatever it writes afterwards (C-25).
    """
    with scopes.profile(session, profile_id):
        standing = {each for table in KEPT for each in _partners(session, table, since, table.ended_at.is_(None))}
        ended = {each for table in KEPT for each in _partners(session, table, since, table.ended_at.is_not(None))}
        agreed = select(Consent.partner_id, Consent.partner_name).where(
            Consent.partner_id.in_(standing | ended), Consent.given_at >= since
        )
        names = dict(session.execute(agreed.order_by(Consent.id)).all())
        contacted = _contacted(session, since)
    contacts = names_by_id(session, Partner.contact, standing)
    return [
        KeptByPartner(each, name, contacts.get(each, ""), each not in standing, contacted.get(each))
        for each, name in names.items()
    ]


def _contacted(session: Session, since: datetime) -> dict[int, date]:
    """Return since which day, in Japan, partners say that they wrote or called, unless they took it back to 未対応.

    Later states change nothing of it.
    """
    later = aliased(WorkChange)
    taken_back = exists().where(
        later.partner_id == WorkChange.partner_id, later.id > WorkChange.id, later.became == WorkState.NEW
    )
    said = select(WorkChange.partner_id, func.min(WorkChange.at)).where(
        WorkChange.became.in_(CONTACT), WorkChange.ended_at.is_(None), WorkChange.at >= since, ~taken_back
    )
    rows = session.execute(said.group_by(WorkChange.partner_id)).all()
    return {partner_id: at.astimezone(clock.JAPAN).date() for partner_id, at in rows}


def _partners(session: Session, table: Any, since: datetime, which: ColumnElement[bool]) -> Sequence[int]:
    return session.scalars(select(table.partner_id).where(table.at >= since, which).distinct()).all()


def _shared(table: Any) -> ColumnElement[bool]:
    share = aliased(Share)
    return exists().where(
        share.partner_id == table.partner_id, share.profile_id == table.profile_id, share.until >= clock.now()
    )


def _ran_out(table: Any) -> ColumnElement[datetime]:
    """Return when the last share ran out; nothing where none is left, for it was ended by an act just now."""
    share = aliased(Share)
    last = select(func.max(share.until)).where(
        share.partner_id == table.partner_id, share.profile_id == table.profile_id
    )
    return last.scalar_subquery()
