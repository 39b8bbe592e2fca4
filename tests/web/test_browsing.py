"""The browser of the tests keeps nothing of a test around a request, so that a test fails where a server would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response, has_app_context

from relay import create_app
from relay.extensions import begin_writing, db, only_reads
from relay.web import BodyCutOff
from tests.browsing import Browser
from tests.conftest import make_settings


def late() -> Iterator[str]:
    """A body that says what it finds around it."""
    yield str(has_app_context())


def too_late() -> Iterator[str]:
    """A body that asks the database when its request is over."""
    yield str(db.session.connection())


def test_a_body_is_made_where_no_context_is_open(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path))
    app.test_client_class = Browser
    app.add_url_rule("/late", "late", lambda: Response(late()))
    app.add_url_rule("/too-late", "too-late", lambda: Response(too_late()))
    with app.app_context():
        begin_writing()
        client = app.test_client()
        assert client.get("/late").text == "False"
        with pytest.raises(BodyCutOff):
            client.get("/too-late")
        assert not only_reads(), "what the request did to its context stays there"
        db.engine.dispose()
