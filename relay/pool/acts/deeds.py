"""What can be done to many people with one act: a tag put on or taken off, the exit set, a tag given up for another.

Each is done to some people at a time, under the undo journal; relay.pool.acts.bulk says to whom and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Act, CandidateTag, Exit, Tag, TagRule
from relay.models.journal import Recorder
from relay.pool import tags
from relay.pool.record import exits
from relay.pool.rules import effects
from relay.pool.tags import mentions


@dataclass(frozen=True)
class Deed:
    """One act and the ids and closed words it needs; the same for everybody it is done to."""

    act: Act
    tag_id: int | None = None
    into_id: int | None = None
    exit: Exit | None = None
    rule_id: int | None = None

    def data(self) -> dict[str, Any]:
        """Return the deed as the journal keeps it."""
        exit_ = {"exit": self.exit.value if self.exit else ""} if self.exit or self.act is Act.EXIT_SET else {}
        ids = {"tag_id": self.tag_id, "into_id": self.into_id, "rule_id": self.rule_id}
        return {"act": self.act.value, **{name: value for name, value in ids.items() if value is not None}, **exit_}

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Deed":
        """Return the deed that was kept as `data`."""
        exit_ = Exit(data["exit"]) if data.get("exit") else None
        return cls(Act(data["act"]), data.get("tag_id"), data.get("into_id"), exit_, data.get("rule_id"))

    @property
    def about_a_tag(self) -> bool:
        """Return whether it is done to whoever carries a tag, rather than to people somebody chose."""
        return self.act in (Act.TAGS_MERGED, Act.TAG_DROPPED)


def do(session: Session, deed: Deed, people: Sequence[int], act: Recorder, *, by_user_id: int | None) -> int:
    """Do it to these people; returns how many it changed something for."""
    if deed.act is Act.EXIT_SET:
        return len(exits.set_exits(session, people, deed.exit, act))
    if deed.act is Act.RULE_APPLIED:
        rule = session.scalars(select(TagRule).where(TagRule.id == deed.rule_id)).one_or_none()
        return effects.touch(session, rule, people, act) if rule is not None else 0
    tag = _tag(session, deed.tag_id)
    if tag is None:
        return 0
    if deed.act is Act.TAGGED:
        return len(tags.add_tag(session, tag, people, by_user_id=by_user_id, act=act))
    into = _tag(session, deed.into_id)
    if deed.act is Act.TAGS_MERGED and into is not None:
        tags.add_tag(session, into, people, by_user_id=by_user_id, act=act)
    return len(tags.remove_tag(session, tag, people, act=act))


def finish(session: Session, deed: Deed, act: Recorder) -> None:
    """What is left once it is done to everybody: a tag that was given up goes."""
    tag = _tag(session, deed.tag_id) if deed.about_a_tag else None
    if tag is not None:
        _hand_on(session, deed, tag, act)
        act.will_change(Tag, [tag.id])
        session.delete(tag)
        session.flush()


def _hand_on(session: Session, deed: Deed, tag: Tag, act: Recorder) -> None:
    """Rules that put the tag on put on the one it was merged into; without one they stop, and go with what they did.

    Whoever asked for it by its name asks for the other.
    """
    rules = session.scalars(select(TagRule).where(TagRule.tag_id == tag.id)).all()
    act.will_change(TagRule, [rule.id for rule in rules])
    for rule in rules:
        rule.tag_id = deed.into_id
        if rule.tag_id is None and rule.exit is None:
            session.delete(rule)
    session.flush()
    if deed.act is Act.TAGS_MERGED and (into := _tag(session, deed.into_id)) is not None:
        mentions.follow(session, tag.name_key, into, merged_id=tag.id, act=act)


def carriers(session: Session, tag_id: int, below_id: int, limit: int) -> list[int]:
    """Return the next people who carry the tag, newest first, in the pool or not."""
    carrying = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == tag_id)
    wanted = carrying.where(CandidateTag.candidate_id < below_id).order_by(CandidateTag.candidate_id.desc())
    return list(session.scalars(wanted.limit(limit)))


def _tag(session: Session, tag_id: int | None) -> Tag | None:
    return session.scalars(select(Tag).where(Tag.id == tag_id)).one_or_none() if tag_id is not None else None
