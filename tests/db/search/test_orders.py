"""The pool in each of its orders: every person once, those without a value last, whatever narrows the list."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import ApplicationStep, Candidate, Company, FollowUp, RetentionBasis, scopes
from relay.search import candidate_search
from relay.search.candidate_search import CandidateRow, LastDay, Query
from relay.search.orders import COLUMNS, ListOrder, SortBy
from tests.cast import make_application, make_candidate, make_company

TODAY = date(2026, 11, 30)
KANA = ("", "ア", "イ", "ア")
STEPS = ("", "最終面接", "書類選考", "二次面接", "適性検査")
LIMIT = 4


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Fourteen people of whom something is missing here and there, one of the selection, and a stranger's company."""
    with clock.at(clock.start_of_day(TODAY) + timedelta(hours=12)):
        acme, other = make_company(session, "acme"), make_company(session, "other")
        for number in range(14):
            _person(session, acme, number)
        make_candidate(session, acme, "選考だけの方", basis=RetentionBasis.SELECTION, kana="ア", kana_key="ア")
        _person(session, other, 1)
        session.commit()
        with scopes.company(session, acme.id):
            yield acme


def _person(session: Session, company: Company, number: int) -> None:
    kana, day = KANA[number % len(KANA)], TODAY - timedelta(days=number * 7 % 40)
    candidate = make_candidate(
        session,
        company,
        f"候補者 {'営業' if number % 3 else '経理'}",
        kana=kana,
        kana_key=kana,
        retain_until=None if number % 5 == 0 else TODAY + timedelta(days=number * 13 % 100),
        follow_up=list(FollowUp)[number % 3] if number % 4 else None,
        updated_at=clock.now() - timedelta(hours=number * 5 % 9),
    )
    with scopes.company(session, company.id):
        if number % 6:
            applied = None if number % 7 == 0 else day
            step = STEPS[number % len(STEPS)]
            made = make_application(session, candidate, stage=step, applied_on=applied, updated_at=candidate.updated_at)
            score = None if number % 4 == 0 else number % 5 + 1
            _assess(session, candidate, made.id, score)
        search_rows.index(session, [candidate.id])


def _assess(session: Session, candidate: Candidate, application_id: int, score: int | None) -> None:
    step = ApplicationStep(candidate_id=candidate.id, application_id=application_id, place=1, name="面接", score=score)
    step.created_at = step.updated_at = clock.now()
    session.add(step)
    session.flush()


PLACES = {"最終面接": 4, "二次面接": 3, "書類選考": 1, "適性検査": 6}
VALUES: dict[SortBy, Callable[[CandidateRow], Any]] = {
    SortBy.APPLIED: lambda row: row.applied_on,
    SortBy.UPDATED: lambda row: row.updated_at,
    SortBy.NAME: lambda row: row.kana or None,
    SortBy.STEP: lambda row: (PLACES[row.stage], row.stage) if row.stage else None,
    SortBy.SCORE: lambda row: row.score,
    SortBy.DEADLINE: lambda row: row.retain_until,
}
ORDERS = [ListOrder(by, falling) for by in COLUMNS for falling in (False, True)]
SEARCHES = (
    Query(),
    Query(q="営業"),
    Query(q="営業 応募日:2026-11"),
    Query(q="応募日:2026-10〜2026-11"),
    Query(q="候補者 結果:選考中", follow_ups=(None, FollowUp.SCOUT)),
    Query(q="-経理", deadlines=(LastDay.SOON, LastDay.NONE)),
    Query(steps=("最終面接", "書類選考")),
)


@pytest.mark.parametrize("gathered", [0, candidate_search.GATHERED])
@pytest.mark.parametrize("query", SEARCHES)
def test_every_person_is_on_one_page_of_each_order_and_those_without_a_value_come_last(
    session: Session, acme: Company, query: Query, gathered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether those the words fit are gathered, or the list is walked and each person looked at."""
    for most in ("GATHERED", "GATHERED_OF_DAYS"):
        monkeypatch.setattr(candidate_search, most, gathered)
    everybody = candidate_search.find(session, acme.id, query, most=500)
    assert everybody.rows
    for order in ORDERS:
        wanted = [row.id for row in _sorted(everybody.rows, order)]
        forwards, last = _pages(session, acme, replace(query, order=order, limit=LIMIT))
        assert forwards == wanted, order
        assert _back(session, acme, replace(query, order=order, limit=LIMIT), last) == wanted, order


def test_the_place_of_a_person_leads_to_the_next_one(session: Session, acme: Company) -> None:
    for order in ORDERS:
        people = [row.id for row in candidate_search.find(session, acme.id, Query(order=order)).rows]
        for here, there in pairwise(people):
            cursor = candidate_search.place_of(session, acme.id, here, order)
            found = candidate_search.find(session, acme.id, Query(order=order, below=cursor, limit=1))
            assert [row.id for row in found.rows] == [there]


@pytest.mark.parametrize("cursor", ["", "x", "~", "9999-99-99-1", "1-2-3", "\x00-1", "5" * 2000])
def test_a_place_that_cannot_be_read_is_the_top(session: Session, acme: Company, cursor: str) -> None:
    for order in ORDERS:
        top = candidate_search.find(session, acme.id, Query(order=order))
        if order.by is not SortBy.NAME:  # any word is a place among names
            assert candidate_search.find(session, acme.id, Query(order=order, below=cursor)).rows == top.rows


def _sorted(rows: Any, order: ListOrder) -> list[CandidateRow]:
    value = VALUES[order.by]
    known, without = [row for row in rows if value(row) is not None], [row for row in rows if value(row) is None]
    by_value = sorted(known, key=lambda row: (value(row), row.id), reverse=order.falling)
    names = {row.id: row.name if order.by is SortBy.NAME else "" for row in without}
    return by_value + sorted(without, key=lambda row: (names[row.id], row.id), reverse=order.falling)


def _pages(session: Session, acme: Company, query: Query) -> tuple[list[int], str]:
    people: list[int] = []
    previous, below = "", ""
    while True:
        found = candidate_search.find(session, acme.id, replace(query, below=below), most=3)
        people += [row.id for row in found.rows]
        assert found.total == min(4, found.total)
        previous = found.previous
        if not found.next:
            return people, previous
        below = found.next


def _back(session: Session, acme: Company, query: Query, above: str) -> list[int]:
    """Read the list from its last page to the first, and put its pages together."""
    if not above:
        return [row.id for row in candidate_search.find(session, acme.id, query).rows]
    last = candidate_search.find(session, acme.id, replace(query, above=above))
    parts = [last]
    while parts[0].previous:
        parts.insert(0, candidate_search.find(session, acme.id, replace(query, above=parts[0].previous)))
    behind = parts[-1]
    while behind.next:
        behind = candidate_search.find(session, acme.id, replace(query, below=behind.next))
        parts.append(behind)
    return [row.id for part in parts for row in part.rows]
