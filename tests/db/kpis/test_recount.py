"""Every count against a program of its own, over random histories: asked by a page, kept by the worker, one by one."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from relay import clock
from relay.insight.costs import cut
from relay.kpis import case_lists, month_counts
from relay.kpis.case_lists import CaseFilter
from relay.kpis.month_counts import Counts
from relay.kpis.period import last_months
from relay.models import CaseKind, scopes
from tests.cast import Cast, make_cast
from tests.db.kpis import histories
from tests.db.kpis.histories import History
from tests.independent import kpis

HISTORIES = 20
EVERY = tuple(CaseKind)
EVER = date(2000, 1, 1), date(2040, 1, 1)
LATER = (0, 45)
"""Days after the last act on which the numbers are asked for: what depends on the day moves meanwhile."""


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def test_every_number_of_twenty_histories_is_what_another_program_counts(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(session, cast, monkeypatch, seeds=range(HISTORIES))


def play(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, *, seeds: range) -> None:
    """Live each history and compare; every kind of case was there."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        history = histories.live(session, cast, seed)
        for days in LATER:
            day = history.today + timedelta(days=days)
            with clock.at(datetime.combine(day, time(0, 30), clock.JAPAN)):
                counted = kpis.count(kpis.Company(history.dump(), day).cases())
                compare(history, counted, monkeypatch)
                seen.update({kind: cells.total() for kind, cells in counted.items()})
                if days == LATER[-1]:
                    list_every_case(history, counted)
                seen["cost-cut"] += kpis.cost_cut(history.dump(), counted["hired"], day) is not None
    assert {*(kind.value for kind in EVERY), "cost-cut"} == set(seen) == kpis.KINDS | {"cost-cut"}
    assert min(seen.values()) > 0, seen


def compare(history: History, counted: kpis.Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    session, company_id = history.session, history.company.id
    with scopes.company(session, company_id):
        by_page = month_counts.of(session, EVERY, *EVER)
        assert living(by_page) == without_zeros(counted), history.company.slug
        assert erased(by_page) == without_zeros(history.erased), history.company.slug
        compare_rates(history, counted)
    month_counts.recount(session, company_id)
    session.commit()
    with scopes.company(session, company_id), monkeypatch.context() as patch:
        patch.setattr(month_counts, "_is_small", lambda _session: False)
        kept = month_counts.of(session, EVERY, *EVER)
        assert kept.cells == by_page.cells, history.company.slug
        assert kept.at == clock.now()


def compare_rates(history: History, counted: kpis.Counted) -> None:
    """Compare the named rates, each with its interval."""
    this_month = clock.today().replace(day=1)
    year = month_counts.of(history.session, EVERY, this_month - relativedelta(months=11), this_month)
    ever = month_counts.of(history.session, EVERY, *EVER)
    assert kpis.cost_cut(history.dump(), counted["hired"] + history.erased["hired"], clock.today()) == cut_of(
        history, all_of(year, CaseKind.HIRED)
    )
    told = sum(row["told"] for row in history.dump()["relay_totals"])
    everyone = {kind: counted[kind] + history.erased[kind] for kind in kpis.KINDS}
    assert kpis.rates(everyone, told, clock.today()) == {
        "reapplication": (all_of(year, CaseKind.REJECTED_RETURNED), all_of(year, CaseKind.REJECTED)),
        "reuse": (all_of(year, CaseKind.REJECTED_REUSED), all_of(year, CaseKind.REJECTED)),
        "retry": (all_of(ever, CaseKind.OPEN_TO_RETURN), all_of(ever, CaseKind.POOLED)),
        "credit": (10 * all_of(ever, CaseKind.CREDIT_EARNED), told),
    }


def cut_of(history: History, hires: int) -> kpis.Part | None:
    found = cut.of(history.session, history.company.id, last_months(), hires)
    return None if found is None else (found.before - found.now, found.before)


def list_every_case(history: History, counted: kpis.Counted) -> None:
    """Ask for the cases behind each number: all of a kind together, and those of some cells alone."""
    with scopes.company(history.session, history.company.id):
        for kind in EVERY:
            cells = counted[kind.value]
            listed = rows(history.session, kind, CaseFilter())
            assert Counter((f"{row.day:%Y-%m}", row.key, row.number) for row in listed) == cells, kind
            for month, key, number in history.chance.sample(sorted(cells), min(len(cells), 3)):
                first = date.fromisoformat(f"{month}-01")
                found = rows(history.session, kind, CaseFilter(first, first, key, number))
                assert len(found) == cells[month, key, number], (kind, month, key, number)


def rows(session: Session, kind: CaseKind, wanted: CaseFilter) -> list[case_lists.CaseRow]:
    page = case_lists.page(session, kind, wanted)
    found = list(page.rows)
    while page.next:
        page = case_lists.page(session, kind, wanted, after=page.next)
        found += page.rows
    return found


def all_of(counts: Counts, kind: CaseKind) -> int:
    return counts.total(kind).all


def living(counts: Counts) -> kpis.Counted:
    return without_zeros(
        {
            kind.value: Counter({(f"{cell.month:%Y-%m}", cell.key, cell.number): n.living for cell, n in cells.items()})
            for kind, cells in counts.cells.items()
        }
    )


def erased(counts: Counts) -> kpis.Counted:
    return without_zeros(
        {
            kind.value: Counter({(f"{cell.month:%Y-%m}", cell.key, cell.number): n.erased for cell, n in cells.items()})
            for kind, cells in counts.cells.items()
        }
    )


def without_zeros(counted: kpis.Counted) -> kpis.Counted:
    return {kind: +cells for kind, cells in counted.items()}
