"""Tasks of the limited process with a file of applicants: cells of bytes, rows of cells (relay.limited).

Nothing of the file is executed, followed or asked for here but what a table of people needs.
"""

from collections.abc import Sequence
from datetime import date
from typing import IO, Any

from relay.intake.reading.refusals import FileRefused, NoNameColumn
from relay.intake.reading.table import read_table
from relay.intake.rows import mapping
from relay.intake.rows.columns import fingerprint
from relay.intake.rows.reader import rows_of
from relay.intake.uploads import on_disk


def tabulate(files: Sequence[IO[bytes]], *, max_rows: int) -> dict[str, Any]:
    """Make a table of the first file and write it to the second; returns what it is, or why there is none."""
    sent, goal = files
    try:
        table = read_table(sent.read(), max_rows=max_rows, lenient=True)
    except FileRefused as refused:
        return {"refused": str(refused)}
    on_disk.write_cells(table, goal)
    return {"format": table.source.name, "rows": len(table.rows), "fingerprint": fingerprint(table)}


def read(files: Sequence[IO[bytes]], *, today: str, chosen: dict[str, str]) -> None:
    """Read the rows of the table in the first file, and write what was read to the second."""
    cells, goal = files
    table = on_disk.read_cells(cells)
    shape = mapping.look(table, chosen)
    try:
        reading = rows_of(table, filename="", today=date.fromisoformat(today), chosen=chosen)
    except NoNameColumn:
        reading = None
    on_disk.write_reading(reading, shape, goal)
