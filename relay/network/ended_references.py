"""References of people whom a partner sees no more, and its word that it deleted what it had kept (A-13, A-35).

A line is written wherever a share ends (partner_people). It holds no name: the partner knows its people by their
reference, and keeps that with any copy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, CursorResult, Integer, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import EndedReference, EventTag, event_data, record, scopes
from relay.models.keyset import Page, newest
from relay.models.prepared import Prepared

A_PAGE = 50
AT_ONCE = 1_000
"""References that one press answers for."""
COUNT_CAP = 10_000
MOST_DATED = 1_000
_NEWEST = newest(EndedReference.id)


@dataclass(frozen=True)
class ReferenceLine:
    """One line of the partner's list; `deleted_at` is when it said that it had deleted its copies."""

    id: int
    code: str
    registered_at: datetime
    ended_at: datetime
    deleted_at: datetime | None


def registered_on(session: Session, partner_id: int, codes: Sequence[str]) -> Mapping[str, date]:
    """Return, by reference, the day in Japan on which each person had registered with the partner that they left last.

    Of MOST_DATED references at most: a longer letter names them without.
    """
    if len(codes) > MOST_DATED:
        return {}
    ended = select(EndedReference.person_code, EndedReference.registered_at).where(
        EndedReference.person_code.in_(codes)
    )
    with scopes.partner(session, partner_id):
        rows = session.execute(ended.order_by(EndedReference.id)).all()
    return {row.person_code: row.registered_at.astimezone(clock.JAPAN).date() for row in rows}


def lines(
    session: Session, *, code: str = "", unanswered: bool = False, after: str = "", before: str = ""
) -> Page[ReferenceLine]:
    """Return a page of the list of the partner in scope, the newest end first; with `code`, of one person."""
    asked, values = _LINES[bool(code), unanswered], {"code": code} if code else {}
    return _NEWEST.page(session, asked, ReferenceLine, after=after, before=before, limit=A_PAGE, values=values)


_REFERENCES = select(
    EndedReference.id,
    EndedReference.person_code,
    EndedReference.registered_at,
    EndedReference.ended_at,
    EndedReference.deleted_at,
)
_OF_ONE = EndedReference.person_code == bindparam("code")
_UNANSWERED = EndedReference.deleted_at.is_(None)
_LINES = {
    (False, False): _REFERENCES,
    (True, False): _REFERENCES.where(_OF_ONE),
    (False, True): _REFERENCES.where(_UNANSWERED),
    (True, True): _REFERENCES.where(_OF_ONE, _UNANSWERED),
}
"""The list, of one person or not, without the answers or not; each statement put together once."""
_COUNT = Prepared(
    select(func.count()).select_from(
        select(EndedReference.id).where(_UNANSWERED).limit(bindparam("most", type_=Integer)).subquery()
    ),
    int,
)
_LAST = Prepared(select(EndedReference.id).where(_UNANSWERED).order_by(EndedReference.id.desc()).limit(1), int)


def count_unanswered(session: Session) -> int:
    """Return how many lines the partner in scope has not answered, counted up to COUNT_CAP + 1."""
    [number] = _COUNT.all(session, most=COUNT_CAP + 1)
    return number


def newest_unanswered(session: Session) -> int:
    """Return the id of the newest line that the partner in scope has not answered; 0 where there is none."""
    return _LAST.first(session) or 0


def answer(session: Session, partner_id: int, code: str, *, by_user_id: int) -> int:
    """Note that the partner in scope deleted what it had kept of one reference; returns how many lines that answers."""
    return _answer(session, partner_id, EndedReference.person_code == code, by_user_id)


def answer_all(session: Session, partner_id: int, up_to: int, *, by_user_id: int) -> int:
    """Do the same for every line up to that one, the newest when the page was shown: for the oldest AT_ONCE."""
    waiting = (
        select(EndedReference.id)
        .where(EndedReference.deleted_at.is_(None), EndedReference.id <= up_to)
        .order_by(EndedReference.id)
        .limit(AT_ONCE)
    )
    return _answer(session, partner_id, EndedReference.id.in_(session.scalars(waiting).all()), by_user_id)


def count_up_to(session: Session, up_to: int) -> int:
    """Return how many lines of the partner in scope one press would answer for."""
    waiting = select(EndedReference.id).where(EndedReference.deleted_at.is_(None), EndedReference.id <= up_to)
    return session.scalar(select(func.count()).select_from(waiting.limit(AT_ONCE).subquery())) or 0


def answers(session: Session, profile_id: int) -> Mapping[int, datetime]:
    """Return when each partner, by id, said that it had deleted what it had kept since the person's last end there."""
    rows = session.execute(
        select(EndedReference.partner_id, EndedReference.deleted_at)
        .where(EndedReference.profile_id == profile_id)
        .order_by(EndedReference.id)
    ).all()
    last = {row.partner_id: row.deleted_at for row in rows}
    return {partner_id: at for partner_id, at in last.items() if at is not None}


def purge(session: Session) -> None:
    """Delete the lines whose term is over, that of the records of provision; to be called across partners."""
    session.execute(delete(EndedReference).where(EndedReference.keep_until < clock.today()))


def _answer(session: Session, partner_id: int, which: ColumnElement[bool], by_user_id: int) -> int:
    said = (
        update(EndedReference)
        .where(and_(which, EndedReference.deleted_at.is_(None)))
        .values(deleted_at=clock.now(), deleted_by_user_id=by_user_id)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(said)
    assert isinstance(done, CursorResult)
    if done.rowcount:
        data = event_data.Counted(count=int(done.rowcount))
        record(session, EventTag.DELETION_ANSWERED, partner_id=partner_id, subject=("partner", partner_id), data=data)
    return int(done.rowcount)
