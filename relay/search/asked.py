"""The conditions of a search: words that must or must not occur, and conditions whose values are understood.

`read` is pure: it knows the closed words (ends, reasons, follow-ups …) and leaves open ones (tags, stages …) as they
are matched. Whatever an operator asks for that a person's words also hold narrows the full-text search first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l

from relay import clock
from relay.models import ApplicationResult, FollowUp, RejectionReason, RetentionBasis
from relay.models.labels import Labelled
from relay.text import (
    DateProblem,
    QueryProblem,
    SearchOperator,
    Term,
    fold,
    name_key,
    parse_days,
    parse_query,
    quoted,
    whole_number,
)
from relay.text.query import OPERATOR_WORDS
from relay.text.sought import Sought, all_of, any_of, phrase, words

_CLOSED: dict[SearchOperator, Sequence[Labelled]] = {
    SearchOperator.RESULT: tuple(ApplicationResult),
    SearchOperator.REASON: tuple(RejectionReason),
    SearchOperator.FOLLOW_UP: tuple(FollowUp),
    SearchOperator.BASIS: (RetentionBasis.STATED, RetentionBasis.CONSENTED),
}
_UNITS = {
    unit: length
    for units, length in (
        (("d", "day", "days", "日"), relativedelta(days=1)),
        (("w", "week", "weeks", "週", "週間"), relativedelta(weeks=1)),
        (("m", "month", "months", "月", "か月", "ヶ月", "カ月", "ヵ月", "ケ月", "箇月"), relativedelta(months=1)),
        (("y", "year", "years", "年"), relativedelta(years=1)),
    )
    for unit in map(fold, units)
}
_LOWEST, _HIGHEST = 1, 5
_MAX_AGO = 1200
_EITHER_AT_MAX = 3


@dataclass(frozen=True)
class Score:
    """A score with how it is compared."""

    comparison: str
    number: int


@dataclass(frozen=True)
class Age:
    """How long ago: less than that, or longer."""

    length: relativedelta
    longer: bool

    def span(self) -> "Span":
        """Return the moments meant, as of now."""
        cut = clock.now() - self.length
        return (None, cut) if self.longer else (cut, None)

    def days(self) -> "Days":
        """Return the days meant, as of today."""
        cut = clock.today() - self.length
        return (None, cut - timedelta(days=1)) if self.longer else (cut, None)


@dataclass(frozen=True)
class Day:
    """A day, a month, a year or a stretch of days, or what lies before or after it."""

    comparison: str
    first: date
    last: date

    def span(self) -> "Span":
        """Return the moments meant: after the first, until the second."""
        first, last = self.days()
        begins = clock.end_of_day(first - timedelta(days=1)) if first else None
        return begins, clock.end_of_day(last) if last else None

    def days(self) -> "Days":
        """Return the first and the last day meant."""
        spans: dict[str, Days] = {
            "": (self.first, self.last),
            ">": (self.last + timedelta(days=1), None),
            ">=": (self.first, None),
            "<": (None, self.first - timedelta(days=1)),
            "<=": (None, self.last),
        }
        return spans[self.comparison]


Span = tuple[datetime | None, datetime | None]
Days = tuple[date | None, date | None]


@dataclass(frozen=True)
class Condition:
    """One operator, understood: any of the values is enough; negated, none of them may be."""

    operator: SearchOperator
    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True)
class Asked:
    """Everything a query asks for, and all of it must hold."""

    wanted: Sought | None = None
    unwanted: Sought | None = None
    conditions: tuple[Condition, ...] = ()
    impossible: bool = False
    """It holds only characters nobody's words can hold."""


def read(text: str) -> list[Asked]:
    """Understand a query. Several answers widen the search: a word such as 辞退 means the text, or that end.

    Raises QueryProblem, which says where the part is that cannot be understood.
    """
    terms = parse_query(text)
    plain = [term for term in terms if term.operator is None]
    conditions = [_condition(term) for term in terms if term.operator is not None]
    unwanted = any_of(_looked_for(term) for term in plain if term.negated)
    conditions += [
        Condition(SearchOperator.RESULT, (end,), True) for term in plain if term.negated for end in _results(term)
    ]
    wanted = [term for term in plain if not term.negated]
    if (wanted and not any(_looked_for(term) for term in wanted)) or (text.strip() and not terms):
        return [Asked(impossible=True)]
    either = [term for term in wanted if list(_results(term))][:_EITHER_AT_MAX]
    always = [_looked_for(term) for term in wanted if term not in either] + [_narrowing(each) for each in conditions]
    return [
        Asked(all_of([*always, *sought]), unwanted, (*conditions, *results)) for sought, results in _choices(either)
    ]


def closed_names(operator: SearchOperator) -> list[str]:
    """Return the names of an operator's closed list."""
    return [word.names[0] for word in _CLOSED[operator]]


def called(term: Term) -> list[str]:
    """Return an operator's values as the lists name them, or as typed where they are open or not understood."""
    try:
        return [_closed(term, value).names[0] for value in term.values] if term.operator in _CLOSED else [*term.values]
    except QueryProblem:
        return list(term.values)


def _choices(either: list[Term]) -> Iterator[tuple[list[Sought | None], list[Condition]]]:
    """Each way to take words that are also the name of an end: as text, or as the end."""
    for as_text in product((True, False), repeat=len(either)):
        taken = list(zip(either, as_text, strict=True))
        results = [Condition(SearchOperator.RESULT, tuple(_results(term))) for term, is_text in taken if not is_text]
        yield [_looked_for(term) for term, is_text in taken if is_text], results


def _looked_for(term: Term) -> Sought | None:
    return phrase(term.text) if term.phrase else words(term.text)


def _results(term: Term) -> Iterator[ApplicationResult]:
    """Yield the end a plain word is the name of, as the list calls it."""
    if not term.phrase:
        yield from (end for end in ApplicationResult if fold(term.text) == fold(end.names[0]))


def _narrowing(condition: Condition) -> Sought | None:
    """Return what a person's words hold where the condition holds."""
    if condition.negated or condition.operator not in (
        SearchOperator.TAG,
        SearchOperator.STAGE,
        SearchOperator.CHANNEL,
        SearchOperator.POSITION,
    ):
        return None
    alternatives = [phrase(value) for value in condition.values]
    return any_of(alternatives) if all(alternatives) else None


def _condition(term: Term) -> Condition:
    assert term.operator is not None
    values = tuple(_UNDERSTOOD[term.operator](term, value) for value in term.values)
    return Condition(term.operator, values, term.negated)


def _closed(term: Term, typed: str) -> Labelled:
    """Return the word of a closed list, by its code or its name; the beginning of one name is enough."""
    assert term.operator is not None
    known, key = _CLOSED[term.operator], name_key(typed)
    for word in known:
        if key == word.value or key in map(name_key, word.names):
            return word
    begun = [word for word in known if any(name_key(name).startswith(key) for name in word.names)]
    if len(begun) == 1 and key:
        return begun[0]
    message = _l(
        "「%(typed)s」は「%(operator)s」の条件に使えません。%(words)sのどれかを入力してください。",
        typed=quoted(typed),
        operator=OPERATOR_WORDS[term.operator][0],
        words="、".join(word.names[0] for word in known),
    )
    raise QueryProblem(message, term.start, term.end)


def _score(term: Term, typed: str) -> Score:
    score = whole_number(fold(typed).removesuffix("点"), most=_HIGHEST)
    if score is None or score < _LOWEST:
        message = _l(
            "評価「%(typed)s」が読めません。1から5までの数字で、「評価:>=4」のように入力してください。",
            typed=quoted(typed),
        )
        raise QueryProblem(message, term.start, term.end)
    return Score(term.comparison, score)


def _moment(term: Term, typed: str) -> Age | Day:
    """Read an age such as 6m, or days: updated:<6m is within six months, updated:>2026-04-01 after that day.

    Days are one day, a month (2026-10), a year or a stretch (2026-04〜2026-09).
    """
    key = fold(typed).removesuffix(fold("以内")).removesuffix(fold("前"))
    figures = key[: len(key) - len(key.lstrip("0123456789"))]
    unit = _UNITS.get(key[len(figures) :])
    if figures and unit is not None and 0 < int(figures[:9]) <= _MAX_AGO:
        return Age(unit * int(figures), longer=term.comparison.startswith(">"))
    try:
        return Day(term.comparison, *parse_days(typed))
    except DateProblem:
        assert term.operator is not None
        message = _l(
            "「%(typed)s」を日付として読めません。「%(operator)s:2026-10」（その月）、「%(operator)s:>2026-04-01」"
            "（その日より後）、「%(operator)s:2026-04〜2026-09」、「%(operator)s:<6か月」（6か月以内）のように入力して"
            "ください。期間は「10日」「3週」「6か月」「1年」のように書きます。",
            typed=quoted(typed),
            operator=OPERATOR_WORDS[term.operator][0],
        )
        raise QueryProblem(message, term.start, term.end) from None


def _named(_term: Term, typed: str) -> str:
    return typed


_UNDERSTOOD: dict[SearchOperator, Callable[[Term, str], Any]] = {
    SearchOperator.TAG: _named,
    SearchOperator.STAGE: _named,
    SearchOperator.CHANNEL: _named,
    SearchOperator.POSITION: _named,
    SearchOperator.REASON: _closed,
    SearchOperator.RESULT: _closed,
    SearchOperator.FOLLOW_UP: _closed,
    SearchOperator.BASIS: _closed,
    SearchOperator.SCORE: _score,
    SearchOperator.UPDATED: _moment,
    SearchOperator.APPLIED: _moment,
}
