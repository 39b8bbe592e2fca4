"""Dates in every form that F-19 lists."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import DateProblem, parse_date, parse_recent_date, wareki

THE_DAY = date(2026, 11, 21)
ERAS = st.dates(date(1868, 1, 25), date(2199, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-21",
        "2026/11/21",
        "2026.11.21",
        "2026年11月21日",
        "西暦2026年11月21日",
        "２０２６年１１月２１日",
        "２０２６／１１／２１",
        "2026−11−21",
        "20261121",
        " 2026 / 11 / 21 ",
        "2026/11/21 14:05",
        "2026/11/21 9:05:33",
        "2026-11-21T14:05:33.123",
        "2026年11月21日 14時05分",
        "2026年11月21日 午後2:05",
        "2026年11月21日(土)",
        "2026/11/21（土） 14:05",
        "2026年11月21日土曜日",
        "2026-11-21T14:05:33+09:00",
        "2026-11-20T15:00:00Z",
        "令和8年11月21日",
        "令和８年11月21日",
        "㋿8年11月21日",
        "R8.11.21",
        "r8/11/21",
        "R08-11-21",
    ],
)
def test_one_day_in_many_forms(typed: str) -> None:
    assert parse_date(typed) == THE_DAY


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S60.1.2", date(1985, 1, 2)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治45年7月29日", date(1912, 7, 29)),
        ("2024/2/29", date(2024, 2, 29)),
    ],
)
def test_eras_begin_and_end_on_their_days(typed: str, day: date) -> None:
    assert parse_date(typed) == day


@pytest.mark.parametrize(
    ("typed", "suggestion", "words"),
    [
        ("平成32年4月1日", date(2020, 4, 1), "令和2年4月1日（2020年4月1日）"),
        ("平成31年5月1日", date(2019, 5, 1), "令和元年5月1日"),
        ("昭和64年1月8日", date(1989, 1, 8), "平成元年1月8日"),
        ("令和元年4月30日", date(2019, 4, 30), "平成31年4月30日"),
        ("2026/02/30", date(2026, 2, 28), "2026年2月28日"),
        ("2026年11月31日", date(2026, 11, 30), "2026年11月30日"),
        ("令和8年2月30日", date(2026, 2, 28), "2026年2月28日"),
        ("2026/13/01", None, "日付を確認してください"),
        ("2026/00/10", None, "日付を確認してください"),
        ("2026/02/99", None, "日付を確認してください"),
        ("0026/4/1", None, "日付を確認してください"),
        ("令和0年4月1日", None, "日付を確認してください"),
        ("未定", None, "日付として読めません"),
        ("4/1", None, "日付として読めません"),
        ("26/4/1", None, "日付として読めません"),
        ("2026/4", None, "日付として読めません"),
        ("46113", None, "日付として読めません"),
        ("2026/4/1 ごろ", None, "日付として読めません"),
        ("", None, "日付として読めません"),
    ],
)
def test_what_is_no_day_says_why_and_suggests(typed: str, suggestion: date | None, words: str) -> None:
    with pytest.raises(DateProblem) as problem:
        parse_date(typed)
    assert problem.value.suggestion == suggestion
    assert words in str(problem.value)
    assert f"「{typed}」" in str(problem.value)


@given(ERAS)
def test_every_day_survives_each_way_of_writing_it(day: date) -> None:
    western = f"{day.year}年{day.month}月{day.day}日"
    assert parse_date(day.isoformat()) == parse_date(western) == parse_date(f"{day:%Y/%m/%d} 00:00") == day
    if day.year < 2118:  # an era year has two digits
        assert parse_date(wareki(day)) == day


@given(st.text(max_size=30) | st.text("0123456789/-.年月日令和平成昭RHSＴ:+Z ", max_size=25))
def test_any_other_text_is_a_named_problem(typed: str) -> None:
    outcome = _date_or_problem(typed)
    if isinstance(outcome, date):
        assert 1867 <= outcome.year <= 2200
    else:
        assert str(outcome)


def _date_or_problem(typed: str) -> date | DateProblem:
    try:
        return parse_date(typed)
    except DateProblem as problem:
        return problem


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("11月21日", date(2026, 11, 21)),
        ("１１／２０（金）", date(2026, 11, 20)),
        ("11/22", date(2025, 11, 22)),
        ("2月29日", date(2024, 2, 29)),
        ("12.1", date(2025, 12, 1)),
        ("2026/11/27", date(2026, 11, 27)),
        ("R8.11.1", date(2026, 11, 1)),
    ],
)
def test_without_a_year_it_is_the_nearest_day_that_was(typed: str, day: date) -> None:
    assert parse_recent_date(typed, THE_DAY) == day


@pytest.mark.parametrize("typed", ["2月30日", "13月1日", "0/1", "月末", ""])
def test_a_day_that_never_was_has_no_year_either(typed: str) -> None:
    with pytest.raises(DateProblem):
        parse_recent_date(typed, THE_DAY)
