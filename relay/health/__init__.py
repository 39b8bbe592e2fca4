"""The health of this process and what it depends on, for those who watch the machine.

It reads the database, the queues and the disk, says no name of anybody, and changes nothing.
"""

from typing import Any

from flask import Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from relay import migrations
from relay.access.guards import open_to_all, surface
from relay.extensions import db
from relay.infra import lanes
from relay.infra.lanes import Lane

health = surface("health", __name__, guard=open_to_all)


@health.get("/healthz")
def healthz() -> Response:
    """Answer that the process is up."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Database, schema and each lane of the worker; 503 with the word for what is missing."""
    state = _state()
    ready = all(word == "ok" for word in state.values())
    return jsonify(ready=ready, **state), 200 if ready else 503


def _state() -> dict[str, Any]:
    unknown = dict.fromkeys((lane.value for lane in Lane), "unknown")
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return {"database": "unreachable", "migrations": "unknown"} | unknown
    if not migrations.is_current(db.engine):
        return {"database": "ok", "migrations": "pending"} | unknown
    return {"database": "ok", "migrations": "ok"} | _lanes()


def _lanes() -> dict[str, str]:
    """Return a word for each lane: ok, silent or never-seen."""
    seen = lanes.seen(db.session())
    return {
        lane.value: "never-seen" if at is None else "silent" if lanes.is_silent(at) else "ok"
        for lane, at in seen.items()
    }
