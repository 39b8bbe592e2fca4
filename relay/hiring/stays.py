"""Stays of people who were hired (在籍): HR's word half a year and a year after the day of the hire.

Words are added and never changed: of each mark the last holds, and only for the day of the hire it was said about. HR
is asked from the mark's day on, for ASKED_FOR, about hires recorded in Relay; it may say so of any hire at any time
after the mark.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.errors import DomainError
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EventTag,
    Position,
    Stay,
    User,
    event_data,
    moments,
    record,
)
from relay.models.keyset import Keyset, Page, ascending
from relay.models.prepared import read

HALF_A_YEAR, A_YEAR = 6, 12
MARKS = (HALF_A_YEAR, A_YEAR)
"""How many months after the day of the hire HR is asked."""
ASKED_FOR = relativedelta(days=60)
"""How long a mark is asked about."""
PAGE = 50
COUNT_CAP = 1_000
_ORDER = Keyset(ascending(Application.decided_on), ascending(Application.id))


class StayNotDue(DomainError):
    """Raise for a mark that has not come, that an earlier word made pointless, or that is of no hire."""

    code = "stay-not-due"
    message = _l("この応募には、いま在籍を記録できる区切りがありません。記録はしていません。")


class StayMark(NamedTuple):
    """One mark of a hire that has come: its day, and the last word on it, if there is one, by whom and when."""

    months: int
    day: date
    there: bool | None
    by: str
    at: datetime | None


class StayRow(NamedTuple):
    """One hire whose mark waits for a word."""

    application_id: int
    candidate_id: int
    name: str
    kana: str
    position: str | None
    hired_on: date
    months: int

    @property
    def day(self) -> date:
        """Return the day of the mark."""
        return self.hired_on + relativedelta(months=self.months)


class StaysDue(NamedTuple):
    """How many marks wait for a word, COUNT_CAP + 1 at most, and the day of the first hire among them."""

    number: int
    hired_on: date | None


def _is_asked(months: int) -> ColumnElement[bool]:
    """Return the condition that the mark has come and is asked about, and no word on it is there."""
    mark = relativedelta(months=months)
    said = select(Stay.id).where(*_about(Stay), Stay.months == months)
    return and_(
        Application.decided_on <= moments.today(-mark),
        Application.decided_on > moments.today(-mark - ASKED_FOR),
        ~said.exists(),
    )


def _about(word: type[Stay]) -> tuple[ColumnElement[bool], ...]:
    return (
        word.company_id == Application.company_id,
        word.application_id == Application.id,
        word.hired_on == Application.decided_on,
    )


def _has_left() -> ColumnElement[bool]:
    """Return the condition that the last word on half a year is that they left."""
    later = aliased(Stay)
    newer = select(later.id).where(
        later.company_id == Stay.company_id,
        later.application_id == Stay.application_id,
        later.hired_on == Stay.hired_on,
        later.months == Stay.months,
        later.id > Stay.id,
    )
    return select(Stay.id).where(*_about(Stay), Stay.months == HALF_A_YEAR, ~Stay.there, ~newer.exists()).exists()


def _due() -> tuple[ColumnElement[bool], ...]:
    return (
        Application.status == literal(ApplicationResult.HIRED, literal_execute=True),
        Application.decided_in_relay.is_(True),
        # said of both marks together, so that the index of hires is walked between these days alone
        Application.decided_on <= moments.today(-relativedelta(months=HALF_A_YEAR)),
        Application.decided_on > moments.today(-relativedelta(months=A_YEAR) - ASKED_FOR),
        or_(_is_asked(HALF_A_YEAR), and_(_is_asked(A_YEAR), ~_has_left())),
    )


_SOME = select(Application.decided_on).where(*_due()).limit(bindparam("most", type_=Integer())).subquery()
_COUNTED = select(func.count(), func.min(_SOME.c.decided_on)).select_from(_SOME)
_LISTED = (
    select(
        Application.id,
        Application.candidate_id,
        Candidate.name,
        Candidate.kana,
        Position.title,
        Application.decided_on,
        case((Application.decided_on <= moments.today(-relativedelta(months=A_YEAR)), A_YEAR), else_=HALF_A_YEAR),
    )
    .join(Candidate, Candidate.id == Application.candidate_id)
    .outerjoin(Position, Position.id == Application.position_id)
    .where(*_due())
)


def due(session: Session) -> StaysDue:
    """Return how many marks of the company in scope wait for a word, by one statement along the index of hires."""
    [(number, hired_on)] = read(session, _COUNTED, most=COUNT_CAP + 1)
    return StaysDue(number, hired_on)


def rows(session: Session, *, after: str = "", before: str = "") -> Page[StayRow]:
    """Return a page of them, the earliest hire first, after or before a place in the list."""
    return _ORDER.page(session, _LISTED, StayRow, after=after, before=before, limit=PAGE, values={})


def marks(session: Session, applications: Sequence[Application]) -> dict[int, list[StayMark]]:
    """Return the marks that have come of those that are hires, each with its last word, by one statement."""
    hires = [each for each in applications if each.status is ApplicationResult.HIRED and each.decided_on is not None]
    if not any(_come(each) for each in hires):
        return {}
    told: dict[tuple[int, date, int], tuple[bool, str, datetime]] = {}
    words = select(Stay, User.name).outerjoin(User, User.id == Stay.by_user_id)
    words = words.where(Stay.application_id.in_([each.id for each in hires])).order_by(Stay.id)
    for word, name in session.execute(words):
        told[word.application_id, word.hired_on, word.months] = (word.there, name or "", word.at)
    found: dict[int, list[StayMark]] = defaultdict(list)
    for hire in hires:
        hired_on = hire.decided_on
        assert hired_on is not None
        for months in _come(hire):
            there, by, at = told.get((hire.id, hired_on, months), (None, "", None))
            found[hire.id].append(StayMark(months, hired_on + relativedelta(months=months), there, by, at))
            if there is False:
                break
    return found


def tell(session: Session, application_id: int, months: int, *, there: bool, by_user_id: int | None) -> bool:
    """Add HR's word on a mark of a hire, in the caller's transaction; returns whether it says anything new.

    Raises StayNotDue.
    """
    wanted = select(Application).where(Application.id == application_id).with_for_update()
    hire = session.scalars(wanted.execution_options(populate_existing=True)).one()
    mark = next((each for each in marks(session, [hire]).get(hire.id, ()) if each.months == months), None)
    if mark is None:
        raise StayNotDue
    if mark.there is there:
        return False
    word = Stay(
        company_id=hire.company_id,
        candidate_id=hire.candidate_id,
        application_id=hire.id,
        hired_on=hire.decided_on,
        months=months,
        there=there,
        by_user_id=by_user_id,
        at=clock.now(),
    )
    session.add(word)
    session.flush()
    record(
        session,
        EventTag.STAY_TOLD,
        company_id=hire.company_id,
        subject=("application", hire.id),
        data=event_data.StayTold(candidate_id=hire.candidate_id, months=months, there=there),
    )
    return True


def _come(hire: Application) -> list[int]:
    """Return the marks of a hire whose day has come."""
    today, hired_on = clock.today(), hire.decided_on
    return [each for each in MARKS if hired_on is not None and hired_on <= today - relativedelta(months=each)]
