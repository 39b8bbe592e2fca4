"""The word check asks about what the law keeps out, and leaves ordinary work alone (A-22)."""

import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import sensitive, sensitive_words

PARTS = sorted({*re.findall(r"[ぁ-ー一-龠]+", sensitive._WORDS + sensitive._ORDINARY), *"うウのが病、 をっぽ"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("障害者手帳をお持ち", ["障害"]),
        ("持病があり通院中", ["持病", "通院"]),
        ("うつ病で休職していた", ["うつ病"]),
        ("以前うつで休んだ", ["うつ"]),
        ("鬱、ウツ病", ["鬱", "ウツ病"]),
        ("病気療養のため", ["病気"]),
        ("妊娠中とのこと", ["妊娠"]),
        ("前科はないと言っていた", ["前科"]),
        ("国籍は日本", ["国籍"]),
        ("宗教上の理由、信仰", ["宗教", "信仰"]),
        ("支持政党と労働組合の話", ["支持政党", "労働組合"]),
        ("部落出身", ["部落"]),
        ("本籍地、家族構成、尊敬する人物", ["本籍", "家族構成", "尊敬する人物"]),
        ("健康診断の結果を確認", ["健康診断の結果"]),
        ("システム障害対応のあと、ご本人の障害について", ["障害"]),
        ("障 害 と障害と障害", ["障害"]),
    ],
)
def test_words_the_law_keeps_out_are_found(text: str, words: list[str]) -> None:
    assert sensitive_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "病院で看護師を8年。病棟と病児保育",
        "システム障害の一次対応、障害復旧、障害切り分け",
        "障害者支援施設で生活支援員。障害福祉サービス",
        "多国籍のチームで開発",
        "使うつもりのツール、いつも美しい",
        "うつわの販売、写真にうつる",
        "宗教法人の経理",
        "労働組合との折衝",
        "傷病手当金の手続き",
        "入院患者の看護、通院介助、服薬指導",
        "設計思想を学んだ",
        "がんばり屋、がん検診センター勤務",
        "フォークリフト 品質管理。評価5",
    ],
)
def test_ordinary_work_is_passed_over(text: str) -> None:
    assert sensitive_words(text) == []


@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
def test_the_first_look_passes_over_no_word(text: str) -> None:
    with patch.object(sensitive, "_PERHAPS", re.compile("")):
        words = sensitive_words(text)
    assert sensitive_words(text) == words
