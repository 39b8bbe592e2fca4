"""What a rule does to people who fit it: once for each of them, kept in the journal, and never against what HR set."""

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import RuleHit, Tag, TagRule
from relay.models.journal import Recorder
from relay.pool import tags
from relay.pool.record import exits


def touch(session: Session, rule: TagRule, people: Sequence[int], act: Recorder) -> int:
    """Tag these people and set their exit where none is set; whom the rule touched before it leaves alone.

    Returns for how many that changed something.
    """
    touched = select(RuleHit.candidate_id).where(RuleHit.rule_id == rule.id, RuleHit.candidate_id.in_(people))
    before = set(session.scalars(touched))
    fresh = [person for person in people if person not in before]
    if not fresh:
        return 0
    changed: set[int] = set()
    tag = session.scalars(select(Tag).where(Tag.id == rule.tag_id)).one_or_none()
    if tag is not None:
        changed.update(tags.add_tag(session, tag, fresh, by_user_id=None, act=act))
    if rule.exit is not None:
        changed.update(exits.set_exits(session, fresh, rule.exit, act, only_open=True))
    row = {"company_id": rule.company_id, "rule_id": rule.id, "at": clock.now()}
    session.execute(insert(RuleHit), [row | {"candidate_id": person} for person in fresh])
    return len(changed)
