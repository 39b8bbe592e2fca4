"""Files made on the spot, and the samples, read as of one fixed day."""

from datetime import date
from pathlib import Path

from relay.intake.reading.refusals import MAX_BYTES
from relay.intake.rows.reader import read_rows
from relay.intake.rows.row import Problem, Reading

SAMPLES = Path(__file__).parents[2] / "samples"
TODAY = date(2026, 11, 21)


def read(
    text: str | bytes,
    *,
    encoding: str = "utf-8",
    format: str | None = None,
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """Read a table written in a test."""
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return read_rows(data, filename="people.csv", today=TODAY, format=format, max_rows=max_rows, max_bytes=max_bytes)


def read_sample(name: str) -> Reading:
    """Read one of the sample files."""
    return read_rows((SAMPLES / name).read_bytes(), filename=name, today=TODAY)


def said(remarks: tuple[Problem, ...]) -> list[tuple[int, str | None]]:
    """Give where problems or notes stand."""
    return [(remark.row, remark.column) for remark in remarks]
