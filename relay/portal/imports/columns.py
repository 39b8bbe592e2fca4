"""Pages about the columns of a file, and the remarks on its rows as a file."""

import heapq
import itertools
from collections.abc import Iterator

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.intake.fields import LABELS
from relay.intake.rows import mapping
from relay.intake.rows.columns import DROP
from relay.intake.rows.mapping import Column, Shape
from relay.intake.uploads import arrival
from relay.intake.uploads.on_disk import KeptReading
from relay.models import Import
from relay.portal import portal
from relay.portal.imports.index import import_or_404, reading_of
from relay.text import Sentence
from relay.text.spreadsheet import csv_utf8
from relay.web import done, page

_CHOICES = [
    SelectChoice(DROP, _l("取り込まない")),
    *(SelectChoice(field.value, label) for field, label in LABELS.items()),
]


@portal.get("/pool/import/<int:import_id>/columns")
@needs("import:run")
def import_columns(import_id: int) -> AnyResponse:
    """Show each column with its values and what it is taken as."""
    row, reading = waiting_or_404(import_id)
    return _show(row, reading, _form(reading.shape, submitted=False))


@portal.post("/pool/import/<int:import_id>/columns")
@needs("import:run")
def import_columns_save(import_id: int) -> AnyResponse:
    """Take what HR says of the columns, for this file and the next of the same shape."""
    row, reading = waiting_or_404(import_id)
    shape = reading.shape
    form = _form(shape, submitted=True)
    meanings = {column.key: form[f"c{column.index}"].data for column in shape.columns if column.kept_out is None}
    if not form.validate():
        return _show(row, reading, form, status=422)
    if mapping.lacks_names(meanings):
        return _show(row, reading, form, status=422, lacks_names=True)
    mapping.remember(db.session(), shape, meanings, by_user_id=member().user_id)
    db.session.commit()
    arrival.read_again(db.session(), row, shape.fingerprint, by_user_id=member().user_id)
    flash(_("列の対応を覚えました。同じ形のファイルには、次からこの対応を使います。"))
    return done(None, go_to=url_for(".import_show", import_id=import_id))


@portal.get("/pool/import/<int:import_id>/remarks")
@needs("import:run")
def import_remarks(import_id: int) -> Response:
    """Send every row that has a remark, as a file to work through in a spreadsheet."""
    _row, reading = waiting_or_404(import_id)
    response = Response(csv_utf8(_remarks(reading)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"relay-import-{clock.today():%Y%m%d}.csv")
    return response


def _remarks(reading: KeptReading) -> Iterator[tuple[object, ...]]:
    """Yield the remarks in the order of the rows; words are looked up before the first is sent, within the request."""
    to_do, note = _("修正が必要な箇所"), _("お知らせ")
    lines = heapq.merge(
        ((one.row, one.column or "", to_do, one.message) for one in reading.every_problem()),
        ((one.row, one.column or "", note, one.message) for one in reading.every_note()),
        key=lambda line: line[0],
    )
    return itertools.chain([(_("行"), _("列"), _("種類"), _("内容"))], lines)


def waiting_or_404(import_id: int) -> tuple[Import, KeptReading]:
    """Return a file that waits for answers, and what was read of it; else 404."""
    row = import_or_404(import_id)
    return row, reading_of(row) or abort(404)


def _form(shape: Shape, *, submitted: bool) -> FlaskForm:
    """Return a form with a question for each column that may be taken."""
    fields = {
        f"c{column.index}": _question(column, asked=column.index in shape.asked)
        for column in shape.columns
        if column.kept_out is None
    }
    form_of_file = type("ColumnsForm", (FlaskForm,), fields)
    return form_of_file() if submitted else form_of_file(None)


def _question(column: Column, *, asked: bool) -> SelectField:
    """Return the question what a column is taken as; where Relay does not know, nothing is chosen beforehand."""
    if not asked:
        return SelectField(column.name, choices=_CHOICES, default=column.taken_as)
    choices = [SelectChoice("", _l("選んでください")), *_CHOICES]
    required = InputRequired(_l("この列が何か、選んでください。"))
    return SelectField(column.name, choices=choices, default="", validators=[required])


def _show(
    row: Import, reading: KeptReading, form: FlaskForm, *, status: int = 200, lacks_names: bool = False
) -> Response:
    shape = reading.shape
    return page(
        "portal/imports/columns.html",
        status=status,
        row=row,
        reading=reading,
        shape=shape,
        form=form,
        questions=_questions(shape),
        lacks_names=lacks_names or shape.lacks_names,
    )


def _questions(shape: Shape) -> list[tuple[Sentence, list[str]]]:
    """Each field that is asked about, with the columns in question."""
    names = {column.index: column.name for column in shape.columns}
    return [(LABELS[one.field], [names[index] for index in one.columns]) for one in shape.questions]
