"""Files that come in: dropped, looked at, applied whole or not at all. Nothing is mailed by it.

A file is read outside the transaction that writes it, so that nobody waits for a large one.
"""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access import needs, signed_in
from relay.extensions import db
from relay.intake import uploads
from relay.intake.answers import Past
from relay.intake.apply import apply
from relay.intake.prepare import prepare
from relay.intake.preview import Preview, preview
from relay.intake.refusals import FileRefused
from relay.intake.result import Reading
from relay.intake.rows import read_rows
from relay.intake.sources import label_of
from relay.models import Basis, Import, ImportState
from relay.pool.retention import GRACE
from relay.portal import portal
from relay.portal.import_forms import LEAVE, TAKE, YES, AnswersForm, FileForm
from relay.portal.words import words
from relay.web import done, page

MAX_ROWS = 2_000
SHOWN = 100
"""How many problems or notes a page lists; the rest is counted."""


@portal.get("/pool/import")
@needs("import:run")
def import_new() -> Response:
    """Choose a file; those that wait for answers and the newest that came in stand below."""
    return _choose(FileForm(None))


@portal.post("/pool/import")
@needs("import:run")
def import_create() -> AnyResponse:
    """Read the file and keep it for a look; one that has to be put right is not kept."""
    form = FileForm()
    if not form.validate():
        return _choose(form, status=422)
    data = form.file.data.read()
    db.session.rollback()
    try:
        reading = _read(data, form.file.data.filename or "")
    except FileRefused as refused:
        return _choose(form, status=422, trouble=str(refused))
    if reading.refused:
        return _choose(form, status=422, refused=reading)
    row = uploads.keep(db.session(), reading, data, by_user_id=signed_in().user_id)
    db.session.commit()
    return done(None, go_to=url_for(".import_show", import_id=row.id))


@portal.get("/pool/import/<int:import_id>")
@needs("import:run")
def import_show(import_id: int) -> Response:
    """The file as it would be applied, with its questions; once applied, what it did."""
    row = _import_or_404(import_id)
    if row.state is not ImportState.PREVIEWED or row.content is None:
        return _after(row)
    reading = _read(row.content)
    form = AnswersForm(request.args, meta={"csrf": True})
    return _look(row, _ask(form, row.company_id, reading), form)


@portal.post("/pool/import/<int:import_id>")
@needs("import:run")
def import_apply(import_id: int) -> AnyResponse:
    """Apply the file with the answers given; a second press finds it applied and shows what it did."""
    row = _import_or_404(import_id)
    here = url_for(".import_show", import_id=import_id)
    if row.state is not ImportState.PREVIEWED or row.content is None:
        return done(None, go_to=here)
    company_id, data = row.company_id, row.content
    db.session.rollback()
    reading = _read(data)
    form = AnswersForm()
    seen = _ask(form, company_id, reading)
    if not form.validate():
        return _look(_import_or_404(import_id), seen, form, status=422)
    db.session.rollback()
    words_checked = form.said("words", LEAVE) == TAKE
    prepared = prepare(company_id, reading, words_checked=words_checked)
    row = _import_or_404(import_id, lock=True)
    if row.state is ImportState.PREVIEWED and row.content is not None:
        apply(
            db.session(),
            company_id,
            reading,
            basis=Basis(form.basis.data),
            told=form.said("told", YES) == YES,
            past=Past(form.said("past", Past.KEEP.value)),
            words_checked=words_checked,
            by_user_id=signed_in().user_id,
            import_row=row,
            prepared=prepared,
        )
    db.session.commit()
    return done(None, go_to=here)


@portal.post("/pool/import/<int:import_id>/discard")
@needs("import:run")
def import_discard(import_id: int) -> AnyResponse:
    """Drop a file that is not to be applied."""
    row = _import_or_404(import_id, lock=True)
    was_applied = row.state is ImportState.APPLIED
    uploads.discard(row)
    db.session.commit()
    if was_applied:
        return done(None, go_to=url_for(".import_show", import_id=import_id))
    flash(_("ファイルを捨てました。何も取り込んでいません。"))
    return done(None, go_to=url_for(".import_new"))


def _import_or_404(import_id: int, *, lock: bool = False) -> Import:
    wanted = select(Import).where(Import.id == import_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).one_or_none() or abort(404)


def _read(data: bytes, filename: str = "") -> Reading:
    return read_rows(data, filename=filename, today=clock.today(), max_rows=MAX_ROWS)


def _ask(form: AnswersForm, company_id: int, reading: Reading) -> Preview:
    """What the file would do by the answer so far; the form keeps the questions it raises."""
    words_checked = form.words.data == TAKE
    seen = preview(db.session(), company_id, reading, basis=_basis(form), words_checked=words_checked)
    form.ask_only_what_matters(seen)
    return seen


def _basis(form: AnswersForm) -> Basis | None:
    return Basis(form.basis.data) if form.basis.data in set(Basis) else None


def _choose(form: FileForm, *, status: int = 200, refused: Reading | None = None, trouble: str = "") -> Response:
    return page(
        "portal/imports/new.html",
        status=status,
        form=form,
        refused=refused,
        trouble=trouble,
        shown=SHOWN,
        max_rows=MAX_ROWS,
        uploads=uploads.recent(db.session()),
        label_of=label_of,
        applied=ImportState.APPLIED,
        **words(),
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
        **words(),
    )


def _after(row: Import) -> Response:
    if row.state is not ImportState.APPLIED:
        return page("portal/imports/gone.html", status=410)
    in_pool = row.basis is not Basis.SELECTION
    return page("portal/imports/done.html", row=row, report=row.report, in_pool=in_pool, grace=GRACE.days, **words())
