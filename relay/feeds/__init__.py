"""Feeds for machines: the counts of a company behind the token of their address, as CSV and as JSON.

Google Sheets, Excel and Looker Studio send no header and keep no cookie, so the address itself is the key (C-17).
Behind it are numbers alone; what it opens ends with the next request after it was revoked.
"""

from datetime import timedelta
from http import HTTPStatus

from flask import Response, jsonify, request

from relay import clock
from relay.access.guards import feed_readers, surface
from relay.extensions import db
from relay.kpis import feed_rows
from relay.kpis.feed_rows import FeedRows, NotCountedYet
from relay.text.spreadsheet import csv_lines, csv_utf8

COUNTED_WITHIN = timedelta(hours=1)
"""When to ask again for what the worker is yet to count."""

feeds = surface("feeds", __name__, guard=feed_readers, url_prefix="/feeds/<token>")


@feeds.get("/kpis.csv")
def kpis_csv(token: str) -> Response:
    """Answer with a line for each month, kind and key; with `bom=1` behind the mark by which Excel knows UTF-8."""
    found = _found()
    if found is None:
        return _not_yet()
    rows = [feed_rows.header(), *map(feed_rows.cells, found.rows)]
    parts = b"".join(csv_utf8(rows)) if request.args.get("bom") == "1" else "".join(csv_lines(rows))
    return Response(parts, mimetype="text/csv")


@feeds.get("/kpis.json")
def kpis_json(token: str) -> Response:
    """Answer with the same rows under their names, and the moment that they are of (RFC 3339)."""
    found = _found()
    if found is None:
        return _not_yet()
    as_of = found.as_of.astimezone(clock.JAPAN).isoformat(timespec="seconds")
    return jsonify(as_of=as_of, rows=[row.as_json() for row in found.rows])


def _found() -> FeedRows | None:
    try:
        return feed_rows.read_back(db.session())
    except NotCountedYet:
        return None


def _not_yet() -> Response:
    answer = Response("503\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
    answer.headers["Retry-After"] = str(int(COUNTED_WITHIN.total_seconds()))
    return answer
