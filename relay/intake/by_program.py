"""People as another system tells of them: found again, compared and written as rows of a file are (invariant 8).

A system calls a person and, where it wants, each of their applications by ids of its own; without the latter a person
has one application, which the person's id names. There is no file, so nothing is kept to be taken back: what was wrong
is told again, and changes a field only where it still equals what was told before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import own_words
from relay.infra.keyed_hash import keyed
from relay.intake.fields import OF_CANDIDATE, Field
from relay.intake.planning.plan import Answers, Plan, draw
from relay.intake.rows import facts
from relay.intake.rows.row import ColumnPlan, ImportRow, Pick, Problem, Reading, RowCells
from relay.intake.rows.words import tag_kind
from relay.intake.writing.applying import prepare
from relay.intake.writing.naming import NamedIds
from relay.intake.writing.new_rows import NewRows, WrittenFor, give_ids
from relay.intake.writing.writer import PlanWriter, note_named
from relay.models import ApplicationResult, RejectionReason, acting, company_locks
from relay.models.company_locks import CompanyLock
from relay.models.journal import Unrecorded
from relay.models.labels import Labelled
from relay.text import clean

SOURCE = "api"
"""The name of the source by which records of programs are told from those of files."""


@dataclass(frozen=True, slots=True)
class ReportedPerson:
    """One person with one application, as a program tells of them; what it does not say is missing or None."""

    person_id: str
    application_id: str
    texts: Mapping[Field, str]
    """What is read as a cell of a file is."""
    answers: Mapping[str, Labelled | None]
    """Facts that are one of a closed list, by their names."""
    tags: Sequence[str]
    result: ApplicationResult | None
    reason: RejectionReason | None


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A told person as a row, what is wrong with it, and what is only worth knowing; columns are names of fields."""

    row: ImportRow
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]


class InletOutcome(StrEnum):
    """The outcome for one person who was told of."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class BroughtPerson:
    """A person who was told of, as they are in the records now."""

    candidate_id: int
    fate: InletOutcome


def read(told: ReportedPerson, number: int) -> ReportedRow:
    """Read what a program tells of one person, with the eyes of an import; `number` is their place."""
    today = clock.today()
    texts = dict(told.texts) | ({Field.TAGS: "、".join(told.tags)} if told.tags else {})
    picks: dict[Field, tuple[Pick, ...]] = {field: ((place, field.value),) for place, field in enumerate(texts)}
    cells = RowCells(number, list(texts.values()), ColumnPlan(picks, (), ()))
    name = facts.read_name(cells)
    about = facts.read_facts(cells, name, today=today) | dict(told.answers)
    cells.note_sensitive(Field.TAGS)
    shown = dict.fromkeys(cells.cut(Field.TAGS, clean(tag), Field.TAGS.value) for tag in told.tags)
    result = told.result or ApplicationResult.OPEN
    decided_on = facts.read_day(cells, Field.DECIDED_ON, today=today)
    row = ImportRow(
        row=number,
        source_id=_source_id(told),
        person_id=told.person_id,
        facts=about,
        position=facts.read_line(cells, Field.POSITION),
        channel=facts.read_line(cells, Field.CHANNEL),
        channel_detail=facts.read_line(cells, Field.CHANNEL_DETAIL),
        stage=facts.read_line(cells, Field.STAGE),
        applied_on=facts.read_day(cells, Field.APPLIED_ON, today=today),
        decided_on=None if result is ApplicationResult.OPEN else decided_on,
        result=result,
        result_said=told.result is not None,
        reason=told.reason,
        tags=tuple((tag_kind(tag), tag) for tag in shown if tag),
        memo=facts.read_memo(cells, name),
    )
    cells.note_looks(width=len(texts))
    return ReportedRow(row, tuple(cells.problems), tuple(cells.notes))


def bring(
    session: Session, company_id: int, rows: Sequence[ImportRow], answers: Answers, *, by_user_id: int
) -> tuple[dict[int, BroughtPerson], list[Problem]]:
    """Write what is told of these people; return by row who they are, and what was noted beside the reading.

    Told again it changes nothing. Memos and tags with words the law keeps out stay behind unless `words_checked`.
    """
    reading = _reading(rows)
    company_locks.wait_for(session, CompanyLock.IMPORTS, company_id)  # else the same person is made twice
    plan = draw(session, reading, answers)
    if plan.updated or any(record.changed for person in plan.people for record in person.records):
        _write(session, company_id, reading, plan, by_user_id=by_user_id)
    fates = (
        (InletOutcome.CREATED, plan.created),
        (InletOutcome.CHANGED, plan.updated),
        (InletOutcome.SAME, plan.unchanged),
    )
    brought = {
        row: BroughtPerson(person.id, fate)
        for fate, people in fates
        for person in people
        if person.id is not None
        for row in person.rows
    }
    return brought, plan.notes


def _source_id(told: ReportedPerson) -> str:
    """Return what the record is found by: the ids of applications are each person's own, and never a person's id."""
    if not told.application_id:
        return told.person_id
    return keyed("application", f"{told.person_id}\x00{told.application_id}")


def _write(session: Session, company_id: int, reading: Reading, plan: Plan, *, by_user_id: int) -> None:
    own, checked = own_words.in_scope(session), plan.answers.words_checked
    prepared = prepare(session, company_id, reading, words_checked=checked, own=own)
    given, ids = give_ids(session, plan)
    named: NamedIds = given.made(session, plan, Unrecorded())
    act = WrittenFor(company_id, None, by_user_id, acting(session))
    rows = NewRows.of(session.get_bind().dialect, plan, ids, named, act)
    PlanWriter(session, rows, named, Unrecorded()).write(prepared)
    note_named(session, company_id, plan.people, None)
    session.flush()


def _reading(rows: Sequence[ImportRow]) -> Reading:
    return Reading(
        filename="",
        format=SOURCE,
        encoding="",
        delimiter="",
        header_row=0,
        sheet="",
        fingerprint="",
        columns=(),
        row_count=len(rows),
        rows=tuple(rows),
        problems=(),
        notes=(),
    )


TEXTS = tuple(field for field, declared in OF_CANDIDATE.items() if declared.choices is None)
"""The facts about a person that are told as texts."""
