"""The cells of a file that waits, on the disk: a line of JSON for the table, then one for each row.

The limited process writes it and reads it again when HR puts the columns right; of the file as it was sent nothing
is kept.
"""

import json
from collections.abc import Sequence
from typing import IO, Any

from relay.intake.reading import FileTable
from relay.intake.sources import SOURCES


def write(table: FileTable, goal: IO[bytes]) -> None:
    """Write a table to an empty file."""
    goal.write(
        _line(
            [
                *(table.source.name, table.encoding, table.delimiter, table.header_row, table.header),
                *(table.sheet, table.other_sheets, table.hides_rows, table.other_people, table.is_hidden),
            ]
        )
    )
    goal.writelines(map(_line, table.rows))


def read(file: IO[bytes]) -> FileTable:
    """Give the table that was written."""
    name, encoding, delimiter, header_row, header, *place = json.loads(file.readline())
    sheet, others, hides_rows, people, is_hidden = place
    source = next(each for each in SOURCES if each.name == name)
    rows = tuple((row, cells) for row, cells in map(json.loads, file))
    told = (sheet, tuple(others), hides_rows, tuple(people), is_hidden)
    return FileTable(source, encoding, delimiter, header_row, tuple(header), rows, *told)


def _line(values: Sequence[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
