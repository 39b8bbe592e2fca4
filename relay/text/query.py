"""The language of the search box: words, "phrases", -exclusions and operators such as tag:惜しい, each with its place.

Only the form is read here; what an operator's values mean is said in relay.search.asked. What `format_query`
makes of a parsed query parses to the same again, so that a search can be rewritten without changing it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from relay.text.names import fold
from relay.text.sentence import Sentence, quoted


class SearchOperator(StrEnum):
    """A filter of the search language, as it is written before the colon."""

    TAG = "tag"
    STAGE = "stage"
    CHANNEL = "channel"
    POSITION = "position"
    REASON = "reason"
    RESULT = "end"
    FOLLOW_UP = "exit"
    BASIS = "basis"
    SCORE = "score"
    UPDATED = "updated"
    APPLIED = "applied"


OPERATOR_WORDS = {
    SearchOperator.TAG: ("タグ", "スキル"),
    SearchOperator.STAGE: ("選考段階", "段階", "選考"),
    SearchOperator.CHANNEL: ("応募経路", "経路", "媒体"),
    SearchOperator.POSITION: ("求人", "職種", "ポジション"),
    SearchOperator.REASON: ("見送りの理由", "理由"),
    SearchOperator.RESULT: ("結果",),
    SearchOperator.FOLLOW_UP: ("今後の対応", "対応", "出口"),
    SearchOperator.BASIS: ("保管してよい理由", "保管"),
    SearchOperator.SCORE: ("評価", "点", "点数", "スコア"),
    SearchOperator.UPDATED: ("更新", "更新日"),
    SearchOperator.APPLIED: ("応募日", "応募"),
}
"""How each may be written too; the first is what it is called, and searches that are saved go on with 出口."""

_NAMES = {fold(name): operator for operator, names in OPERATOR_WORDS.items() for name in (operator.value, *names)}
_COMPARED = (SearchOperator.SCORE, SearchOperator.UPDATED, SearchOperator.APPLIED)
_MINUS = "-－−‐–﹣ー"  # with the kana keyboard still on, the key for a minus writes ー, and no word begins with that
_QUOTES = '"＂“”„‟'
_COMMAS = ",，、"
_WORD = re.compile(rf"[^\s{_QUOTES}]+")
_NAME = re.compile(rf"([^\s{_QUOTES}:：]+)[:：](?!//)")
_PHRASE = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?")
_VALUE = re.compile(rf"[^\s{_QUOTES}{_COMMAS}]+")
_COMPARISON = re.compile("[≧≦]|[<>＜＞][=＝]?|[=＝]")
_PLAIN_COMPARISON = str.maketrans({"≧": ">=", "≦": "<=", "＜": "<", "＞": ">", "＝": "="})


@dataclass(frozen=True)
class Term:
    """One part of a query: a word or phrase (`text`), or an operator with its values; any of the values is enough."""

    text: str = ""
    phrase: bool = False
    operator: SearchOperator | None = None
    comparison: str = ""
    values: tuple[str, ...] = ()
    negated: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


class QueryProblem(ValueError):
    """A part of the query that cannot be read: `message` says why, `start` and `end` where it is."""

    def __init__(self, message: Sentence, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


def parse_query(text: str) -> list[Term]:
    """Read a query. A quote left open ends with the text; raises QueryProblem for an operator that does not exist."""
    terms: list[Term] = []
    at = 0
    while (at := _past_spaces(text, at)) < len(text):
        term, at = _term(text, at)
        if term is not None:
            terms.append(term)
    return terms


def format_query(terms: Iterable[Term], *, as_called: bool = False) -> str:
    """Write a query in its plainest form; `as_called` with operators as pages call them (結果:), else by their code."""
    return " ".join(("-" if term.negated else "") + _written(term, as_called) for term in terms)


def _term(text: str, start: int) -> tuple[Term | None, int]:
    negated = text[start] in _MINUS
    at = start + negated
    if phrase := _PHRASE.match(text, at):
        words, end = phrase[1].strip(), phrase.end()
        return (Term(words, phrase=True, negated=negated, start=start, end=end) if words else None), end
    if (name := _NAME.match(text, at)) and not name[1].isdecimal():
        return _operator(text, name, start, negated)
    word = _WORD.match(text, at)
    if word is None:
        return None, at
    return Term(word[0], negated=negated, start=start, end=word.end()), word.end()


def _operator(text: str, name: re.Match[str], start: int, negated: bool) -> tuple[Term, int]:
    operator = _NAMES.get(fold(name[1]))
    if operator is None:
        rest = _WORD.match(text, name.end())
        raise _no_such_operator(text, start, rest.end() if rest else name.end())
    comparison, at = "", _value_begins(text, name.end())
    if operator in _COMPARED and (compared := _COMPARISON.match(text, at)):
        comparison, at = compared[0].translate(_PLAIN_COMPARISON).removeprefix("="), _value_begins(text, compared.end())
    values, end = _values(text, at)
    if not values:
        message = _l("「%(operator)s」のあとに、探す言葉を続けてください。", operator=quoted(text[start : name.end()]))
        raise QueryProblem(message, start, max(name.end(), end))
    term = Term(operator=operator, comparison=comparison, values=tuple(values), negated=negated, start=start, end=end)
    return term, end


def _values(text: str, at: int) -> tuple[list[str], int]:
    """Return the values separated by commas, each plain or quoted."""
    values: list[str] = []
    while True:
        if found := _PHRASE.match(text, at):
            value = found[1].strip()
        elif found := _VALUE.match(text, at):
            value = found[0]
        else:
            return values, at
        values += [value] if value and value not in values else []
        at = found.end()
        if at >= len(text) or text[at] not in _COMMAS:
            return values, at
        at += 1


def _value_begins(text: str, at: int) -> int:
    """Skip a space after the colon, unless an exclusion follows."""
    there = _past_spaces(text, at)
    return at if text[there : there + 1] in tuple(_MINUS) else there


def _past_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _no_such_operator(text: str, start: int, end: int) -> QueryProblem:
    message = _l(
        '「%(typed)s」という条件はありません。使えるのは%(names)sです。文字として探すときは "%(typed)s" と囲みます。',
        typed=quoted(text[start:end].lstrip(_MINUS)),
        names="、".join(f"「{names[0]}:」" for names in OPERATOR_WORDS.values()),
    )
    return QueryProblem(message, start, end)


def _written(term: Term, as_called: bool) -> str:
    if term.operator is None:
        return f'"{term.text}"' if term.phrase else term.text
    operator = OPERATOR_WORDS[term.operator][0] if as_called else term.operator
    return f"{operator}:{term.comparison}{','.join(_written_value(value) for value in term.values)}"


def _written_value(value: str) -> str:
    plain = _VALUE.fullmatch(value) and not _COMPARISON.match(value) and value[0] not in f"{_MINUS}/"
    return value if plain else f'"{value}"'
