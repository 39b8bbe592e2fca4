"""How the word being typed in the search box may go on: operators, and the values a company has."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import Application, Position, Tag
from relay.search.asked import closed_names
from relay.text import QueryProblem, SearchOperator, Term, fold, format_query, name_key, parse_query
from relay.text.query import OPERATOR_WORDS

MAX_SUGGESTIONS = 8
_LATEST = 2000
"""Stages and channels are those of the newest applications."""
_EXAMPLES = {
    SearchOperator.SCORE: (">=4", ">=3", "5"),
    SearchOperator.UPDATED: ("<1m", "<3m", "<6m", "<1y", ">1y"),
    SearchOperator.APPLIED: ("<1m", "<3m", "<6m", "<1y", ">1y"),
}
_OPEN = (SearchOperator.TAG, SearchOperator.STAGE, SearchOperator.CHANNEL, SearchOperator.POSITION)


class Suggestion(NamedTuple):
    """The whole query as it may go on, and what that means."""

    query: str
    meaning: str


def beginnings() -> list[Suggestion]:
    """Every operator, for an empty box."""
    return [Suggestion(written, meaning) for written, meaning in _operators("")]


def suggestions(session: Session, typed: str) -> list[Suggestion]:
    """Ways in which the last word of a query may go on, in the company's scope; by one statement at most."""
    start = _last_word(typed)
    before, word = typed[:start], typed[start:]
    minus = word[:1] if word[:1] in ("-", "－", "ー") else ""
    name, colon, value = word[len(minus) :].replace("：", ":").partition(":")
    operator = _named(name) if colon else None
    if operator is None:
        found = [] if colon else _operators(name) + _tags(session, name)
    else:
        found = _values(session, operator, value.strip('"“”'))
    sign = "-" if minus else ""
    return [Suggestion(f"{before}{sign}{written}", meaning) for written, meaning in found]


def _last_word(typed: str) -> int:
    """Return where the last word begins; a quoted value belongs to its operator."""
    try:
        terms = parse_query(typed)
    except QueryProblem as problem:
        return problem.start if problem.end >= len(typed) else len(typed)
    return terms[-1].start if terms and terms[-1].end == len(typed) else len(typed)


def _named(name: str) -> SearchOperator | None:
    key = fold(name)
    return next((each for each in SearchOperator if key in map(fold, (each.value, *OPERATOR_WORDS[each]))), None)


def _operators(begun: str) -> list[tuple[str, str]]:
    key = fold(begun)
    return [
        (f"{operator.value}:", names[0])
        for operator, names in OPERATOR_WORDS.items()
        if any(fold(name).startswith(key) for name in (operator.value, *names))
    ]


def _values(session: Session, operator: SearchOperator, begun: str) -> list[tuple[str, str]]:
    meaning = OPERATOR_WORDS[operator][0]
    if operator in _EXAMPLES:
        return [(f"{operator.value}:{each}", meaning) for each in _EXAMPLES[operator] if each.startswith(begun)]
    names = _known(session, operator, begun) if operator in _OPEN else closed_names(operator)
    key = name_key(begun)
    return [
        (format_query([Term(operator=operator, values=(name,))]), meaning) for name in names if key in name_key(name)
    ][:MAX_SUGGESTIONS]


def _tags(session: Session, begun: str) -> list[tuple[str, str]]:
    return _values(session, SearchOperator.TAG, begun) if name_key(begun) else []


def _known(session: Session, operator: SearchOperator, begun: str) -> Sequence[str]:
    key = name_key(begun)
    if operator is SearchOperator.TAG:
        tags = select(Tag.name).where(Tag.name_key.contains(key, autoescape=True)).order_by(Tag.name_key)
        return session.scalars(tags.limit(MAX_SUGGESTIONS)).all()
    if operator is SearchOperator.POSITION:
        positions = select(Position.title).where(Position.title_key.contains(key, autoescape=True))
        return session.scalars(positions.order_by(Position.title_key).limit(MAX_SUGGESTIONS)).all()
    column = Application.stage if operator is SearchOperator.STAGE else Application.channel
    latest = select(column.label("word")).order_by(Application.id.desc()).limit(_LATEST).subquery()
    often = select(latest.c.word).where(latest.c.word != "").group_by(latest.c.word).order_by(func.count().desc())
    return session.scalars(often.limit(100)).all()
