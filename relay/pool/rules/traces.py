"""Rows that rules wrote by themselves: no decision of anybody, so they do not keep an import from being undone."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay.models import Candidate, CandidateTag, RuleHit, TagRule


def tags_by_rules(session: Session, people: Collection[int]) -> set[int]:
    """Return the rows by which these people carry a tag that a rule put on, and no person."""
    wanted = (
        select(CandidateTag.id)
        .join(RuleHit, RuleHit.candidate_id == CandidateTag.candidate_id)
        .join(TagRule, (TagRule.id == RuleHit.rule_id) & (TagRule.tag_id == CandidateTag.tag_id))
        .where(CandidateTag.candidate_id.in_(people), CandidateTag.by_user_id.is_(None))
    )
    return set(session.scalars(wanted))


def take_off(session: Session, people: Collection[int]) -> None:
    """Remove those rows, before the people go."""
    session.execute(delete(CandidateTag).where(CandidateTag.id.in_(tags_by_rules(session, people))))


def without_exits(
    session: Session, rows: Mapping[int, dict[str, Any]], people: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Rows of candidates as they would be had no rule set an exit for these people."""
    by_rule = (
        select(Candidate.id)
        .join(RuleHit, RuleHit.candidate_id == Candidate.id)
        .join(TagRule, (TagRule.id == RuleHit.rule_id) & (TagRule.exit == Candidate.exit))
        .where(Candidate.id.in_(people))
    )
    touched = set(session.scalars(by_rule))
    return {id_: row | {"exit": None} if id_ in touched else row for id_, row in rows.items()}
