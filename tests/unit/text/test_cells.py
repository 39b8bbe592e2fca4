"""Cells that a spreadsheet will open: never a formula, and what Windows Japanese cannot write is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text.cells import in_cp932, safe_cell


@pytest.mark.parametrize(
    "text",
    [
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
    ],
)
def test_what_begins_like_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "髙橋 花子", "090-1234-5678", "1=1", "a@b.example", "経理"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_no_text_begins_like_a_formula_afterwards(text: str) -> None:
    assert safe_cell(text)[:1] not in set("=+-@\t\r\n\0＝＋－＠")


def test_a_geta_stands_for_what_cannot_be_written() -> None:
    assert in_cp932("髙橋 﨑")[1] == []
    written, missing = in_cp932("𠮷田🙂")
    assert written.decode("cp932") == "〓田〓"
    assert missing == ["𠮷", "🙂"]


@given(st.text())
def test_every_text_can_be_written(text: str) -> None:
    written, missing = in_cp932(text)
    assert written.decode("cp932").count("〓") >= len(missing)
