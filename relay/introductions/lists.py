"""Requests as the company's pages show them: whose turn it is and until when, and what came of them."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.hiring import slots
from relay.introductions.promises import ANSWER_WITHIN
from relay.models import (
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    Partner,
    Position,
    PositionState,
    Slot,
    moments,
)
from relay.models.keyset import Page, newest
from relay.models.prepared import read

PAGE_SIZE = 50
COUNT_CAP = 100
_LOOKED_AT = COUNT_CAP + 1
_NEWEST = newest(IntroductionRequest.id)


@dataclass(frozen=True)
class RequestStanding:
    """A request with the name of its partner and, after a yes, the interview and the application it led to."""

    request: IntroductionRequest
    partner: str
    introduction: Introduction | None
    starts_at: datetime | None
    """When the interview begins, once a time is picked."""
    minutes: int
    """How long the picked time is."""
    is_hiring: bool
    """Whether the position takes applications now: behind a link of another nothing opens."""
    has_times: bool
    """Whether a free time is offered."""
    times_wanted: bool
    """Whether the person asked for other times."""

    @property
    def label(self) -> str:
        """Return the state as the company reads it; a re-application is one until its interview was held."""
        accepted = self.request.state is IntroductionState.ACCEPTED
        return _("再応募") if accepted and self.request.reapplied else str(self.request.state.label)

    @property
    def is_to_be_recorded(self) -> bool:
        """Return whether the time of the interview has come and nobody said whether it was held."""
        accepted = self.request.state is IntroductionState.ACCEPTED
        return accepted and self.starts_at is not None and self.starts_at <= clock.now()

    @property
    def turn(self) -> str:
        """Return whose turn it is and until when: つむぎ人材紹介の番です（12/5まで）; empty for one that has ended."""
        until = short(self.request.due_on)
        if self.request.state is IntroductionState.OPEN:
            return _("%(who)sの番です（%(until)sまで）", who=self.partner, until=until)
        if self.request.state is IntroductionState.OFFERED:
            return self._offered(until)
        if self.request.state is not IntroductionState.ACCEPTED:
            return ""
        if self.starts_at is not None and self.is_to_be_recorded:
            met = short(self.starts_at.astimezone(clock.JAPAN).date())
            return _("自社の番です（%(day)sの面談が行われたかどうかの記録）", day=met)
        if self.starts_at is not None:
            return _("面談の予定です（%(day)s）", day=short(self.starts_at.astimezone(clock.JAPAN).date()))
        if self.times_wanted or not self.has_times:
            return _("自社の番です（候補日時の追加、%(until)sまで）", until=until)
        return _("ご本人が日時を選び直す番です（%(until)sまで）", until=until)

    def _offered(self, until: str) -> str:
        """Return whose turn it is behind a link: the company's, where the person finds nothing to say yes to."""
        if not self.is_hiring:
            return _(
                "自社の番です（募集の再開、%(until)sまで）：募集が止まっているあいだ、紹介リンクは開けません",
                until=until,
            )
        if not self.has_times:
            return _("自社の番です（候補日時の追加、%(until)sまで）：紹介された方の選べる日時がありません", until=until)
        return _("ご本人の番です（%(until)sまで）", until=until)


class StuckRequest(NamedTuple):
    """A request behind whose link its person can pick no time, as a line of home names it."""

    due_on: date
    position_id: int
    title: str
    partner: str
    is_hiring: bool


class UnansweredNo(NamedTuple):
    """A no of a person whom the company has not answered, as a line of home names it."""

    request_id: int
    title: str
    partner: str
    answered_at: datetime


class UnrecordedInterview(NamedTuple):
    """An interview whose time has come, as a line of home names it."""

    request_id: int
    title: str
    partner: str


def short(day: date | None) -> str:
    """Return a day as lists say it: 12/5."""
    return f"{day.month}/{day.day}" if day is not None else ""


def page_of(session: Session, *, after: str = "", limit: int = PAGE_SIZE) -> Page[RequestStanding]:
    """Return a page of the company's requests, the newest first, in its scope."""
    return _NEWEST.page(session, _standings(), RequestStanding, after=after, limit=limit, values={})


def standing(session: Session, request_id: int) -> RequestStanding | None:
    """Return one request of the company whose scope it is; None where it has none of this number."""
    row = session.execute(_one(), {"request": request_id}).one_or_none()
    return RequestStanding(*row) if row is not None else None


def to_be_recorded(session: Session) -> list[UnrecordedInterview]:
    """Return the interviews of the company whose time has come and that nobody recorded, COUNT_CAP + 1 at most."""
    return [UnrecordedInterview(*row) for row in read(session, to_be_recorded_rows())]


def without_times(session: Session) -> list[StuckRequest]:
    """Return the company's requests behind whose link no time can be picked, the first day first.

    COUNT_CAP + 1 at most.
    """
    return [StuckRequest(*row) for row in read(session, without_times_rows())]


def to_be_answered(session: Session) -> list[UnansweredNo]:
    """Return the nos the company can still answer, the first to run out first; COUNT_CAP + 1 at most."""
    return [UnansweredNo(*row) for row in read(session, to_be_answered_rows())]


@cache  # tricks: home
def without_times_rows() -> Any:
    """Return the statement of `without_times`."""
    hiring = Position.state == PositionState.OPEN
    return (
        select(
            IntroductionRequest.due_on,
            IntroductionRequest.position_id,
            IntroductionRequest.title,
            Partner.name,
            hiring,
        )
        .join(Partner, Partner.id == IntroductionRequest.partner_id)
        .join(Position, Position.id == IntroductionRequest.position_id)
        .where(IntroductionRequest.state == IntroductionState.OFFERED, or_(~hiring, ~_has_times()))
        .order_by(IntroductionRequest.due_on, IntroductionRequest.id)
        .limit(_LOOKED_AT)
    )


@cache  # tricks: home
def to_be_answered_rows() -> Any:
    """Return the statement of `to_be_answered`."""
    return (
        select(IntroductionRequest.id, IntroductionRequest.title, Partner.name, Introduction.answered_at)
        .join(Introduction, Introduction.request_id == IntroductionRequest.id)
        .join(Partner, Partner.id == IntroductionRequest.partner_id)
        .where(
            Introduction.answered_at > moments.now(-ANSWER_WITHIN),
            Introduction.promise_kept.is_(False),
            Introduction.company_answered_at.is_(None),
        )
        .order_by(Introduction.answered_at, Introduction.id)
        .limit(_LOOKED_AT)
    )


@cache  # tricks: home
def to_be_recorded_rows() -> Any:
    """Return the statement of `to_be_recorded`."""
    return (
        _with_interview(select(IntroductionRequest.id, IntroductionRequest.title, Partner.name))
        .where(IntroductionRequest.state == IntroductionState.ACCEPTED, Slot.starts_at <= moments.now())
        .order_by(Slot.starts_at, IntroductionRequest.id)
        .limit(_LOOKED_AT)
    )


def last_id(session: Session) -> int:
    """Return the number of the newest request of the company; 0 where there is none."""
    return session.scalar(select(func.max(IntroductionRequest.id))) or 0


@cache  # tricks: portal.introductions
def _one() -> Any:
    return _standings().where(IntroductionRequest.id == bindparam("request"))


@cache  # tricks: portal.introductions
def _standings() -> Any:
    asked = select(
        IntroductionRequest,
        Partner.name,
        Introduction,
        Slot.starts_at,
        func.coalesce(Slot.minutes, 0),
        Position.state == PositionState.OPEN,
        _has_times(),
        InterviewInvitation.times_wanted_at.is_not(None),
    )
    return _with_interview(asked).join(Position, Position.id == IntroductionRequest.position_id)


def _with_interview(requests: Any) -> Any:
    return (
        requests.join(Partner, Partner.id == IntroductionRequest.partner_id)
        .outerjoin(Introduction, Introduction.request_id == IntroductionRequest.id)
        .outerjoin(InterviewInvitation, InterviewInvitation.id == Introduction.invitation_id)
        .outerjoin(Slot, Slot.id == InterviewInvitation.slot_id)
    )


def _has_times() -> ColumnElement[bool]:
    """Return whether the position has a free time; before a yes, one of the length that was promised."""
    other = aliased(Slot)
    theirs = (other.company_id == IntroductionRequest.company_id, other.position_id == IntroductionRequest.position_id)
    picks_again = IntroductionRequest.state == IntroductionState.ACCEPTED
    fits = or_(picks_again, other.minutes == IntroductionRequest.minutes)
    return exists().where(*theirs, fits, slots.is_free(other))
