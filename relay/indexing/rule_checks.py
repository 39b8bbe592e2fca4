"""The queue of people the rules look at next: all about whom something changed while a rule is switched on.

The alerts look at the same people, from a queue of their own.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from relay.indexing import alert_checks
from relay.models import CheckCause, QueuedRuleCheck, TagRule
from relay.models.base import BigId
from relay.models.prepared import read

CHUNK_SIZE = 500
_OF_COMPANY = TagRule.company_id == bindparam("company", type_=BigId)
_AT_WORK = select(TagRule.id).where(_OF_COMPANY, TagRule.switched_on_at.is_not(None)).limit(1)


def enqueue(
    session: Session, company_id: int, candidate_ids: Iterable[int], cause: CheckCause = CheckCause.CHANGED
) -> None:
    """Let rules and alerts look at these people, in the caller's transaction; nothing where there are none.

    To be called by every verb that changes what a search can find a person by; `cause` says whether it is news.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    alert_checks.enqueue(session, company_id, wanted, cause)
    if not wanted or not read(session, _AT_WORK, company=company_id):
        return
    rows = [{"company_id": company_id, "candidate_id": person} for person in wanted]
    for start in range(0, len(rows), CHUNK_SIZE):
        session.execute(insert(QueuedRuleCheck), rows[start : start + CHUNK_SIZE])


def next_ids(session: Session) -> Sequence[int]:
    """Return the ids of some of the company's checks, oldest first."""
    return session.scalars(select(QueuedRuleCheck.id).order_by(QueuedRuleCheck.id).limit(CHUNK_SIZE)).all()


def people_of(session: Session, check_ids: Sequence[int]) -> list[int]:
    """Return whom these checks are about, each once."""
    return list(
        session.scalars(select(QueuedRuleCheck.candidate_id).where(QueuedRuleCheck.id.in_(check_ids)).distinct())
    )


def remove(session: Session, check_ids: Sequence[int]) -> None:
    """Remove people from the queue: the rules have looked."""
    session.execute(delete(QueuedRuleCheck).where(QueuedRuleCheck.id.in_(check_ids)))


def companies_waiting(session: Session) -> Sequence[tuple[int, int]]:
    """Each company with people waiting, and its newest check. Needs a scope of everyone."""
    found = session.execute(
        select(QueuedRuleCheck.company_id, func.max(QueuedRuleCheck.id)).group_by(QueuedRuleCheck.company_id)
    )
    return [(row[0], row[1]) for row in found]
