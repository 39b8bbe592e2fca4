"""What may be a password, and how it is compared (E-3, E-4)."""

import pytest

from relay.identity.passwords import check_password, check_rules, hash_password, wants_rehash
from relay.identity.sign_in import NOBODY
from relay.identity.users import new_password

CONTEXT = ("株式会社みどり工業", "midori-kogyo", "高橋 花子", "hanako@midori.example")


@pytest.mark.parametrize(
    "password",
    [
        "ume no hana ga saku hi",
        "梅の花が咲く日に駅の前で待つよ",
        " spaces at both ends count ",
        "x9!Kq-27_pTz&w5",
        "🌸🌊🗻🎐🍵🚲📚🎻🧭🪁🛶🏮🍙🦉🌙",
        "みどり工業の屋上から見た夕焼けと飛行機雲",
        "9" + "長い" * 30 + "文でもかまいません",
    ],
)
def test_anything_long_and_ones_own_will_do(password: str) -> None:
    assert check_rules(password, CONTEXT) is None


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("fourteen chars", "15文字以上"),
        ("", "15文字以上"),
        ("長" * 14, "15文字以上"),
        ("あ1" * 70, "128文字まで"),
        ("Correct Horse Battery Staple", "推測されやすい"),
        ("passwordpassword", "推測されやすい"),
        ("ｐａｓｓｗｏｒｄ　ｐａｓｓｗｏｒｄ", "推測されやすい"),
        ("aaaaaaaaaaaaaaaa", "推測されやすい"),
        ("リレーリレーリレーリレーリレー", "推測されやすい"),
        ("qwertyuiopasdfghj", "推測されやすい"),
        ("zyxwvutsrqponmlk", "推測されやすい"),
        ("あいうえおかきくけこさしすせそたち", "推測されやすい"),
        ("midori-kogyo 2026!", "製品名だけ"),
        ("Relay-Hanako-2026", "製品名だけ"),
        ("みどり工業 人材プール 高橋花子", "製品名だけ"),
        ("hanako@midori.example", "製品名だけ"),
    ],
)
def test_what_others_would_guess_will_not(password: str, because: str) -> None:
    assert because in (check_rules(password, CONTEXT) or "")


@pytest.mark.parametrize("password", ["!audia329!#1123", "06011969nargiza", "06011969NARGIZA", "0425 Galogen, 9225"])
def test_one_known_from_a_breach_will_not(password: str) -> None:
    assert "漏れたことのある" in (check_rules(password, CONTEXT) or "")


def test_a_generated_password_fulfils_the_rules() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(check_rules(password, CONTEXT) is None for password in made)


def test_a_password_is_compared_exactly_as_typed() -> None:
    stored = hash_password("ume no hana ga saku hi ")
    assert check_password(stored, "ume no hana ga saku hi ")
    assert not check_password(stored, "ume no hana ga saku hi")
    assert not check_password(stored, "Ume no hana ga saku hi ")


def test_every_character_counts_even_the_hundredth() -> None:
    stored = hash_password("長" * 100 + "い")
    assert not check_password(stored, "長" * 100 + "く")


def test_the_hash_for_unknown_people_costs_what_a_real_one_does() -> None:
    assert not wants_rehash(NOBODY)
    assert NOBODY.split("$")[1:4] == hash_password("any").split("$")[1:4]


def test_a_hash_made_with_older_parameters_is_to_be_made_anew() -> None:
    assert wants_rehash("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


def test_a_stored_hash_that_is_no_hash_lets_nobody_in() -> None:
    assert not check_password("!", "anything at all")
