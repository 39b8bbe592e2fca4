"""The own page's downloads: everything stored about the person, as one HTML page and as JSON (A-31).

Both leave while they are read, so that any number of records fits; looking into them changes nothing (C-16).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from flask import Response, stream_template, stream_with_context
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.landing import landing
from relay.landing.own_page import inside
from relay.rights import own_copy


@landing.get("/me/<token>/copy")
def own_copy_page(token: str) -> Response:
    """Send the page, whole in itself: it opens without a network."""
    profile_id = inside(token).subject_id
    return _sent(_page(profile_id), "text/html; charset=utf-8", "html")


@landing.get("/me/<token>/copy-json")
def own_copy_json(token: str) -> Response:
    """Send the JSON: an object with a list for each table."""
    profile_id = inside(token).subject_id
    return _sent(_json(profile_id), "application/json", "json")


def _page(profile_id: int) -> Iterator[str]:
    with _own_session() as session:
        yield from stream_template(
            "landing/own_copy.html",
            tables=own_copy.copy(session, profile_id),
            words=own_copy.WORDS,
            made_at=clock.now(),
        )


def _json(profile_id: int) -> Iterator[str]:
    made_at = clock.now().astimezone(clock.JAPAN).isoformat(timespec="seconds")
    yield f'{{"format": "{own_copy.FORMAT}", "made_at": "{made_at}"'
    with _own_session() as session:
        for table, rows in own_copy.copy(session, profile_id):
            yield f', "{table.name}": ['
            for place, row in enumerate(rows):
                yield ("," if place else "") + json.dumps(row, ensure_ascii=False, default=_moment)
            yield "]"
    yield "}\n"


def _moment(value: date) -> str:
    """Return a day, or a moment with its offset in Japan, as ISO 8601 has it."""
    return (value.astimezone(clock.JAPAN) if isinstance(value, datetime) else value).isoformat()


@contextmanager
def _own_session() -> Iterator[Session]:
    """Open a session of its own: the request's ends with the view, before the first row has left."""
    with db.session.session_factory() as session:
        yield session


def _sent(parts: Iterator[str], mimetype: str, ending: str) -> Response:
    response = Response(stream_with_context(parts), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="relay-{clock.today():%Y%m%d}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
