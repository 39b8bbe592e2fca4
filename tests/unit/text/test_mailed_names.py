"""A name in a letter of Relay's own sender leads nowhere."""

import pytest

from relay.text import MAILED_NAME_LENGTH, mailed_name


@pytest.mark.parametrize(
    "name", ["株式会社みどり", "㈱髙橋", "ﾐﾄﾞﾘ工業", "Midori Co., Ltd.", "学校法人 学び（東京）", "A&B / C.D株式会社"]
)
def test_a_name_stays_as_it_is_written(name: str) -> None:
    assert mailed_name(name) == name


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("至急 https://evil.example/login?x=1 を開く", "至急 を開く"),
        ("至急//evil.example/login", "至急"),
        ("www.evil.example", ""),
        ("ｗｗｗ．ｅｖｉｌ．ｅｘａｍｐｌｅ／ａ へ", "へ"),
        ("連絡は evil@evil.example へ", "連絡は へ"),
        ("連絡は evil＠evil．example へ", "連絡は へ"),
        ("株式会社evil.example/login", "株式会社"),
        ("株式会社evil.example:8080", "株式会社"),
        ("株式会社カカク.com", "株式会社カカク. com"),
        ("みどり\r\nBcc: evil\u2028次", "みどり Bcc: evil 次"),
    ],
)
def test_what_could_be_followed_is_taken_out(name: str, carried: str) -> None:
    assert mailed_name(name) == carried


def test_without_a_name_left_there_is_another() -> None:
    assert mailed_name("https://evil.example", otherwise="acme") == "acme"


def test_a_long_name_is_cut_at_its_edge() -> None:
    assert mailed_name("み" * MAILED_NAME_LENGTH) == "み" * MAILED_NAME_LENGTH
    assert mailed_name("み" * (MAILED_NAME_LENGTH + 1)) == "み" * (MAILED_NAME_LENGTH - 1) + "…"
