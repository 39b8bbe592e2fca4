"""A request whose transaction the database ended because of another one is done once more, whole; else it says so."""

import sqlite3
from collections.abc import Iterator
from io import BytesIO

import psycopg
import pytest
from flask import request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from relay import create_app
from relay.extensions import db, short_write
from tests.conftest import make_settings

SENTENCE = "ほかの方の変更と重なったため、保存していません"


class Thwarted:
    """A view that meets another transaction so many times, and then says what it was sent."""

    def __init__(self) -> None:
        self.times, self.tries, self.commits_first, self.error = 1, 0, False, deadlock()

    def __call__(self) -> str:
        self.tries += 1
        said = request.form.get("name", "")
        if self.commits_first:
            with short_write() as session:
                session.execute(text("SELECT 1"))
        if self.tries <= self.times:
            raise self.error
        return f"{said} {sorted(request.files)}"


def deadlock() -> OperationalError:
    return OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected("deadlock detected"))


def serialization() -> OperationalError:
    return OperationalError("UPDATE", {}, psycopg.errors.SerializationFailure("could not serialize"))


def locked() -> OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    return OperationalError("UPDATE", {}, error)


def away() -> OperationalError:
    return OperationalError("UPDATE", {}, psycopg.OperationalError("server closed the connection"))


@pytest.fixture
def view() -> Thwarted:
    return Thwarted()


@pytest.fixture
def client(view: Thwarted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A Relay of its own with that view, so that the others keep their routes."""
    app = create_app(make_settings(tmp_path_factory.mktemp("repeating")))
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/thwarted", "thwarted", view, methods=["GET", "POST"])
    yield Client(app.wsgi_app)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("error", [deadlock, serialization, locked])
def test_the_second_try_has_everything_that_was_sent(client: Client, view: Thwarted, error: object) -> None:
    assert callable(error)
    view.error = error()
    answer = client.post("/thwarted", data={"name": "花子"})
    assert (answer.status_code, answer.text, view.tries) == (200, "花子 []", 2)


def test_a_page_is_made_once_more(client: Client, view: Thwarted) -> None:
    assert client.get("/thwarted").status_code == 200
    assert view.tries == 2


def test_there_is_no_third_try(client: Client, view: Thwarted) -> None:
    view.times = 9
    answer = client.post("/thwarted", data={"name": "花子"})
    assert (answer.status_code, view.tries) == (409, 2)
    assert SENTENCE in answer.text


def test_files_cannot_be_read_again(client: Client, view: Thwarted) -> None:
    answer = client.post("/thwarted", data={"name": "花子", "file": (BytesIO(b"pdf"), "cv.pdf")})
    assert (answer.status_code, view.tries) == (409, 1)
    assert SENTENCE in answer.text


def test_what_was_committed_is_not_done_twice(client: Client, view: Thwarted) -> None:
    view.commits_first = True
    answer = client.post("/thwarted", data={"name": "花子"})
    assert (answer.status_code, view.tries) == (409, 1)


def test_a_database_that_is_away_stays_a_fault(client: Client, view: Thwarted) -> None:
    view.error = away()
    assert client.post("/thwarted", data={}).status_code == 500
    assert view.tries == 1
