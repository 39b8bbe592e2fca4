"""How many mails a person gets that they neither wait for nor caused: at most four a year, of all senders (A-25, C-2).

Results, and receipts of what a person did or asked for, do not count; what has to be told counts, and is never held
back. A letter that can be left out asks here, in the transaction that queues it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import Message, MessageState, moments, scopes

Counted = Select[str, int]

MAILS_A_YEAR = 4
YEAR = relativedelta(years=1)
_LOCK = 7_041_200
"""The number of our advisory lock."""
_COUNTS = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT, MessageState.BOUNCED)
ANYBODYS = "how many mails an address got in a year, from whichever sender; their number alone is used"


def one_at_a_time(session: Session) -> None:
    """Let nobody else queue such a letter until this transaction ends, so that what is counted stays true.

    SQLite's transactions that write follow each other anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def unasked_mails_of_a_year(session: Session, addresses: Iterable[str]) -> dict[str, int]:
    """Count for each address, as mails are addressed, the unasked mails of the last year that wait or left."""
    return _count(session, _unasked(), addresses)


def may_be_written_to(session: Session, letter: str, company_id: int | None, addresses: Iterable[str]) -> set[str]:
    """Return those of the addresses to which this letter may go now: not their fifth, and one a year from a sender.

    Of a letter that says how many of it a year brings, so many come from all senders. The sender is the company, or the
    operator where there is none. The verb that queues calls `one_at_a_time` before. Why an address is left out is told
    to nobody: a company would learn of others' mails by it.
    """
    wanted, most = set(addresses), letters.find(letter).most_a_year
    mails = unasked_mails_of_a_year(session, wanted)
    had = _count(session, _OF_ALL, wanted, letter=letter) if most else of_sender(session, letter, company_id, wanted)
    return {each for each in wanted if mails.get(each, 0) < MAILS_A_YEAR and had.get(each, 0) < (most or 1)}


def of_sender(session: Session, letter: str, company_id: int | None, addresses: Iterable[str]) -> dict[str, int]:
    """Count for each address the mails of this letter that one sender has had waiting or sent in the last year."""
    if company_id is None:
        return _count(session, _OF_OPERATOR, addresses, letter=letter)
    return _count(session, _OF_COMPANY, addresses, letter=letter, company=company_id)


def first_day(session: Session, letter: str, company_id: int | None, address: str) -> date:
    """Return the first day on which this letter may go to the address, by the mails that wait or left until now.

    The own page foresees mails by it; it says the same as `may_be_written_to`.
    """
    mine = select(Message.created_at).where(Message.to_address == address, *_in_a_year())
    newest = mine.order_by(Message.created_at.desc())
    with scopes.everyone(session, ANYBODYS):
        same = session.scalars(newest.where(Message.letter == letter, Message.company_id == company_id).limit(1)).all()
        four = session.scalars(newest.where(Message.letter.in_(letters.unasked())).limit(MAILS_A_YEAR)).all()
    fourth = four[MAILS_A_YEAR - 1 :]
    return max([clock.today(), *(a_year_after(each) for each in (*same, *fourth))])


def _count(session: Session, which: Counted, addresses: Iterable[str], **values: Any) -> dict[str, int]:
    with scopes.everyone(session, ANYBODYS):
        return dict(session.execute(which, values | {"addresses": sorted(set(addresses))}).all())


def _in_a_year() -> tuple[ColumnElement[bool], ...]:
    """Select mails that wait or left within a year; whole days count, for no two runs of a day begin alike."""
    return Message.created_at > moments.day_ends(-YEAR), Message.state.in_(_COUNTS)


def _counted(*which: ColumnElement[bool]) -> Counted:
    theirs = Message.to_address.in_(bindparam("addresses", expanding=True))
    counted = select(Message.to_address, func.count()).where(theirs, *which, *_in_a_year())
    return counted.group_by(Message.to_address)


_OF_ALL = _counted(Message.letter == bindparam("letter"))
_OF_COMPANY = _counted(Message.letter == bindparam("letter"), Message.company_id == bindparam("company"))
_OF_OPERATOR = _counted(Message.letter == bindparam("letter"), Message.company_id.is_(None))


@cache  # tricks: portal.leaving
def _unasked() -> Counted:
    return _counted(Message.letter.in_(letters.unasked()))


def a_year_after(moment: datetime) -> date:
    """Return the first day on which a mail of that moment counts no more; years differ by a day."""
    written = moment.astimezone(clock.JAPAN).date()
    day: date = written + YEAR
    return day if day - YEAR >= written else day + timedelta(days=1)
