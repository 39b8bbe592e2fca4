"""Alerts (お知らせ): a member lets a saved search or a position speak up, reads what it found, and lets it be silent.

All who fit when it begins are known and never announced. What comes later is announced once for each person, alert and
reason, to all who follow the alert (relay.insight.lookout); a mail a day says how many (relay.insight.digests).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.insight import lookout, thresholds
from relay.insight.thresholds import TooManyFit, Watched
from relay.models import (
    Alert,
    AlertHit,
    AlertReader,
    AlertReason,
    AlertSubscription,
    Candidate,
    EventTag,
    Position,
    PositionState,
    SavedSearch,
    record,
)
from relay.models.alerts import TOO_WIDE
from relay.models.company_locks import CompanyLock, wait_for
from relay.models.keyset import Page, newest
from relay.models.prepared import read
from relay.models.upsert import upsert

PAGE = 50
COUNT_CAP = 10_000


class Announced(NamedTuple):
    """A person whom an alert of this member found."""

    id: int
    candidate_id: int
    name: str
    kana: str
    reason: AlertReason
    announced_at: datetime
    search: str | None
    position_id: int | None
    position: str | None


@dataclass(frozen=True)
class Followed:
    """A search or position that this member is told of."""

    alert_id: int
    search: SavedSearch | None
    position: Position | None
    criteria_hash: str = ""

    @property
    def is_too_wide(self) -> bool:
        """Return whether nothing is announced, because too many fit since something else is asked for."""
        return self.criteria_hash.startswith(TOO_WIDE)

    @property
    def rests(self) -> bool:
        """Return whether nothing is announced for now, because the position is paused or closed."""
        return self.position is not None and self.position.state is not PositionState.OPEN


def follow(session: Session, company_id: int, user_id: int, of: Watched) -> bool:
    """Tell this member of the people who come to fit from now on; returns whether that is new.

    All who fit now are taken as known. Raises NotToBeWatched.
    """
    thresholds.refuse(session, of)
    wait_for(session, CompanyLock.ALERTS, company_id)
    alert = _of(session, of) or _make(session, company_id, of)
    if _following(session, alert.id, user_id):
        return False
    if _is_followed(session, alert.id):
        lookout.look_at_some(session, company_id)
        if alert.criteria_hash.startswith(TOO_WIDE):
            raise TooManyFit
    else:
        lookout.know_everybody(session, company_id, alert, of, most=thresholds.MAX_KNOWN)
    last = session.scalar(select(func.max(AlertHit.id))) or 0
    session.add(AlertSubscription(alert_id=alert.id, user_id=user_id, after_hit_id=last, created_at=clock.now()))
    record(session, EventTag.ALERT_FOLLOWED, company_id=company_id, subject=("alert", alert.id))
    session.flush()
    return True


def unfollow(session: Session, company_id: int, user_id: int, alert_id: int) -> bool:
    """Tell this member no more of what the alert finds; returns whether anything ended."""
    ended = delete(AlertSubscription).where(
        AlertSubscription.alert_id == alert_id, AlertSubscription.user_id == user_id
    )
    if session.execute(ended.returning(AlertSubscription.id)).first() is None:
        return False
    record(session, EventTag.ALERT_UNFOLLOWED, company_id=company_id, subject=("alert", alert_id))
    return True


def set_mail(session: Session, company_id: int, user_id: int, *, on: bool) -> None:
    """Send this member a mail a day about what their alerts found, or none at all."""
    _put(session, company_id, user_id, mail_off_at=None if on else clock.now())


_MAIL_OFF = select(AlertReader.id).where(
    AlertReader.user_id == bindparam("reader"), AlertReader.mail_off_at.is_not(None)
)


def gets_mail(session: Session, user_id: int) -> bool:
    """Return whether this member gets the mail of a day."""
    return session.scalars(_MAIL_OFF, {"reader": user_id}).first() is None


def note_seen(session: Session, company_id: int, user_id: int, hit_id: int) -> None:
    """Note that this member has seen what was announced as far as `hit_id`; never less far than before."""
    last = session.scalar(select(func.max(AlertHit.id))) or 0
    _put(session, company_id, user_id)
    further = update(AlertReader).where(AlertReader.user_id == user_id, AlertReader.seen_hit_id < hit_id)
    session.execute(further.values(seen_hit_id=min(hit_id, last)))


def alert_of(session: Session, user_id: int, of: Watched) -> int | None:
    """Return the alert by which this member is told of the search or position; None where they are not."""
    alert = _of(session, of)
    return alert.id if alert is not None and _following(session, alert.id, user_id) else None


@cache  # tricks: portal.alerts_index
def _followed() -> Select[*tuple[Any, ...]]:
    return (
        select(Alert.id, SavedSearch, Position, Alert.criteria_hash)
        .join(AlertSubscription, AlertSubscription.alert_id == Alert.id)
        .outerjoin(SavedSearch, SavedSearch.id == Alert.search_id)
        .outerjoin(Position, Position.id == Alert.position_id)
        .where(AlertSubscription.user_id == bindparam("reader"), visible_to(AlertSubscription.user_id))
        .order_by(AlertSubscription.id.desc())
    )


def followed(session: Session, user_id: int) -> list[Followed]:
    """Return all that this member is told of, the newest first."""
    return [Followed(*row) for row in session.execute(_followed(), {"reader": user_id})]


def searches_followed(session: Session, user_id: int) -> dict[int, int]:
    """Return the alert of each saved search that this member is told of."""
    return {each.search.id: each.alert_id for each in followed(session, user_id) if each.search is not None}


@cache  # tricks: portal.alerts_index
def _announced() -> Select[*tuple[Any, ...]]:
    return _announced_to(
        bindparam("reader", type_=AlertReader.user_id.type),
        AlertHit.id,
        AlertHit.candidate_id,
        Candidate.name,
        Candidate.kana,
        AlertHit.reason,
        AlertHit.announced_at,
        SavedSearch.name,
        Position.id,
        Position.title,
    )


_NEWEST_HIT = newest(AlertHit.id)


def announced(session: Session, user_id: int, *, after: str = "", before: str = "") -> Page[Announced]:
    """Return a page of the people who were announced to this member, the newest first."""
    of = {"reader": user_id}
    return _NEWEST_HIT.page(session, _announced(), Announced, after=after, before=before, limit=PAGE, values=of)


def unseen(session: Session, user_id: int) -> int:
    """Return how many people were announced to this member and not looked at yet, COUNT_CAP + 1 at most."""
    [(number,)] = read(session, unseen_rows(), reader=user_id)
    return number or 0


@cache  # tricks: home
def unseen_rows() -> Select[int]:
    """Return the statement of `unseen`, which counts."""
    reader = bindparam("reader", type_=AlertReader.user_id.type)
    seen = func.coalesce(select(AlertReader.seen_hit_id).where(AlertReader.user_id == reader).scalar_subquery(), 0)
    people = _announced_to(reader, AlertHit.candidate_id).where(AlertHit.id > seen).distinct()
    return select(func.count()).select_from(people.limit(COUNT_CAP + 1).subquery())


def visible_to(user_id: Any) -> ColumnElement[bool]:
    """Return the condition, on alerts beside their searches, that this member may see what is watched."""
    return or_(Alert.search_id.is_(None), SavedSearch.user_id == user_id, SavedSearch.shared)


def _announced_to(user_id: int | ColumnElement[int], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select of the announced hits; people who are gone by now are not there."""
    return (
        select(*columns)
        .join(Alert, Alert.id == AlertHit.alert_id)
        .join(
            AlertSubscription,
            and_(AlertSubscription.alert_id == AlertHit.alert_id, AlertSubscription.after_hit_id < AlertHit.id),
        )
        .join(Candidate, Candidate.id == AlertHit.candidate_id)
        .outerjoin(SavedSearch, SavedSearch.id == Alert.search_id)
        .outerjoin(Position, Position.id == Alert.position_id)
        .where(
            AlertHit.announced_at.is_not(None),
            AlertSubscription.user_id == user_id,
            visible_to(AlertSubscription.user_id),
        )
    )


def _of(session: Session, of: Watched) -> Alert | None:
    mine = Alert.search_id == of.search.id if of.search is not None else Alert.position_id == _position_id(of)
    return session.scalars(select(Alert).where(mine)).one_or_none()


def _position_id(of: Watched) -> int | None:
    return of.position.id if of.position is not None else None


def _make(session: Session, company_id: int, of: Watched) -> Alert:
    alert = Alert(
        company_id=company_id,
        search_id=of.search.id if of.search is not None else None,
        position_id=_position_id(of),
        criteria_hash=of.criteria_hash(session),
        created_at=clock.now(),
    )
    session.add(alert)
    session.flush()
    return alert


def _following(session: Session, alert_id: int, user_id: int) -> bool:
    mine = (AlertSubscription.alert_id == alert_id, AlertSubscription.user_id == user_id)
    return session.scalars(select(AlertSubscription.id).where(*mine)).first() is not None


def _is_followed(session: Session, alert_id: int) -> bool:
    anybody = select(AlertSubscription.id).where(AlertSubscription.alert_id == alert_id)
    return session.scalars(anybody.limit(1)).first() is not None


def _put(session: Session, company_id: int, user_id: int, **values: Any) -> None:
    fresh = {"company_id": company_id, "user_id": user_id, "mailed_hit_id": 0, "seen_hit_id": 0}
    keys: Sequence[Any] = (AlertReader.company_id, AlertReader.user_id)
    row = upsert(session, AlertReader).values(fresh | values)
    session.execute(
        row.on_conflict_do_update(index_elements=keys, set_=values)
        if values
        else row.on_conflict_do_nothing(index_elements=keys)
    )
