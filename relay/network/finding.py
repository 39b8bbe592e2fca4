"""Finding people in a partner's list: by words, by what is marked, in several orders; the list holds no name.

One of the few rooms that use a Core table, the full-text index, which the scopes cannot bind: each statement carries
the partner itself (tests/db/network/test_finding.py). Rows and words are an index: that a person is shown, and by
which consent, is asked of the shares in the same statement (invariant 4), and nobody is found by the words of a
consent that is not shown. The list holds reference, role, place and date; a name that was typed is said to fit, and
is read on the record, whose opening is written down (invariant 5).
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import (
    Company,
    Consent,
    Partner,
    PartnerPerson,
    PartnerPersonWords,
    Partnership,
    Profile,
    Share,
    User,
    WorkState,
    scopes,
)
from relay.models.base import BigId
from relay.models.keyset import Keyset, Page, Start, ascending, descending, newest
from relay.models.labels import Labelled
from relay.models.partner_people import STATE_ORDER
from relay.models.prepared import Prepared, numbered, rounded
from relay.network.profiles import as_of
from relay.network.sharing import OPEN, has_shown_share, open_companies, shown
from relay.text import clean, fold, index_tokens
from relay.text.partner_words import texts_of
from relay.text.search import PLACE_MARK, ROLE_MARK, SYMBOL_WORDS
from relay.text.sought import AllOf, AnyOf, Phrase, Sought, all_of, body_match, marked, people_match, tsquery, words
from relay.tokens import parse_code

COUNTED = 100
"""So many of those who fit are counted: at each of them it is looked whether they are shown."""
SORTED = 500
"""So many are counted where some people are looked for in another order than the newest first, and put in it; of more
the list is walked along an index."""
LOOKED_AT = 2_000
"""So many of those whom the words fit are looked at for the rest of the conditions, the newest first."""
_UNSEEN = ("name", "kana", "email", "phone", "experience")
"""The items that a row does not show: that they fit is said beside it."""

_fts = table("partner_people_fts", column("rowid", BigId), column("partner_people_fts"))


class PeopleOrder(Labelled):
    """The orders of the list."""

    NEWEST = "newest", _l("登録の新しい順")
    OLDEST = "oldest", _l("登録の古い順")
    ROLE = "role", _l("希望職種の順")
    PLACE = "place", _l("希望勤務地の順")
    COMPANY = "company", _l("案内を送った企業ごと")
    STATE = "state", _l("対応の順")


NEWEST_FIRST = Keyset(descending(PartnerPerson.since), descending(PartnerPerson.id))
_KEYSETS: dict[PeopleOrder | None, Keyset] = {
    PeopleOrder.NEWEST: NEWEST_FIRST,
    PeopleOrder.OLDEST: Keyset(ascending(PartnerPerson.since), ascending(PartnerPerson.id)),
    PeopleOrder.ROLE: Keyset(ascending(PartnerPerson.role_order), ascending(PartnerPerson.profile_id)),
    PeopleOrder.PLACE: Keyset(ascending(PartnerPerson.place_order), ascending(PartnerPerson.profile_id)),
    PeopleOrder.COMPANY: Keyset(
        descending(PartnerPerson.company_id), descending(PartnerPerson.since), descending(PartnerPerson.id)
    ),
    PeopleOrder.STATE: Keyset(ascending(STATE_ORDER), ascending(PartnerPerson.profile_id)),
    None: newest(PartnerPerson.id),
}
"""The orders; without one, of too many hits of words, the newest rows come first.

Where many rows are alike, it goes on by the person: SQLite begins a walk inside equal values at any column of an index
but the key of the table, and reads them all to get there."""
_COUNTED, _LOOKED_AT = bindparam("counted", type_=Integer), bindparam("looked_at", type_=Integer)


@dataclass(frozen=True)
class PeopleQuery:
    """The conditions of a list; all of them must hold. Words may be in any item that the partner was given."""

    q: str = ""
    role: str = ""
    place: str = ""
    company_id: int | None = None
    """The company by whose invitation the person came last."""
    state: WorkState | None = None
    unopened: bool = False
    new_since: datetime | None = None
    first: date | None = None
    last: date | None = None
    order: PeopleOrder = PeopleOrder.NEWEST

    @property
    def narrowed(self) -> bool:
        """Return whether anything at all is asked for."""
        return replace(self, order=PeopleOrder.NEWEST) != EVERYBODY

    @property
    def sought(self) -> Sought | None:
        """Return the words that are looked for, of any item and of one; None where there are none."""
        return all_of((words(self.q), marked(words(self.role), ROLE_MARK), marked(words(self.place), PLACE_MARK)))

    @property
    def impossible(self) -> bool:
        """Return whether a text is given in which there is nothing to look for."""
        return any(clean(text) and words(text) is None for text in (self.q, self.role, self.place))


EVERYBODY = PeopleQuery()


@dataclass(frozen=True)
class PersonRow:
    """One person in the list: no name, no contact (invariant 5)."""

    code: str
    role: str
    place: str
    since: datetime
    as_of: date
    """The day as of which this was right (B-22)."""
    bare: bool
    """Whether neither role nor place nor experience was given."""
    state: WorkState
    opened_at: datetime | None
    opened_by: str
    """The name of the colleague who opened the record last; empty where nobody did, or the login is gone."""
    fits: tuple[str, ...] = ()
    """The items that are not in the row and hold what was looked for."""


@dataclass(frozen=True)
class FoundPeople(Page[PersonRow]):
    """A page of the list, and how many fit in all, counted up to `most` + 1."""

    total: int = 0
    most: int = COUNTED
    in_order: bool = True
    """Whether the order that was asked for could be kept: of too many hits of words the newest come first."""
    partial: bool = False
    """Whether more people have the words than were looked at for the rest of the conditions."""


@dataclass(frozen=True)
class Neighbours:
    """The references of the people before and after one in the list; empty at its ends."""

    previous: str = ""
    next: str = ""


def find(
    session: Session,
    query: PeopleQuery = EVERYBODY,
    *,
    companies: Collection[int] | None = None,
    after: str = "",
    before: str = "",
    limit: int = 50,
) -> FoundPeople:
    """Return a page of the people the partner in scope may see now and who fit.

    `companies` are those that are open, of a caller who has just asked for them.
    """
    companies = open_companies(session) if companies is None else companies
    if query.impossible or not companies:
        return FoundPeople()
    walk = _Walk(session, query, companies)
    page = walk.page(after=after, before=before, limit=limit)
    return FoundPeople(
        **vars(page), total=walk.total, most=walk.most, in_order=walk.in_order, partial=walk.is_partial()
    )


def neighbours(
    session: Session, query: PeopleQuery, code: str, *, companies: Collection[int] | None = None
) -> Neighbours:
    """Return who comes before and after the person in the list that was asked for, also where they left it since."""
    companies = open_companies(session) if companies is None else companies
    if query.impossible or not companies:
        return Neighbours()
    walk = _Walk(session, query, companies)
    if not (place := walk.place_of(code)):
        return Neighbours()
    return Neighbours(walk.beside(before=place), walk.beside(after=place))


_NAMES_OF_OPEN = Prepared(
    select(Company.id, Company.name)
    .join(Partnership, Partnership.company_id == Company.id)
    .join(Partner, Partner.id == Partnership.partner_id)
    .where(*OPEN),
    lambda company_id, name: (int(company_id), str(name)),
)


def companies_of(session: Session) -> dict[int, str]:
    """Return the companies by whose invitations the partner in scope sees people now, in the order of their names."""
    return dict(sorted(_NAMES_OF_OPEN.all(session), key=lambda each: each[1]))


class _Walk:
    """One look at the list: who fits, counted as far as `most`, and pages of them in an order."""

    def __init__(self, session: Session, query: PeopleQuery, open_ones: Collection[int]) -> None:
        scope, companies = scopes.current(session), rounded([*open_ones])
        partner_id = scopes.required(scope.partner if scope else None)
        self._session, self._query = session, query
        self._values: dict[str, Any] = {"partner": partner_id, **numbered("company", companies)}
        self.most = SORTED if query.narrowed and query.order is not PeopleOrder.NEWEST else COUNTED
        self._values |= {"counted": self.most + 1, "looked_at": LOOKED_AT}
        asked, sought = _asked(query), query.sought
        if (one := self._referred_to(query.q)) is not None:
            asked["one"], sought = one, None
        dialect = session.get_bind().dialect.name
        if sought is not None:
            self._values |= self._hits(partner_id, sought) if dialect == "sqlite" else {"match": tsquery(sought)}
        if sought is not None and dialect == "postgresql":
            _FOR_THESE_WORDS.all(session)
        self._values |= asked
        known = "hits" in self._values
        self._shape = _Shape(dialect, len(companies), frozenset(asked), sought is not None, known)

    def _hits(self, partner_id: int, sought: Sought) -> dict[str, Any]:
        """Return who has the words, at any partner, where those are few: so they are looked for once.

        Of each of them it is asked whose they are. Else the words to match, with the partner, whose token is the
        longest list of all.
        """
        [(many, ids)] = _ANYWHERE.all(self._session, match=body_match(sought), looked_at=LOOKED_AT)
        return {"hits": ids} if many <= LOOKED_AT else {"match": people_match(partner_id, sought)}

    @cached_property
    def _counted(self) -> "_HitCount":
        return _count(self._shape).all(self._session, **self._values)[0]

    @property
    def total(self) -> int:
        """Return how many fit, counted up to `most` + 1."""
        return self._counted.total

    @property
    def in_order(self) -> bool:
        """Return whether the order that was asked for is kept."""
        return not self._by_words or self._query.order is PeopleOrder.NEWEST

    @property
    def _few(self) -> bool:
        """Return whether those who fit are found first and then put in order; else an index is walked."""
        return self._query.narrowed and self.total <= self.most

    @property
    def _by_words(self) -> bool:
        return self._shape.by_words and not self._few

    @property
    def _order(self) -> PeopleOrder | None:
        return None if self._by_words else self._query.order

    def page(self, *, after: str = "", before: str = "", limit: int) -> Page[PersonRow]:
        """Return a page of them."""
        keyset, sought = _KEYSETS[self._order], words(self._query.q)
        unseen = _Unseen(sought) if sought is not None else None
        start = keyset.start(after=after, before=before)
        counted = self._among_counted(start, limit + 1)
        read = _page(self._shape, self._order, _way(start), counted, limit + 1)
        found = read.all(self._session, **self._at(start, counted=counted))
        return keyset.cut([(_row(person, unseen), place) for person, place in found], start, limit)

    def is_partial(self) -> bool:
        """Return whether there may be more who fit among those who were not looked at."""
        return not self._by_words and self._counted.hits > LOOKED_AT

    def place_of(self, code: str) -> str:
        """Return the cursor of a person of the partner; empty where it has none of this reference."""
        place = _place(self._order).first(self._session, **self._values, code=code)
        return _KEYSETS[self._order].cursor(place) if place is not None else ""

    def beside(self, *, after: str = "", before: str = "") -> str:
        """Return the reference of the person next to a place; empty at the end of the list."""
        start = _KEYSETS[self._order].start(after=after, before=before)
        counted = self._among_counted(start, 1)
        read = _beside(self._shape, self._order, _way(start), counted)
        return read.first(self._session, **self._at(start, counted=counted)) or ""

    def _among_counted(self, start: Start | None, rows: int) -> bool:
        """Return whether so many rows from there on are among those who were counted: of many hits the newest are."""
        if self._few or not self._by_words:
            return self._few
        those = self._counted.those
        if start is not None and start.backwards:
            return bool(start.values[0] >= min(those))
        return int(sum(start is None or each < start.values[0] for each in those)) >= rows

    def _at(self, start: Start | None, *, counted: bool) -> dict[str, Any]:
        """Return the values of a read that begins there."""
        ids = {"ids": self._counted.ids} if counted else {}
        return self._values | ids | (start.parameters if start else {})

    def _referred_to(self, q: str) -> int | None:
        """Return the person of the partner whose reference was typed; a name of eight letters may look like one."""
        code = parse_code(q) if q else None
        return _REFERRED_TO.first(self._session, **self._values, code=code) if code else None


def _asked(query: PeopleQuery) -> dict[str, Any]:
    """Return the conditions of _ASKED that are asked for, with their values."""
    asked = {
        "company": query.company_id,
        "state": query.state,
        "unopened": query.unopened or None,
        "new": query.new_since,
        "first": query.first and clock.end_of_day(query.first - timedelta(days=1)),
        "last": query.last and clock.end_of_day(query.last),
    }
    return {name: value for name, value in asked.items() if value is not None}


def _way(start: Start | None) -> bool | None:
    """Return whether a page goes backwards from where it begins; None for the top of the list."""
    return None if start is None else start.backwards


# Statements are put together once for each shape of a question (relay.models.prepared): that takes ten times as long
# as running them. The values of a question, and the place in the list, are given when they run.


@dataclass(frozen=True)
class _Shape:
    """The kind of question that a statement is put together for."""

    dialect: str
    companies: int
    """How many companies are open, rounded up."""
    asked: frozenset[str]
    """The conditions of _ASKED that hold."""
    by_words: bool
    """Whether words are looked for."""
    known: bool
    """Whether those who have them are known by their ids."""


class _Found(NamedTuple):
    """The columns of which a row of the list is made."""

    code: str
    facts: Mapping[str, str]
    given_at: datetime
    name: str
    kana: str
    email: str
    phone: str
    desired_role: str
    place: str
    experience: str
    visible_since: datetime | None
    last_confirmed_at: datetime
    updated_at: datetime
    since: datetime
    state: WorkState
    opened_at: datetime | None
    opened_by: str | None


_COLUMNS = (
    Profile.code, Consent.facts, Consent.given_at,
    Profile.name, Profile.kana, Profile.email, Profile.phone, Profile.desired_role, Profile.place, Profile.experience,
    Profile.visible_since, Profile.last_confirmed_at, Profile.updated_at,
    PartnerPerson.since, PartnerPerson.work_state, PartnerPerson.opened_at, User.name,
)  # fmt: skip
_ASKED = {
    "one": PartnerPerson.id == bindparam("one"),
    "company": PartnerPerson.company_id == bindparam("company"),
    "state": PartnerPerson.work_state == bindparam("state"),
    "unopened": PartnerPerson.opened_at.is_(None),
    "new": PartnerPerson.since > bindparam("new"),
    "first": PartnerPerson.since > bindparam("first"),
    "last": PartnerPerson.since <= bindparam("last"),
}
_OWN = PartnerPerson.partner_id == bindparam("partner")
_IS = and_(
    _OWN, PartnerPerson.profile_id == select(Profile.id).where(Profile.code == bindparam("code")).scalar_subquery()
)
_REFERRED_TO = Prepared(select(PartnerPerson.id).where(_IS), int)


_FOR_THESE_WORDS = Prepared(select(func.set_config("plan_cache_mode", "force_custom_plan", True)), str)
"""Lets PostgreSQL plan the rest of the transaction for its own values: how many have some words decides the way, and of
a statement that it has prepared it keeps one way for all words (role and place: 40 ms, then 500)."""
_WITH_WORDS = (
    select(_fts.c.rowid)
    .where(_fts.c.partner_people_fts.op("MATCH")(bindparam("match")))
    .limit(_LOOKED_AT + 1)
    .subquery()
)
_ANYWHERE = Prepared(
    select(func.count(), func.json_group_array(_WITH_WORDS.c.rowid)).select_from(_WITH_WORDS),
    lambda many, ids: (int(many), str(ids)),
)
"""How many have the words at any partner, as far as LOOKED_AT + 1, and who: told to nobody."""


class _HitCount(NamedTuple):
    total: int
    ids: Any
    """Of those who are counted, as the database takes them back (`_among`)."""
    hits: int = 0
    """How many have the words, at least `total`; where no more than `most` fit, counted up to LOOKED_AT + 1. Not
    counted where all of them are looked at."""

    @property
    def those(self) -> list[int]:
        """Return who is counted, by id."""
        return list(json.loads(self.ids) if isinstance(self.ids, str) else self.ids)


@lru_cache(maxsize=64)  # tricks: agency's list
def _count(shape: _Shape) -> Prepared[_HitCount]:
    """Return the read that counts who fits; hits of words are looked for once, the newest first, and never sorted."""
    together = func.json_group_array if shape.dialect == "sqlite" else func.array_agg
    if not shape.by_words or shape.known:
        found = _fitting(shape, None, _COUNTED).subquery()
        return Prepared(select(func.count(), together(found.c.id)).select_from(found), _HitCount)
    hit, all_hits = _hits(shape)
    looked_at = newest(hit).slice(all_hits, None, _LOOKED_AT + 1)
    # walked as far as enough of them fit; all are counted only where fewer do
    if shape.dialect == "sqlite":
        found = _fitting(shape, None, _COUNTED).subquery()
        hits: FromClause = looked_at.subquery()
    else:
        hits = looked_at.cte("hits").prefix_with("MATERIALIZED")
        some = select(hits.c.id).limit(_LOOKED_AT).subquery()
        found = select(some.c.id).where(_has_words(shape, some.c.id)).limit(_COUNTED).subquery()
    all_of_them = select(func.count()).select_from(hits).scalar_subquery()
    number = case((func.count() < _COUNTED, all_of_them), else_=_COUNTED)
    return Prepared(select(func.count(), together(found.c.id), number).select_from(found), _HitCount)


def _among(dialect: str) -> ColumnElement[bool]:
    """Return the condition of those who were counted."""
    ids = bindparam("ids", type_=Text if dialect == "sqlite" else ARRAY(BigInteger))
    if dialect == "sqlite":
        return PartnerPerson.id.in_(select(func.json_each(ids).table_valued("value").c.value))
    return PartnerPerson.id == func.any(ids)


@lru_cache(maxsize=256)  # tricks: agency's list
def _page(
    shape: _Shape, order: PeopleOrder | None, way: bool | None, counted: bool, rows: int
) -> Prepared[tuple[_Found, tuple[Any, ...]]]:
    """Return the read of a page: first who is on it, by an index alone, then what is shown of them."""
    keyset = _KEYSETS[order]
    start = keyset.anywhere(way)
    listed = _listed(shape, order, start, counted, rows).subquery("listed")
    columns = len(_COLUMNS)
    return Prepared(
        select(*_COLUMNS, *keyset.columns)
        .select_from(listed)
        .join(PartnerPerson, PartnerPerson.id == listed.c.id)
        .join(Profile, Profile.id == PartnerPerson.profile_id)
        .join(Consent, Consent.id == _shown_consent(shape.companies))
        .outerjoin(User, User.id == PartnerPerson.opened_by_user_id)
        .order_by(*keyset.order(start)),
        lambda *row: (_Found(*row[:columns]), row[columns:]),
    )


@lru_cache(maxsize=256)  # of a record's next and previous: tests.bench.partner
def _beside(shape: _Shape, order: PeopleOrder | None, way: bool | None, counted: bool) -> Prepared[str]:
    listed = _listed(shape, order, _KEYSETS[order].anywhere(way), counted, 1).subquery("listed")
    person = select(Profile.code).join(PartnerPerson, PartnerPerson.profile_id == Profile.id)
    return Prepared(person.join(listed, listed.c.id == PartnerPerson.id), str)


@lru_cache(maxsize=16)  # one for each order, asked with every record
def _place(order: PeopleOrder | None) -> Prepared[tuple[Any, ...]]:
    return Prepared(select(*_KEYSETS[order].columns).where(_IS), lambda *place: place)


def _listed(shape: _Shape, order: PeopleOrder | None, start: Start | None, counted: bool, rows: int) -> Select[int]:
    """Select the ids of so many rows of the list from a place on, along an index of the order.

    Those who were counted are put in order where they are enough; else, without an order, hits of words are walked.
    """
    if order is None and not counted:
        return _fitting(shape, start, rows)
    them = select(PartnerPerson.id.label("id")).where(_OWN)
    fits = [_among(shape.dialect)] if counted else [has_shown_share(shape.companies), *_conditions(shape)]
    return _KEYSETS[order].slice(them.where(*fits), start, rows)


def _fitting(shape: _Shape, start: Start | None, most: int | ColumnElement[int]) -> Select[int]:
    """Select the ids of so many people who fit, the newest first; words drive where there are any."""
    if not shape.by_words:
        fits = select(PartnerPerson.id.label("id")).where(_OWN, has_shown_share(shape.companies), *_conditions(shape))
        return _KEYSETS[PeopleOrder.NEWEST].slice(fits, start, most)
    hit, hits = _hits(shape)
    looked_at = newest(hit).slice(hits, start, _LOOKED_AT).subquery()
    some = select(looked_at.c.id).where(_has_words(shape, looked_at.c.id))
    if shape.dialect == "sqlite":
        return some.limit(most)  # it takes them in their order, so that nothing is sorted: the walk ends with the last
    return newest(looked_at.c.id).slice(some, start, most)


def _has_words(shape: _Shape, hit: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a hit of words fits: they are those of the consent that is shown, so there is one."""
    fits = exists().where(
        PartnerPersonWords.person_id == hit,
        PartnerPersonWords.consent_id == _shown_consent(shape.companies, PartnerPersonWords),
        PartnerPersonWords.partner_id == bindparam("partner"),
    )
    if not shape.asked:
        return fits
    return fits.where(PartnerPerson.id == hit, _OWN, *_conditions(shape))


def _hits(shape: _Shape) -> tuple[ColumnElement[int], Select[int]]:
    """Return the column of the ids, and who has the words: of this partner alone, unless they are known."""
    if shape.known:
        known = func.json_each(bindparam("hits", type_=Text)).table_valued(column("value", BigId)).c.value
        return known, select(known.label("id"))
    if shape.dialect == "sqlite":
        found = _fts.c.partner_people_fts.op("MATCH")(bindparam("match"))
        return _fts.c.rowid, select(_fts.c.rowid.label("id")).where(found)
    own, match = PartnerPersonWords.__table__, cast(bindparam("match", type_=Text), TSQUERY)
    return own.c.person_id, select(own.c.person_id.label("id")).where(
        own.c.partner_id == bindparam("partner"), own.c.tsv.op("@@")(match)
    )


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    return [condition for name, condition in _ASKED.items() if name in shape.asked]


def _shown_consent(
    companies: int, person: type[PartnerPerson | PartnerPersonWords] = PartnerPerson
) -> ColumnElement[int]:
    """Return the newest consent of the person among those that are shown: its facts are what the partner sees."""
    share = aliased(Share)
    found = select(func.max(share.consent_id)).where(
        share.profile_id == person.profile_id,
        share.partner_id == person.partner_id,
        shown(share, companies),
    )
    return found.correlate(person).scalar_subquery()


def _row(person: _Found, unseen: "_Unseen | None") -> PersonRow:
    facts = person.facts
    return PersonRow(
        person.code,
        facts.get("desired_role", ""),
        facts.get("place", ""),
        person.since,
        as_of(person, person),
        bare=not any(facts.get(item) for item in ("desired_role", "place", "experience")),
        state=person.state,
        opened_at=person.opened_at,
        opened_by=person.opened_by or "",
        fits=unseen.fitting(facts) if unseen is not None else (),
    )


class _Unseen:
    """Tells which items, of those a row does not show, hold a word that was looked for (`tests.bench.partner`).

    A text is only taken apart where it has the beginning of a word somewhere. One of Latin letters alone, or of
    figures, is not looked at for words without any: to write a telephone number as people do takes the longest of all.
    """

    def __init__(self, sought: Sought) -> None:
        self._latin = _is_latin(sought)
        self._parts = [(_beginnings(part), part) for part in (sought.parts if isinstance(sought, AllOf) else (sought,))]
        self._figures = any(re.search("[0-9]", each) for beginnings, _part in self._parts for each in beginnings)

    def fitting(self, facts: Mapping[str, str]) -> tuple[str, ...]:
        """Return these items of a person."""
        values = {item: value for item in _UNSEEN if self._may_hold(value := facts.get(item, ""))}
        texts = texts_of(values, latin=self._latin)
        return tuple(item for item, of_item in texts.items() if any(map(self._is_in, of_item)))

    def _may_hold(self, value: str) -> bool:
        return (self._latin or not value.isascii()) and (self._figures or not value.isdecimal())

    def _is_in(self, text: str) -> bool:
        folded = fold(text)
        parts = [part for beginnings, part in self._parts if any(each in folded for each in beginnings)]
        if not parts:
            return False
        tokens = index_tokens(text)
        return any(_holds(tokens, part) for part in parts)


def _beginnings(sought: Sought) -> tuple[str, ...]:
    """Return of what a text must have one, folded, to hold this: of a word that may be written in signs, of nothing."""
    if isinstance(sought, Phrase):
        first = sought.tokens[0]
        return ("",) if any(word.startswith(first) for word in SYMBOL_WORDS) else (first,)
    return tuple(each for part in sought.parts for each in _beginnings(part))


def _is_latin(sought: Sought) -> bool:
    if isinstance(sought, Phrase):
        return sought.tokens[0][0].isascii()
    return any(_is_latin(part) for part in sought.parts)


def _holds(tokens: Sequence[str], sought: Sought) -> bool:
    """Return whether a text of these tokens holds what is looked for, as the databases decide it."""
    if isinstance(sought, AllOf | AnyOf):
        return (any if isinstance(sought, AnyOf) else all)(_holds(tokens, part) for part in sought.parts)
    *firm, last = sought.tokens
    for start in range(len(tokens) - len(firm)):
        there = tokens[start + len(firm)]
        if list(tokens[start : start + len(firm)]) == firm and (
            there.startswith(last) if sought.begins else there == last
        ):
            return True
    return False
