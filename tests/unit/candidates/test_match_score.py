"""Whether two records are one person, and what is said about it; no database."""

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


def test_strangers_of_one_name_are_kept_apart_and_not_shown_by_themselves() -> None:
    band, reasons = compared(
        Facts("佐藤 健", "サトウ ケン", "a.b@mail.example", "090-1111-2222"),
        Facts("佐藤 健", "サトウ ケン", "c.d@other.example", "080-3333-4444"),
    )
    assert band is Band.NAMESAKE
    assert reasons == {Reason.NAME, Reason.MAIL_DIFFERS, Reason.PHONE_DIFFERS}


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
