"""Applying a rule to people who fit it: once for each of them, kept in the journal, never against what HR set."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import follow_ups, tags
from relay.models import AppliedRule, Tag, TagRule
from relay.models.journal import Recorder


def apply_rule(session: Session, rule: TagRule, people: Sequence[int], recorder: Recorder) -> int:
    """Tag these people and set their follow-up where none is set; to whom the rule was applied before it leaves alone.

    Returns for how many that changed something.
    """
    touched = select(AppliedRule.candidate_id).where(
        AppliedRule.rule_id == rule.id, AppliedRule.candidate_id.in_(people)
    )
    before = set(session.scalars(touched))
    fresh = [person for person in people if person not in before]
    if not fresh:
        return 0
    changed: set[int] = set()
    tag = session.scalars(select(Tag).where(Tag.id == rule.tag_id)).one_or_none()
    if tag is not None:
        changed.update(tags.add_tag(session, tag, fresh, by_user_id=None, recorder=recorder))
    if rule.follow_up is not None:
        changed.update(follow_ups.set_follow_ups(session, fresh, rule.follow_up, recorder, only_open=True))
    row = {"company_id": rule.company_id, "rule_id": rule.id, "at": clock.now()}
    session.execute(insert(AppliedRule), [row | {"candidate_id": person} for person in fresh])
    return len(changed)
