"""Writing the found people out (書き出し): why is asked for, who asks proves who they are, and the log keeps it."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO

from flask import Response, redirect, request, stream_with_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access import fresh, needs, signed_in
from relay.extensions import begin_reading, db, short_write
from relay.pool import export as pool_export
from relay.pool import search
from relay.pool.export import Format, Purpose
from relay.pool.search import Query
from relay.portal import conditions, export_files, portal
from relay.portal.words import capped
from relay.web import page

PURPOSE_WORDS = {
    Purpose.SELECTION: _l("選考や面談の準備"),
    Purpose.REPORT: _l("社内への報告"),
    Purpose.MOVING: _l("ほかのシステムへの移行"),
    Purpose.BACKUP: _l("手元での保管（社内の決まりによるもの）"),
    Purpose.REQUEST: _l("ご本人からの求めへの対応"),
}
FORMAT_WORDS = {
    Format.XLSX: (_l("Excelのファイル（XLSX）"), _l("そのまま開けます。10万名まで。")),
    Format.CSV: (_l("CSVのファイル（UTF-8）"), _l("どの文字も書けます。人数が多いときはこちらが早く届きます。")),
    Format.CP932: (
        _l("CSVのファイル（Shift_JIS）"),
        _l("古いソフト向け。書けない文字は「〓」にし、どの文字だったかの一覧を添えます。"),
    ),
}
_TYPES = {"csv": "text/csv", "zip": "application/zip"}
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PART = 1 << 16


@portal.get("/pool/export")
@needs("pool:export")
def export() -> AnyResponse:
    """Whom the file would hold; as what, and why."""
    return _form(_query())


@portal.post("/pool/export")
@needs("pool:export")
@fresh
def export_post() -> AnyResponse:
    """The file. The log says who took how many people out and why, before the first of them leaves."""
    query, session = _query(), db.session()
    company_id = signed_in().company_id or 0
    purpose, format_ = request.form.get("purpose", ""), request.form.get("format", "")
    if purpose not in list(Purpose) or format_ not in list(Format):
        return _form(query, status=422, refused=_("書き出す理由と、ファイルの形を選んでください。"), purpose=purpose)
    session.rollback()
    begin_reading()
    rows = pool_export.count(session, company_id, query)
    if format_ == Format.XLSX and rows > pool_export.MOST_IN_A_BOOK:
        refused = _("%(n)s名はExcelのファイルにできません。CSVのファイル（UTF-8）を選んでください。", n=f"{rows:,}")
        return _form(query, status=422, refused=refused, purpose=purpose)
    with short_write() as writing:
        pool_export.log(writing, company_id, purpose=Purpose(purpose), format_=Format(format_), rows=rows)
    return _file(Format(format_), company_id, query)


def _file(format_: Format, company_id: int, query: Query) -> AnyResponse:
    rows = _rows(company_id, query)
    if format_ is Format.CSV:
        return _sent(stream_with_context(export_files.csv_utf8(rows)), _TYPES["csv"], "csv")
    if format_ is Format.XLSX:
        return _sent(_parts(export_files.workbook(rows)), _BOOK, "xlsx")
    file, zipped = export_files.csv_cp932(rows)
    ending = "zip" if zipped else "csv"
    return _sent(_parts(file), _TYPES[ending], ending)


def _rows(company_id: int, query: Query) -> Iterator[list[str]]:
    yield export_files.heading()
    begin_reading()
    for person in pool_export.people(db.session(), company_id, query):
        yield export_files.cells(person)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part


def _sent(parts: Iterator[bytes], mimetype: str, ending: str) -> Response:
    moment: datetime = clock.now().astimezone(clock.JAPAN)
    response = Response(parts, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="relay-{moment:%Y%m%d-%H%M}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _query() -> Query:
    return conditions.top(conditions.read(request.args))


def _form(query: Query, *, status: int = 200, refused: str = "", purpose: str = "") -> AnyResponse:
    session, company_id = db.session(), signed_in().company_id or 0
    total = search.count(session, company_id, query)
    if not total:
        return redirect(conditions.address("portal.pool", query), 303)
    return page(
        "portal/pool/export.html",
        status=status,
        total=capped(total, search.COUNTED),
        purposes=PURPOSE_WORDS,
        formats=FORMAT_WORDS,
        chosen_purpose=purpose,
        refused=refused,
        chips=conditions.chips("portal.pool", query, conditions.choices(session, query)),
        list_url=conditions.address("portal.pool", query),
        export_url=conditions.address("portal.export_post", query),
    )
