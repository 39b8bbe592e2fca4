"""Visits of an agent to the list of people: 新着 are those who came since the visit before this one ended.

A visit goes on while the list is looked at again within half an hour, in whichever tab; a page loaded again moves no
mark, and the next visit begins with what came since the last look of this one.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import User

VISIT_ENDS = timedelta(minutes=30)
"""Without a look at the list."""
NOTED_AGAIN = timedelta(minutes=1)
"""A look this soon after the last is not written down."""


def news_since(session: Session, user_id: int) -> datetime:
    """Return since when people are new to the agent who looks now; the epoch on a first visit."""
    seen, since = _marks(session, user_id)
    return (seen if _is_new_visit(seen) else since) or clock.EPOCH


def note(session: Session, user_id: int) -> None:
    """Note that the agent looks at the list now; the first look of a visit moves the mark."""
    seen, since = _marks(session, user_id)
    if seen is not None and clock.now() - seen < NOTED_AGAIN:
        return
    marks = {"people_seen_at": clock.now(), "people_news_since": seen if _is_new_visit(seen) else since}
    session.execute(update(User).where(User.id == user_id).values(marks))


def _marks(session: Session, user_id: int) -> tuple[datetime | None, datetime | None]:
    seen, since = session.execute(select(User.people_seen_at, User.people_news_since).where(User.id == user_id)).one()
    return seen, since


def _is_new_visit(seen: datetime | None) -> bool:
    return seen is None or clock.now() - seen >= VISIT_ENDS
