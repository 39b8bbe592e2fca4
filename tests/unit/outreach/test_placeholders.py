"""The placeholder replacer: one pass, known names only, and a remark's paragraph that can vanish."""

import pytest

from relay.outreach import placeholders

VALUES = {"氏名": "中村 遥", "応募職種": "経理", "会社名": "株式会社ひなた", "担当者": "佐伯", "ひとこと": ""}


@pytest.mark.parametrize("typed", ["{{氏名}}", "{{ 氏名 }}", "｛｛氏名｝｝", "{{　氏名}}"])
def test_however_the_braces_are_typed(typed: str) -> None:
    assert placeholders.canonical(typed) == "{{氏名}}"
    assert placeholders.fill(typed, VALUES) == "中村 遥"


def test_a_value_is_never_read_for_placeholders() -> None:
    assert placeholders.fill("{{氏名}} 様", VALUES | {"氏名": "{{会社名}}"}) == "{{会社名}} 様"


def test_unknown_names_are_named_once() -> None:
    assert placeholders.unknown("{{氏名}}{{面接官}}{{面接官}}{{}}") == ["面接官", ""]


@pytest.mark.parametrize("text", ["{{氏名}", "氏名}}", "{{氏名}} と {{"])
def test_half_a_placeholder_is_noticed(text: str) -> None:
    assert placeholders.has_stray_braces(text)


def test_single_braces_are_words() -> None:
    assert not placeholders.has_stray_braces("{氏名} は差し込みません")


def test_the_remarks_paragraph_vanishes_when_there_is_none() -> None:
    body = "こんにちは。\n\n担当より: {{ひとこと}}\n\n\nさようなら。"
    assert placeholders.paragraphs(body, VALUES) == ["こんにちは。", "さようなら。"]
    said = placeholders.paragraphs(body, VALUES | {"ひとこと": "お元気で。\n\nまたいつか。"})
    assert said == ["こんにちは。", "担当より: お元気で。", "またいつか。", "さようなら。"]


def test_lines_of_a_paragraph_stay_together() -> None:
    assert placeholders.paragraphs("{{会社名}}\n{{担当者}}", VALUES) == ["株式会社ひなた\n佐伯"]


def test_the_shared_text_leaves_the_remark_out() -> None:
    assert placeholders.shared_text("一\n\n{{ひとこと}} 印象に残りました\n\n二") == "一\n\n二"
