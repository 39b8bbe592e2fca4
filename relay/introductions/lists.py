"""Requests as the company's pages show them: whose turn it is and until when, and what came of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    Partner,
    Slot,
)
from relay.models.keyset import Page, newest

PAGE_SIZE = 50
COUNT_CAP = 100
_NEWEST = newest(IntroductionRequest.id)


@dataclass(frozen=True)
class RequestStanding:
    """A request with the name of its partner and, after a yes, the interview and the application it led to."""

    request: IntroductionRequest
    partner: str
    introduction: Introduction | None
    starts_at: datetime | None
    """When the interview begins, once a time is picked."""

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
            return _("ご本人の番です（%(until)sまで）", until=until)
        if self.request.state is not IntroductionState.ACCEPTED:
            return ""
        if self.starts_at is not None and self.is_to_be_recorded:
            met = short(self.starts_at.astimezone(clock.JAPAN).date())
            return _("自社の番です（%(day)sの面談が行われたかどうかの記録）", day=met)
        if self.starts_at is None:
            return _("ご本人が日時を選び直す番です（%(until)sまで）", until=until)
        return _("面談の予定です（%(day)s）", day=short(self.starts_at.astimezone(clock.JAPAN).date()))


def short(day: date | None) -> str:
    """Return a day as lists say it: 12/5."""
    return f"{day.month}/{day.day}" if day is not None else ""


def page_of(session: Session, *, after: str = "") -> Page[RequestStanding]:
    """Return a page of the company's requests, the newest first, in its scope."""
    return _NEWEST.page(session, _standings(), RequestStanding, after=after, limit=PAGE_SIZE)


def standing(session: Session, request_id: int) -> RequestStanding | None:
    """Return one request of the company whose scope it is; None where it has none of this number."""
    row = session.execute(_standings().where(IntroductionRequest.id == request_id)).one_or_none()
    return RequestStanding(*row) if row is not None else None


def to_be_recorded(session: Session) -> list[RequestStanding]:
    """Return the interviews of the company whose time has come and that nobody recorded, COUNT_CAP at most."""
    wanted = _standings().where(IntroductionRequest.state == IntroductionState.ACCEPTED, Slot.starts_at <= clock.now())
    rows: Iterable[Any] = session.execute(wanted.order_by(Slot.starts_at, IntroductionRequest.id).limit(COUNT_CAP))
    return [RequestStanding(*row) for row in rows]


def last_id(session: Session) -> int:
    """Return the number of the newest request of the company; 0 where there is none."""
    return session.scalar(select(func.max(IntroductionRequest.id))) or 0


def _standings() -> Any:
    return (
        select(IntroductionRequest, Partner.name, Introduction, Slot.starts_at)
        .join(Partner, Partner.id == IntroductionRequest.partner_id)
        .outerjoin(Introduction, Introduction.request_id == IntroductionRequest.id)
        .outerjoin(InterviewInvitation, InterviewInvitation.id == Introduction.invitation_id)
        .outerjoin(Slot, Slot.id == InterviewInvitation.slot_id)
    )
