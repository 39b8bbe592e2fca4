"""How often something may happen, counted in the database and so for all processes together (E-6, E-23).

A row that can still matter is never deleted, only set to zero, and several are always locked in the order of their
keys: tries that succeed, fail and wait at once neither miss a row nor wait for each other in a circle.
"""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import RateCount
from relay.models.upsert import upsert

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Patience:
    """So many attempts are free; each further one doubles the wait, from a second up to `longest`."""

    free: int
    longest: timedelta

    def wait_after(self, count: int) -> timedelta:
        """Return how long the next attempt has to wait after `count` of them."""
        if count < self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(count - self.free, 20)))


def hit(session: Session, key: str, *, window: timedelta, times: int = 1) -> int:
    """Count an occurrence, or some at once, under `key` (a keyed hash, never an address); return how many the window
    holds.
    """
    moment = clock.now()
    start = moment - (moment - clock.EPOCH) % window
    statement = upsert(session, RateCount).values(key=key, window_start=start, count=times)
    counted = statement.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": _same_window(statement.excluded.window_start, times),
            "window_start": statement.excluded.window_start,
        },
    ).returning(RateCount.count)
    return int(session.execute(counted).scalar_one())


def origin(ip: str) -> str:
    """Return what counts as one address: an IPv6 connection owns a /64 and could come from a new address every time."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address.packed, 64), strict=False).network_address)


def attempt(session: Session, patience: Mapping[str, Patience]) -> timedelta:
    """Count one attempt under every key and return zero; or count nothing and return how long still to wait.

    The rows are locked before they are read, so attempts made at once are counted one after the other.
    An attempt made while waiting neither counts nor prolongs the wait. An hour's rest forgets everything.
    """
    with session.begin_nested() as step:
        rows = _made_and_locked(session, patience)
        moment = clock.now()  # after the wait for the rows, so that no other try is later than this one
        for row in rows:
            if row.window_start < moment - FORGOTTEN_AFTER:
                row.count = 0
        left = max(row.window_start + patience[row.key].wait_after(row.count) - moment for row in rows)
        if left > timedelta(0):
            step.rollback()  # the rows made to be locked go again: a flood of made-up names fills nothing
            return left
        for row in rows:
            row.count, row.window_start = row.count + 1, moment
    return timedelta(0)


def counted(session: Session, key: str) -> int:
    """Return how many attempts are counted under a key."""
    return session.scalar(select(RateCount.count).where(RateCount.key == key)) or 0


def succeeded(session: Session, *, anew: Collection[str], less: Collection[str] = ()) -> None:
    """After a success, count from zero under some keys, and under others take back the one attempt that went well."""
    for row in session.scalars(_in_order(RateCount.key.in_([*anew, *less])).with_for_update()):
        row.count = 0 if row.key in anew else max(0, row.count - 1)


def sweep(session: Session) -> None:
    """Remove counts older than a day, which no wait reaches; rows locked just now stay for the next."""
    old = _in_order(RateCount.window_start < clock.now() - timedelta(days=1)).with_for_update(skip_locked=True)
    for row in session.scalars(old):
        session.delete(row)


def _in_order(which: ColumnElement[bool]) -> Select[RateCount]:
    return select(RateCount).where(which).order_by(RateCount.key).execution_options(populate_existing=True)


def _made_and_locked(session: Session, keys: Collection[str]) -> list[RateCount]:
    """Return a locked row for every key, made where there is none, in one statement so that none is missed."""
    moment = clock.now()
    rows = [{"key": key, "window_start": moment, "count": 0} for key in sorted(keys)]
    fresh = upsert(session, RateCount).values(rows)
    session.execute(fresh.on_conflict_do_update(index_elements=[RateCount.key], set_={"count": RateCount.count}))
    return list(session.scalars(_in_order(RateCount.key.in_(keys))))


def _same_window(new_start: ColumnElement[datetime], times: int) -> ColumnElement[int]:
    return case((RateCount.window_start == new_start, RateCount.count + times), else_=times)
