"""Rows that rules wrote by themselves: no decision of anybody, so they do not keep an import from being undone."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay.models import AppliedRule, Candidate, CandidateTag, TagRule


def tags_by_rules(session: Session, people: Collection[int]) -> set[int]:
    """Return the rows by which these people carry a tag that a rule put on, and no person."""
    wanted = (
        select(CandidateTag.id)
        .join(AppliedRule, AppliedRule.candidate_id == CandidateTag.candidate_id)
        .join(TagRule, (TagRule.id == AppliedRule.rule_id) & (TagRule.tag_id == CandidateTag.tag_id))
        .where(CandidateTag.candidate_id.in_(people), CandidateTag.by_user_id.is_(None))
    )
    return set(session.scalars(wanted))


def remove_tags(session: Session, people: Collection[int]) -> None:
    """Remove those rows, before the people go."""
    session.execute(delete(CandidateTag).where(CandidateTag.id.in_(tags_by_rules(session, people))))


def without_follow_ups(
    session: Session, rows: Mapping[int, dict[str, Any]], people: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Rows of candidates as they would be had no rule set a follow-up for these people."""
    by_rule = (
        select(Candidate.id)
        .join(AppliedRule, AppliedRule.candidate_id == Candidate.id)
        .join(TagRule, (TagRule.id == AppliedRule.rule_id) & (TagRule.follow_up == Candidate.follow_up))
        .where(Candidate.id.in_(people))
    )
    touched = set(session.scalars(by_rule))
    return {id_: row | {"follow_up": None} if id_ in touched else row for id_, row in rows.items()}
