"""Where a tag is asked for by its name: rules and saved searches go on meaning it when it is renamed or merged."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import SavedSearch, Tag, TagRule
from relay.models.journal import Recorder
from relay.models.rules import MAX_CONDITION
from relay.text import QueryProblem, SearchOperator, Term, format_query, name_key, parse_query


def follow(
    session: Session, old_key: str, tag: Tag, *, merged_id: int | None = None, recorder: Recorder | None = None
) -> None:
    """Ask for `tag` wherever the key `old_key` was asked for; `merged_id` is the tag that went into it, if one did.

    `recorder` keeps the rules as they were. Saved searches are not put back with it: their owners go on changing them.
    """
    for rule in session.scalars(select(TagRule)):
        condition = called_otherwise(rule.condition, old_key, tag.name)
        if condition != rule.condition and len(condition) <= MAX_CONDITION:
            if recorder is not None:
                recorder.will_change(TagRule, [rule.id])
            rule.condition = condition
    for saved in session.scalars(select(SavedSearch)):
        saved.conditions = _asked_otherwise(saved, old_key, tag, merged_id)
    session.flush()


def called_otherwise(query: str, old_key: str, name: str) -> str:
    """Write a query with another name for one tag; it stays as it was typed where that tag is not asked for."""
    try:
        terms = parse_query(query)
        after = [_renamed(term, old_key, name) for term in terms]
        written = format_query(after)
        return written if after != terms and parse_query(written) == after else query
    except QueryProblem:
        return query


def _asked_otherwise(saved: SavedSearch, old_key: str, tag: Tag, merged_id: int | None) -> dict[str, object]:
    asked = saved.conditions
    ticked = [tag.id if each == merged_id else each for each in asked.get("tags", ())]
    return asked | {"q": called_otherwise(asked.get("q", ""), old_key, tag.name), "tags": list(dict.fromkeys(ticked))}


def _renamed(term: Term, old_key: str, name: str) -> Term:
    if term.operator is not SearchOperator.TAG:
        return term
    values = (name if name_key(value)[:60] == old_key else value for value in term.values)
    return replace(term, values=tuple(dict.fromkeys(values)))
