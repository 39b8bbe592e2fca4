"""The cells of a file that waits, on the disk: a line for the file, then one for each row of each sheet.

All sheets are kept, so that HR can say that the people are in another one, or that the headers are in another row.
"""

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from relay.intake.reading import refusals
from relay.intake.reading.grids import FileGrids, Grid, Record, is_blank
from relay.intake.reading.refusals import MAX_COLUMNS
from relay.intake.reading.table import HEADER_WITHIN, FileTable, first_rows
from relay.intake.rows.mapping import Shape
from relay.text import clean


def write_cells(file: FileGrids, grid: Grid, table: FileTable, goal: IO[bytes]) -> None:
    """Write the cells of a file to an empty one: every sheet of a workbook, or the one grid of a CSV file."""
    grids = file.grids if grid.sheet else (grid,)
    records = [_kept_records(each, table if each is grid else None) for each in grids]
    counts = [[each.delimiter, each.sheet, each.hidden, len(some)] for each, some in zip(grids, records, strict=True)]
    goal.write(_line([file.encoding, file.hides_rows, file.since_1904, counts]))
    for some in records:
        goal.writelines(map(_line, some))


def _kept_records(grid: Grid, table: FileTable | None) -> list[Record]:
    """Return the rows of a grid that hold something, of the table among them as they were read already."""
    if table is not None:
        above = itertools.takewhile(lambda record: record[0] < table.rows[0][0], grid.records())
        return [*((row, cells[:MAX_COLUMNS]) for row, cells in above if not is_blank(cells)), *table.rows]
    some = itertools.islice(grid.records(), refusals.MAX_ROWS + HEADER_WITHIN + 1)
    return [(row, cells[:MAX_COLUMNS]) for row, cells in some if not is_blank(cells)]


def read_cells(file: IO[bytes]) -> FileGrids:
    """Give what was written."""
    encoding, hides_rows, since_1904, counts = json.loads(file.readline())
    grids = [
        Grid(_restored([file.readline() for _line in range(count)]), delimiter, sheet, hidden, count)
        for delimiter, sheet, hidden, count in counts
    ]
    return FileGrids(encoding, tuple(grids), hides_rows=hides_rows, since_1904=since_1904)


def _restored(lines: list[bytes]) -> Callable[[], Iterator[Record]]:
    return lambda: map(json.loads, lines)


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


_SHOWN_CELLS, _SHOWN_LENGTH = 12, 40
"""So much of the first rows is shown."""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet of the file, whether it is read or not."""

    name: str
    hidden: bool
    rows: int
    """Rows that hold something, headers among them."""


def sheets_of(file: FileGrids) -> list[list[Any]]:
    """Return the sheets of a kept workbook as a head holds them."""
    return [[grid.sheet, grid.hidden, grid.filled] for grid in file.grids if grid.sheet]


def top_of(grid: Grid, shape: Shape) -> list[Record]:
    """Return the first rows as they are shown; of columns that nobody may bring in the headers alone."""
    out = {column.index for column in shape.columns if column.kept_out is not None}
    return [(row, _shown_cells(cells, out if row > shape.header_row else set())) for row, cells in first_rows(grid)]


def _shown_cells(cells: Sequence[str], out: Collection[int]) -> list[str]:
    shown = enumerate(cells[:_SHOWN_CELLS])
    return ["" if index in out else clean(cell)[:_SHOWN_LENGTH] for index, cell in shown]
