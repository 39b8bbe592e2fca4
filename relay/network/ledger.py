"""The append-only ledger of free introductions (無料紹介枠 台帳): how a line is written, and what the lines say.

Every function runs in the company's scope, and every writer holds the company row (invariants 1 and 2).
"""

from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import AMOUNTS, CreditEntry, CreditKind, EventTag, Referral, acting, event_data, record, scopes

TAGS = {
    CreditKind.EARNED: EventTag.CREDIT_EARNED,
    CreditKind.RESERVED: EventTag.CREDIT_RESERVED,
    CreditKind.RELEASED: EventTag.CREDIT_RELEASED,
    CreditKind.SPENT: EventTag.CREDIT_SPENT,
    CreditKind.RESTORED: EventTag.CREDIT_RESTORED,
    CreditKind.VOIDED: EventTag.CREDIT_VOIDED,
}


@scopes.in_company
def append(
    session: Session,
    company_id: int,
    kind: CreditKind,
    *,
    reason: str = "",
    reservation_id: int | None = None,
    reverses_id: int | None = None,
) -> CreditEntry:
    """Write the next line with its running balance, and its event; the database refuses a negative balance."""
    last = session.execute(
        select(CreditEntry.sequence, CreditEntry.balance).order_by(CreditEntry.sequence.desc()).limit(1)
    ).first()
    sequence, balance = (last.sequence, last.balance) if last else (0, 0)
    actor = acting(session)
    entry = CreditEntry(
        company_id=company_id,
        sequence=sequence + 1,
        kind=kind,
        amount=AMOUNTS[kind],
        balance=balance + AMOUNTS[kind],
        reservation_id=reservation_id,
        reverses_id=reverses_id,
        reason=reason,
        at=clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
    )
    session.add(entry)
    session.flush()
    record(
        session,
        TAGS[kind],
        company_id=company_id,
        subject=("credit", entry.id),
        data=event_data.CreditBooked(balance=entry.balance),
    )
    return entry


def free(session: Session) -> int:
    """Return the free credits: the balance of the newest line."""
    return session.scalar(_newest_balance()) or 0


def standing(session: Session) -> tuple[int, int, int]:
    """Referrals that count, earned lines that stand, free credits."""
    row = session.execute(select(*standing_columns())).one()
    return row[0], row[1], row[2] or 0


def standing_columns() -> tuple[Any, Any, Any]:
    """Return `standing` as columns of a larger statement; it is asked on every page."""
    # a voided line takes back one earned line, each at most once
    standing = case((CreditEntry.kind == CreditKind.EARNED, 1), (CreditEntry.kind == CreditKind.VOIDED, -1), else_=0)
    earned = select(func.coalesce(func.sum(standing), 0))
    # numbers have no gaps, so those that count need not be counted
    numbered = select(func.coalesce(func.max(Referral.number), 0)).scalar_subquery()
    voided = select(func.count(Referral.id)).where(Referral.voided_at.is_not(None)).scalar_subquery()
    return numbered - voided, earned.scalar_subquery(), _newest_balance().scalar_subquery()


def standing_earned(session: Session) -> list[int]:
    """Return the ids of earned lines that no voided line has taken back, oldest first."""
    return list(session.scalars(_standing_earned()))


def valid_referrals(session: Session) -> int:
    """Return how many referrals count: those not voided."""
    return session.scalar(_valid_referrals()) or 0


def _newest_balance() -> Select[int]:
    return select(CreditEntry.balance).order_by(CreditEntry.sequence.desc()).limit(1)


def _standing_earned() -> Select[int]:
    voided = aliased(CreditEntry)
    taken_back = select(voided.reverses_id).where(voided.kind == CreditKind.VOIDED)
    return (
        select(CreditEntry.id)
        .where(CreditEntry.kind == CreditKind.EARNED, CreditEntry.id.not_in(taken_back))
        .order_by(CreditEntry.sequence)
    )


def _valid_referrals() -> Select[int]:
    return select(func.count(Referral.id)).where(Referral.voided_at.is_(None))
