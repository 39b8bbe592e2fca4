"""Visits of an agent to the list of people: 新着 are those who came since the visit before this one ended.

A visit goes on while the list is looked at again within half an hour, in whichever tab; a page loaded again moves no
mark, and the next visit begins with what came since the last look of this one.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import User
from relay.models.prepared import Prepared

VISIT_ENDS = timedelta(minutes=30)
"""Without a look at the list."""
NOTED_AGAIN = timedelta(minutes=1)
"""A look this soon after the last is not written down."""


class Visit(NamedTuple):
    """When an agent looked at the list last, and since when people were new at that look; None before the first."""

    seen: datetime | None
    since: datetime | None

    @property
    def news_since(self) -> datetime:
        """Return since when people are new to the agent who looks now; the epoch on a first visit."""
        return self.mark or clock.EPOCH

    @property
    def mark(self) -> datetime | None:
        """Return the end of the visit before the one that goes on or begins now; None on a first visit."""
        return self.seen if self.seen is None or clock.now() - self.seen >= VISIT_ENDS else self.since

    @property
    def is_noted(self) -> bool:
        """Return whether the agent looked so lately that this look is not written down."""
        return self.seen is not None and clock.now() - self.seen < NOTED_AGAIN


_VISIT = Prepared(
    select(User.people_seen_at, User.people_news_since).where(User.id == bindparam("user_id")),
    Visit,
)


def of(session: Session, user_id: int) -> Visit:
    """Return the visit that goes on, or the one that ended last."""
    [visit] = _VISIT.all(session, user_id=user_id)
    return visit


def note(session: Session, user_id: int) -> None:
    """Note that the agent looks at the list now; the first look of a visit moves the mark."""
    visit = of(session, user_id)
    if visit.is_noted:
        return
    marks = {"people_seen_at": clock.now(), "people_news_since": visit.mark}
    session.execute(update(User).where(User.id == user_id).values(marks))
