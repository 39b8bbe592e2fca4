"""Files that come in: dropped, looked at, applied whole or not at all. Nothing is mailed by it.

A file is read outside the transaction that writes it, so that nobody waits for a large one; a very large one is
left to the worker.
"""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access import accepts_up_to, needs, signed_in
from relay.extensions import db
from relay.intake import later, mapping, uploads
from relay.intake.answers import Answers, Past
from relay.intake.apply import apply
from relay.intake.prepare import prepare
from relay.intake.preview import Preview, preview
from relay.intake.limits import MAX_BYTES
from relay.intake.refusals import FileRefused, NoNameColumn
from relay.intake.result import Reading
from relay.intake.rows import read_rows
from relay.intake.sources import label_of
from relay.models import Basis, Import, ImportState, JournalEntry
from relay.pool.retention import GRACE
from relay.portal import portal
from relay.portal.import_forms import LEAVE, TAKE, YES, AnswersForm, FileForm
from relay.portal.words import words
from relay.web import done, page, wants_fragment

MAX_ROWS = 50_000
SHOWN = 100
"""How many problems or notes a page lists; the rest is counted, and in the file that can be downloaded."""


@portal.get("/pool/import")
@needs("import:run")
def import_new() -> Response:
    """Choose a file; those that wait for answers and the newest that came in stand below."""
    return _choose(FileForm(None))


@portal.post("/pool/import")
@needs("import:run")
@accepts_up_to(MAX_BYTES)
def import_create() -> AnyResponse:
    """Read the file and keep it for a look, a day at most."""
    form = FileForm()
    if not form.validate():
        return _choose(form, status=422)
    data = form.file.data.read()
    db.session.rollback()
    try:
        reading = read(data, form.file.data.filename or "")
    except NoNameColumn:
        row = uploads.keep(db.session(), None, data, by_user_id=signed_in().user_id)
        db.session.commit()
        return done(None, go_to=url_for(".import_columns", import_id=row.id))
    except FileRefused as refused:
        return _choose(form, status=422, trouble=str(refused))
    row = uploads.keep(db.session(), reading, data, by_user_id=signed_in().user_id)
    db.session.commit()
    if reading.refused:
        return _refused(row, reading, status=422)
    return done(None, go_to=url_for(".import_show", import_id=row.id))


@portal.get("/pool/import/<int:import_id>")
@needs("import:run")
def import_show(import_id: int) -> AnyResponse:
    """The file as it would be applied, with its questions; what is to be put right in it; what it did."""
    row = import_or_404(import_id)
    if row.state is not ImportState.PREVIEWED or row.content is None:
        return _after(row)
    try:
        reading = read(row.content)
    except NoNameColumn:
        return done(None, go_to=url_for(".import_columns", import_id=import_id))
    row = import_or_404(import_id)
    if reading.refused:
        return _refused(row, reading)
    form = AnswersForm(request.args, meta={"csrf": True})
    return _look(row, _ask(form, row.company_id, reading), form)


@portal.post("/pool/import/<int:import_id>")
@needs("import:run")
def import_apply(import_id: int) -> AnyResponse:
    """Apply the file with the answers given; a second press finds it applied and shows what it did."""
    row = import_or_404(import_id)
    here = url_for(".import_show", import_id=import_id)
    if row.state is not ImportState.PREVIEWED or row.content is None:
        return done(None, go_to=here)
    company_id, data = row.company_id, row.content
    db.session.rollback()
    try:
        reading = read(data)
    except NoNameColumn:
        return done(None, go_to=here)
    if reading.refused:
        return done(None, go_to=here)
    form = AnswersForm()
    seen = _ask(form, company_id, reading)
    if not form.validate():
        return _look(import_or_404(import_id), seen, form, status=422)
    db.session.rollback()
    _take(import_id, company_id, reading, form)
    db.session.commit()
    return done(None, go_to=here)


@portal.post("/pool/import/<int:import_id>/discard")
@needs("import:run")
def import_discard(import_id: int) -> AnyResponse:
    """Drop a file that is not to be applied."""
    row = import_or_404(import_id, lock=True)
    if not uploads.discard(db.session(), row):
        return done(None, go_to=url_for(".import_show", import_id=import_id))
    db.session.commit()
    flash(_("ファイルを捨てました。何も取り込んでいません。"))
    return done(None, go_to=url_for(".import_new"))


def import_or_404(import_id: int, *, lock: bool = False) -> Import:
    """The import of this id in the company of whoever asks."""
    wanted = select(Import).where(Import.id == import_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).one_or_none() or abort(404)


def read(data: bytes, filename: str = "") -> Reading:
    """Read a file as HR said its columns are to be read; the database is asked once, and not held."""
    return read_rows(data, filename=filename, today=clock.today(), max_rows=MAX_ROWS, chosen=_chosen)


def _chosen(shape: str) -> dict[str, str]:
    said = mapping.chosen(db.session(), shape)
    db.session.rollback()
    return said


def _take(import_id: int, company_id: int, reading: Reading, form: AnswersForm) -> None:
    """Apply the file now, or leave it to the worker; nothing happens where it is applied meanwhile."""
    answers = Answers(
        Basis(form.basis.data),
        form.said("told", YES) == YES,
        Past(form.said("past", Past.KEEP.value)),
        form.said("words", LEAVE) == TAKE,
    )
    at_once = reading.row_count <= later.AT_ONCE
    prepared = prepare(db.session(), company_id, reading, words_checked=answers.words_checked) if at_once else None
    row = import_or_404(import_id, lock=True)
    if row.state is not ImportState.PREVIEWED or row.content is None:
        return
    if not at_once:
        later.enqueue(db.session(), row, answers, by_user_id=signed_in().user_id)
        return
    apply(
        db.session(),
        company_id,
        reading,
        basis=Basis(form.basis.data),
        told=answers.told,
        past=answers.past,
        words_checked=answers.words_checked,
        by_user_id=signed_in().user_id,
        import_row=row,
        prepared=prepared,
    )


def _ask(form: AnswersForm, company_id: int, reading: Reading) -> Preview:
    """What the file would do by the answer so far; the form keeps the questions it raises."""
    words_checked = form.words.data == TAKE
    seen = preview(db.session(), company_id, reading, basis=_basis(form), words_checked=words_checked)
    form.ask_only_what_matters(seen)
    return seen


def _basis(form: AnswersForm) -> Basis | None:
    return Basis(form.basis.data) if form.basis.data in set(Basis) else None


def _choose(form: FileForm, *, status: int = 200, trouble: str = "") -> Response:
    return page(
        "portal/imports/new.html",
        status=status,
        form=form,
        trouble=trouble,
        max_rows=MAX_ROWS,
        uploads=uploads.recent(db.session()),
        label_of=label_of,
        states=ImportState,
        **words(),
    )


def _refused(row: Import, reading: Reading, *, status: int = 200) -> Response:
    return page(
        "portal/imports/refused.html", status=status, row=row, refused=reading, form=FileForm(None), shown=SHOWN
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
        shown=SHOWN,
        later=seen.reading.row_count > later.AT_ONCE,
        **words(),
    )


def _after(row: Import) -> AnyResponse:
    if row.state is ImportState.QUEUED:
        job = later.job_of(db.session(), row)
        gave_up = later.gave_up(db.session(), row)
        return page("portal/imports/waiting.html", "portal/imports/_waiting.html", row=row, job=job, gave_up=gave_up)
    if wants_fragment():  # the page that waited
        return done(None, go_to=url_for(".import_show", import_id=row.id))
    if row.state is not ImportState.APPLIED:
        return page("portal/imports/gone.html", status=410)
    entry = _entry_of(row)
    return page(
        "portal/imports/done.html",
        row=row,
        report=row.report,
        in_pool=row.basis is not Basis.SELECTION,
        grace=GRACE.days,
        entry=entry,
        can_be_undone=entry is not None and entry.undone_at is None and entry.undo_until > clock.now(),
        **words(),
    )


def _entry_of(row: Import) -> JournalEntry | None:
    """By which the import can be taken back; none where it changed nothing or that is long past."""
    if row.journal_entry_id is None:
        return None
    return db.session.scalars(select(JournalEntry).where(JournalEntry.id == row.journal_entry_id)).one_or_none()
