"""Times offered for a position (面談の候補日時): typed, listed, removed, and the condition by which one is free.

They belong to a position and are offered to everybody who is invited for it; `relay.hiring.interviews` lets each take
one. A time that was taken stays until it is called off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.errors import DomainError
from relay.hiring.appointments import day_words
from relay.models import (
    Candidate,
    EventTag,
    InterviewInvitation,
    Position,
    PositionState,
    Slot,
    event_data,
    moments,
    record,
)
from relay.models.interviews import MAX_MINUTES, MAX_PLACE, MIN_MINUTES
from relay.models.upsert import upsert
from relay.text import clean
from relay.text.times import TypedTime

MAX_AT_ONCE = 100
MAX_SHOWN = 200
"""So many times of a position are read at most; more would help nobody who chooses."""
FURTHEST_AHEAD = timedelta(days=366)
USUAL_MINUTES = 60


class TimesRefused(DomainError):
    """Raise where times cannot be offered as they were typed."""

    code = "interview-times-refused"


class SlotBooked(DomainError):
    """Raise where a time is to be removed that was taken."""

    code = "interview-slot-booked"
    message = _l(
        "この日時は、先に候補者が選びました。削除していません。面談を取り消すときは、応募の「面談」の画面をご利用ください。"
    )


@dataclass(frozen=True)
class ListedSlot:
    """A time of a position, and the person who took it, if anybody did."""

    id: int
    starts_at: datetime
    minutes: int
    place: str
    application_id: int | None = None
    candidate_id: int | None = None
    name: str = ""

    @property
    def is_past(self) -> bool:
        """Return whether it has begun."""
        return self.starts_at <= clock.now()


def is_free(slot: type[Slot] = Slot) -> ColumnElement[bool]:
    """Return the condition, on a query of slots, that a time is still to come and nobody's.

    It is nobody's by an alias, so that it may stand in a query of invitations, too.
    """
    by = aliased(InterviewInvitation)
    return (slot.starts_at > moments.now()) & ~exists().where(by.company_id == slot.company_id, by.slot_id == slot.id)


@cache  # tricks: portal.introduction_ask
def _offered() -> Select[int]:
    return (
        select(Slot.id)
        .join(Position, Position.id == Slot.position_id)
        .where(
            Slot.position_id == bindparam("position"),
            Slot.id != bindparam("but"),
            Position.state != PositionState.CLOSED,
            is_free(),
        )
        .limit(1)
    )


def offers_times(session: Session, position_id: int | None, *, but: int | None = None) -> bool:
    """Return whether a person who is invited for the position could pick a time now, another one than `but`."""
    return session.scalars(_offered(), {"position": position_id, "but": but or 0}).first() is not None


def free(session: Session, position_id: int | None) -> Sequence[Slot]:
    """Return the free times of a position, the soonest first."""
    offered = select(Slot).where(Slot.position_id == position_id, is_free())
    return session.scalars(offered.order_by(Slot.starts_at, Slot.id).limit(MAX_SHOWN)).all()


_OF_POSITION = (
    select(
        Slot.id,
        Slot.starts_at,
        Slot.minutes,
        Slot.place,
        InterviewInvitation.application_id,
        InterviewInvitation.candidate_id,
        Candidate.name,
    )
    .outerjoin(
        InterviewInvitation,
        and_(InterviewInvitation.company_id == Slot.company_id, InterviewInvitation.slot_id == Slot.id),
    )
    .outerjoin(Candidate, Candidate.id == InterviewInvitation.candidate_id)
    .where(Slot.position_id == bindparam("position"), Slot.starts_at >= moments.day_begins())
    .order_by(Slot.starts_at, Slot.id)
    .limit(MAX_SHOWN)
)


def of_position(session: Session, position_id: int) -> list[ListedSlot]:
    """Return the times of a position from today on, with who took them, the soonest first."""
    rows = session.execute(_OF_POSITION, {"position": position_id})
    return [ListedSlot(*row[:6], name=row[6] or "") for row in rows]


def offer(
    session: Session,
    company_id: int,
    position_id: int,
    times: Sequence[TypedTime],
    *,
    minutes: int,
    place: str,
    by_user_id: int | None,
) -> int:
    """Offer these times for the position; returns how many are new, for one that is offered already stays one.

    A time without a duration of its own takes `minutes`. Raises TimesRefused, where nothing was added.
    """
    place = usable_place(place)
    _refuse(times, minutes)
    moment = clock.now()
    rows = [
        {
            "company_id": company_id,
            "position_id": position_id,
            "starts_at": starts_at(each),
            "minutes": each.minutes or minutes,
            "place": place,
            "by_user_id": by_user_id,
            "created_at": moment,
        }
        for each in times
    ]
    put = upsert(session, Slot).values(rows).on_conflict_do_nothing()
    added = len(session.scalars(put.returning(Slot.id)).all())
    if added:
        record(
            session,
            EventTag.SLOTS_OFFERED,
            company_id=company_id,
            subject=("position", position_id),
            data=event_data.Counted(count=added),
        )
    return added


def remove(session: Session, slot_id: int) -> bool:
    """Remove a time that nobody took; returns whether it was there. Raises SlotBooked."""
    held = select(Slot).where(Slot.id == slot_id).with_for_update()
    slot = session.scalars(held).one_or_none()
    if slot is None:
        return False
    taken = select(InterviewInvitation.id).where(InterviewInvitation.slot_id == slot_id)
    if session.scalars(taken).first() is not None:
        raise SlotBooked
    delete(session, slot)
    return True


def delete(session: Session, slot: Slot) -> None:
    """Delete a time that belongs to nobody (any more), and note it."""
    about, company_id = ("position", slot.position_id), slot.company_id
    session.delete(slot)
    session.flush()
    record(session, EventTag.SLOT_REMOVED, company_id=company_id, subject=about)


def starts_at(typed: TypedTime) -> datetime:
    """Return the moment of a typed time, in Japan."""
    return datetime.combine(typed.day, typed.at, tzinfo=clock.JAPAN)


def is_link(place: str) -> bool:
    """Return whether a place is the address of a meeting, which pages and calendars make a link of."""
    return place.lower().startswith(("https://", "http://"))


def usable_place(typed: str) -> str:
    """Return place or meeting link as it is kept. Raises TimesRefused for one too long, or a link to nowhere."""
    place = clean(typed)
    if len(place) > MAX_PLACE:
        raise TimesRefused(_l("場所・会議のリンクは、%(max)s文字までで入力してください。", max=MAX_PLACE))
    if is_link(place) and (" " in place or not _host(place)):
        raise TimesRefused(
            _l("会議のリンクを確認してください。会議の画面で「リンクをコピー」したものを、そのまま貼り付けてください。")
        )
    return place


def _host(place: str) -> str:
    try:
        return urlsplit(place).hostname or ""
    except ValueError:
        return ""


def _refuse(times: Sequence[TypedTime], minutes: int) -> None:
    if not times:
        raise TimesRefused(_l("候補日時を、1行に一つずつ入力してください。"))
    if len(times) > MAX_AT_ONCE:
        raise TimesRefused(_l("一度に追加できる日時は%(max)s件までです。分けて追加してください。", max=MAX_AT_ONCE))
    if not all(MIN_MINUTES <= (each.minutes or minutes) <= MAX_MINUTES for each in times):
        raise TimesRefused(
            _l(
                "面談の長さは、%(min)s分から%(max)s分までです。終わりの時刻を確認してください。",
                min=MIN_MINUTES,
                max=MAX_MINUTES,
            )
        )
    now = clock.now()
    gone = [each for each in times if starts_at(each) <= now]
    far = [each for each in times if starts_at(each) > now + FURTHEST_AHEAD]
    if gone or far:
        what = _l("過ぎた日時") if gone else _l("1年より先の日時")
        first = starts_at((gone or far)[0])
        said = f"{day_words(first)}{first.hour}:{first:%M}"
        raise TimesRefused(_l("「%(time)s」は、%(what)sです。日付を確認してください。", time=said, what=what))
