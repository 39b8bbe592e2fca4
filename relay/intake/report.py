"""The report of an import, in the words of the contract (CONTRIBUTING.md, Contract)."""

from dataclasses import dataclass, fields
from typing import Any

from relay.intake.answers import Answers
from relay.intake.plan import Plan
from relay.intake.result import Problem, Reading
from relay.models import ApplicationResult


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import, done or foreseen. `rows` and the ends count rows of the file, the rest counts people."""

    format: str
    rows: int
    created: int
    updated: int
    rejected: int
    withdrew: int
    hired: int
    duplicates: int
    in_selection: int
    past_date: int
    left_out: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the contract's object, sentences in the language of the moment."""
        said = {"problems": [one.as_json() for one in self.problems], "notes": [one.as_json() for one in self.notes]}
        return self.counts() | said

    def counts(self) -> dict[str, Any]:
        """Give the figures alone: what may be kept, since it names no one (A-27)."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("problems", "notes")}


def report_of(reading: Reading, plan: Plan | None = None) -> ImportReport:
    """Give the report of a file; without a plan it is one that is refused."""
    plan = plan or Plan(Answers(None))
    return ImportReport(
        format=reading.format,
        rows=reading.row_count,
        created=len(plan.created),
        updated=len(plan.updated),
        rejected=reading.count(ApplicationResult.REJECTED),
        withdrew=reading.count(ApplicationResult.WITHDREW),
        hired=reading.count(ApplicationResult.HIRED),
        duplicates=reading.count(ApplicationResult.DUPLICATE),
        in_selection=reading.count(ApplicationResult.OPEN),
        past_date=plan.past,
        left_out=len(plan.left_out),
        problems=reading.problems,
        notes=(*reading.warnings, *sorted((*reading.notes, *plan.notes), key=lambda note: note.row)),
    )
