"""Excel workbooks as people keep them, and those that would do harm."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from relay.intake.reading import refusals
from tests.unit.intake.files import SAMPLES, read, said

HEADER = ("氏名", "電話番号", "メールアドレス", "応募日", "メモ")


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def one_sheet(*rows: tuple[object, ...], title: str = "応募者") -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book, sheet


def repacked(data: bytes, **parts: bytes) -> bytes:
    """The workbook with other contents in these parts."""
    names = {
        f"xl/worksheets/{name}.xml" if name == "sheet1" else f"xl/{name}.xml": part for name, part in parts.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in set(old.namelist()) | set(names):
            new.writestr(name, names[name] if name in names else old.read(name))
    return out.getvalue()


def test_numbers_and_days_are_read_as_people_see_them() -> None:
    book, _sheet = one_sheet(
        HEADER,
        ("山田", 9012345678, "a@mail.example", date(2026, 4, 1), 3),
        ("佐藤", 312345678, "b@mail.example", datetime(2026, 4, 1, 9, 30), 2.5),  # noqa: DTZ001  (as sheets have it)
        ("森", "０９０－１１１１－２２２２", "c@mail.example", 46113, True),
    )
    reading = read(saved(book))
    assert [row.phone for row in reading.rows] == ["09012345678", "0312345678", "09011112222"]
    assert [row.applied_on for row in reading.rows] == [date(2026, 4, 1)] * 3
    assert [row.memo for row in reading.rows] == ["3", "2.5", "TRUE"]
    assert said(reading.notes) == [(2, "電話番号"), (3, "電話番号"), (4, "応募日")]
    assert "0を補って" in str(reading.notes[0].message)


def test_of_several_sheets_the_one_that_reads_best_is_taken_and_named() -> None:
    book, _sheet = one_sheet(("メモ", "ここに方針を書く"), title="はじめに")
    people = book.create_sheet("2026年度")
    people.append(("", "応募者一覧"))
    people.merge_cells("A1:E1")
    people.append(HEADER)
    people.append(("山田", "090-1111-2222", "a@mail.example", "令和8年4月1日", ""))
    reading = read(saved(book))
    assert (reading.sheet, reading.header_row, reading.rows[0].row) == ("2026年度", 2, 3)
    assert reading.rows[0].applied_on == date(2026, 4, 1)
    assert "シート「2026年度」を読み取りました。ほかのシート（「はじめに」）は取り込みません" in str(
        reading.notes[0].message
    )


def test_a_hidden_sheet_with_the_same_table_comes_second() -> None:
    book, sheet = one_sheet(HEADER, ("古い", "", "old@mail.example", "", ""), title="控え")
    sheet.sheet_state = "hidden"
    shown = book.create_sheet("最新")
    shown.append(HEADER)
    shown.append(("山田", "", "a@mail.example", "", ""))
    assert [row.name for row in read(saved(book)).rows] == ["山田"]


def test_hidden_rows_are_taken_and_said() -> None:
    book, sheet = one_sheet(HEADER, ("山田", "", "a@mail.example", "", ""), ("佐藤", "", "b@mail.example", "", ""))
    sheet.row_dimensions[2].hidden = True
    reading = read(saved(book))
    assert [row.name for row in reading.rows] == ["山田", "佐藤"]
    assert "表示されていない行" in str(reading.notes[0].message)


def test_one_name_merged_over_two_applications() -> None:
    book, sheet = one_sheet(
        ("氏名", "メールアドレス", "応募職種"), ("山田", "a@mail.example", "経理"), (None, None, "総務")
    )
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    assert [(row.name, row.email, row.position) for row in read(saved(book)).rows] == [
        ("山田", "a@mail.example", "経理"),
        ("山田", "a@mail.example", "総務"),
    ]


def test_titles_merged_over_two_rows() -> None:
    book, sheet = one_sheet(("氏名", "選考", ""), ("", "一次面接", "二次面接"), ("山田", "合格", "不合格"))
    sheet.merge_cells("A1:A2")
    row = read(saved(book)).rows[0]
    assert [(step.name, step.result) for step in row.steps] == [("一次面接", "合格"), ("二次面接", "不合格")]


def test_a_header_printed_again_on_each_page_is_nobody() -> None:
    book, _sheet = one_sheet(("氏名", "メモ"), ("山田", "x"), ("氏名", "メモ"), ("佐藤", "y"))
    assert [row.row for row in read(saved(book)).rows] == [2, 4]


def test_a_sheet_that_begins_further_down_and_right() -> None:
    book, sheet = one_sheet()
    for place, value in enumerate(("氏名", "メモ")):
        sheet.cell(5, 3 + place, value)
        sheet.cell(6, 3 + place, value + "1")
    reading = read(saved(book))
    assert (reading.header_row, reading.rows[0].row, reading.rows[0].name) == (5, 6, "氏名1")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (saved(one_sheet()[0]), refusals.FileEmpty),
        (saved(one_sheet(HEADER)[0]), refusals.HeaderOnly),
        (saved(one_sheet(("商品", "値段"), ("りんご", 100))[0]), refusals.NoNameColumn),
        ((SAMPLES / "hand-kept.xlsx").read_bytes()[:3000], refusals.WorkbookDamaged),
        (repacked((SAMPLES / "hand-kept.xlsx").read_bytes(), sheet1=b"<worksheet><oops"), refusals.FileRefused),
    ],
)
def test_a_workbook_without_people_is_refused_in_words(data: bytes, refusal: type[refusals.FileRefused]) -> None:
    with pytest.raises(refusal) as refused:
        read(data)
    assert "何も取り込んでいません" in str(refused.value)


def test_other_archives_are_named() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(refusals.NotATableFile) as refused:
        read(out.getvalue())
    assert "Word文書" in str(refused.value)


def test_a_sheet_whose_area_would_fill_the_memory_is_refused_before_it_is_read() -> None:
    tall, sheet = one_sheet(HEADER, ("山田", "", "a@mail.example", "", ""))
    sheet.cell(1_048_576, 150, "x")
    with pytest.raises(refusals.WorkbookTooLarge):
        read(saved(tall))
