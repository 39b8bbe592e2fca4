"""Where in a file the people are: which sheet of a workbook, and which row holds the headers."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.intake.reading.refusals import FileRefused
from relay.intake.reading.table import Place
from relay.intake.uploads import arrival
from relay.intake.uploads.on_disk import KeptReading
from relay.models import Import
from relay.portal import portal
from relay.portal.imports.columns import waiting_or_404
from relay.web import done, page


@portal.get("/pool/import/<int:import_id>/table")
@needs("import:run")
def import_place(import_id: int) -> Response:
    """Show the sheets of a file and the first rows of the one that was read."""
    row, reading = waiting_or_404(import_id)
    return _show(row, reading, Place(arrival.sheet_of(row)))


@portal.post("/pool/import/<int:import_id>/table")
@needs("import:run")
def import_place_save(import_id: int) -> AnyResponse:
    """Read the file where HR says that the people are; what cannot be read leaves everything as it was."""
    row, reading = waiting_or_404(import_id)
    sheet = arrival.sheet_of(row)
    place = Place(request.form.get("sheet", sheet, type=int), request.form.get("header_row", 0, type=int))
    if not _is_there(reading, place):
        flash(_("選んだシートか行が見つかりません。もう一度選んでください。前の内容のままです。"), "warning")
        return done(None, go_to=url_for(".import_place", import_id=import_id))
    if place.header_row or place.sheet != sheet or reading.several:
        try:
            arrival.choose_place(db.session(), row, place, by_user_id=member().user_id)
        except FileRefused as refused:
            return _show(row, reading, place, status=422, trouble=str(refused))
        flash(_("選んだところを読み取りました。"))
    return done(None, go_to=url_for(".import_show", import_id=import_id))


def _is_there(reading: KeptReading, place: Place) -> bool:
    """Tell whether the file has this sheet, and the sheet that was read this row among the first."""
    has_sheet = place.sheet in range(1, len(reading.sheets) + 1) if reading.sheets else place.sheet == 0
    return has_sheet and (not place.header_row or place.header_row in {number for number, _cells in reading.top})


def _show(row: Import, reading: KeptReading, place: Place, *, status: int = 200, trouble: str = "") -> Response:
    return page(
        "portal/imports/place.html",
        status=status,
        row=row,
        reading=reading,
        sheet=place.sheet,
        header_row=place.header_row or reading.header_row,
        trouble=trouble,
    )
