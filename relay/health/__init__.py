"""Whether this process and what it stands on are well."""

from typing import Any

from flask import Response, jsonify
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from relay import clock, migrations
from relay.access import open_to_all, surface
from relay.extensions import db
from relay.mail.outbox import SILENCE, WORKER
from relay.models import Heartbeat

health = surface("health", __name__, guard=open_to_all)


@health.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Database, schema and worker; 503 with the word for what is missing."""
    state = _state()
    ready = all(word == "ok" for word in state.values())
    return jsonify(ready=ready, **state), 200 if ready else 503


def _state() -> dict[str, Any]:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return {"database": "unreachable", "migrations": "unknown", "worker": "unknown"}
    if not migrations.is_current(db.engine):
        return {"database": "ok", "migrations": "pending", "worker": "unknown"}
    return {"database": "ok", "migrations": "ok", "worker": _worker()}


def _worker() -> str:
    seen = db.session.scalars(select(Heartbeat.at).where(Heartbeat.name == WORKER)).one_or_none()
    if seen is None:
        return "never-seen"
    return "ok" if seen > clock.now() - SILENCE else "silent"
