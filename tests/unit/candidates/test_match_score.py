"""Whether two records are one person, and what is said about it; no database."""

from dataclasses import replace
from datetime import date

import pytest

from relay.candidates.duplicates.match_score import Band
from relay.candidates.duplicates.matching import find_matches
from relay.candidates.duplicates.reasons import Reason
from relay.candidates.facts import Facts
from relay.text.sounds import sound
from tests.bench.duplicates.copies import pool
from tests.bench.duplicates.measure import searched
from tests.bench.duplicates.relatives import pool_with_families

HANAKO = Facts("高橋 花子", "タカハシ ハナコ", "hanako.t@mail.example", "090-1234-5678")


def compared(one: Facts, other: Facts) -> tuple[Band, set[Reason]]:
    found = find_matches({1: one, 2: other})
    return (found[0].match_score.band, set(found[0].match_score.reasons)) if found else (Band.NONE, set())


@pytest.mark.parametrize(
    "other",
    [
        Facts("髙橋花子", "", "HANAKO.T@MAIL.EXAMPLE", "０９０－１２３４－５６７８"),
        Facts("高橋　花子", "ﾀｶﾊｼ ﾊﾅｺ", "", "+81 90 1234 5678"),
        Facts("たかはし はなこ", "", "other@elsewhere.example", "09012345678"),
        Facts("Hanako TAKAHASHI", "", "", "090-1234-5678"),
        Facts("花子 高橋", "ハナコ タカハシ", "new@elsewhere.example", "090-1234-5687"),
        Facts("佐藤 花子", "サトウ ハナコ", "hanako.t@mail.example", "080-9999-8888"),
        Facts("高橋 花了", "タカハシ ハナコ", "", "090-1234-5678"),
        Facts("高橋 花子", "タカハシ ハナコ", "hanako.t+job@mail.example", ""),
    ],
)
def test_one_person_is_met_again_however_the_file_writes_them(other: Facts) -> None:
    assert compared(HANAKO, other)[0] in (Band.SAME, Band.LIKELY)


@pytest.mark.parametrize(
    "other",
    [
        Facts("高橋 太郎", "タカハシ タロウ", "hanako.t@mail.example", "090-1234-5678"),
        Facts("高橋 太郎", "タカハシ タロウ", "", "090-1234-5678"),
        Facts("田中 一郎", "タナカ イチロウ", "ichiro@mail.example", "080-1111-2222"),
    ],
)
def test_a_family_behind_one_phone_and_one_address_is_several_people(other: Facts) -> None:
    assert compared(HANAKO, other)[0] is Band.NONE


def test_strangers_of_one_name_are_no_pair_at_all() -> None:
    band, _reasons = compared(
        Facts("佐藤 健", "サトウ ケン", "a.b@mail.example", "090-1111-2222"),
        Facts("佐藤 健", "サトウ ケン", "c.d@other.example", "080-3333-4444"),
    )
    assert band is Band.NONE


def test_namesakes_with_something_else_in_common_are_kept_for_who_asks() -> None:
    band, reasons = compared(
        Facts("佐藤 健", "サトウ ケン", "sato.ken@mail.example", "090-1111-2222"),
        Facts("佐藤 健", "サトウ ケン", "sato.ken@other.example", "080-3333-4444"),
    )
    assert band is Band.NAMESAKE
    assert reasons == {Reason.NAME, Reason.MAIL_LOCAL, Reason.PHONE_DIFFERS}


# a pool of few names


FEW = [
    Facts(f"{family} {given}", f"{heard} {sounds}", "", f"03-{place:04d}-{number:04d}")
    for place, (family, heard) in enumerate(
        (("後藤", "ゴトウ"), ("三浦", "ミウラ"), ("金子", "カネコ"), ("太田", "オオタ"))
    )
    for number, (given, sounds) in enumerate(
        (
            ("恵子", "ケイコ"),
            ("和子", "カズコ"),
            ("幸子", "サチコ"),
            ("彩", "アヤ"),
            ("直美", "ナオミ"),
            ("直子", "ナオコ"),
        )
        * 3
    )
]
"""Seventy people, so that the pool knows these names, which every family bears, and how they are read."""


def among_few(one: Facts, other: Facts) -> tuple[Band, set[Reason]]:
    """Compare two in a pool of few names."""
    people = dict(enumerate((one, other, *FEW)))
    (found,) = [each.match_score for each in find_matches(people) if (each.one, each.other) == (0, 1)] or [None]
    return (found.band, set(found.reasons)) if found else (Band.NONE, set())


NUMBER = "090-1234-5678"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            Facts("三浦 幸子", "ミウラ サチコ", "miura@a.example"),
            Facts("金子 幸子", "カネコ サチコ", "kaneko@b.example"),
        ),
        (Facts("三浦幸子", "", "miura@a.example"), Facts("金子幸子", "", "kaneko@b.example")),
        (Facts("三浦 幸子", "ミウラ サチコ"), Facts("幸子 金子", "サチコ カネコ", "kaneko@b.example")),
    ],
    ids=["with another address", "without a space", "given name first"],
)
def test_marriage_leaves_the_number_and_the_given_name(one: Facts, other: Facts) -> None:
    band, reasons = among_few(replace(one, phone=NUMBER), replace(other, phone=NUMBER))
    assert band in (Band.LIKELY, Band.SAME)
    assert {Reason.PHONE, Reason.FAMILY_DIFFERS} <= reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Facts("太田 恵子", "オオタ ケイコ"), Facts("太田 和子")),
        (Facts("太田 恵子"), Facts("太田 和子")),
        (Facts("太田恵子"), Facts("太田和子")),
        (Facts("太田 恵子"), Facts("オオタ サチコ")),
        (Facts("太田 恵子"), Facts("Kazuko OTA")),
        (Facts("オオタ ナオミ"), Facts("オオタ ナオコ")),
    ],
    ids=["one reading", "no reading", "no space", "kanji and kana", "kanji and Latin letters", "kana"],
)
def test_sisters_behind_one_number_are_two_though_a_letter_apart(one: Facts, other: Facts) -> None:
    assert among_few(replace(one, phone=NUMBER), replace(other, phone=NUMBER))[0] is Band.NONE


def test_a_given_name_that_nobody_else_carries_may_be_a_slip() -> None:
    one, other = Facts("太田 恵子", "オオタ ケイコ", "", NUMBER), Facts("太田 恵予", "", "", NUMBER)
    assert among_few(one, other)[0] in (Band.LIKELY, Band.SAME)


def test_a_slip_in_a_given_name_of_one_letter_needs_number_and_address() -> None:
    one, other = Facts("太田 彩", "", "aya@mail.example", NUMBER), Facts("太田 綵", "", "aya@mail.example", NUMBER)
    assert among_few(one, other)[0] in (Band.LIKELY, Band.SAME)
    assert among_few(replace(one, email=""), replace(other, email=""))[0] is Band.NONE


def test_a_name_of_no_space_is_no_rare_name_where_it_is_a_family_name_alone() -> None:
    assert among_few(Facts("後藤", "ケイコ"), Facts("後藤", "サチコ"))[0] is Band.NONE
    assert among_few(Facts("後藤"), Facts("後藤"))[0] is Band.NONE
    assert among_few(Facts("後藤", phone=NUMBER), Facts("後藤 恵子", phone=NUMBER))[0] in (Band.LIKELY, Band.SAME)


def test_where_no_name_has_a_space_two_of_one_name_are_no_pair() -> None:
    people = dict(enumerate([Facts(each.name.replace(" ", "")) for each in FEW]))
    assert find_matches(people) == []


def test_sounds_that_run_together_are_heard_as_one_name() -> None:
    one = Facts("太田 彩", "オオタ アヤ", "", NUMBER)
    assert among_few(one, Facts("オオタアヤ", "", "", NUMBER))[0] in (Band.LIKELY, Band.SAME)


def test_whoever_shares_name_and_number_is_shown_whatever_else_differs() -> None:
    """An import does not join them, and says that HR is asked."""
    one = Facts("太田 彩", "オオタ アヤ", "a@mail.example", NUMBER, date(1990, 1, 1))
    other = Facts("太田 彩", "オオタ サヤカ", "b@other.example", NUMBER, date(1961, 3, 4))
    assert among_few(one, other)[0] in (Band.LIKELY, Band.SAME)


def test_three_names_in_another_order_are_one_name() -> None:
    one = Facts("Maria Fernanda Gonzalez", "", "maria@mail.example")
    assert compared(one, Facts("GONZALEZ Maria Fernanda", "", "maria@mail.example", "0312345678"))[0] is Band.SAME


def test_the_reasons_say_what_agrees_and_what_does_not() -> None:
    married = Facts("佐藤 花子", "サトウ ハナコ", "hanako.t@mail.example", "080-9999-8888")
    assert compared(HANAKO, married)[1] == {Reason.FAMILY_DIFFERS, Reason.MAIL, Reason.PHONE_DIFFERS}


@pytest.mark.parametrize(
    "spellings",
    [
        ("タカハシ", "たかはし", "ﾀｶﾊｼ", "Takahashi", "TAKAHASI"),
        ("ショウタ", "シヨウタ", "Shota", "Shouta", "syota"),
        ("オオタ", "Ohta", "Ota"),
        ("ジュンイチ", "Jun'ichi", "zyuniti"),
        ("サンペイ", "Sampei"),
    ],
)
def test_a_name_sounds_the_same_in_kana_and_in_every_romanisation(spellings: tuple[str, ...]) -> None:
    assert len({sound(each) for each in spellings}) == 1


def test_copies_in_a_pool_are_found_and_strangers_left_alone() -> None:
    """The full measurement is `python -m tests.bench.duplicates`; here it may not fall far behind."""
    found = searched(pool(5_100, 900, seed=7))
    precision, recall, _count = found.at(2.0)
    assert precision >= 0.995
    assert recall >= 0.92


def test_other_noise_and_relatives_do_not_confuse_it() -> None:
    found = searched(pool_with_families(5_100, 900, seed=7))
    precision, recall, _count = found.at(2.0)
    assert precision >= 0.99
    assert recall >= 0.88
