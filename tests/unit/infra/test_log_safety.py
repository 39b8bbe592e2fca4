"""A trace for the log names lines of this package alone, and never what the error says."""

import pytest

from relay.infra import log_safety
from relay.infra.log_safety import PACKAGE, trace_of


def failing(filename: str, source: str) -> Exception:
    """An error that passed through lines of such a file."""
    with pytest.raises(Exception) as caught:
        exec(compile(source, filename, "exec"), {})  # noqa: S102  (stands for code at another place)
    return caught.value


def test_a_line_of_this_package_is_named_from_its_root() -> None:
    error = failing(str(PACKAGE / "portal" / "home.py"), "\n\nint('花子')")
    assert trace_of(error) == "ValueError at portal/home.py:3"


def test_libraries_are_left_out_of_an_installation_below_a_folder_called_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The README installs Relay into /srv/relay, so that every library lies below a folder of that name."""
    monkeypatch.setattr(log_safety, "PACKAGE", PACKAGE.parent / "relay" / "relay")
    own = log_safety.PACKAGE / "web.py"
    library = log_safety.PACKAGE.parent / ".venv" / "lib" / "sqlalchemy" / "engine.py"
    inner = f"exec(compile({'1 / 0'!r}, {str(library)!r}, 'exec'))"
    assert trace_of(failing(str(own), inner)) == "ZeroDivisionError at web.py:1"


def test_an_error_from_elsewhere_names_no_place_and_no_value() -> None:
    assert trace_of(failing("/elsewhere/driver.py", "raise KeyError('花子')")) == "KeyError at ?"
