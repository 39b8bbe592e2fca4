"""What went wrong, fit for a log: the kind of error and where, never its text, which may quote a person's data."""

import traceback


def trace_of(error: BaseException) -> str:
    """The error's class and the lines it passed through in this house, innermost first."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/relay/" in frame.filename]
    places = [f"{frame.filename.rpartition('/relay/')[2]}:{frame.lineno}" for frame in reversed(frames)]
    return f"{type(error).__name__} at {' < '.join(places) or '?'}"
