"""Files that come in: dropped, looked at, applied whole or not at all. Nothing is mailed by it.

A file is read once, in a process of its own, outside any transaction; what was read waits on the disk, and a page of it
costs the page. A large file is read and applied by the worker.
"""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.markers import accepts_up_to
from relay.access.permissions import needs
from relay.candidates.files import store
from relay.candidates.retention import GRACE
from relay.extensions import db, short_write
from relay.infra import limited
from relay.intake.planning.plan import NOTHING_ANSWERED, Answers
from relay.intake.reading.refusals import MAX_BYTES, MAX_ROWS, FileGone, FileRefused
from relay.intake.reading.sources import label_of
from relay.intake.uploads import arrival, later, on_disk, preview, waiting
from relay.intake.uploads.on_disk import KeptReading
from relay.intake.uploads.preview import Figures, KeptPeople, Preview
from relay.intake.writing import found_later
from relay.intake.writing.applying import prepare_and_apply
from relay.models import Import, ImportState, JournalEntry, RetentionBasis
from relay.portal import portal
from relay.portal.imports.forms import TAKE, AnswersForm, FileForm
from relay.portal.imports.labels import preview_words
from relay.portal.ui.labels import words
from relay.web import done, page, wants_fragment


@portal.get("/pool/import")
@needs("import:run")
def import_new() -> Response:
    """Choose a file; those that wait for answers and the newest that came in stand below."""
    limited.get_ready(arrival.READER)
    return _choose(FileForm(None))


@portal.post("/pool/import")
@needs("import:run")
@accepts_up_to(MAX_BYTES)
def import_create() -> AnyResponse:
    """Read the file and keep it for a look, a day at most."""
    form = FileForm()
    if not form.validate():
        return _choose(form, status=422)
    db.session.rollback()
    person = member()
    try:
        row = arrival.receive(db.session(), person.company_id, form.file.data.stream, by_user_id=person.user_id)
    except FileRefused as refused:
        return _choose(form, status=422, trouble=str(refused))
    reading = reading_of(row)
    if reading is not None and reading.several:
        return done(None, go_to=url_for(".import_place", import_id=row.id))
    if reading is not None and not reading.is_certain:
        return done(None, go_to=url_for(".import_columns", import_id=row.id))
    if reading is not None and reading.refused:
        return _refused(row, reading, status=422)
    return done(None, go_to=url_for(".import_show", import_id=row.id))


@portal.get("/pool/import/<int:import_id>")
@needs("import:run")
def import_show(import_id: int) -> AnyResponse:
    """Show the file as it would be applied, with its questions; what is to be put right in it; what it did."""
    row = import_or_404(import_id)
    reading = reading_of(row)
    if reading is None:
        return _after(row)
    if not reading.is_certain:
        return done(None, go_to=url_for(".import_columns", import_id=import_id))
    if reading.refused:
        return _refused(row, reading)
    form = AnswersForm(request.args, meta={"csrf": True})
    try:
        return _look(row, _ask(form, row, reading), form)
    except FileGone:
        return _after(import_or_404(import_id))


@portal.get("/pool/import/<int:import_id>/rows")
@needs("import:run")
def import_rows(import_id: int) -> AnyResponse:
    """Show the people of the file as they will be, fifty at a time."""
    row = import_or_404(import_id)
    reading = reading_of(row) or abort(404)
    if not reading.is_certain or reading.refused:
        return done(None, go_to=url_for(".import_show", import_id=import_id))
    _figures(row, reading, NOTHING_ANSWERED)
    people = people_of(import_or_404(import_id)) or abort(404)
    number = request.args.get("page", 1, type=int)
    shown = people.page(number)
    if not shown and number != 1:
        abort(404)
    return page("portal/imports/rows.html", row=row, people=people, shown=shown, number=number, **preview_words())


@portal.post("/pool/import/<int:import_id>")
@needs("import:run")
def import_apply(import_id: int) -> AnyResponse:
    """Apply the file with the answers given; a second press finds it applied and shows what it did."""
    row = import_or_404(import_id)
    here = url_for(".import_show", import_id=import_id)
    reading = reading_of(row)
    if reading is None or not reading.is_certain or reading.refused:
        return done(None, go_to=here)
    form = AnswersForm()
    try:
        seen = _ask(form, row, reading)
        if not form.validate():
            return _look(import_or_404(import_id), seen, form, status=422)
        _take(row, reading, form.answers())
    except FileGone:
        db.session.rollback()
    db.session.commit()
    return done(None, go_to=here)


@portal.post("/pool/import/<int:import_id>/discard")
@needs("import:run")
def import_discard(import_id: int) -> AnyResponse:
    """Drop a file that is not to be applied."""
    row = import_or_404(import_id, lock=True)
    if not arrival.discard(db.session(), row):
        return done(None, go_to=url_for(".import_show", import_id=import_id))
    db.session.commit()
    flash(_("読み取ったファイルを破棄しました。何も取り込んでいません。"))
    return done(None, go_to=url_for(".import_new"))


def import_or_404(import_id: int, *, lock: bool = False) -> Import:
    """Return the import of this id in the signed-in person's company; else 404."""
    statement = _LOCKED if lock else _NAMED
    return db.session.scalars(statement, {"named": import_id}).one_or_none() or abort(404)


_NAMED = select(Import).where(Import.id == bindparam("named"))
_LOCKED = _NAMED.with_for_update().execution_options(populate_existing=True)


def reading_of(row: Import) -> KeptReading | None:
    """Return what was read from a file that waits for answers; None from one that does not, or is gone."""
    if row.state is not ImportState.PREVIEWED or row.reading_stored_as is None:
        return None
    try:
        return on_disk.open_reading(store.path_of(row.reading_stored_as))
    except FileNotFoundError:
        return None


def people_of(row: Import) -> KeptPeople | None:
    """Return the people of a file that waits for answers; None where they are not there any more."""
    if row.state is not ImportState.PREVIEWED or row.people_stored_as is None:
        return None
    try:
        return preview.open_people(store.path_of(row.people_stored_as))
    except FileNotFoundError:
        return None


def _take(row: Import, reading: KeptReading, answers: Answers) -> None:
    """Apply the file now, or leave it to the worker; nothing happens where it is applied meanwhile."""
    company_id, import_id, large, user_id = row.company_id, row.id, arrival.is_large(row), member().user_id
    db.session.rollback()
    if large:
        row = import_or_404(import_id, lock=True)
        if row.state is ImportState.PREVIEWED:
            later.enqueue(db.session(), row, answers, by_user_id=user_id)
        return
    prepare_and_apply(
        db.session(),
        company_id,
        reading.whole(),
        answers,
        by_user_id=user_id,
        import_id=import_id,
        find_import=lambda _id: _still_waiting(row, reading),
    )


def _ask(form: AnswersForm, row: Import, reading: KeptReading) -> Preview:
    """Return what the file would do by the answers so far; the form keeps the questions it raises."""
    first = _figures(row, reading, NOTHING_ANSWERED)
    people = people_of(import_or_404(row.id))
    if people is None:
        raise FileGone
    answers = Answers(_basis(form), words_checked=form.words.data == TAKE)
    found = first if answers == NOTHING_ANSWERED else _figures(row, reading, answers)
    seen = Preview(reading, found, people, answers.basis)
    form.ask_only_what_matters(seen)
    return seen


def _figures(row: Import, reading: KeptReading, answers: Answers) -> Figures:
    """Return what is kept of these answers, or work it out and keep it; the first figures of a large file serve all."""
    session = db.session()
    first = preview.kept_figures(row, NOTHING_ANSWERED)
    if first is not None and arrival.is_large(row):
        return first
    found = preview.kept_figures(row, answers)
    if found is not None and preview.still_true(session, row, found):
        return found
    if answers == NOTHING_ANSWERED:
        return _drawn_anew(row, reading)
    found = preview.work_out(session, row.company_id, reading.whole(), answers)
    with short_write():
        if (now := _still_waiting(row, reading)) is not None:
            preview.keep_figures(now, found, answers)
    return found


def _drawn_anew(row: Import, reading: KeptReading) -> Figures:
    """Return the figures before any answer, and with them the people of the file, as they are now."""
    session = db.session()
    drawn = arrival.draw_people(session, row.company_id, reading)
    with short_write():
        if (now := _still_waiting(row, reading)) is not None:
            arrival.keep_people(session, now, drawn)
            return drawn.figures
    store.remove([drawn.stored_as])
    return drawn.figures


def _still_waiting(row: Import, reading: KeptReading) -> Import | None:
    """Return the import, locked, while it waits with this reading."""
    now = import_or_404(row.id, lock=True)
    waits = now.state is ImportState.PREVIEWED and now.reading_stored_as == reading.path.name
    return now if waits else None


def _basis(form: AnswersForm) -> RetentionBasis | None:
    return RetentionBasis(form.basis.data) if form.basis.data in set(RetentionBasis) else None


def _choose(form: FileForm, *, status: int = 200, trouble: str = "") -> Response:
    return page(
        "portal/imports/new.html",
        status=status,
        form=form,
        trouble=trouble,
        max_rows=MAX_ROWS,
        uploads=waiting.recent(db.session()),
        label_of=label_of,
        states=ImportState,
        **words(),
    )


def _refused(row: Import, reading: KeptReading, *, status: int = 200) -> Response:
    return page(
        "portal/imports/refused.html",
        status=status,
        row=row,
        refused=reading,
        form=FileForm(None),
        left_rows=_left_rows(row, reading),
    )


def _look(row: Import, seen: Preview, form: AnswersForm, *, status: int = 200) -> Response:
    return page(
        "portal/imports/show.html",
        "portal/imports/_answered.html",
        status=status,
        row=row,
        seen=seen,
        form=form,
        basis=_basis(form),
        label=label_of(seen.reading.format),
        grace=GRACE.days,
        later=arrival.is_large(row),
        left_rows=_left_rows(row),
        shown=seen.people.page(1),
        **preview_words(),
    )


def _left_rows(row: Import, refused: KeptReading | None = None) -> str:
    """Return the rows that stay behind, as typed; of a refused file also the first that are to be corrected."""
    rows = set(arrival.left_rows(row))
    if refused is not None and refused.is_certain:
        rows |= {one.row for one in refused.page_of_problems()}
    return "、".join(map(str, sorted(rows)))


def _after(row: Import) -> AnyResponse:
    if row.state in (ImportState.QUEUED, ImportState.READING) and row.table_stored_as is not None:
        reads = row.state is ImportState.READING
        kind = arrival.KIND if reads else later.KIND
        job = later.job_of(db.session(), row, kind=kind)
        gave_up = later.gave_up(db.session(), row, kind=kind)
        context: dict[str, Any] = {"row": row, "job": job, "gave_up": gave_up, "reads": reads}
        return page("portal/imports/waiting.html", "portal/imports/_waiting.html", **context)
    if wants_fragment():  # the page that waited
        return done(None, go_to=url_for(".import_show", import_id=row.id))
    if row.state is not ImportState.APPLIED:
        return page("portal/imports/gone.html", status=410, refused=row.report.get("refused", ""))
    entry = _entry_of(row)
    return page(
        "portal/imports/done.html",
        row=row,
        report=row.report,
        in_pool=row.basis is not RetentionBasis.SELECTION,
        grace=GRACE.days,
        found_at_once=found_later.AT_ONCE,
        entry=entry,
        can_be_undone=entry is not None and entry.undone_at is None and entry.undo_until > clock.now(),
        **words(),
    )


def _entry_of(row: Import) -> JournalEntry | None:
    """Return the entry by which the import can be taken back; None where it changed nothing or is long past."""
    if row.journal_entry_id is None:
        return None
    return db.session.scalars(select(JournalEntry).where(JournalEntry.id == row.journal_entry_id)).one_or_none()
