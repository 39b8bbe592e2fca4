"""Where a tag or a position is asked for by its name: rules and saved searches go on meaning it, renamed or merged."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Position, SavedSearch, Tag, TagRule
from relay.models.journal import Recorder
from relay.models.rules import MAX_CONDITION
from relay.text import QueryProblem, SearchOperator, Term, format_query, name_key, parse_query

MAX_TAG_KEY = 60


@dataclass(frozen=True)
class NewName:
    """A tag or position that is called otherwise from now on."""

    operator: SearchOperator
    old_key: str
    name: str
    ticked: str = ""
    """The conditions of a saved search that name it by id."""
    id: int = 0
    merged_id: int | None = None
    """What went into it, if anything did."""

    @classmethod
    def of_tag(cls, old_key: str, tag: Tag, *, merged_id: int | None = None) -> "NewName":
        """Return the new name of a tag."""
        return cls(SearchOperator.TAG, old_key, tag.name, "tags", tag.id, merged_id)

    @classmethod
    def of_position(cls, old_key: str, position: Position, *, merged_id: int | None = None) -> "NewName":
        """Return the new name of a position."""
        return cls(SearchOperator.POSITION, old_key, position.title, "positions", position.id, merged_id)

    def means(self, value: str) -> bool:
        """Return whether a value of a query asks for it by its old name.

        A position is found by a part of its title, so a value that is a part of the new one finds it still, and others.
        """
        key = name_key(value)
        if self.operator is SearchOperator.TAG:
            return key[:MAX_TAG_KEY] == self.old_key
        return key == self.old_key and key not in name_key(self.name)


def follow(session: Session, new: NewName, *, recorder: Recorder | None = None) -> None:
    """Ask by the new name wherever the old one was asked for.

    `recorder` keeps the rules as they were. Saved searches are not put back with it: their owners go on changing them.
    """
    for rule in session.scalars(select(TagRule)):
        condition = called_otherwise(rule.condition, new)
        if condition != rule.condition and len(condition) <= MAX_CONDITION:
            if recorder is not None:
                recorder.will_change(TagRule, [rule.id])
            rule.condition = condition
    for saved in session.scalars(select(SavedSearch)):
        saved.conditions = _asked_otherwise(saved, new)
    session.flush()


def called_otherwise(query: str, new: NewName) -> str:
    """Write a query with the new name; it stays as it was typed where the old one is not asked for."""
    try:
        terms = parse_query(query)
        after = [_renamed(term, new) for term in terms]
        written = format_query(after)
        return written if after != terms and parse_query(written) == after else query
    except QueryProblem:
        return query


def _asked_otherwise(saved: SavedSearch, new: NewName) -> dict[str, object]:
    asked = saved.conditions
    ticked = [new.id if each == new.merged_id else each for each in asked.get(new.ticked, ())]
    return asked | {"q": called_otherwise(asked.get("q", ""), new), new.ticked: list(dict.fromkeys(ticked))}


def _renamed(term: Term, new: NewName) -> Term:
    if term.operator is not new.operator:
        return term
    values = (new.name if new.means(value) else value for value in term.values)
    return replace(term, values=tuple(dict.fromkeys(values)))
