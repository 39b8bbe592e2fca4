"""Files that a spreadsheet will open: never a formula, and what Windows Japanese cannot write is told."""

import csv
import unicodedata
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text.spreadsheet import csv_utf8, in_cp932, safe_cell, workbook

FORMULAS = [
    "=1+1",
    "+8190",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\u3000＝1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_like_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "髙橋 花子", "090-1234-5678", "1=1", "a@b.example", "経理"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_no_text_begins_like_a_formula_afterwards(text: str) -> None:
    assert safe_cell(text)[:1] not in set("=+-@\t\r\n\0＝＋－＠")


def test_a_csv_guards_each_cell_of_each_row_and_marks_itself_as_utf8_once() -> None:
    rows = [("行", "内容"), *((number, text) for number, text in enumerate(FORMULAS))]
    for at_once in (1, 3, 500):
        whole = b"".join(csv_utf8(rows, lines_at_once=at_once))
        assert whole.count(b"\xef\xbb\xbf") == 1
        read = list(csv.reader(StringIO(whole.decode("utf-8-sig"), newline="")))
        assert read == [["行", "内容"], *([str(number), f"'{text}"] for number, text in enumerate(FORMULAS))]


def test_a_workbook_holds_texts_which_nothing_calculates() -> None:
    shown = [text for text in FORMULAS if text.isprintable()]
    with workbook([("内容",), *((text,) for text in shown)]) as file:
        sheet = openpyxl.load_workbook(BytesIO(file.read())).active
    assert sheet is not None
    cells = [cell for (cell,) in sheet.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == ["内容", *shown]


def test_a_geta_stands_for_what_cannot_be_written() -> None:
    assert in_cp932("髙橋 﨑")[1] == []
    written, missing = in_cp932("𠮷田🙂")
    assert written.decode("cp932") == "〓田〓"
    assert missing == ["𠮷", "🙂"]


@given(st.text())
def test_every_text_can_be_written(text: str) -> None:
    written, missing = in_cp932(text)
    assert written.decode("cp932").count("〓") >= len(missing)


def test_marks_that_stand_apart_are_joined_and_selectors_go_before_a_geta() -> None:
    assert in_cp932(unicodedata.normalize("NFD", "ガブリエル")) == ("ガブリエル".encode("cp932"), [])
    assert in_cp932("葛\U000e0100城 塚﨑") == ("葛城 塚﨑".encode("cp932"), [])
