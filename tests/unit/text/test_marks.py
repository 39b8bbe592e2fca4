"""Where the words of a query stand in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import parse_query
from relay.text.marks import Marker


def marked(query: str, text: str) -> str:
    return "".join(f"[{piece}]" if hit else piece for piece, hit in Marker(parse_query(query)).pieces(text))


@pytest.mark.parametrize(
    ("query", "text", "seen"),
    [
        ("高橋", "髙橋 直人", "[髙橋] 直人"),
        ("山本太郎", "山本 太郎", "[山本 太郎]"),
        ("たかはし", "タカハシ ナオト", "[タカハシ] ナオト"),
        ("ﾊﾞﾝﾄﾞｳ", "バンドウ", "[バンドウ]"),
        ("バン", "ﾊﾞﾝﾄﾞｳ", "[ﾊﾞﾝ]ﾄﾞｳ"),
        ("tanaka", "タナカ ケンタ", "[タナカ] ケンタ"),
        ("shota", "タナカ ショウタ", "タナカ [ショウタ]"),
        ("java", "JavaScript と Java、NotJava", "[Java]Script と [Java]、NotJava"),
        ("c++", "C++ と C#", "[C++] と C#"),
        ("営業 企画", "営業企画", "[営業企画]"),
        ('"法人 営業"', "法人 営業の法人", "[法人 営業]の法人"),
        ("stage:最終", "最終面接", "[最終]面接"),
        ("-辞退", "辞退", "辞退"),
        ("山", "山本 一山", "[山]本 一[山]"),
        ("<b>", "a <b> c", "a [<b>] c"),
    ],
)
def test_the_words_are_marked_in_what_was_typed(query: str, text: str, seen: str) -> None:
    assert marked(query, text) == seen


def test_a_long_text_is_cut_around_the_word() -> None:
    marker = Marker(parse_query("決算"))
    assert marker.excerpt("あ" * 100 + "月次決算" + "い" * 100, around=5) == "…あああ月次決算いいいいい…"
    assert marker.excerpt("何もない") == ""


@given(st.text(max_size=40), st.text(max_size=12))
def test_nothing_of_a_text_is_lost(text: str, word: str) -> None:
    pieces = Marker(parse_query(f'"{word.replace(chr(34), "")}" {text[:4]!r}'.replace(":", ""))).pieces(text)
    assert "".join(piece for piece, _hit in pieces) == text
