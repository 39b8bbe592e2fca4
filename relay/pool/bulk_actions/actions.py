"""What can be done to many people with one act: a tag put on or taken off, the follow-up set, a tag given up for
another.

Each is done to some people at a time, under the undo journal; relay.pool.bulk_actions.runs says to whom and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import ActionKind, CandidateTag, FollowUp, Tag, TagRule
from relay.models.journal import Recorder
from relay.pool import tags
from relay.pool.record import follow_ups
from relay.pool.rules import apply
from relay.pool.tags import mentions


@dataclass(frozen=True)
class BulkAction:
    """One act and the ids and closed words it needs; the same for everybody it is done to."""

    kind: ActionKind
    tag_id: int | None = None
    into_id: int | None = None
    follow_up: FollowUp | None = None
    rule_id: int | None = None

    def data(self) -> dict[str, Any]:
        """Return the action as the journal keeps it."""
        follow_up = (
            {"follow_up": self.follow_up.value if self.follow_up else ""}
            if self.follow_up or self.kind is ActionKind.FOLLOW_UP_SET
            else {}
        )
        ids = {"tag_id": self.tag_id, "into_id": self.into_id, "rule_id": self.rule_id}
        return {
            "kind": self.kind.value,
            **{name: value for name, value in ids.items() if value is not None},
            **follow_up,
        }

    @classmethod
    def read(cls, data: dict[str, Any]) -> "BulkAction":
        """Return the action that was kept as `data`."""
        follow_up = FollowUp(data["follow_up"]) if data.get("follow_up") else None
        return cls(ActionKind(data["kind"]), data.get("tag_id"), data.get("into_id"), follow_up, data.get("rule_id"))

    @property
    def is_about_a_tag(self) -> bool:
        """Return whether it is done to whoever carries a tag, rather than to people somebody chose."""
        return self.kind in (ActionKind.TAGS_MERGED, ActionKind.TAG_DROPPED)


def do(
    session: Session, action: BulkAction, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None
) -> int:
    """Do it to these people; returns how many it changed something for."""
    if action.kind is ActionKind.FOLLOW_UP_SET:
        return len(follow_ups.set_follow_ups(session, people, action.follow_up, recorder))
    if action.kind is ActionKind.RULE_APPLIED:
        rule = session.scalars(select(TagRule).where(TagRule.id == action.rule_id)).one_or_none()
        return apply.apply_rule(session, rule, people, recorder) if rule is not None else 0
    tag = _tag(session, action.tag_id)
    if tag is None:
        return 0
    if action.kind is ActionKind.TAGGED:
        return len(tags.add_tag(session, tag, people, by_user_id=by_user_id, recorder=recorder))
    into = _tag(session, action.into_id)
    if action.kind is ActionKind.TAGS_MERGED and into is not None:
        tags.add_tag(session, into, people, by_user_id=by_user_id, recorder=recorder)
    return len(tags.remove_tag(session, tag, people, recorder=recorder))


def finish(session: Session, action: BulkAction, recorder: Recorder) -> None:
    """What is left once it is done to everybody: a tag that was given up goes."""
    tag = _tag(session, action.tag_id) if action.is_about_a_tag else None
    if tag is not None:
        _hand_on(session, action, tag, recorder)
        recorder.will_change(Tag, [tag.id])
        session.delete(tag)
        session.flush()


def _hand_on(session: Session, action: BulkAction, tag: Tag, recorder: Recorder) -> None:
    """Rules that put the tag on put on the one it was merged into; without one they stop, and go with what they did.

    Whoever asked for it by its name asks for the other.
    """
    rules = session.scalars(select(TagRule).where(TagRule.tag_id == tag.id)).all()
    recorder.will_change(TagRule, [rule.id for rule in rules])
    for rule in rules:
        rule.tag_id = action.into_id
        if rule.tag_id is None and rule.follow_up is None:
            session.delete(rule)
    session.flush()
    if action.kind is ActionKind.TAGS_MERGED and (into := _tag(session, action.into_id)) is not None:
        mentions.follow(session, tag.name_key, into, merged_id=tag.id, recorder=recorder)


def carriers(session: Session, tag_id: int, below_id: int, limit: int) -> list[int]:
    """Return the next people who carry the tag, newest first, in the pool or not."""
    carrying = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == tag_id)
    wanted = carrying.where(CandidateTag.candidate_id < below_id).order_by(CandidateTag.candidate_id.desc())
    return list(session.scalars(wanted.limit(limit)))


def _tag(session: Session, tag_id: int | None) -> Tag | None:
    return session.scalars(select(Tag).where(Tag.id == tag_id)).one_or_none() if tag_id is not None else None
