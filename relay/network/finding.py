"""Finding people in a partner's list: by words, by what is marked, in several orders; the list holds no name.

One of the few rooms that use a Core table, the full-text index, which the scopes cannot bind: each statement carries
the partner itself (tests/db/network/test_finding.py). Rows and words are an index: that a person is shown, and by
which consent, is asked of the shares in the same statement (invariant 4), and nobody is found by the words of a
consent that is not shown. The list holds reference, role, place and date; a name that was typed is said to fit, and
is read on the record, whose opening is written down (invariant 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, cast, column, exists, func, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased, load_only

from relay import clock
from relay.models import Company, Consent, PartnerPerson, PartnerPersonWords, Profile, Share, User, WorkState, scopes
from relay.models.base import BigId
from relay.models.keyset import Keyset, Page, Start, ascending, descending, newest
from relay.models.labels import Labelled
from relay.models.names import names_by_id
from relay.models.partner_people import STATE_ORDER
from relay.network.profiles import as_of
from relay.network.sharing import open_companies, shown
from relay.text import clean, index_tokens
from relay.text.partner_words import texts_of
from relay.text.search import PLACE_MARK, ROLE_MARK
from relay.text.sought import AllOf, AnyOf, Sought, all_of, marked, people_match, tsquery, words
from relay.tokens import parse_code

COUNTED = 500
"""So many of those who fit are counted and put in any order; of more the list is walked along an index."""
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


_KEYSETS = {
    PeopleOrder.NEWEST: Keyset(descending(PartnerPerson.since), descending(PartnerPerson.id)),
    PeopleOrder.OLDEST: Keyset(ascending(PartnerPerson.since), ascending(PartnerPerson.id)),
    PeopleOrder.ROLE: Keyset(ascending(PartnerPerson.role_order), ascending(PartnerPerson.id)),
    PeopleOrder.PLACE: Keyset(ascending(PartnerPerson.place_order), ascending(PartnerPerson.id)),
    PeopleOrder.COMPANY: Keyset(
        descending(PartnerPerson.company_id), descending(PartnerPerson.since), descending(PartnerPerson.id)
    ),
    PeopleOrder.STATE: Keyset(ascending(STATE_ORDER), ascending(PartnerPerson.id)),
}
_BY_ID = newest(PartnerPerson.id)


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
    """A page of the list, and how many fit in all, counted up to COUNTED + 1."""

    total: int = 0
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
    session: Session, query: PeopleQuery = EVERYBODY, *, after: str = "", before: str = "", limit: int = 50
) -> FoundPeople:
    """Return a page of the people the partner in scope may see now and who fit."""
    if query.impossible or not (companies := open_companies(session)):
        return FoundPeople()
    walk = _Walk(session, query, companies)
    page = walk.page(after=after, before=before, limit=limit)
    return FoundPeople(**vars(page), total=walk.total, in_order=walk.in_order, partial=walk.is_partial())


def neighbours(session: Session, query: PeopleQuery, code: str) -> Neighbours:
    """Return who comes before and after the person in the list that was asked for, also where they left it since."""
    if query.impossible or not (companies := open_companies(session)):
        return Neighbours()
    walk = _Walk(session, query, companies)
    if not (place := walk.place_of(code)):
        return Neighbours()
    return Neighbours(walk.beside(before=place), walk.beside(after=place))


def companies_of(session: Session) -> dict[int, str]:
    """Return the companies by whose invitations the partner in scope sees people now, in the order of their names."""
    found = names_by_id(session, Company.name, open_companies(session))
    return dict(sorted(found.items(), key=lambda each: each[1]))


class _Walk:
    """One look at the list: who fits, counted as far as COUNTED, and pages of them in an order."""

    def __init__(self, session: Session, query: PeopleQuery, companies: Sequence[int]) -> None:
        scope = scopes.current(session)
        self._session, self._query = session, query
        self._partner_id = scopes.required(scope.partner if scope else None)
        self._companies, self._one = companies, self._referred_to(query.q)
        self._sought = None if self._one is not None else query.sought
        self._ids = session.scalars(self._fitting(COUNTED + 1)).all()
        self.total = len(self._ids)
        self._few = self.total <= COUNTED
        self._by_words = not self._few and self._sought is not None
        self.in_order = not self._by_words or query.order is PeopleOrder.NEWEST
        self._keyset = _BY_ID if self._by_words else _KEYSETS[query.order]

    def page(self, *, after: str = "", before: str = "", limit: int) -> Page[PersonRow]:
        """Return a page of them."""
        if self._by_words:
            return self._page_of_words(self._keyset.start(after=after, before=before), limit)
        rows = self._rows().where(*self._listed())
        page = self._keyset.page(self._session, rows, self._row, after=after, before=before, limit=limit)
        return replace(page, rows=self._named(page.rows))

    def is_partial(self) -> bool:
        """Return whether there may be more who fit among those who were not looked at."""
        if self._sought is None or self._by_words:
            return False
        hit, hits = self._hits(self._sought)
        some = newest(hit).slice(hits, None, LOOKED_AT + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) == LOOKED_AT + 1

    def beside(self, *, after: str = "", before: str = "") -> str:
        """Return the reference of the person next to a place; empty at the end of the list."""
        codes = select(Profile.code).join(PartnerPerson, PartnerPerson.profile_id == Profile.id)
        if self._by_words:
            ids = self._session.scalars(self._fitting(1, self._keyset.start(after=after, before=before))).all()
            return self._session.scalar(codes.where(PartnerPerson.id.in_(ids))) or ""
        page = self._keyset.page(self._session, codes.where(*self._listed()), str, after=after, before=before, limit=1)
        return "".join(page.rows)

    def _listed(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the whole list: by ids where it is short, else along an index of its order."""
        if self._few:
            return [PartnerPerson.partner_id == self._partner_id, PartnerPerson.id.in_(self._ids)]
        return self._conditions()

    def place_of(self, code: str) -> str:
        """Return the cursor of a person of the partner; empty where it has none of this reference."""
        return self._keyset.place_of(self._session, select(PartnerPerson).where(self._is(code)))

    def _referred_to(self, q: str) -> int | None:
        """Return the person of the partner whose reference was typed; a name of eight letters may look like one."""
        code = parse_code(q) if q else None
        return self._session.scalar(select(PartnerPerson.id).where(self._is(code))) if code else None

    def _is(self, code: str) -> ColumnElement[bool]:
        person = select(Profile.id).where(Profile.code == code).scalar_subquery()
        return and_(PartnerPerson.partner_id == self._partner_id, PartnerPerson.profile_id == person)

    def _page_of_words(self, start: Start | None, limit: int) -> Page[PersonRow]:
        """Walk the hits of words by the index of words, from a place on."""
        ids = self._session.scalars(self._fitting(limit + 1, start)).all()
        rows = self._session.execute(self._rows().add_columns(PartnerPerson.id).where(PartnerPerson.id.in_(ids))).all()
        made = {row[-1]: self._row(*row[:-1]) for row in rows}
        page = self._keyset.cut([(made[each], (each,)) for each in ids if each in made], start, limit)
        return replace(page, rows=self._named(page.rows))

    def _fitting(self, most: int, start: Start | None = None) -> Select[int]:
        """Select the ids of so many people who fit, the newest first; words drive where there are any."""
        if self._sought is None:
            keyset = _KEYSETS[PeopleOrder.NEWEST]
            return keyset.slice(select(PartnerPerson.id).where(*self._conditions()), start, most)
        hit, hits = self._hits(self._sought)
        some = newest(hit).slice(hits, start, LOOKED_AT).subquery()
        fits = exists().where(
            PartnerPerson.id == some.c.id,
            PartnerPersonWords.person_id == some.c.id,
            PartnerPersonWords.consent_id == _shown_consent(self._companies),
            *self._conditions(),
        )
        return newest(some.c.id).slice(select(some.c.id).where(fits), start, most)

    def _hits(self, sought: Sought) -> tuple[ColumnElement[int], Select[int]]:
        """Return the column of the ids, and who has the words: of this partner alone."""
        if self._session.get_bind().dialect.name == "sqlite":
            match = people_match(self._partner_id, sought)
            return _fts.c.rowid, select(_fts.c.rowid.label("id")).where(_fts.c.partner_people_fts.op("MATCH")(match))
        own = PartnerPersonWords.__table__
        return own.c.person_id, select(own.c.person_id.label("id")).where(
            own.c.partner_id == self._partner_id, own.c.tsv.op("@@")(cast(tsquery(sought), TSQUERY))
        )

    def _conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds of a person who fits, beside the words: above all that they are shown now."""
        query, share = self._query, aliased(Share)
        asked = [
            PartnerPerson.partner_id == self._partner_id,
            exists().where(
                share.profile_id == PartnerPerson.profile_id,
                share.partner_id == self._partner_id,
                shown(share, self._companies),
            ),
        ]
        if self._one is not None:
            asked.append(PartnerPerson.id == self._one)
        if query.company_id is not None:
            asked.append(PartnerPerson.company_id == query.company_id)
        if query.state is not None:
            asked.append(PartnerPerson.work_state == query.state)
        if query.unopened:
            asked.append(PartnerPerson.opened_at.is_(None))
        if query.new_since is not None:
            asked.append(PartnerPerson.since > query.new_since)
        if query.first is not None:
            asked.append(PartnerPerson.since > clock.end_of_day(query.first - timedelta(days=1)))
        if query.last is not None:
            asked.append(PartnerPerson.since <= clock.end_of_day(query.last))
        return asked

    def _rows(self) -> Select[PartnerPerson, Profile, Consent]:
        return (
            select(PartnerPerson, Profile, Consent)
            .join(Profile, Profile.id == PartnerPerson.profile_id)
            .join(Consent, Consent.id == _shown_consent(self._companies))
            .options(load_only(Consent.facts, Consent.given_at))
        )

    def _row(self, person: PartnerPerson, profile: Profile, consent: Consent, *_order: Any) -> PersonRow:
        facts: Mapping[str, str] = consent.facts
        return PersonRow(
            profile.code,
            facts.get("desired_role", ""),
            facts.get("place", ""),
            person.since,
            as_of(profile, consent),
            bare=not any(facts.get(item) for item in ("desired_role", "place", "experience")),
            state=person.work_state,
            opened_at=person.opened_at,
            opened_by=str(person.opened_by_user_id or ""),
            fits=_fitting_items(facts, self._query.q),
        )

    def _named(self, rows: Sequence[PersonRow]) -> list[PersonRow]:
        """Put the name of the colleague in the place of their number."""
        names = names_by_id(self._session, User.name, (int(row.opened_by) for row in rows if row.opened_by))
        return [replace(row, opened_by=names.get(int(row.opened_by or 0), "")) for row in rows]


def _shown_consent(companies: Sequence[int]) -> ColumnElement[int]:
    """Return the newest consent of the person among those that are shown: its facts are what the partner sees."""
    share = aliased(Share)
    found = select(func.max(share.consent_id)).where(
        share.profile_id == PartnerPerson.profile_id,
        share.partner_id == PartnerPerson.partner_id,
        shown(share, companies),
    )
    return found.correlate(PartnerPerson).scalar_subquery()


def _fitting_items(facts: Mapping[str, str], q: str) -> tuple[str, ...]:
    """Return the items, of those a row does not show, that hold a word which was looked for."""
    if (sought := words(q)) is None:
        return ()
    parts = sought.parts if isinstance(sought, AllOf) else (sought,)
    held = {item: [index_tokens(text) for text in texts] for item, texts in texts_of(facts).items()}
    return tuple(
        item for item in _UNSEEN if any(_holds(tokens, part) for tokens in held.get(item, ()) for part in parts)
    )


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
