"""Applying a file: all of it or nothing, in the caller's transaction."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.intake import waiting
from relay.intake.answers import Answers, Past
from relay.intake.pairs import note_named
from relay.intake.plan import draw
from relay.intake.precomputed_plan import PrecomputedPlan, nothing_since
from relay.intake.prepare import Prepared, prepare
from relay.intake.report import ImportReport, report_of
from relay.intake.result import Reading
from relay.intake.writing import PlanWriter
from relay.models import (
    ActionKind,
    EventTag,
    Import,
    ImportState,
    RetentionBasis,
    company_locks,
    event_data,
    journal,
    record,
    scopes,
)
from relay.models.company_locks import CompanyLock

UNDO_FOR = timedelta(days=30)
"""How long a whole import can be taken back."""


class RowsRefused(DomainError):
    """Raise where rows must be corrected before the file can be applied."""

    code = "rows-refused"

    def __init__(self, count: int) -> None:
        super().__init__(
            _l("修正が必要な箇所が%(count)sか所あります。何も取り込んでいません。", count=count),
        )


def apply(
    session: Session,
    company_id: int,
    reading: Reading,
    *,
    basis: RetentionBasis,
    told: bool = True,
    past: Past = Past.KEEP,
    words_checked: bool = False,
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
    if reading.refused:
        raise RowsRefused(len(reading.problems))
    answers = Answers(basis, told, past, words_checked)
    if prepared is None:
        prepared = prepare(session, company_id, reading, words_checked=words_checked)
    with scopes.company(session, company_id):
        company_locks.wait_for(session, CompanyLock.IMPORTS, company_id)  # else the same person is made twice
        holds = precomputed is not None and nothing_since(session, company_id, precomputed.last_event)
        plan = precomputed.plan if precomputed is not None and holds else draw(session, reading, answers)
        with journal.kept(
            session,
            company_id,
            ActionKind.IMPORTED,
            by_user_id=by_user_id,
            data={"import_id": import_row.id},
            undo_for=UNDO_FOR,
        ) as recorder:
            PlanWriter(session, company_id, import_row.id, by_user_id, recorder).write(plan, prepared)
            note_named(session, company_id, plan.people, recorder)
        report = report_of(reading, plan)
        import_row.journal_entry_id = recorder.entry.id if recorder.entry else None
        import_row.state, import_row.applied_at = ImportState.APPLIED, clock.now()
        import_row.format, import_row.basis = reading.format, basis
        waiting.let_go(session, [import_row])
        import_row.report = report.counts()
        record(
            session,
            EventTag.IMPORT_APPLIED,
            company_id=company_id,
            subject=("import", import_row.id),
            data=event_data.ImportApplied(**report.counts(), basis=basis.value),
        )
        session.flush()
    return report
