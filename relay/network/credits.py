"""Free introductions (無料紹介枠): one is earned per ten completed referrals, set aside, then spent or given back.

The ledger is append-only; every function on it runs in the company's scope, and every writer holds the company row
(invariants 1 and 2). The counting rule is published (B-20): valid referrals only, whatever becomes of the people; a
withdrawal never takes a credit back. Each verb writes one line per act, and each line names the credit it is about by
its earned line: a request sets the oldest free one aside, what ends the request ends that one, and a spent credit that
is given back is that one again. So the ten referrals behind every line are known. A voiding takes a free one only.
Which credits are free, and which referrals are behind none, is written with the lines, so that no act reads the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    AMOUNTS,
    SET_ASIDE,
    CreditEntry,
    CreditKind,
    CreditReferral,
    EventTag,
    FreeCredit,
    Referral,
    acting,
    event_data,
    record,
    scopes,
)
from relay.models.days import japan_day
from relay.models.keyset import Page, newest
from relay.models.locking import lock_company
from relay.models.prepared import numbered, one_of, read, rounded

TAGS = {
    CreditKind.EARNED: EventTag.CREDIT_EARNED,
    CreditKind.RESERVED: EventTag.CREDIT_RESERVED,
    CreditKind.RELEASED: EventTag.CREDIT_RELEASED,
    CreditKind.SPENT: EventTag.CREDIT_SPENT,
    CreditKind.RESTORED: EventTag.CREDIT_RESTORED,
    CreditKind.VOIDED: EventTag.CREDIT_VOIDED,
}

_VALID, _VOIDED = Referral.voided_at.is_(None), Referral.voided_at.is_not(None)
_RUNNING = (CreditEntry.sequence, CreditEntry.balance, CreditEntry.set_aside, CreditEntry.at)


@scopes.in_company
def append_entry(
    session: Session,
    company_id: int,
    kind: CreditKind,
    *,
    reason: str = "",
    credit_id: int | None = None,
    reservation_id: int | None = None,
    reverses_id: int | None = None,
) -> CreditEntry:
    """Write the next line with its running balance, and its event; the database refuses a negative balance.

    A clock that was set back moves no line before an earlier one: a month that was printed stays as it is.
    """
    last = session.execute(select(*_RUNNING).order_by(CreditEntry.sequence.desc()).limit(1)).first()
    sequence, free, set_aside = (last.sequence, last.balance, last.set_aside) if last else (0, 0, 0)
    actor = acting(session)
    entry = CreditEntry(
        company_id=company_id,
        sequence=sequence + 1,
        kind=kind,
        amount=AMOUNTS[kind],
        balance=free + AMOUNTS[kind],
        set_aside=set_aside + SET_ASIDE.get(kind, 0),
        credit_id=credit_id,
        reservation_id=reservation_id,
        reverses_id=reverses_id,
        reason=reason,
        at=max(clock.now(), last.at) if last else clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    session.add(entry)
    session.flush()
    _move(session, entry)
    record(
        session,
        TAGS[kind],
        company_id=company_id,
        subject=("credit", entry.id),
        data=event_data.CreditBooked(balance=entry.balance),
    )
    return entry


def free_credits(session: Session) -> int:
    """Return the free credits: the balance of the newest line."""
    return next((balance for (balance,) in read(session, _newest_balance())), 0)


def standing_numbers(session: Session) -> tuple[int, int, int]:
    """Referrals that count, earned lines that stand, free credits."""
    [row] = read(session, _standing())
    return row[0], row[1], row[2] or 0


@cache  # tricks: home
def _standing() -> Select[*tuple[Any, ...]]:
    return select(*standing_columns())


def standing_columns() -> tuple[Any, Any, Any]:
    """Return `standing` as columns of a larger statement; it is asked on every page, so no line is counted.

    Ten referrals are behind each earned line in force, so those behind none, which indexes hold, say how many there
    are.
    """
    behind_none = _number(_VALID, Referral.credit_id.is_(None)) + _number(_VOIDED, Referral.credit_id.is_(None))
    earned = (_newest_number() - behind_none) // REFERRALS_PER_CREDIT
    return _counting(), earned, _newest_balance().scalar_subquery()


def valid_referrals(session: Session) -> int:
    """Return how many referrals count: those not voided."""
    return session.scalar(select(_counting())) or 0


@cache  # tricks: home
def _newest_balance() -> Select[int]:
    return select(CreditEntry.balance).order_by(CreditEntry.sequence.desc()).limit(1)


def _move(session: Session, entry: CreditEntry) -> None:
    """Let the credit of a new line be free, or no longer, as the line says; one that is taken back frees its ten."""
    if entry.amount > 0:
        session.add(FreeCredit(company_id=entry.company_id, credit_id=entry.credit_id or entry.id))
    elif entry.amount < 0:
        session.execute(delete(FreeCredit).where(FreeCredit.credit_id == entry.credit_id))
    if entry.kind is CreditKind.VOIDED:
        its_ten = select(CreditReferral.referral_id).where(CreditReferral.entry_id == entry.credit_id)
        session.execute(update(Referral).where(Referral.id.in_(its_ten)).values(credit_id=None))


def _counting() -> ColumnElement[int]:
    """Return how many referrals count: numbers have no gaps, so the last less those voided, which an index holds."""
    return _newest_number() - _number(_VOIDED)


def _newest_number() -> ColumnElement[int]:
    return select(func.coalesce(func.max(Referral.number), 0)).scalar_subquery()


def _number(*which: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(Referral.id)).where(*which).scalar_subquery()


REFERRALS_PER_CREDIT = 10

_NEWEST = newest(CreditEntry.sequence)


class NoFreeCredit(DomainError):
    """Raise where no free credit can be reserved."""

    code = "no-free-credit"
    message = _l("空いている無料紹介枠がありません。次の紹介枠を獲得してから、もう一度お申し込みください。")


class NotSetAside(DomainError):
    """Raise where the credit is not reserved (any more): it was spent or released."""

    code = "credit-not-reserved"
    message = _l("確保中の紹介枠ではありません。すでに使用されたか、返却されています。台帳は変わっていません。")


class CreditTakenBack(DomainError):
    """Raise where a ticket is asked for of a credit that a voiding took back."""

    code = "credit-taken-back"
    message = _l("この紹介枠は取り消されているため、券にできません。台帳は変わっていません。")


class NotSpent(DomainError):
    """Raise where the credit was never spent, or was restored already."""

    code = "credit-not-spent"
    message = _l("この紹介枠は使用されていないか、すでに返却されています。台帳は変わっていません。")


@dataclass(frozen=True)
class Meter:
    """The ten steps: `done` towards the next credit, `free` credits, `total` completed referrals that count."""

    done: int
    free: int
    total: int
    to_next: int


class CountedReferral(NamedTuple):
    """A referral as a ledger names it: its number and the day it was completed, in Japan."""

    number: int
    day: date


@dataclass(frozen=True)
class StatementLine:
    """One line of the credit statement: `credit` is the number of the earned line it is about, `referrals` its ten.

    `balance` are the free credits after it and `set_aside` those that are held; `ends` and `reverses` refer to earlier
    lines. Nothing in it changes later: a referral is its number and its day, also where it is voided or erased since.
    """

    sequence: int
    kind: CreditKind
    amount: int
    balance: int
    set_aside: int
    at: datetime
    reason: str
    credit_id: int
    credit: int
    referrals: tuple[CountedReferral, ...]
    ends: int | None
    reverses: int | None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of the referrals alone."""
        return tuple(each.number for each in self.referrals)


def earn_due(session: Session, company_id: int) -> int:
    """Earn what the count of valid referrals has come to; returns how many credits were earned.

    Nothing is earned while more earned lines stand than the count bears (a voiding that found no free credit).
    """
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        valid, earned, _free = standing_numbers(session)
        due = max(valid // REFERRALS_PER_CREDIT - earned, 0)
        if due:
            _earn(session, company_id, due)
        return due


def take_back(session: Session, company_id: int, referral_id: int, reason: str) -> CreditEntry | None:
    """After a referral was voided: take one free credit back if the voiding made floor(valid / N) smaller.

    It is the one the referral is behind, where that is free, else the newest free one. A credit set aside or spent
    stays; then nothing is written and the next credit is earned when the count has caught up.
    """
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        if (valid_referrals(session) + 1) % REFERRALS_PER_CREDIT != 0:
            return None
        behind = select(Referral.credit_id).where(Referral.id == referral_id)
        free = select(FreeCredit.credit_id).order_by(FreeCredit.credit_id.desc()).limit(1)
        taken = session.scalar(free.where(FreeCredit.credit_id.in_(behind))) or session.scalar(free)
        if taken is None:
            return None
        return append_entry(session, company_id, CreditKind.VOIDED, reason=reason, credit_id=taken, reverses_id=taken)


def reserve(session: Session, company_id: int, reason: str) -> CreditEntry:
    """Set the oldest free credit aside for a request. Raises NoFreeCredit."""
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        oldest = session.scalar(select(FreeCredit.credit_id).order_by(FreeCredit.credit_id).limit(1))
        if oldest is None:
            raise NoFreeCredit
        return append_entry(session, company_id, CreditKind.RESERVED, reason=reason, credit_id=oldest)


@scopes.in_company
def release(session: Session, company_id: int, reservation_id: int, reason: str) -> CreditEntry:
    """Give a credit that was set aside back to the free ones. Raises NotSetAside."""
    return _end(session, company_id, CreditKind.RELEASED, reservation_id, reason)


@scopes.in_company
def spend(session: Session, company_id: int, reservation_id: int, reason: str) -> CreditEntry:
    """Spend a credit that was set aside. Raises NotSetAside."""
    return _end(session, company_id, CreditKind.SPENT, reservation_id, reason)


def restore(session: Session, company_id: int, spent_id: int, reason: str) -> CreditEntry:
    """Give that very credit back, once, when the interview failed through no fault of the company. Raises NotSpent."""
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        credit_id = _credit_of(session, spent_id, CreditKind.SPENT)
        if credit_id is None or _named_by(session, CreditEntry.reverses_id == spent_id):
            raise NotSpent
        return append_entry(
            session, company_id, CreditKind.RESTORED, reason=reason, credit_id=credit_id, reverses_id=spent_id
        )


def balance(session: Session, company_id: int) -> int:
    """Return the free credits of the company."""
    with scopes.company(session, company_id):
        return free_credits(session)


def meter(session: Session, company_id: int) -> Meter:
    """Return how far the company is on the way to its next credit."""
    with scopes.company(session, company_id):
        return meter_of(*standing_numbers(session))


def meter_of(total: int, earned: int, free: int | None) -> Meter:
    """Return the meter made of `ledger.standing_columns`."""
    to_next = REFERRALS_PER_CREDIT * (earned + 1) - total
    return Meter(max(REFERRALS_PER_CREDIT - to_next, 0), free or 0, total, to_next)


_EVERY = select(CreditEntry)


def statement(session: Session, company_id: int, *, after: str = "", limit: int = 25) -> Page[StatementLine]:
    """Return a page of the ledger, newest first, with the referral numbers behind each earned line."""
    with scopes.company(session, company_id):
        found = _NEWEST.page(session, _EVERY, lambda entry: entry, after=after, limit=limit, values={})
        return replace(found, rows=lines_of(session, found.rows))


_NEWEST_SET_ASIDE = select(CreditEntry.set_aside).order_by(CreditEntry.sequence.desc()).limit(1)


def set_aside_credits(session: Session, company_id: int) -> int:
    """Return how many credits requests hold now."""
    with scopes.company(session, company_id):
        return next((held for (held,) in read(session, _NEWEST_SET_ASIDE)), 0)


_TAKEN_BACK = select(CreditEntry.reverses_id).where(
    CreditEntry.reverses_id.in_(bindparam("credits", expanding=True)), CreditEntry.kind == CreditKind.VOIDED
)
_EARNED = select(CreditEntry).where(CreditEntry.id == bindparam("credit"), CreditEntry.kind == CreditKind.EARNED)


def in_force(session: Session, company_id: int, credit_ids: Sequence[int]) -> set[int]:
    """Return which of these credits no voiding has taken back."""
    with scopes.company(session, company_id):
        return set(credit_ids) - set(session.scalars(_TAKEN_BACK, {"credits": list(credit_ids)}))


def credit(session: Session, company_id: int, credit_id: int) -> StatementLine | None:
    """Return the earned line of a credit; None where the company has none. Raises CreditTakenBack."""
    with scopes.company(session, company_id):
        entry = session.scalars(_EARNED, {"credit": credit_id}).one_or_none()
        if entry is None:
            return None
        if not in_force(session, company_id, [credit_id]):
            raise CreditTakenBack
        return lines_of(session, [entry])[0]


def lines_of(session: Session, entries: Sequence[CreditEntry]) -> list[StatementLine]:
    """Return the entries as lines of a statement; runs in the company's scope."""
    if not entries:
        return []
    behind, sequences = _behind(session, entries), _sequences(session, entries)
    return [
        StatementLine(
            sequence=entry.sequence,
            kind=entry.kind,
            amount=entry.amount,
            balance=entry.balance,
            set_aside=entry.set_aside,
            at=entry.at,
            reason=entry.reason,
            credit_id=entry.credit_id or entry.id,
            credit=sequences.get(entry.credit_id or 0, entry.sequence),
            referrals=tuple(behind.get(entry.credit_id or entry.id, ())),
            ends=sequences.get(entry.reservation_id or 0),
            reverses=sequences.get(entry.reverses_id or 0),
        )
        for entry in entries
    ]


def _earn(session: Session, company_id: int, due: int) -> None:
    """Append earned lines, each with the ten oldest valid referrals that are behind no line in force."""
    oldest = session.scalars(
        select(Referral)
        .where(_VALID, Referral.credit_id.is_(None))
        .order_by(Referral.number)
        .limit(REFERRALS_PER_CREDIT * due)
    ).all()
    for first in range(0, len(oldest), REFERRALS_PER_CREDIT):
        entry = append_entry(session, company_id, CreditKind.EARNED)
        for referral in oldest[first : first + REFERRALS_PER_CREDIT]:
            referral.credit_id = entry.id
            session.add(CreditReferral(company_id=company_id, entry_id=entry.id, referral_id=referral.id))
    session.flush()


def _end(session: Session, company_id: int, kind: CreditKind, reservation_id: int, reason: str) -> CreditEntry:
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        credit_id = _credit_of(session, reservation_id, CreditKind.RESERVED)
        if credit_id is None or _named_by(session, CreditEntry.reservation_id == reservation_id):
            raise NotSetAside
        return append_entry(
            session, company_id, kind, reason=reason, credit_id=credit_id, reservation_id=reservation_id
        )


def _credit_of(session: Session, entry_id: int, kind: CreditKind) -> int | None:
    """Return the credit that a line of this kind is about; None where there is no such line."""
    return session.scalar(select(CreditEntry.credit_id).where(CreditEntry.id == entry_id, CreditEntry.kind == kind))


def _named_by(session: Session, condition: ColumnElement[bool]) -> bool:
    return session.scalar(select(CreditEntry.id).where(condition).limit(1)) is not None


def _behind(session: Session, entries: Sequence[CreditEntry]) -> dict[int, list[CountedReferral]]:
    """Return the referrals behind the credits that these entries are about, by earned line, in their order.

    They are put in order here: told to, SQLite walks all referrals of the company by their numbers.
    """
    found: dict[int, list[CountedReferral]] = {}
    wanted = rounded(list({entry.credit_id or entry.id for entry in entries}))
    rows = read(session, _referrals_of(len(wanted)), **numbered("entry", wanted))
    for entry_id, *counted in sorted(rows, key=itemgetter(1)):
        found.setdefault(entry_id, []).append(CountedReferral._make(counted))
    return found


@lru_cache(maxsize=16)  # tricks: portal.credits
def _referrals_of(many: int) -> Select[int, int, date]:
    """Return the statement about so many lines; joined, PostgreSQL reads all referrals of the company."""
    number, day = (
        select(column).where(Referral.id == CreditReferral.referral_id).scalar_subquery()
        for column in (Referral.number, japan_day(Referral.completed_at))
    )
    return select(CreditReferral.entry_id, number.label("number"), day.label("day")).where(
        one_of(CreditReferral.entry_id, "entry", many)
    )


def _sequences(session: Session, entries: Sequence[CreditEntry]) -> dict[int, int]:
    named = ((entry.credit_id, entry.reservation_id, entry.reverses_id) for entry in entries)
    wanted = rounded(list({each for ids in named for each in ids if each is not None}))
    return dict(read(session, _sequences_of(len(wanted)), **numbered("entry", wanted))) if wanted else {}


@lru_cache(maxsize=16)  # tricks: portal.credits
def _sequences_of(many: int) -> Select[int, int]:
    return select(CreditEntry.id, CreditEntry.sequence).where(one_of(CreditEntry.id, "entry", many))
