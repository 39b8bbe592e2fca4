"""Times as people type them: what is read, in which year, and what every line that cannot be read is told."""

from datetime import date, time

import pytest

from relay.text.times import TimeProblems, TypedTime, parse_times

TODAY = date(2026, 11, 29)
THURSDAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("12/3 14:00", TypedTime(THURSDAY, time(14))),
        ("１２／３　１４：００－１４：３０", TypedTime(THURSDAY, time(14), 30)),
        ("12月3日（木）14時30分〜15時30分", TypedTime(THURSDAY, time(14, 30), 60)),
        ("12月3日木曜日 午後2時半から", TypedTime(THURSDAY, time(14, 30))),
        ("2026-12-03 14:00", TypedTime(THURSDAY, time(14))),
        ("2026年12月3日 10:00～11:15", TypedTime(THURSDAY, time(10), 75)),
        ("・12/3 9:00", TypedTime(THURSDAY, time(9))),
        ("1) 12/3 9:00", TypedTime(THURSDAY, time(9))),
        ("1/10 9:00", TypedTime(date(2027, 1, 10), time(9))),
        ("11/27 9:00", TypedTime(date(2026, 11, 27), time(9))),
    ],
)
def test_a_line_is_read_however_it_is_written(typed: str, expected: TypedTime) -> None:
    assert parse_times(typed, TODAY) == [expected]


def test_several_hours_share_a_day_on_its_line_or_below_it() -> None:
    times = [TypedTime(THURSDAY, time(13)), TypedTime(THURSDAY, time(15), 45)]
    assert parse_times("12/3 13:00、15:00-15:45", TODAY) == times
    assert parse_times("12/3\n 13:00\n\n・15:00-15:45\n12/3 13:00", TODAY) == times


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("あさって 10:00", "1行目「あさって 10:00」は、日時として読めません"),
        ("12/3 14:00\n来週", "2行目「来週」は、日時として読めません"),
        ("13:00", "1行目「13:00」は、日時として読めません"),
        ("12/3", "1行目「12/3」は、日時として読めません"),
        ("12/3\n12/4 10:00", "1行目「12/3」は、日時として読めません"),
        ("12/3 25:00", "1行目「12/3 25:00」は、日時として読めません"),
        ("12/3 14:00-13:00", "1行目「12/3 14:00-13:00」は、日時として読めません"),
        ("12/3 14:00 田中", "1行目「12/3 14:00 田中」は、日時として読めません"),
        ("12/32 10:00", "1行目「12/32 10:00」：この日はありません"),
        ("12/3(水) 10:00", "12月3日は木曜日です"),
        ("9" * 500, "は、日時として読めません"),
    ],
)
def test_a_line_that_is_no_time_is_named_with_what_it_says(typed: str, said: str) -> None:
    with pytest.raises(TimeProblems) as refused:
        parse_times(typed, TODAY)
    (sentence,) = refused.value.sentences
    assert said in str(sentence)


def test_every_such_line_is_named() -> None:
    with pytest.raises(TimeProblems) as refused:
        parse_times("12/3 14:00\n来週\n\n12/40 9:00", TODAY)
    assert [str(each)[:3] for each in refused.value.sentences] == ["2行目", "4行目"]
