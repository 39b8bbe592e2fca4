"""The people an alert finds: by a saved search as the pool shows it, by a position for reasons that are plain to see.

A position speaks up for people of the pool who may be written to about it and who name its occupation, or hold all
qualifications it requires. Points decide nothing here, so an announcement never hangs on who else is in the pool.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, String, exists, false, literal, or_, select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.insight import fits
from relay.insight.wanted import Wanted
from relay.models import Alert, AlertReason, Candidate, CandidateSearch, Position, PositionState, SavedSearch
from relay.search import candidate_search, query_values
from relay.search.candidate_search import IN_POOL, Query
from relay.text import QueryProblem, sensitive_words

MAX_KNOWN = 10_000
"""How many may fit when an alert begins. Who watches for more than that watches for nobody."""
_AT_ONCE = 500
Found = Mapping[int, tuple[AlertReason, ...]]


class NotToBeWatched(DomainError):
    """Raise where no alert can be made of a search or position; the message says why."""

    code = "alert-not-possible"


class TooManyFit(NotToBeWatched):
    """Raise where more people fit than anybody could be told of."""

    code = "alert-too-many-fit"

    def __init__(self, most: int = MAX_KNOWN) -> None:
        super().__init__(
            _l("いま%(most)s名を超える方が合うため、お知らせを始められません。条件を絞ってください。", most=f"{most:,}")
        )


@dataclass(frozen=True)
class Watched:
    """The aim of an alert: a search, or an open position."""

    search: SavedSearch | None = None
    position: Position | None = None

    @property
    def query(self) -> Query:
        """Return what the search asks for."""
        assert self.search is not None
        return query_values.from_values(self.search.conditions)

    @property
    def speaks(self) -> bool:
        """Return whether newcomers are told; a position that is paused or closed takes them in silently."""
        return self.position is None or self.position.state is PositionState.OPEN

    def criteria_hash(self, session: Session) -> str:
        """Return the hash of what it asks for; it changes where other people would be found."""
        return sha256(json.dumps(self._criteria(session), sort_keys=True).encode()).hexdigest()

    def _criteria(self, session: Session) -> object:
        if self.position is None:
            return query_values.as_values(self.query)
        looked_for = fits.looked_for(session, self.position)
        required = [[each.name, sorted(each.terms), sorted(each.words)] for each in looked_for.required]
        return [sorted(looked_for.roles), required]


def watched(session: Session, alert: Alert) -> Watched:
    """Return what the alert looks for."""
    if alert.search_id is not None:
        return Watched(search=session.scalars(select(SavedSearch).where(SavedSearch.id == alert.search_id)).one())
    return Watched(position=session.scalars(select(Position).where(Position.id == alert.position_id)).one())


def refuse(session: Session, of: Watched) -> None:
    """Raise NotToBeWatched for what asks for nothing plain, for an age, or for what the law keeps out."""
    if of.position is not None:
        if not _needed(fits.looked_for(session, of.position)):
            raise NotToBeWatched(
                _l(
                    "この求人には職種も必要な資格もないため、お知らせを始められません。求人を編集して、入力してください。"
                )
            )
        return
    try:
        asks_age = of.query.asks_age
    except QueryProblem as problem:
        raise NotToBeWatched(problem.message) from None
    if asks_age:
        raise NotToBeWatched(
            _l(
                "「更新」の条件は日がたつだけで変わるため、お知らせには使えません。"
                "「更新」を外した条件を保存して、お知らせを開始してください。"
            )
        )
    if words := sensitive_words(of.query.q):
        quoted = "".join(f"「{word}」" for word in words)
        raise NotToBeWatched(
            _l(
                "%(words)sは、選考に使うことが法律で制限されている内容かもしれないため、お知らせには使えません。"
                "経験や資格など、仕事の言葉で探す条件を保存してください。",
                words=quoted,
            )
        )


def everybody(session: Session, company_id: int, of: Watched, most: int) -> Found:
    """Return all who fit now. Raises NotToBeWatched where more than `most` come into question."""
    if of.position is not None:
        rows = session.execute(_with_a_term(fits.looked_for(session, of.position), None).limit(most + 1)).all()
        _refuse_many(len(rows), most)
        return _fitting(session, company_id, of.position, rows)
    found = _by_search(session, company_id, replace(of.query, limit=most + 1))
    _refuse_many(len(found), most)
    return found


def among(session: Session, company_id: int, of: Watched, people: Collection[int]) -> Found:
    """Return those of the people who fit now, each with why."""
    if not people:
        return {}
    if of.position is None:
        return _by_search(session, company_id, replace(of.query, among=tuple(people), limit=len(people)))
    rows = session.execute(_with_a_term(fits.looked_for(session, of.position), people)).all()
    return _fitting(session, company_id, of.position, rows)


def _refuse_many(number: int, most: int) -> None:
    if number > most:
        raise TooManyFit(most)


def _by_search(session: Session, company_id: int, query: Query) -> Found:
    try:
        ids = candidate_search.ids(session, company_id, query)
    except QueryProblem:  # an operator that an older version understood
        return {}
    return dict.fromkeys(ids, (AlertReason.SEARCH,))


def _fitting(session: Session, company_id: int, position: Position, rows: Sequence[Row[int, str | None]]) -> Found:
    looked_for = fits.looked_for(session, position)
    found: dict[int, tuple[AlertReason, ...]] = {}
    for number, terms in rows:
        if reasons := tuple(_reasons(looked_for, frozenset((terms or "").split()))):
            found[number] = reasons
    ids, writable = list(found), set[int]()
    for start in range(0, len(ids), _AT_ONCE):
        writable |= fits.writable(session, company_id, position.id, ids[start : start + _AT_ONCE])
    return {number: reasons for number, reasons in found.items() if number in writable}


def _with_a_term(looked_for: Wanted, people: Collection[int] | None) -> Select[int, str | None]:
    """Select the people of the pool with a term without which there is no reason; the database reads, not Python."""
    spaced = literal(" ", String) + CandidateSearch.terms + " "
    in_pool = exists().where(
        Candidate.company_id == CandidateSearch.company_id,
        Candidate.id == CandidateSearch.candidate_id,
        Candidate.basis.in_(IN_POOL),
    )
    any_of = or_(false(), *(spaced.contains(f" {term} ", autoescape=True) for term in _needed(looked_for)))
    chosen = select(CandidateSearch.candidate_id, CandidateSearch.terms).where(any_of, in_pool)
    return chosen if people is None else chosen.where(CandidateSearch.candidate_id.in_(people))


def _needed(looked_for: Wanted) -> list[str]:
    """Return terms one of which everybody has who is found: an occupation, or what shows the first qualification."""
    first = {term for each in looked_for.required[:1] for term in (each.terms or sorted(each.words)[:1])}
    return sorted(looked_for.roles | first)


def _reasons(looked_for: Wanted, terms: frozenset[str]) -> Iterator[AlertReason]:
    if not looked_for.roles.isdisjoint(terms):
        yield AlertReason.ROLE
    if looked_for.required and all(each.is_held(terms) for each in looked_for.required):
        yield AlertReason.QUALIFICATIONS
