"""The positions and tags that a plan names: found, and made where they are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates import tags
from relay.hiring import positions
from relay.intake.planning.known import chunks
from relay.intake.planning.plan import Plan
from relay.models import Position, Tag
from relay.models.journal import Recorder
from relay.text import name_key

Ids = dict[str, int]


@dataclass(frozen=True)
class NamedIds:
    """The ids of positions by the titles, and of tags by the keys, that a plan names."""

    positions: Ids
    tags: Ids
    new_positions: Ids
    """Of them those that are not made yet, with the ids given out for them."""
    new_tags: Ids

    def made(self, session: Session, plan: Plan, recorder: Recorder) -> "NamedIds":
        """Make the new ones, in the caller's transaction; one that came to be meanwhile keeps its own id."""
        found: Ids = {}
        for part in chunks(self.new_positions):
            for title, position in positions.find_or_make_all(session, part, ids=self.new_positions).items():
                found[title] = position.id
        kinds = {key: kind_and_name for person in plan.people for key, kind_and_name in person.new_tags.items()}
        labels: Ids = {}
        for key, tag_id in self.new_tags.items():
            kind, name = kinds[key]
            labels[key] = tags.find_or_make(session, name, kind=kind, confirmed=True, id=tag_id).id
        recorder.made(Position, set(found.values()) & set(self.new_positions.values()))
        recorder.made(Tag, set(labels.values()) & set(self.new_tags.values()))
        return NamedIds(self.positions | found, self.tags | labels, {}, {})

    def holds(self, session: Session, plan: Plan) -> bool:
        """Return whether those that were found are still all there are."""
        now = NamesFound.by(session, plan)
        known = dict(self.positions.items() - self.new_positions.items())
        return now.positions == known and now.tags == dict(self.tags.items() - self.new_tags.items())


@dataclass(frozen=True)
class NamesFound:
    """Which of the positions and tags that a plan names are there."""

    positions: Ids
    tags: Ids
    new_positions: list[str]
    """The keys of the others."""
    new_tags: list[str]
    _key_of: Mapping[str, str]

    @classmethod
    def by(cls, session: Session, plan: Plan) -> "NamesFound":
        """Look them up, some hundred at a time."""
        applications = (one for person in plan.people for one in person.applications)
        titles = dict.fromkeys(one.facts["position"] for one in applications if one.changed)
        keys = dict.fromkeys(key for person in plan.people for key in person.new_tags)
        there: Ids = {}
        for part in chunks(titles):
            there |= {title: one.id for title, one in positions.find_all(session, part).items()}
        labels: Ids = {}
        for part in chunks(keys):
            labels |= dict(session.execute(select(Tag.name_key, Tag.id).where(Tag.name_key.in_(part))).all())
        key_of = {title: key for title in titles if title not in there and (key := name_key(title))}
        new_tags = [key for key in keys if key not in labels]
        return cls(there, labels, list(dict.fromkeys(key_of.values())), new_tags, key_of)

    def named(self, position_ids: Sequence[int], tag_ids: Sequence[int]) -> NamedIds:
        """Give the new ones these ids."""
        by_key = dict(zip(self.new_positions, position_ids, strict=True))
        new_positions = {title: by_key[key] for title, key in self._key_of.items()}
        new_tags = dict(zip(self.new_tags, tag_ids, strict=True))
        return NamedIds(self.positions | new_positions, self.tags | new_tags, new_positions, new_tags)
