"""How large a file may be: each limit is met with a sentence of its own, and up to it a file is read."""

import pytest

from relay.intake.reading import refusals
from relay.intake.reading.table import read_table
from tests.hostile_files import FILES, sheet, workbook
from tests.unit.intake.files import read

BYPASSES = ("a cell without a style", "single quotes", "another folder", "another spelling")
MEGABYTE = refusals.MEGABYTE


def cell(place: str, text: str = "山田") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def merges(count: int) -> str:
    return "<mergeCells>" + '<mergeCell ref="C1:D1"/>' * count + "</mergeCells>"


def refusal_of(data: str | bytes) -> refusals.FileRefused:
    with pytest.raises(refusals.FileRefused) as refused:
        read(data)
    assert "何も取り込んでいません" in str(refused.value)
    return refused.value


def test_twenty_megabytes_of_markup_a_sheet() -> None:
    people = row(2, cell("A2"))
    assert read(workbook(sheet(people, " " * (refusals.MAX_SHEET_XML - 1_000)))).row_count == 1
    refused = refusal_of(workbook(sheet(people, " " * refusals.MAX_SHEET_XML)))
    assert type(refused) is refusals.SheetTooLarge
    assert "シート「応募者」は、開くと20MBを超えるため" in str(refused)


def test_two_hundred_merges_a_sheet() -> None:
    people = row(2, cell("A2"))
    assert read(workbook(sheet(people, merges(200)))).row_count == 1
    refused = refusal_of(workbook(sheet(people, merges(201))))
    assert type(refused) is refusals.TooManyMerges
    assert "結合されたセルが200か所を超えて" in str(refused)


def test_two_hundred_columns_of_a_sheet() -> None:
    assert read(workbook(sheet(row(2, cell("A2"), cell("GR2"))))).row_count == 1
    refused = refusal_of(workbook(sheet(row(2, cell("A2"), cell("GS2")))))
    assert type(refused) is refusals.TooManyColumns
    assert "シート「応募者」には、200列より右にも書き込みがある" in str(refused)


def test_two_hundred_columns_of_a_csv_file() -> None:
    assert read("氏名\n山田" + "," * 199 + "x\n").row_count == 1
    refused = refusal_of("氏名\n山田" + "," * 200 + "x\n")
    assert type(refused) is refusals.TooManyColumns
    assert "このファイルには、200列より右にも書き込みがある" in str(refused)


def test_coloured_cells_far_to_the_right_are_no_columns() -> None:
    assert read(workbook(sheet(row(2, cell("A2"), '<c r="XFD2" s="1"/>')))).row_count == 1


@pytest.mark.parametrize("kind", BYPASSES)
def test_whatever_is_written_otherwise_is_seen_all_the_same(kind: str) -> None:
    assert type(refusal_of(FILES[kind]())) is refusals.TooManyColumns


def test_every_sheet_is_looked_at() -> None:
    """The names stand in the first; the second alone is what is too much."""
    refused = refusal_of(workbook(sheet(row(2, cell("A2"))), sheet("", merges(201))))
    assert type(refused) is refusals.TooManyMerges
    assert "シート「別紙0」" in str(refused)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_is_cut_where_excel_would_end_it(kind: str) -> None:
    name = "山" * refusals.MAX_CELL + "田"
    data = workbook(sheet(row(2, cell("A2", name)))) if kind == "xlsx" else f"氏名\n{name}\n".encode()
    table = read_table(data)
    assert [len(each) for _row, cells in table.rows for each in cells] == [refusals.MAX_CELL]


def test_a_line_no_row_is_as_long_as() -> None:
    refused = refusal_of(b"a," * (refusals.MAX_LINE // 2 + 1))
    assert type(refused) is refusals.LineTooLong
    assert "1行目が長すぎる" in str(refused)


@pytest.mark.parametrize("line", [b"\n", b"," * 199 + b"\n"], ids=["lines", "cells"])
def test_lines_and_cells_count_though_nothing_stands_in_them(line: bytes) -> None:
    full = refusals.MAX_LINES if len(line) == 1 else refusals.MAX_ROWS
    people = "氏名\n山田\n".encode()
    assert read(people + line * (full - 2)).row_count == 1
    refused = refusal_of(people + line * full)
    assert type(refused) is refusals.TableTooLarge
    assert "空の行や列も合わせると大きすぎる" in str(refused)


def test_fifty_thousand_people_of_two_hundred_columns_are_read() -> None:
    """What is large and honest stays possible, up to every limit at once."""
    header = "氏名" + "".join(f",項目{number}" for number in range(199))
    table = read_table((header + "\n" + ("山田" + ",x" * 199 + "\n") * 49_999).encode(), max_rows=refusals.MAX_ROWS)
    assert len(table.rows) == 49_999


def test_more_than_fifty_megabytes() -> None:
    refused = refusal_of(b"x" * (refusals.MAX_BYTES + 1))
    assert type(refused) is refusals.FileTooLarge
    assert "50MBを超えている" in str(refused)
