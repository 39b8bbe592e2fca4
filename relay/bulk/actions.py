"""The actions that can be done to many people at once, one class each: what is kept, done and said of it.

Each is applied to some people at a time, under the undo journal; relay.bulk.runs says to whom and when.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.bulk import apply_rule, references
from relay.candidates import follow_ups, tags
from relay.indexing import rule_checks, search_rows
from relay.models import (
    ActionKind,
    Application,
    CandidateTag,
    CheckCause,
    EventTag,
    FollowUp,
    FormerTitle,
    InterviewInvitation,
    IntroductionRequest,
    Position,
    Rescout,
    Slot,
    Tag,
    TagRule,
    event_data,
    record,
)
from relay.models.journal import Recorder

_CHUNK_SIZE = 500
_ABOVE_ALL = 2**62


@dataclass(frozen=True)
class ActivityNames:
    """The names of tags and positions, and the conditions of rules, that the activity speaks of, by id.

    What is gone has none.
    """

    tags: Mapping[int, str]
    conditions: Mapping[int, str]
    positions: Mapping[int, str]

    def tag(self, tag_id: int | None) -> str:
        """Return the tag's name."""
        return self.tags.get(tag_id or 0, _("いまはないタグ"))


class BulkAction(ABC):
    """An action, the same for everybody it is done to. Its fields are ids and closed words, kept as they are named."""

    kind: ClassVar[ActionKind]

    def data(self) -> dict[str, Any]:
        """Return the action as the journal keeps it: the kind, and each field that has a value."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return {"kind": self.kind.value} | {name: value for name, value in values.items() if value is not None}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the action that was kept as `data`."""
        return cls(**{field.name: data.get(field.name) for field in fields(cls)})  # type: ignore[arg-type]

    @abstractmethod
    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Do it to these people, and return for how many it changed something."""

    def finish(self, session: Session, recorder: Recorder) -> None:  # noqa: B027  (most have nothing left to do)
        """Do what is left once it was done to everybody: nothing, for most."""

    @abstractmethod
    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity, with the number of people it changed."""


@dataclass(frozen=True)
class AddTag(BulkAction):
    """Put a tag on."""

    kind = ActionKind.TAGGED
    tag_id: int

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Put the tag on; one that is gone changes nobody."""
        tag = _tag(session, self.tag_id)
        return len(tags.add_tag(session, tag, people, by_user_id=by_user_id, recorder=recorder)) if tag else 0

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        return _("%(n)s名に「%(tag)s」を付けた", n=people, tag=names.tag(self.tag_id))

    @staticmethod
    def outcome(people: int, word: str) -> str:
        """Return what it did to the chosen people; `word` is the tag's name."""
        if not people:
            return _("選んだ方には、すでに「%(name)s」が付いています", name=word)
        return _("%(n)s名に「%(name)s」を付けました", n=f"{people:,}", name=word)


@dataclass(frozen=True)
class RemoveTag(BulkAction):
    """Take a tag off."""

    kind = ActionKind.UNTAGGED
    tag_id: int

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Take the tag off; one that is gone changes nobody."""
        tag = _tag(session, self.tag_id)
        return len(tags.remove_tag(session, tag, people, recorder=recorder)) if tag else 0

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        return _("%(n)s名から「%(tag)s」を外した", n=people, tag=names.tag(self.tag_id))

    @staticmethod
    def outcome(people: int, word: str) -> str:
        """Return what it did to the chosen people; `word` is the tag's name, as typed where no such tag exists."""
        if not people:
            return _("選んだ方には「%(name)s」が付いていませんでした", name=word)
        return _("%(n)s名から「%(name)s」を外しました", n=f"{people:,}", name=word)


@dataclass(frozen=True)
class SetFollowUp(BulkAction):
    """Set what HR intends with the person; None leaves it open."""

    kind = ActionKind.FOLLOW_UP_SET
    follow_up: FollowUp | None

    def data(self) -> dict[str, Any]:
        """Return the action as the journal keeps it; an open one is kept as the empty word."""
        return {"kind": self.kind.value, "follow_up": self.follow_up or ""}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the action that was kept as `data`."""
        return cls(_follow_up(data))

    @property
    def word(self) -> str:
        """Return how pages call it."""
        return str(self.follow_up.label) if self.follow_up else _("決めていない")

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Set it where it differs."""
        return len(follow_ups.set_follow_ups(session, people, self.follow_up, recorder))

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        return _("%(n)s名の今後の対応を「%(follow_up)s」にした", n=people, follow_up=self.word)

    @staticmethod
    def outcome(people: int, word: str) -> str:
        """Return what it did to the chosen people."""
        if not people:
            return _("選んだ方の今後の対応は、すでに「%(name)s」です", name=word)
        return _("%(n)s名の今後の対応を「%(name)s」にしました", n=f"{people:,}", name=word)


class Retirement(BulkAction):
    """Give something up: done to everybody who has it, whereupon it goes itself."""

    @abstractmethod
    def carriers(self, session: Session, below_id: int, limit: int) -> list[int]:
        """Return the next people who have it, newest first."""

    @abstractmethod
    def carrier_count(self, session: Session) -> int:
        """Return how many people have it."""


class RetireTag(Retirement):
    """Give a tag up: done to everybody who carries it, whereupon the tag itself goes."""

    tag_id: int

    def carriers(self, session: Session, below_id: int, limit: int) -> list[int]:
        """Return the next people who carry the tag, newest first, in the pool or not."""
        return carriers(session, self.tag_id, below_id, limit)

    def carrier_count(self, session: Session) -> int:
        """Return how many people carry the tag."""
        carrying = select(func.count(CandidateTag.id)).where(CandidateTag.tag_id == self.tag_id)
        return session.scalars(carrying).one()

    def finish(self, session: Session, recorder: Recorder) -> None:
        """Hand the rules of the tag on, and delete it."""
        if tag := _tag(session, self.tag_id):
            self._hand_on(session, tag, recorder)
            recorder.will_change(Tag, [tag.id])
            session.delete(tag)
            session.flush()

    def _hand_on(self, session: Session, tag: Tag, recorder: Recorder, into_id: int | None = None) -> None:
        """Let rules that put this tag on put on the other; without one they stop, and go with what they did."""
        rules = session.scalars(select(TagRule).where(TagRule.tag_id == tag.id)).all()
        recorder.will_change(TagRule, [rule.id for rule in rules])
        for rule in rules:
            rule.tag_id = into_id
            if rule.tag_id is None and rule.follow_up is None:
                session.delete(rule)
        session.flush()


@dataclass(frozen=True)
class MergeTags(RetireTag):
    """Put another tag on everybody who carries this one, and give this one up."""

    kind = ActionKind.TAGS_MERGED
    tag_id: int
    into_id: int

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Put the other tag on and take this one off."""
        tag = _tag(session, self.tag_id)
        if tag is None:
            return 0
        if into := _tag(session, self.into_id):
            tags.add_tag(session, into, people, by_user_id=by_user_id, recorder=recorder)
        removed = tags.remove_tag(session, tag, people, recorder=recorder)
        rule_checks.enqueue(session, tag.company_id, people, CheckCause.SAME)
        return len(removed)

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        return _("タグを「%(into)s」にまとめた（%(n)s名）", n=people, into=names.tag(self.into_id))

    def _hand_on(self, session: Session, tag: Tag, recorder: Recorder, into_id: int | None = None) -> None:
        """Hand rules on, and let searches that name this tag name the other."""
        super()._hand_on(session, tag, recorder, self.into_id)
        if into := _tag(session, self.into_id):
            new = references.NewName.of_tag(tag.name_key, into, merged_id=tag.id)
            references.follow(session, new, recorder=recorder)


@dataclass(frozen=True)
class DropTag(RetireTag):
    """Take a tag off everybody, and give it up."""

    kind = ActionKind.TAG_DROPPED
    tag_id: int

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Take the tag off."""
        tag = _tag(session, self.tag_id)
        return len(tags.remove_tag(session, tag, people, recorder=recorder)) if tag else 0

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity; the name of the tag went with it."""
        return _("タグを削除した（%(n)s名から外れた）", n=people)


@dataclass(frozen=True)
class MergePositions(Retirement):
    """Let everybody who applied for this position have applied for the other, and give this one up."""

    kind = ActionKind.POSITIONS_MERGED
    position_id: int
    into_position_id: int

    def carriers(self, session: Session, below_id: int, limit: int) -> list[int]:
        """Return the next people who applied for it, newest first."""
        return applicants(session, self.position_id, below_id, limit)

    def carrier_count(self, session: Session) -> int:
        """Return how many people applied for it."""
        applied = select(func.count(Application.candidate_id.distinct()))
        return session.scalars(applied.where(Application.position_id == self.position_id)).one()

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Move their applications, which change in nothing else; a position that is gone changes nobody."""
        if not people or _position(session, self.into_position_id) is None:
            return 0
        theirs = select(Application.id, Application.candidate_id).where(
            Application.position_id == self.position_id, Application.candidate_id.in_(people)
        )
        found = session.execute(theirs).all()
        recorder.will_change(Application, [row.id for row in found])
        moved = update(Application).where(Application.id.in_([row.id for row in found]))
        session.execute(moved.values(position_id=self.into_position_id))
        changed = {row.candidate_id for row in found}
        search_rows.index(session, sorted(changed), news=False)
        return len(changed)

    def finish(self, session: Session, recorder: Recorder) -> None:
        """Let its names and whatever asks for it lead to the other, and delete it.

        Applications that files brought to it while the worker was at the rest are moved, too.
        """
        position, into = _position(session, self.position_id), _position(session, self.into_position_id)
        if position is None or into is None:
            return
        while late := self.carriers(session, _ABOVE_ALL, _CHUNK_SIZE):
            self.apply(session, late, recorder, by_user_id=None)
        self._hand_names_on(session, position, recorder)
        for asking in (Rescout, IntroductionRequest):
            self._hand_on(session, asking, recorder)
        self._hand_times_on(session, position, recorder)
        new = references.NewName.of_position(position.title_key, into, merged_id=position.id)
        references.follow(session, new, recorder=recorder)
        record(
            session,
            EventTag.POSITIONS_MERGED,
            company_id=position.company_id,
            subject=("position", position.id),
            data=event_data.PositionsMerged(into=into.id),
        )
        recorder.will_change(Position, [position.id])
        session.delete(position)
        session.flush()

    def _hand_names_on(self, session: Session, position: Position, recorder: Recorder) -> None:
        theirs = FormerTitle.position_id == position.id
        recorder.will_change(FormerTitle, session.scalars(select(FormerTitle.id).where(theirs)).all())
        session.execute(update(FormerTitle).where(theirs).values(position_id=self.into_position_id))
        name = FormerTitle(
            position_id=self.into_position_id,
            title=position.title,
            title_key=position.title_key,
            created_at=clock.now(),
        )
        session.add(name)
        session.flush()
        recorder.made(FormerTitle, [name.id])

    def _hand_on(self, session: Session, model: Any, recorder: Recorder) -> None:
        """Let the rows of a table that ask for the position ask for the other."""
        theirs = model.position_id == self.position_id
        recorder.will_change(model, session.scalars(select(model.id).where(theirs)).all())
        session.execute(update(model).where(theirs).values(position_id=self.into_position_id))

    def _hand_times_on(self, session: Session, position: Position, recorder: Recorder) -> None:
        """Offer its times for the other position; one both offer goes, unless it was taken."""
        theirs = Slot.position_id == position.id
        recorder.will_change(Slot, session.scalars(select(Slot.id).where(theirs)).all())
        same = aliased(Slot)
        by_both = exists().where(
            same.company_id == Slot.company_id,
            same.position_id == self.into_position_id,
            same.starts_at == Slot.starts_at,
            same.place == Slot.place,
        )
        taken = exists().where(
            InterviewInvitation.company_id == Slot.company_id, InterviewInvitation.slot_id == Slot.id
        )
        session.execute(delete(Slot).where(theirs, by_both, ~taken))
        session.execute(update(Slot).where(theirs, by_both).values(position_id=None))
        session.execute(update(Slot).where(theirs).values(position_id=self.into_position_id))
        session.flush()

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        into = names.positions.get(self.into_position_id, _("いまはない求人"))
        return _("求人を「%(into)s」にまとめた（%(n)s名）", n=people, into=into)


@dataclass(frozen=True)
class ApplyRule(BulkAction):
    """Apply a tag rule: the tag it puts on, the follow-up it sets, or both."""

    kind = ActionKind.RULE_APPLIED
    tag_id: int | None
    rule_id: int
    follow_up: FollowUp | None

    @classmethod
    def of(cls, rule: TagRule) -> Self:
        """Return the action of a rule."""
        return cls(rule.tag_id, rule.id, rule.follow_up)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the action that was kept as `data`."""
        return cls(data.get("tag_id"), data.get("rule_id", 0), _follow_up(data))

    def apply(self, session: Session, people: Sequence[int], recorder: Recorder, *, by_user_id: int | None) -> int:
        """Apply the rule as it is now; one that is gone changes nobody."""
        rule = session.scalars(select(TagRule).where(TagRule.id == self.rule_id)).one_or_none()
        return apply_rule.apply_rule(session, rule, people, recorder) if rule is not None else 0

    def activity(self, people: str, names: ActivityNames) -> str:
        """Return the line of the activity."""
        condition = names.conditions.get(self.rule_id, _("いまはないルール"))
        return _("タグの自動設定「%(rule)s」を%(n)s名に適用した", n=people, rule=condition)


ACTIONS: dict[ActionKind, type[BulkAction]] = {
    action.kind: action for action in (AddTag, RemoveTag, SetFollowUp, MergeTags, DropTag, MergePositions, ApplyRule)
}
"""By the word the journal keeps."""


def read(data: Mapping[str, Any]) -> BulkAction:
    """Return the action that was kept as `data`."""
    return ACTIONS[ActionKind(data["kind"])].read(data)


def carriers(session: Session, tag_id: int, below_id: int, limit: int) -> list[int]:
    """Return the next people who carry the tag, newest first, in the pool or not."""
    carrying = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == tag_id)
    wanted = carrying.where(CandidateTag.candidate_id < below_id).order_by(CandidateTag.candidate_id.desc())
    return list(session.scalars(wanted.limit(limit)))


def applicants(session: Session, position_id: int, below_id: int, limit: int) -> list[int]:
    """Return the next people who applied for the position, newest first."""
    applied = select(Application.candidate_id).where(Application.position_id == position_id)
    wanted = applied.where(Application.candidate_id < below_id).order_by(Application.candidate_id.desc())
    return list(session.scalars(wanted.distinct().limit(limit)))


def _position(session: Session, position_id: int) -> Position | None:
    return session.scalars(select(Position).where(Position.id == position_id)).one_or_none()


def _tag(session: Session, tag_id: int) -> Tag | None:
    return session.scalars(select(Tag).where(Tag.id == tag_id)).one_or_none()


def _follow_up(data: Mapping[str, Any]) -> FollowUp | None:
    return FollowUp(data["follow_up"]) if data.get("follow_up") else None
