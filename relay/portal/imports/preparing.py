"""Preparing a file: a template to fill in, and how other systems give theirs."""

from flask import Response, send_file
from flask_babel import gettext as _

from relay.access.permissions import needs
from relay.intake.fields import LABELS, Field
from relay.portal import portal
from relay.text.spreadsheet import workbook
from relay.web import page

COLUMNS = (
    *(Field.NAME, Field.KANA, Field.EMAIL, Field.PHONE, Field.POSITION, Field.CHANNEL, Field.APPLIED_ON, Field.STAGE),
    *(Field.RESULT, Field.DECIDED_ON, Field.REASON, Field.TOLD, Field.CONSENT, Field.TAGS, Field.MEMO),
)
"""The columns of the template, each called by its own label."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@portal.get("/pool/import/preparing")
@needs("import:run")
def import_preparing() -> Response:
    """Show which columns are read, and how other systems give a file."""
    return page("portal/imports/preparing.html", columns=[LABELS[field] for field in COLUMNS])


@portal.get("/pool/import/template")
@needs("import:run")
def import_template() -> Response:
    """Send an empty workbook with the columns that are read."""
    book = workbook([[str(LABELS[field]) for field in COLUMNS]])
    response = send_file(book, mimetype=_XLSX, as_attachment=True, download_name=_("候補者の一覧.xlsx"))
    response.headers["Cache-Control"] = "no-store"
    return response
