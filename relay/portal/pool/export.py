"""Writing the found people out (書き出し): why is asked for, who asks proves who they are, and the log keeps it.

A file leaves after its view has ended, and the request's session and scope with it: what is read or logged while it
leaves has a session of its own, in a scope of its own, closed at the end and when the client hangs up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from flask import Response, redirect, request, stream_with_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import begin_reading, begin_writing, db, short_write
from relay.models import Actor, act_as, acting, scopes
from relay.portal import portal
from relay.portal.pool import export_files
from relay.portal.ui import conditions
from relay.portal.ui.labels import capped
from relay.search import candidate_search
from relay.search import export as pool_export
from relay.search.candidate_search import Query
from relay.search.export import ExportPurpose, Format
from relay.text.spreadsheet import csv_utf8, workbook
from relay.web import page

PURPOSE_WORDS = {
    ExportPurpose.SELECTION: _l("選考や面談の準備"),
    ExportPurpose.REPORT: _l("社内への報告"),
    ExportPurpose.MOVING: _l("ほかのシステムへの移行"),
    ExportPurpose.BACKUP: _l("手元での保管（社内の決まりによるもの）"),
    ExportPurpose.REQUEST: _l("ご本人からの求めへの対応"),
}
FORMAT_WORDS = {
    Format.XLSX: (_l("Excelのファイル（XLSX）"), _l("そのまま開けます。10万名まで。")),
    Format.CSV: (_l("CSVのファイル（UTF-8）"), _l("どの文字も書けます。人数が多いときはこちらが早く届きます。")),
    Format.CP932: (
        _l("CSVのファイル（Shift_JIS）"),
        _l("古いソフト向け。書けない文字は「〓」にし、どの文字だったかの一覧を添えます。"),
    ),
}
_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_PART = 1 << 16


@dataclass
class Departure:
    """One file on its way out; `rows` counts the people whose row was written."""

    company_id: int
    actor: Actor
    query: Query
    purpose: ExportPurpose
    format_: Format
    rows: int = field(default=0, init=False)


@portal.get("/pool/export")
@needs("pool:export")
def export() -> AnyResponse:
    """Ask what the file is for, and in which form; show whom it would hold."""
    return _form(_query())


@portal.post("/pool/export")
@needs("pool:export")
@fresh
def export_post() -> AnyResponse:
    """Send the file. Before the first person leaves the log says who takes how many and why; later, how many left."""
    query, session = _query(), db.session()
    company_id = member().company_id
    purpose, format_ = request.form.get("purpose", ""), request.form.get("format", "")
    if purpose not in list(ExportPurpose) or format_ not in list(Format):
        return _form(query, status=422, refused=_("書き出す理由と、ファイルの形を選んでください。"), purpose=purpose)
    session.rollback()
    begin_reading()
    rows = pool_export.count(session, company_id, query)
    if format_ == Format.XLSX and rows > pool_export.MAX_IN_A_BOOK:
        refused = _("%(n)s名はExcelのファイルにできません。CSVのファイル（UTF-8）を選んでください。", n=f"{rows:,}")
        return _form(query, status=422, refused=refused, purpose=purpose)
    departure = Departure(company_id, acting(session), query, ExportPurpose(purpose), Format(format_))
    parts, ending = _file(departure)
    with short_write() as writing:
        pool_export.log_beginning(
            writing, company_id, purpose=departure.purpose, format_=departure.format_, rows=departure.rows or rows
        )
    return _sent(_logged(departure, parts), ending)


def _file(departure: Departure) -> tuple[Iterator[bytes], str]:
    """Return the file in parts, and the ending of its name; CSV in UTF-8 is written while it leaves, others before."""
    rows = _rows(departure)
    if departure.format_ is Format.CSV:
        return csv_utf8(rows, lines_at_once=1), "csv"
    if departure.format_ is Format.XLSX:
        return _parts(workbook(rows)), "xlsx"
    file, zipped = export_files.csv_cp932(rows)
    return _parts(file), "zip" if zipped else "csv"


def _rows(departure: Departure) -> Iterator[list[str]]:
    yield export_files.heading()
    begin_reading()
    with _own_session(departure) as session:
        for person in pool_export.people(session, departure.company_id, departure.query):
            departure.rows += 1
            yield export_files.cells(person)


def _logged(departure: Departure, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the parts; then, however it ended, write a line in the log that says what left."""
    complete = False
    try:
        yield from parts
        complete = True
    finally:
        begin_writing()
        with _own_session(departure) as session:
            pool_export.log_end(
                session,
                departure.company_id,
                purpose=departure.purpose,
                format_=departure.format_,
                rows=departure.rows,
                complete=complete,
            )
            session.commit()


@contextmanager
def _own_session(departure: Departure) -> Iterator[Session]:
    with db.session.session_factory() as session, scopes.company(session, departure.company_id):
        act_as(session, departure.actor)
        yield session


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part


def _sent(parts: Iterator[bytes], ending: str) -> Response:
    moment: datetime = clock.now().astimezone(clock.JAPAN)
    response = Response(stream_with_context(parts), mimetype=_TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="relay-{moment:%Y%m%d-%H%M}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _query() -> Query:
    return conditions.top(conditions.read(request.args))


def _form(query: Query, *, status: int = 200, refused: str = "", purpose: str = "") -> AnyResponse:
    session, company_id = db.session(), member().company_id
    total = candidate_search.count(session, company_id, query)
    if not total:
        return redirect(conditions.address("portal.pool", query), 303)
    return page(
        "portal/pool/export.html",
        status=status,
        total=capped(total, candidate_search.COUNT_CAP, _("名")),
        purposes=PURPOSE_WORDS,
        formats=FORMAT_WORDS,
        chosen_purpose=purpose,
        refused=refused,
        chips=conditions.chips("portal.pool", query, conditions.choices(session, query)),
        list_url=conditions.address("portal.pool", query),
        export_url=conditions.address("portal.export_post", query),
    )
