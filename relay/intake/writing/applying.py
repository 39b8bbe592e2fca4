"""Applying a file: all of it or nothing, in the caller's transaction.

What can be is worked out before that transaction, so that it is short: search tokens of the rows, and, where one writer
holds up all others (SQLite), the plan and the rows it adds, for which ids are given out in a transaction of their own.
Of a large file the search rows come after it (`found_later`). Every act writes its event: where one was written
meanwhile that concerns the company's people, plan and rows are made again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.errors import DomainError
from relay.extensions import begin_reading, begin_writing, short_write
from relay.indexing import own_words, search_rows
from relay.intake.planning.plan import Answers, Plan, draw
from relay.intake.rows.row import ImportRow, Problem, Reading
from relay.intake.writing import found_later
from relay.intake.writing.naming import NamedIds
from relay.intake.writing.new_rows import Ids, NewRows, WrittenFor, give_ids
from relay.intake.writing.writer import PlanWriter, Prepared, note_named
from relay.models import (
    ActionKind,
    ApplicationResult,
    Event,
    EventTag,
    Import,
    ImportState,
    acting,
    company_locks,
    event_data,
    journal,
    record,
    scopes,
)
from relay.models.company_locks import CompanyLock
from relay.models.inserting import large_cache
from relay.models.retention import UNDO
from relay.text import sensitive_words
from relay.text.own_words import NONE, OwnWords


@dataclass(frozen=True)
class PrecomputedPlan:
    """A plan, the last event that had been written when it was drawn, and the rows it adds."""

    plan: Plan
    last_event: int
    named: NamedIds
    rows: NewRows


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


UNDO_FOR = timedelta(days=UNDO.number)
"""How long a whole import can be taken back."""


class RowsRefused(DomainError):
    """Raise where rows must be corrected before the file can be applied."""

    code = "rows-refused"

    def __init__(self, count: int) -> None:
        super().__init__(
            _l("修正の必要な箇所が%(count)sか所あります。何も取り込んでいません。", count=count),
        )


def prepare_and_apply(
    session: Session,
    company_id: int,
    reading: Reading,
    answers: Answers,
    *,
    by_user_id: int | None,
    import_id: int | None,
    find_import: Callable[[int | None], Import | None],
) -> ImportReport | None:
    """Work out what can be while others go on writing, then write; no transaction may be open.

    `find_import` is called after that, and returns the import that waits, locked; where it returns None nothing is
    written, and None returned. Without `import_id` it is to make one, of the id that it is given. Raises RowsRefused.
    """
    prepared = None
    if not _found_later(reading):
        own = _own_words(session, company_id)
        prepared = prepare(session, company_id, reading, words_checked=answers.words_checked, own=own)
    precomputed = precompute_plan(session, company_id, reading, answers, by_user_id=by_user_id, import_id=import_id)
    if precomputed is not None:
        import_id = precomputed.rows.act.import_id
    if (import_row := find_import(import_id)) is None:
        return None
    return apply(
        session,
        company_id,
        reading,
        answers,
        by_user_id=by_user_id,
        import_row=import_row,
        prepared=prepared,
        precomputed=precomputed,
    )


def apply(
    session: Session,
    company_id: int,
    reading: Reading,
    answers: Answers,
    *,
    by_user_id: int | None,
    import_row: Import,
    prepared: Prepared | None = None,
    precomputed: PrecomputedPlan | None = None,
) -> ImportReport:
    """Write what the file says. The same file with the same answers again changes nothing (invariant 8).

    A file only changes what a file brought: never what HR changed since, a decision made in Relay, or when someone was
    told. Memos and tags with words the law keeps out stay behind unless `words_checked` (A-22). `prepared` is given
    by those who tokenised before their transaction began, `precomputed` by those who drew the plan then. Raises
    RowsRefused.
    """
    assert answers.basis is not None
    if reading.refused:
        raise RowsRefused(len(reading.problems))
    with scopes.company(session, company_id):
        if prepared is None and not _found_later(reading):
            own = own_words.in_scope(session)
            prepared = prepare(session, company_id, reading, words_checked=answers.words_checked, own=own)
        company_locks.wait_for(session, CompanyLock.IMPORTS, company_id)  # else the same person is made twice
        if precomputed is not None and not _holds(session, company_id, precomputed):
            precomputed = None
        plan = precomputed.plan if precomputed is not None else draw(session, reading, answers)
        keeping = journal.kept(
            session,
            company_id,
            ActionKind.IMPORTED,
            by_user_id=by_user_id,
            data={"import_id": import_row.id},
            undo_for=UNDO_FOR,
        )
        with large_cache(session), keeping as recorder:
            if precomputed is not None:
                named, rows = precomputed.named.made(session, plan, recorder), precomputed.rows
            else:
                given, ids = give_ids(session, plan)
                named = given.made(session, plan, recorder)
                act = WrittenFor(company_id, import_row.id, by_user_id, acting(session))
                rows = _rows(session, plan, ids, named, act)
            PlanWriter(session, rows, named, recorder).write(prepared)
            note_named(session, company_id, plan.people, recorder)
        report = report_of(reading, plan)
        import_row.journal_entry_id = recorder.entry.id if recorder.entry else None
        import_row.state, import_row.applied_at = ImportState.APPLIED, clock.now()
        import_row.format, import_row.basis = reading.format, answers.basis
        if recorder.entry is not None and _found_later(reading):
            found_later.enqueue(session, company_id, import_row, recorder.entry)
        let_go(session, [import_row])
        import_row.report = report.counts()
        record(
            session,
            EventTag.IMPORT_APPLIED,
            company_id=company_id,
            subject=("import", import_row.id),
            data=event_data.ImportApplied(**report.counts(), basis=answers.basis.value),
        )
        session.flush()
    return report


def let_go(session: Session, rows: Iterable[Import]) -> None:
    """Forget what was read of these files; it leaves the disk once the transaction holds."""
    for row in rows:
        kept = (row.table_stored_as, row.reading_stored_as, row.people_stored_as)
        store.remove_after_commit(session, [name for name in kept if name is not None])
        row.table_stored_as = row.reading_stored_as = row.people_stored_as = row.figures = None
        row.size = 0


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


# search tokens


def _found_later(reading: Reading) -> bool:
    """Tell whether the file is so large that its people are found by their words only some seconds after it is in."""
    return len(reading.rows) > found_later.AT_ONCE


def prepare(
    session: Session, company_id: int, reading: Reading, *, words_checked: bool, own: OwnWords = NONE
) -> Prepared:
    """Tokenise every row, as the session's database reads it; it is not asked for anything."""
    vector = session.get_bind().dialect.name == "postgresql"
    prepared: Prepared = {}
    for row in reading.rows:
        texts, work = _texts(row, words_checked), _work(row, words_checked)
        prepared[row.row] = search_rows.prepare(company_id, 0, texts, work, own=own, vector=vector)
    return prepared


def _own_words(session: Session, company_id: int) -> OwnWords:
    """Return the company's own words, in a transaction of their own that only reads."""
    begin_reading()
    try:
        with scopes.company(session, company_id):
            return own_words.in_scope(session)
    finally:
        session.rollback()
        begin_writing()


def _texts(row: ImportRow, words_checked: bool) -> list[str]:
    """Return the texts in the order of relay.indexing.search_rows."""
    words = [
        *_allowed(words_checked, *(tag for _kind, tag in row.tags)),
        *(row.position, row.stage, row.channel, row.channel_detail, *_allowed(words_checked, row.memo)),
        *_allowed(words_checked, *(step.comment for step in reversed(row.steps))),
    ]
    return search_rows.document(row.facts, words=filter(None, words))


def _work(row: ImportRow, words_checked: bool) -> search_rows.WorkTexts:
    """Return of the same texts those that a position may be compared with."""
    work = search_rows.WorkTexts([row.position] if row.position else [], list(_allowed(words_checked, row.memo)))
    for kind, tag in row.tags:
        if _allowed(words_checked, tag):
            work.add_tag(kind, tag)
    return work.add_fields(row.facts)


def _allowed(words_checked: bool, *texts: str) -> list[str]:
    return [text for text in texts if words_checked or not sensitive_words(text)]


# the plan, drawn before


_CHANGES_NOBODY = (
    EventTag.SIGNED_IN,
    EventTag.SIGN_IN_REFUSED,
    EventTag.SIGNED_OUT,
    EventTag.CANDIDATE_VIEWED,
    EventTag.POOL_SEARCHED,
    EventTag.IMPORT_PREVIEWED,
    EventTag.ACT_REFUSED,
)


def precompute_plan(
    session: Session,
    company_id: int,
    reading: Reading,
    answers: Answers,
    *,
    by_user_id: int | None,
    import_id: int | None,
) -> PrecomputedPlan | None:
    """Draw the plan and work out its rows while others go on writing; no transaction may be open.

    None where nobody would have to wait. Without `import_id` one is given out, too.
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    actor = acting(session)
    begin_reading()
    try:
        with scopes.company(session, company_id):
            before = last_event(session)
            plan = draw(session, reading, answers)
    finally:
        session.rollback()
        begin_writing()
    with short_write(), scopes.company(session, company_id):
        named, ids = give_ids(session, plan)
        import_id = import_id or ids[Import][0]
    act = WrittenFor(company_id, import_id, by_user_id, actor)
    return PrecomputedPlan(plan, before, named, _rows(session, plan, ids, named, act))


def _rows(session: Session, plan: Plan, ids: Ids, named: NamedIds, act: WrittenFor) -> NewRows:
    return NewRows.of(session.get_bind().dialect, plan, ids, named, act)


def _holds(session: Session, company_id: int, precomputed: PrecomputedPlan) -> bool:
    is_quiet = nothing_since(session, company_id, precomputed.last_event)
    return is_quiet and precomputed.named.holds(session, precomputed.plan)


def last_event(session: Session) -> int:
    """Return the number of the last event that was written."""
    return session.scalar(select(func.max(Event.id))) or 0


_SINCE = (
    select(Event.id)
    .where(
        Event.id > bindparam("event"),
        Event.company_id == bindparam("company"),
        Event.tag.not_in([tag.value for tag in _CHANGES_NOBODY]),
    )
    .limit(1)
)


def nothing_since(session: Session, company_id: int, event: int) -> bool:
    """Return whether nothing happened since that could concern the company's people."""
    return session.scalars(_SINCE, {"event": event, "company": company_id}).first() is None
