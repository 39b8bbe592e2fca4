"""Errors fit for a log: the kind of error and where, never its text, which may quote a person's data."""

import traceback
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def trace_of(error: BaseException) -> str:
    """Return the error's class and the lines of this package that it passed through, innermost first.

    Frames of libraries are left out wherever Relay is installed, below a folder that is called relay too.
    """
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    places = [f"{path.relative_to(PACKAGE)}:{line}" for path, line in reversed(frames) if path.is_relative_to(PACKAGE)]
    return f"{type(error).__name__} at {' < '.join(places) or '?'}"
