"""The people of a file that waits, as applying it would leave them, on the disk: fifty a page, troubles first.

Drawn once with the figures, from the reading that is kept; nobody of the file is read again for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO, Any

from relay.intake import kept_lines
from relay.intake.kept_lines import LineSection
from relay.intake.people import PlannedApplication, PlannedCandidate, rebased
from relay.intake.plan import Plan
from relay.intake.result import Problem, Reading
from relay.models import RetentionBasis

_MAX_LENGTH = 120
"""Characters of a memo that are shown."""

Change = tuple[str, str, str]
"""What changes, what it was, what it will be; '' where there was nothing, or is nothing to be shown."""


class Order(IntEnum):
    """In which order people are shown; who stays as they are is only counted."""

    TROUBLE = 0
    CHANGED = 1
    NEW = 2
    REBASED = 3
    """Nothing changes but, by some answers, why they may be kept."""


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """One person as the import will leave them."""

    rows: tuple[int, ...]
    name: str
    email: str
    applications: tuple[tuple[str, str], ...]
    """Position and status of what the file says they applied for."""
    is_new: bool
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]

    @classmethod
    def stored(cls, rows: list[int], name: str, email: str, *rest: Any) -> "PersonPreview":
        """Give the person as a line holds them."""
        applications, is_new, changes, remarks = rest
        pairs = tuple((position, status) for position, status in applications)
        told = tuple((what, before, after) for what, before, after in changes)
        return cls(tuple(rows), name, email, pairs, is_new, told, tuple(remarks))


@dataclass(frozen=True, slots=True)
class KeptPeople:
    """The people of a file, and a way to each page of them."""

    path: Path
    people: LineSection

    def page(self, number: int) -> list[PersonPreview]:
        """Fifty people, counted from the first page."""
        return [PersonPreview.stored(*values) for values in kept_lines.page(self.path, self.people, number)]


def write(plan: Plan, reading: Reading, goal: IO[bytes]) -> None:
    """Write the people of a plan to an empty file, in the order in which they are shown."""
    remarks = _by_row((*reading.notes, *plan.notes))
    placed = [(order, person) for person in plan.people if (order := _order(person, remarks)) is not None]
    placed.sort(key=lambda pair: (pair[0], pair[1].rows))
    lines = kept_lines.LineWriter(goal)
    lines.finish({"people": lines.section(_line(person, remarks) for _order, person in placed)})


def open_at(path: Path) -> KeptPeople:
    """Give the people that were written to this file."""
    return KeptPeople(path, LineSection.stored(*kept_lines.head_of(path)["people"]))


def _by_row(remarks: Iterable[Problem]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in remarks:
        found.setdefault(one.row, []).append(str(one.message))
    return found


def _order(person: PlannedCandidate, remarks: dict[int, list[str]]) -> Order | None:
    if any(row in remarks for row in person.rows):
        return Order.TROUBLE
    if person.id is None:
        return Order.NEW
    if person.touched:
        return Order.CHANGED
    return Order.REBASED if any(rebased(person, basis) for basis in RetentionBasis) else None


def _line(person: PlannedCandidate, remarks: dict[int, list[str]]) -> list[Any]:
    claimed = [one for one in person.applications if one.claimed]
    return [
        person.rows,
        person.facts["name"],
        person.facts["email"],
        [[one.facts["position"], one.status.value] for one in claimed],
        person.id is None,
        [] if person.id is None else list(_changes(person, claimed)),
        [remark for row in person.rows for remark in remarks.get(row, ())],
    ]


def _changes(person: PlannedCandidate, claimed: Iterable[PlannedApplication]) -> Iterator[Change]:
    now = person.facts | {"basis": person.basis, "retain_until": person.retain_until}
    for name, before in person.before.items():
        yield name, _text(before), _text(now[name])
    for one in claimed:
        if one.id is None:
            yield "application", "", one.facts["position"]
            continue
        here = one.facts | {"status": one.status, "decided_on": one.decided_on}
        for name, before in one.before.items():
            if here[name] != before:
                yield name, _text(before), _text(here[name])
        for step in (*one.new_steps, *one.changed_steps.values()):
            yield "step", "", step.name
    if person.new_tags:
        yield "tags", "", "、".join(tag for _kind, tag in person.new_tags.values())
    for note in (*person.new_notes, *person.changed_notes.values()):
        yield "memo", "", note[:_MAX_LENGTH]


def _text(value: Any) -> str:
    return "" if value is None else str(getattr(value, "value", value))
