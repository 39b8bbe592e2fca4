"""Figures of what applying a waiting file would do: worked out once for each answer, and kept beside the file."""

from dataclasses import dataclass, fields
from typing import IO, Any

from sqlalchemy.orm import Session

from relay.extensions import only_reading
from relay.intake import kept_people
from relay.intake.answers import Answers
from relay.intake.kept_lines import PER_PAGE
from relay.intake.people import rebased
from relay.intake.plan import Plan, draw, past_by_basis
from relay.intake.precomputed_plan import last_event, nothing_since
from relay.intake.result import Problem, Reading
from relay.models import Import, RetentionBasis, scopes


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
    basis: RetentionBasis | None,
    *,
    words_checked: bool,
    people: IO[bytes] | None = None,
) -> Figures:
    """Draw the plan of a file that is not refused, and count; others go on writing meanwhile.

    Its people are written to `people`, an empty file, where one is given.
    """
    session.rollback()
    with only_reading(), scopes.company(session, company_id):
        since = last_event(session)
        plan = draw(session, reading, Answers(basis, words_checked=words_checked))
        session.rollback()
    if people is not None:
        kept_people.write(plan, reading, people)
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


def keep(row: Import, found: Figures, basis: RetentionBasis | None, *, words_checked: bool) -> None:
    """Keep the figures of one answer."""
    row.figures = (row.figures or {}) | {_key(basis, words_checked): found.as_json()}


def kept(row: Import, basis: RetentionBasis | None, *, words_checked: bool) -> Figures | None:
    """Return the figures that were kept of an answer, however old."""
    found = (row.figures or {}).get(_key(basis, words_checked))
    return Figures.from_json(found) if found is not None else None


def still_true(session: Session, row: Import, found: Figures) -> bool:
    """Return whether nothing happened since that could change them."""
    return nothing_since(session, row.company_id, found.since)


def _key(basis: RetentionBasis | None, words_checked: bool) -> str:
    return f"{basis.value if basis else ''}{'+words' if words_checked else ''}"


def _rebased(plan: Plan) -> dict[RetentionBasis, int]:
    if plan.answers.basis is not None:
        return dict.fromkeys(RetentionBasis, 0)
    return {basis: sum(rebased(person, basis) for person in plan.unchanged) for basis in RetentionBasis}


def _newly_rejected(plan: Plan) -> int:
    people = (*plan.created, *plan.updated, *plan.left_out)
    return sum(one.newly_notified for person in people for one in person.applications)
