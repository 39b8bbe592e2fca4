"""The preview of applying a waiting file: figures by answer, the people as it would leave them, remarks.

Figures are worked out once for each answer and kept beside the file; people lie on the disk, a page at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from relay.extensions import only_reading
from relay.intake.planning.people import PlannedApplication, PlannedCandidate, rebased
from relay.intake.planning.plan import Answers, Plan, draw, past_by_basis
from relay.intake.rows.row import Problem, Reading
from relay.intake.uploads import on_disk
from relay.intake.uploads.on_disk import PER_PAGE, KeptReading, LineSection
from relay.intake.writing.applying import last_event, nothing_since
from relay.models import ApplicationResult, Import, RetentionBasis, scopes


@dataclass(frozen=True, slots=True)
class Figures:
    """How many people become what, by one answer."""

    created: int
    updated: int
    unchanged: int
    pairs: int
    """How many newcomers share their mail address with someone of another name."""
    newly_rejected: int
    """How many applications arrive rejected, so that it matters whether the people were told."""
    rebased: dict[RetentionBasis, int]
    """Of the unchanged, those who would be kept for another reason by each answer; none once the answer is known."""
    past: dict[RetentionBasis, int]
    """Newcomers past their last day, by the answer why they may be kept."""
    notes: tuple[Problem, ...]
    """The first of what is to be said of rows beside what is there already."""
    note_count: int
    since: int
    """The last event that had been written."""

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON holds it."""
        notes = [[note.row, note.column, str(note.message)] for note in self.notes]
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"notes": notes}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Figures":
        """Give what was kept so."""
        by_basis = {
            name: {RetentionBasis(one): count for one, count in kept[name].items()} for name in ("past", "rebased")
        }
        return cls(**kept | by_basis | {"notes": tuple(Problem(*note) for note in kept["notes"])})


def work_out(
    session: Session,
    company_id: int,
    reading: Reading,
    answers: Answers,
    *,
    people: IO[bytes] | None = None,
) -> Figures:
    """Draw the plan of a file that is not refused, and count; others go on writing meanwhile.

    Its people are written to `people`, an empty file, where one is given.
    """
    session.rollback()
    with only_reading(), scopes.company(session, company_id):
        since = last_event(session)
        plan = draw(session, reading, answers)
        session.rollback()
    if people is not None:
        write_people(plan, reading, people)
    notes = sorted(plan.notes, key=lambda note: note.row)
    return Figures(
        created=len(plan.created),
        updated=len(plan.updated),
        unchanged=len(plan.unchanged),
        pairs=plan.pairs,
        newly_rejected=_newly_rejected(plan),
        rebased=_rebased(plan),
        past=past_by_basis(plan),
        notes=tuple(notes[:PER_PAGE]),
        note_count=len(notes),
        since=since,
    )


def keep_figures(row: Import, found: Figures, answers: Answers) -> None:
    """Keep the figures that hang on these answers."""
    row.figures = (row.figures or {}) | {_key(answers): found.as_json()}


def kept_figures(row: Import, answers: Answers) -> Figures | None:
    """Return the figures that were kept of these answers, however old."""
    found = (row.figures or {}).get(_key(answers))
    return Figures.from_json(found) if found is not None else None


def still_true(session: Session, row: Import, found: Figures) -> bool:
    """Return whether nothing happened since that could change them."""
    return nothing_since(session, row.company_id, found.since)


def _key(answers: Answers) -> str:
    """Return the answers that figures hang on; the others change none of them."""
    return f"{answers.basis.value if answers.basis else ''}{'+words' if answers.words_checked else ''}"


def _rebased(plan: Plan) -> dict[RetentionBasis, int]:
    if plan.answers.basis is not None:
        return dict.fromkeys(RetentionBasis, 0)
    return {basis: sum(rebased(person, basis) for person in plan.unchanged) for basis in RetentionBasis}


def _newly_rejected(plan: Plan) -> int:
    people = (*plan.created, *plan.updated, *plan.left_out)
    return sum(one.newly_notified for person in people for one in person.applications)


# people


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
        return [PersonPreview.stored(*values) for values in on_disk.page_of(self.path, self.people, number)]


def write_people(plan: Plan, reading: Reading, goal: IO[bytes]) -> None:
    """Write the people of a plan to an empty file, in the order in which they are shown."""
    remarks = _by_row((*reading.notes, *plan.notes))
    placed = [(order, person) for person in plan.people if (order := _order(person, remarks)) is not None]
    placed.sort(key=lambda pair: (pair[0], pair[1].rows))
    lines = on_disk.LineWriter(goal)
    lines.finish({"people": lines.section(_line(person, remarks) for _order, person in placed)})


def open_people(path: Path) -> KeptPeople:
    """Give the people that were written to this file."""
    return KeptPeople(path, LineSection.stored(*on_disk.head_of(path)["people"]))


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


# both together


RESULTS = (
    ApplicationResult.OPEN,
    ApplicationResult.REJECTED,
    ApplicationResult.WITHDREW,
    ApplicationResult.DUPLICATE,
    ApplicationResult.HIRED,
)


@dataclass(frozen=True)
class Preview:
    """A file as it would be applied."""

    reading: KeptReading
    figures: Figures
    people: KeptPeople
    basis: RetentionBasis | None
    """The answer so far why the people may be kept."""

    @property
    def updated(self) -> int:
        """Return how many known people change, by the answer so far; another reason for keeping one is a change."""
        return self.figures.updated + (self.figures.rebased[self.basis] if self.basis else 0)

    @property
    def unchanged(self) -> int:
        """Return how many stay as they are."""
        return self.figures.updated + self.figures.unchanged - self.updated

    @property
    def most_rebased(self) -> int:
        """Return how many would be kept for another reason by some answer, while there is none."""
        return 0 if self.basis else max(self.figures.rebased.values())

    @property
    def results(self) -> list[tuple[ApplicationResult, int]]:
        """Return the ends that occur, with their rows."""
        return [(result, self.reading.results[result]) for result in RESULTS if result in self.reading.results]

    @property
    def any_past(self) -> bool:
        """Return whether some answer would find people past their last day, so that the question is to be asked."""
        return any(self.figures.past.values())

    @property
    def changes_nothing(self) -> bool:
        """Return whether everyone is there already, as the file has them."""
        return not self.figures.created and not self.updated

    @property
    def note_count(self) -> int:
        """Return how much there is to say that does not refuse the file."""
        return self.reading.notes.count + self.figures.note_count

    @property
    def notes(self) -> list[Problem]:
        """Return the first page of it, in the order of the rows."""
        return sorted((*self.reading.page_of_notes(), *self.figures.notes), key=lambda note: note.row)[:PER_PAGE]
