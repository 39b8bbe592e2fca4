"""Acts of one company that wait for each other, without a lock on the company's row, to which everything refers."""

from enum import IntEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session


class CompanyLock(IntEnum):
    """The locks of a company; the numbers from which our advisory locks' keys begin, the company's id is added."""

    IMPORTS = 1 << 40
    """Files that are applied."""
    UPLOADS = 1 << 41
    """What a company has on the disk is counted and added to."""
    ALERTS = 1 << 42
    """Alerts look at people, take some as known, or are told of by mail."""
    COSTS = 1 << 43
    """Sums of months are typed, brought by a file or taken out again."""


def wait_for(session: Session, lock: CompanyLock, company_id: int) -> None:
    """Hold the lock until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(lock + company_id)))
