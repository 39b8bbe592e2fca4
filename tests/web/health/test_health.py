"""Whether an operator can tell that something is wrong, and what."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import lanes
from relay.infra.lanes import Lane
from relay.models import Heartbeat


def test_the_process_answers_without_the_database(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_is_said_only_while_every_lane_moves_on(app: Flask, session: Session) -> None:
    client = app.test_client()
    never = client.get("/readyz")
    assert (never.status_code, never.json) == (
        503,
        {"ready": False, "database": "ok", "migrations": "ok"}
        | dict.fromkeys(["mail", "jobs", "events", "webhooks"], "never-seen"),
    )
    lanes.beat(session, Lane)
    session.commit()
    alive = client.get("/readyz")
    assert alive.status_code == 200
    assert alive.json is not None
    assert alive.json["ready"] is True


@pytest.mark.parametrize("lane", Lane)
def test_the_lane_that_stands_still_is_named(app: Flask, session: Session, lane: Lane) -> None:
    lanes.beat(session, Lane)
    session.merge(Heartbeat(name=lane, at=clock.now() - timedelta(minutes=3)))
    session.commit()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert {name for name, word in answer.json.items() if word == "silent"} == {lane}


def test_a_database_that_was_not_upgraded_is_not_ready(app: Flask, session: Session) -> None:
    before = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    session.commit()
    try:
        answer = app.test_client().get("/readyz")
    finally:
        session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
        session.commit()
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["migrations"] == "pending"
