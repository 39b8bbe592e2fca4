"""Names stay as typed; keys find them however they are written (F-11, F-13, F-14, F-21)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import clean, clean_block, fold, kana_key, name_key, plain_ascii, to_katakana
from relay.text.variants import _KANJI_GROUPS

JAPANESE = st.text(
    st.sampled_from(
        "髙高橋﨑崎邊邉辺齋斎斉𠮷吉田中 　ー・-たかはしタカハシﾀｶﾊｼﾞﾞァぁヶ々〇aÉłßＡ１①㈱\U000e0100\u202e\u0301"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋 健", "高橋　健"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斉藤"),
        ("斎藤", "齊藤"),
        ("𠮷野", "吉野"),
        ("葛\U000e0100城", "葛城"),
        ("濵田", "浜田"),
        ("八ヶ岳", "八ケ岳"),
        ("ジェシカ・スミス", "ジェシカ スミス"),
        ("アンナ-マリア", "アンナ‐マリア"),
        ("タナカ", "たなか"),
        ("タナカ", "ﾀﾅｶ"),
        ("ｶﾞﾝﾀﾞ", "がんだ"),
        ("ＳＭＩＴＨ John", "smith john"),
        ("Zoë O'Brien-Łęcka", "zoe obrien lecka"),
    ],
)
def test_one_key_for_every_way_of_writing_a_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("大野", "小野"), ("オオノ", "オノ"), ("伊藤", "伊東"), ("佐々木", "佐木")])
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_readings_from_systems_without_small_kana_meet_the_others() -> None:
    assert kana_key("シヨウタ サツカ") == kana_key("ショウタ　さっか") == kana_key("ｼﾖｳﾀｻﾂｶ")


@pytest.mark.parametrize(
    "name", ["髙橋", "山﨑", "神\ufa19", "𠮷野 家", "葛\U000e0100城", "ガ\u3099", "㈱田中", "👨\u200d👩\u200d👧"]
)
def test_a_stored_name_is_what_was_typed(name: str) -> None:
    assert clean(f"\u3000{name} \r\n") == name


def test_control_characters_and_disguises_are_taken_out() -> None:
    assert clean("山田\u202e\x00\x1b 太郎\u200b\ufeff\ud800") == "山田 太郎"
    assert clean("山田\r\n太郎\t様") == "山田 太郎 様"
    assert clean_block(" 一行目\r\n二行目\x0b\u2066\x85三行目 ") == "一行目\n二行目\n三行目"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("たなか けん", "タナカ ケン"),
        ("ﾀﾅｶ\u3000ｹﾝ", "タナカ ケン"),
        ("ｶﾞﾝﾀﾞ ｼﾞｮｰ", "ガンダ ジョー"),
        ("ジェシカ・スミス", "ジェシカ・スミス"),
        ("  ", ""),
    ],
)
def test_readings_are_stored_in_full_width_katakana(typed: str, stored: str) -> None:
    assert to_katakana(typed) == stored
    assert to_katakana(stored) == stored


def test_numbers_and_hyphens_lose_their_width() -> None:
    assert plain_ascii("０９０ー１２３４−５６７８〜９") == "090-1234-5678-9"


def test_no_character_stands_in_two_variant_groups() -> None:
    groups = _KANJI_GROUPS.split()
    forms = [form for group in groups for form in group]
    assert len(forms) == len(set(forms))
    assert all(len(group) > 1 for group in groups)
    assert all(unicodedata.normalize("NFKC", form) == form for form in forms), "NFKC has folded these already"


@given(JAPANESE)
def test_keys_ignore_spaces_and_fit_their_column(name: str) -> None:
    assert name_key(name) == name_key(" ".join(name.replace("\u0301", "").replace("ﾞ", "")) if name.isascii() else name)
    assert len(name_key(name * 20)) <= 200
    assert clean(clean(name)) == clean(name)


@given(st.text(max_size=60))
def test_any_text_has_keys_and_stays_storable(text: str) -> None:
    for made in (clean(text), clean_block(text), name_key(text), kana_key(text), to_katakana(text)):
        assert "\x00" not in made
        made.encode("utf-8")
    fold(text)
