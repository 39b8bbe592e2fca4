"""The program that counts again, by itself: a small company counted by hand; a changed dump is counted otherwise.

Its interval and its middle values are Relay's, found another way.
"""

import copy
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from relay.kpis.catalogue import CASES
from relay.kpis.rates import percentile, wilson
from relay.models import CaseKind
from tests.independent import kpis
from tests.independent.dumping import OF_NUMBERS

TODAY = date(2026, 11, 30)
LATE = "2026-03-31 15:30:00+00:00"
"""Half past midnight of the first of April, in Japan."""


def application(**values: Any) -> kpis.Row:
    """Hanako's first, rejected in Relay on the last of March and told half an hour after it."""
    return {
        "id": 1,
        "candidate_id": 1,
        "position_id": 7,
        "channel": "Indeed",
        "stage": "書類選考",
        "status": "rejected",
        "applied_on": "2026-03-01",
        "decided_on": "2026-03-31",
        "decided_in_relay": 1,
        "reason": "skills",
        "notified_at": LATE,
        "notified_by": "relay",
        "updated_at": LATE,
    } | values


OF_HIRE = {
    "id": 2,
    "channel": "自社サイト",
    "status": "hired",
    "applied_on": "2026-04-01",
    "decided_on": "2026-05-31",
    "reason": None,
    "notified_at": None,
    "notified_by": None,
}
OPEN = {"decided_on": None, "decided_in_relay": 0, "reason": None, "notified_at": None, "notified_by": None}
SMALL: dict[str, list[kpis.Row]] = {
    "applications": [
        application(),
        application(**OF_HIRE),
        application(id=3, candidate_id=2, **OPEN | {"status": "open", "updated_at": "2026-11-22 14:59:59+00:00"}),
    ],
    "application_steps": [
        {
            "id": 1,
            "candidate_id": 1,
            "application_id": 1,
            "place": 1,
            "name": "書類",
            "kind": "documents",
            "on": "2026-03-05",
        },
        {
            "id": 2,
            "candidate_id": 1,
            "application_id": 1,
            "place": 2,
            "name": "一次",
            "kind": "first",
            "on": "2026-03-20",
        },
    ],
    "candidates": [
        {
            "id": id_,
            "basis": "stated",
            "reapply": None,
            "follow_up": "reapply",
            "contact_stopped_at": None,
            "created_at": LATE,
        }
        for id_ in (1, 2, 3)
    ],
    "costs": [{"month": "2025-11-01", "yen": 999}, {"month": "2025-12-01", "yen": 300_001}],
    "credit_entries": [
        {"id": 1, "kind": "earned", "reverses_id": None, "at": LATE},
        {"id": 2, "kind": "reserved", "reverses_id": None, "at": LATE},
        {"id": 3, "kind": "spent", "reverses_id": None, "at": LATE},
    ],
    "hiring_baselines": [{"advertising_yen": 500_000, "agency_fee_yen": 300_001, "hires": 2}],
    "introduction_requests": [{"id": 1, "position_id": 7, "state": "hired", "ended_at": LATE}],
    "introductions": [{"id": 1, "request_id": 1, "candidate_id": 1}],
    "messages": [{"id": 1, "state": "sent", "settled_at": LATE}],
    "openings_consents": [],
    "referrals": [{"id": 1, "candidate_id": 1, "source": "result-mail", "completed_at": LATE, "voided_at": None}],
    "relay_totals": [{"told": 40}],
    "rescouts": [
        {"id": 1, "candidate_id": 1, "position_id": 7, "message_id": 1, "application_id": None, "answer": None}
    ],
    "stays": [{"id": 1, "application_id": 2, "hired_on": "2026-05-31", "months": 6, "there": 1}],
}
COUNTED: dict[str, dict[kpis.Cell, int]] = {
    "applied": {("2026-03", "Indeed", 0): 2, ("2026-04", "自社サイト", 0): 1},
    "completed": {("2026-03", "Indeed", 0): 1, ("2026-04", "自社サイト", 0): 1},
    "running": {("2026-03", "Indeed", 0): 1},
    "interviewed": {("2026-03", "Indeed", 0): 1, ("2026-04", "自社サイト", 0): 1},
    "entered": {("2026-04", "自社サイト", 0): 1},
    "reapplied": {("2026-04", "自社サイト", 0): 1},
    "hired": {("2026-05", "自社サイト", 0): 1},
    "hired-from-pool": {("2026-05", "自社サイト", 0): 1},
    "reached-6": {},
    "there-6": {},
    "said-6": {},
    "unsaid-6": {},
    "reached-12": {},
    "there-12": {},
    "said-12": {},
    "unsaid-12": {},
    "rejected": {("2026-03", "skills", 7): 1},
    "rejected-returned": {("2026-03", "skills", 7): 1},
    "rejected-reused": {("2026-03", "skills", 7): 1},
    "step": {("2026-03", "書類", 15): 1, ("2026-03", "一次", 11): 1},
    "notified": {("2026-04", "", 1): 1},
    "waiting": {("2026-11", "書類選考", 7): 1},
    "contacted": {("2026-04", "", 7): 1},
    "pooled": {("2026-04", "", 0): 3},
    "open-to-return": {("2026-04", "", 0): 1},
    "referred": {("2026-04", "result-mail", 0): 1},
    "credit-earned": {("2026-04", "", 0): 1},
    "credit-used": {("2026-04", "", 0): 1},
    "introduced": {("2026-04", "", 7): 1},
    "introduced-hired": {("2026-04", "", 7): 1},
}
"""31 May is half a year before 1 December: the mark comes tomorrow."""
CHANGES: dict[str, tuple[str, int, dict[str, Any], set[str]]] = {
    "a channel": (
        "applications",
        1,
        {"channel": "indeed"},
        {"applied", "completed", "interviewed", "entered", "reapplied", "hired", "hired-from-pool"},
    ),
    "an application on the day of the rejection": (
        "applications",
        1,
        {"applied_on": "2026-03-31"},
        {"applied", "completed", "interviewed", "entered", "reapplied", "hired-from-pool", "rejected-returned"},
    ),
    "a duplicate": (
        "applications",
        0,
        {"status": "duplicate"},
        {"applied", "completed", "interviewed", "reapplied", "hired-from-pool", "rejected", "rejected-returned"}
        | {"rejected-reused", "step", "notified"},
    ),
    "a hire of the day before": ("applications", 1, {"decided_on": "2026-05-30"}, {"reached-6", "unsaid-6"}),
    "a withdrawal in place of the hire": (
        "applications",
        1,
        {"status": "withdrew"},
        {"interviewed", "entered", "hired", "hired-from-pool", "open-to-return"},
    ),
    "a mail of a second before midnight": (
        "applications",
        0,
        {"notified_at": "2026-03-31 14:59:59+00:00"},
        {"notified"},
    ),
    "a change of a week less a day ago": (
        "applications",
        2,
        {"updated_at": "2026-11-23 15:00:00+00:00"},
        {"waiting"},
    ),
    "a step that is no interview": (
        "application_steps",
        1,
        {"kind": "other", "name": "適性検査"},
        {"interviewed", "step"},
    ),
    "a step before the step before it": ("application_steps", 1, {"on": "2026-03-04"}, {"step"}),
    "a person who stopped mails": ("candidates", 2, {"contact_stopped_at": LATE}, {"open-to-return"}),
    "a person kept for a selection": ("candidates", 2, {"basis": "selection"}, {"open-to-return", "pooled"}),
    "a credit taken back": ("credit_entries", 1, {"kind": "voided", "reverses_id": 1}, {"credit-earned"}),
    "a credit given back": ("credit_entries", 1, {"kind": "restored", "reverses_id": 3}, {"credit-used"}),
    "an interview without a hire": ("introduction_requests", 0, {"state": "not-hired"}, {"introduced-hired"}),
    "an interview that was not held": (
        "introduction_requests",
        0,
        {"state": "failed"},
        {"introduced", "introduced-hired"},
    ),
    "a mail that came back": ("messages", 0, {"state": "bounced"}, {"contacted"}),
    "a registration that was none": ("referrals", 0, {"voided_at": LATE}, {"referred"}),
    "an application that an answer made": ("rescouts", 0, {"answer": "yes"}, {"contacted"}),
}
"""What is changed → the table, the row, the values, and the kinds that are counted otherwise."""


def counted(dump: dict[str, list[kpis.Row]], today: date = TODAY) -> dict[str, dict[kpis.Cell, int]]:
    found = kpis.count(kpis.Company(dump, today).cases())
    return {kind: dict(cells) for kind, cells in found.items()}


def test_it_counts_a_small_company_as_one_counts_by_hand() -> None:
    assert counted(SMALL) == COUNTED
    assert {kind.value for kind in CaseKind} == kpis.KINDS
    assert {kind.value for kind, cases in CASES.items() if cases.kept} == kpis.LASTING
    assert {table: set(rows[0]) if rows else None for table, rows in SMALL.items()} == {
        table: {each.strip().strip('"') for each in columns.split(",")} if SMALL[table] else None
        for table, columns in OF_NUMBERS.items()
    }


def test_the_cost_of_a_hire_is_told_in_whole_yen_of_twelve_months() -> None:
    hired = kpis.count(kpis.Company(SMALL, TODAY).cases())["hired"]
    assert kpis.cost_cut(SMALL, hired, TODAY) == (400_001 - 300_001, 400_001)
    for missing in ("costs", "hiring_baselines"):
        assert kpis.cost_cut(SMALL | {missing: []}, hired, TODAY) is None
    assert kpis.cost_cut(SMALL, hired, date(2027, 6, 1)) is None, "nobody was hired in those months"


def test_half_a_year_after_the_last_of_may_is_the_first_of_december() -> None:
    tomorrow = counted(SMALL, date(2026, 12, 1))
    assert tomorrow["reached-6"] == tomorrow["there-6"] == tomorrow["said-6"] == COUNTED["hired"]
    assert tomorrow["unsaid-6"] == {}
    left = copy.deepcopy(SMALL)
    left["stays"].append(left["stays"][0] | {"id": 2, "there": 0})
    assert counted(left, date(2026, 12, 1))["there-6"] == {}
    assert counted(left, date(2026, 12, 1))["said-6"] == COUNTED["hired"]
    assert counted(SMALL | {"stays": []}, date(2026, 12, 1))["unsaid-6"] == COUNTED["hired"]
    assert kpis.months_later(date(2025, 8, 31), 6) == date(2026, 3, 1)
    assert kpis.months_later(date(2025, 8, 28), 6) == date(2026, 2, 28)


@pytest.mark.parametrize("name", CHANGES)
def test_a_dump_that_was_changed_is_counted_otherwise(name: str) -> None:
    table, row, values, kinds = CHANGES[name]
    changed = copy.deepcopy(SMALL)
    changed[table][row].update(values)
    found = counted(changed)
    assert {kind for kind in kpis.KINDS if found[kind] != COUNTED[kind]} == kinds


def test_it_runs_with_the_standard_library_alone(tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    program = [sys.executable, "-I", "-S", kpis.__file__, str(file), TODAY.isoformat()]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert {(kind, month, key, int(number)): int(n) for kind, month, key, number, n in lines} == {
        (kind, *cell): n for kind, cells in COUNTED.items() for cell, n in cells.items()
    }


def test_named_rates_are_of_twelve_months_of_now_and_of_ever() -> None:
    found = kpis.count(kpis.Company(SMALL, TODAY).cases())
    apart: dict[str, kpis.Part] = {"reapplication": (1, 1), "reuse": (1, 1), "retry": (1, 3), "credit": (10, 40)}
    assert kpis.rates(found, 40, TODAY) == apart
    assert kpis.rates(found, 40, date(2027, 2, 28)) == apart
    assert kpis.rates(found, 40, date(2027, 3, 1)) == apart | {"reapplication": (0, 0), "reuse": (0, 0)}


def test_the_interval_is_where_a_rate_is_just_not_unlikely() -> None:
    chance = Random(21)  # noqa: S311  (no secret)
    pairs = [(cases, of) for of in range(1, 40) for cases in range(of + 1)]
    pairs += [(chance.randint(0, of), of) for of in (99, 1_000, 70_000, 1_000_000) for _each in range(20)]
    for cases, of in pairs:
        found = wilson(cases, of)
        assert (found.low, found.high) == pytest.approx(kpis.wilson(cases, of), abs=1e-9), (cases, of)


def test_middle_values_are_those_of_a_sorted_list() -> None:
    chance = Random(21)  # noqa: S311  (no secret)
    for size in (*range(1, 60), 1_000, 1_010):
        numbers = [chance.randint(0, 30) for _each in range(size)]
        for part, exact in ((0.5, Fraction(1, 2)), (0.9, Fraction(9, 10))):
            assert percentile(Counter(numbers), part) == kpis.percentile(numbers, exact), (size, part)
