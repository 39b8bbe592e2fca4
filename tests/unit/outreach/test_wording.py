"""The check of a company's text; and our own texts pass it."""

import pytest

from relay.outreach import standard, wording
from relay.outreach.standard import StandardText


@pytest.mark.parametrize("text", standard.TEXTS, ids=lambda text: text.name)
def test_our_own_texts_have_nothing_to_find(text: StandardText) -> None:
    found = wording.check(text.subject, text.body)
    assert (found.refusals, found.warnings) == ([], [])


@pytest.mark.parametrize("text", standard.TEXTS, ids=lambda text: text.name)
def test_our_own_texts_say_the_result_once_and_keep_clear_of_what_we_avoid(text: StandardText) -> None:
    assert text.body.count("見送") == 1
    for avoided in ("不採用", "お祈り", "残念ながら", "！", "!", "適切に管理"):
        assert avoided not in text.body


@pytest.mark.parametrize(
    "word", ["お祝い金", "ギフト券", "プレゼント", "謝礼", "ポイント進呈", "ﾌﾟﾚｾﾞﾝﾄ", "ポイントを進呈"]
)
def test_gifts_are_found_in_any_width(word: str) -> None:
    assert wording.gifts(f"登録で{word}！")


@pytest.mark.parametrize("text", ["要点を整理", "プレゼンの資料", "お祝い申し上げます", "感謝します"])
def test_ordinary_words_are_no_gifts(text: str) -> None:
    assert wording.gifts(text) == []


def test_a_personal_word_in_the_remarks_paragraph_is_fine() -> None:
    body = "{{氏名}} 様\n\n見送ります。\n\nお話が印象に残りました。{{ひとこと}}"
    assert wording.check("結果", body).warnings == []
    assert len(wording.check("結果", body.replace("{{ひとこと}}", "")).warnings) == 1
