"""Who the rules look at next: everybody about whom something changed while a rule is switched on."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from relay.models import RuleCheck, TagRule

AT_ONCE = 500


def note(session: Session, company_id: int, candidate_ids: Iterable[int]) -> None:
    """Let the rules look at these people, in the caller's transaction; nothing where no rule is switched on.

    To be called by every verb that changes what a search can find somebody by.
    """
    on = select(TagRule.id).where(TagRule.company_id == company_id, TagRule.switched_on_at.is_not(None))
    wanted = list(dict.fromkeys(candidate_ids))
    if not wanted or session.scalars(on.limit(1)).first() is None:
        return
    rows = [{"company_id": company_id, "candidate_id": person} for person in wanted]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(RuleCheck), rows[start : start + AT_ONCE])


def next_ones(session: Session) -> Sequence[int]:
    """Return the ids of some of the company's checks, oldest first."""
    return session.scalars(select(RuleCheck.id).order_by(RuleCheck.id).limit(AT_ONCE)).all()


def people_of(session: Session, check_ids: Sequence[int]) -> list[int]:
    """Return whom these checks are about, each once."""
    return list(session.scalars(select(RuleCheck.candidate_id).where(RuleCheck.id.in_(check_ids)).distinct()))


def done(session: Session, check_ids: Sequence[int]) -> None:
    """The rules have looked."""
    session.execute(delete(RuleCheck).where(RuleCheck.id.in_(check_ids)))


def waiting(session: Session) -> Sequence[tuple[int, int]]:
    """Each company with people waiting, and its newest check. Needs a scope of everyone."""
    found = session.execute(select(RuleCheck.company_id, func.max(RuleCheck.id)).group_by(RuleCheck.company_id))
    return [(row[0], row[1]) for row in found]
