"""The sentence to a person about records that partners keep for themselves; they end with the last share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import Consent, Partner, WorkChange, WorkState, scopes
from relay.models.names import names_by_id
from relay.models.partner_records import CONTACT
from relay.network.partner_people import KEPT


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
