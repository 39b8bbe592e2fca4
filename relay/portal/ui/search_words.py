"""Texts below the pool's search box: its parts as chips, the part that cannot be read, the words found in a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from relay.candidates.tags import Carried
from relay.extensions import db
from relay.search import asked, excerpts
from relay.search.candidate_search import CandidateRow, Query
from relay.text import QueryProblem, SearchOperator, Term, format_query, parse_query
from relay.text.marks import Marker
from relay.text.query import OPERATOR_WORDS

_COMPARED = {">=": _l("以上"), ">": _l("より上"), "<=": _l("以下"), "<": _l("未満")}


@dataclass(frozen=True)
class UnreadableQuery:
    """A query that cannot be read: the sentence about it, and the query split around the wrong part."""

    sentence: str
    before: str
    wrong: str
    after: str


@dataclass(frozen=True)
class QueryPart:
    """One part of a query in words, and the query without that part."""

    text: str
    rest: str


def trouble(query: Query) -> UnreadableQuery | None:
    """Return what about the query cannot be read, if anything."""
    try:
        _understood = query.asked
    except QueryProblem as problem:
        q, start, end = query.q, problem.start, problem.end
        return UnreadableQuery(str(problem.message), q[:start], q[start:end], q[end:])
    return None


def parts(query: Query) -> list[QueryPart]:
    """Return the parts of a query; none where it cannot be read."""
    try:
        terms = parse_query(query.q)
    except QueryProblem:
        return []
    return [
        QueryPart(_said(term), format_query([*terms[:place], *terms[place + 1 :]])) for place, term in enumerate(terms)
    ]


def as_text(query: Query, tag_names: Mapping[int, str], titles: Mapping[int, str]) -> str:
    """Write a whole search as one text of the search box, ticked conditions by their words; names that are gone are
    left out.
    """
    ticked = (
        (SearchOperator.RESULT, tuple(str(result.label) for result in query.results)),
        (SearchOperator.POSITION, tuple(titles[id_] for id_ in query.positions if id_ in titles)),
        (SearchOperator.TAG, tuple(tag_names[id_] for id_ in query.tags if id_ in tag_names)),
    )
    terms = [Term(operator=operator, values=values) for operator, values in ticked if values]
    return " ".join(filter(None, (query.q, format_query(terms, as_called=True))))


@dataclass(frozen=True)
class MarkedRows:
    """The rows of a page and their tags with search words marked; where else a word was found, by candidate id."""

    rows: Sequence[CandidateRow]
    tags_of: Mapping[int, Sequence[Carried]]
    found_in: Mapping[int, str]

    @property
    def tags(self) -> Iterable[Carried]:
        """Return every tag that one of them carries, once."""
        return dict.fromkeys(tag for tags in self.tags_of.values() for tag in tags)


_OF_NUMBERS = (SearchOperator.APPLIED, SearchOperator.UPDATED, SearchOperator.SCORE)
"""What these ask for stands in no text."""


def shown(query: Query, rows: Sequence[CandidateRow], tags_of: Mapping[int, Sequence[Carried]]) -> MarkedRows:
    """Mark the words of the query: escaped, in <mark>. Without words nothing is looked at."""
    try:
        marker = Marker(term for term in parse_query(query.q) if term.operator not in _OF_NUMBERS)
    except QueryProblem:
        marker = Marker(())
    if not marker or not rows:
        return MarkedRows(rows, tags_of, {})
    seen: dict[str, str] = {}

    def mark(text: str) -> str:
        if text not in seen:
            seen[text] = _with_marks(marker, text)
        return seen[text]

    return MarkedRows(
        [_marked(row, mark) for row in rows],
        {id_: [tag._replace(name=mark(tag.name)) for tag in tags] for id_, tags in tags_of.items()},
        _found_in(marker, rows, tags_of),
    )


def _marked(row: CandidateRow, mark: Callable[[str], str]) -> CandidateRow:
    return row._replace(
        name=mark(row.name),
        kana=mark(row.kana),
        position=row.position and mark(row.position),
        stage=row.stage and mark(row.stage),
        channel=row.channel and mark(row.channel),
    )


def _found_in(marker: Marker, rows: Sequence[CandidateRow], tags_of: Mapping[int, Sequence[Carried]]) -> dict[int, str]:
    """Select, for words found in nothing that a row shows, the place in a long text where they are."""
    unseen: dict[int, Marker] = {}
    for row in rows:
        seen = [row.name, row.kana, row.position or "", row.stage or "", row.channel or ""]
        if hidden := marker.missing(seen + [tag.name for tag in tags_of.get(row.id, ())]):
            unseen[row.id] = hidden
    excerpts_by_id: dict[int, str] = {}
    for id_, texts in excerpts.texts_of(db.session(), list(unseen)).items():
        if excerpt := next(filter(None, map(unseen[id_].excerpt, texts)), ""):
            excerpts_by_id[id_] = _with_marks(unseen[id_], excerpt)
    return excerpts_by_id


def _with_marks(marker: Marker, text: str) -> str:
    drawn = (Markup("<mark>{}</mark>").format(piece) if hit else piece for piece, hit in marker.pieces(text))
    return Markup("").join(drawn)


def _said(term: Term) -> str:
    if term.operator is None:
        return _("「%(q)s」を除く", q=term.text) if term.negated else _("「%(q)s」を含む", q=term.text)
    values = asked.called(term)
    if term.operator is SearchOperator.SCORE:
        values = [f"{value}{_COMPARED.get(term.comparison, '')}" for value in values]
    elif term.comparison:
        values = [f"{term.comparison}{value}" for value in values]
    said = f"{OPERATOR_WORDS[term.operator][0]}：{_('または').join(values)}"
    return _("%(said)sを除く", said=said) if term.negated else said
