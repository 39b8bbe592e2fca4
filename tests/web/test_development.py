"""An error in development shows its traceback on the page and in the log; in production neither quotes it (A-27)."""

from pathlib import Path

import pytest

from relay import create_app
from relay.extensions import db
from tests.conftest import make_settings

PRODUCTION = {"env": "production", "base_url": "https://relay.example"}


def fail_in(folder: Path, *, fragment: bool, **values: str) -> str:
    """The page of a view that raises."""
    app = create_app(make_settings(folder, **values))

    @app.get("/fails")
    def fails() -> str:
        raise ValueError("hanako@mail.example")

    with app.app_context():
        headers = {"HX-Request": "true"} if fragment else {}
        answer = app.test_client().get("/fails", headers=headers, base_url="https://relay.example")
        db.engine.dispose()
    assert answer.status_code == 500
    return answer.text


@pytest.mark.parametrize("fragment", [False, True])
def test_development_shows_the_whole_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fragment: bool
) -> None:
    page = fail_in(tmp_path, fragment=fragment)
    for place in (page, caplog.text):
        assert "Traceback (most recent call last)" in place
        assert "ValueError: hanako@mail.example" in place
        assert "in fails" in place


@pytest.mark.parametrize("fragment", [False, True])
def test_production_shows_no_word_of_the_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fragment: bool
) -> None:
    page = fail_in(tmp_path, fragment=fragment, **PRODUCTION)
    for place in (page, caplog.text):
        assert "Traceback" not in place
        assert "hanako" not in place
    assert "ValueError at" in caplog.text
    assert "受付番号" in page
