"""How often something may happen, counted in the database and so for all processes together (E-6, E-23)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from relay import clock
from relay.models import RateCount


def hit(session: Session, key: str, *, window: timedelta) -> int:
    """Count one occurrence under `key` (a keyed hash, never an address) and return how many the window holds."""
    moment = clock.now()
    start = moment - (moment - clock.EPOCH) % window
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(RateCount).values(key=key, window_start=start, count=1)
    counted = statement.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": _same_window(statement.excluded.window_start),
            "window_start": statement.excluded.window_start,
        },
    ).returning(RateCount.count)
    return int(session.execute(counted).scalar_one())


def forget(session: Session, key: str) -> None:
    """Start counting anew, after a success."""
    session.execute(delete(RateCount).where(RateCount.key == key))


def sweep(session: Session) -> None:
    """Remove counts older than a day."""
    session.execute(delete(RateCount).where(RateCount.window_start < clock.now() - timedelta(days=1)))


def _same_window(new_start: ColumnElement[datetime]) -> ColumnElement[int]:
    return case((RateCount.window_start == new_start, RateCount.count + 1), else_=1)
