"""Times as people type them, several lines at once: a day with one or more hours, a duration where it is said (F-12).

「12/3 14:00」「12月4日（金）10時〜10時30分」「12/5 13:00、15:00-15:45」 are read, in any width; a line of hours alone
belongs to the day above it. Nothing is guessed: a line that says anything else is named, with what it says.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.text.names import clean
from relay.text.sentence import Sentence, quoted

_NEXT_YEAR_AFTER = timedelta(days=60)
"""A day without a year that is gone for longer is one of next year."""
_MAX_LENGTH = 200
_WEEKDAYS = "月火水木金土日"
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー〜～~", "-"))
_DAY = re.compile(
    r"(?:(?P<year>\d{4})\s*[年/.]\s*)?(?P<month>\d{1,2})\s*[月/.]\s*(?P<day>\d{1,2})\s*日?"
    rf"(?:\s*\(?(?P<weekday>[{_WEEKDAYS}])(?:曜日?)?(?:[・/]?祝)?\)?(?=[\s\d(午]|$))?"
)
_HOUR = r"(?P<{0}noon>午前|午後)?\s*(?P<{0}hour>\d{{1,2}})\s*(?:[:時]\s*(?P<{0}minute>\d{{1,2}}|半)?\s*分?)"
_TIME = re.compile(_HOUR.format("from_") + r"(?:\s*-\s*" + _HOUR.format("to_") + r"|\s*-(?!\s*\d))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_BETWEEN = re.compile(r"[\s,、，;と・]*")
_BULLET = re.compile(r"^[\s・*•●○■□※]+|^\(?\d{1,2}[).]\s+")


class TypedTime(NamedTuple):
    """A time as it was typed; without minutes where no end was said."""

    day: date
    at: time
    minutes: int | None = None


class TimeProblems(ValueError):
    """Some lines are no times: a sentence for each of them, in their order."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        super().__init__(sentences)
        self.sentences = sentences


class _Problem(ValueError):
    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parse_times(typed: str, today: date) -> list[TypedTime]:
    """Read every line, each time once, in their order. Raises TimeProblems, naming every line that cannot be read."""
    found: dict[TypedTime, None] = {}
    problems: list[Sentence] = []
    day: date | None = None
    without_hours: list[_Problem] = []
    for number, line in enumerate(typed.splitlines(), 1):
        if not line.strip():
            continue
        try:
            said_day, times = _line(line, number, day, today)
        except _Problem as problem:
            problems.append(problem.sentence)
            continue
        if times and said_day == day:
            without_hours.clear()
        problems += [each.sentence for each in without_hours]
        without_hours = [] if times else [_unreadable(line, number)]
        day = said_day
        found.update(dict.fromkeys(times))
    problems += [each.sentence for each in without_hours]
    if problems:
        raise TimeProblems(problems)
    return list(found)


def _line(line: str, number: int, day: date | None, today: date) -> tuple[date, list[TypedTime]]:
    text = _BULLET.sub("", unicodedata.normalize("NFKC", clean(line))).strip()
    text = _ISO.sub(r"\1/\2/\3 ", text.replace("から", "-").translate(_DASHES))
    if len(text) > _MAX_LENGTH:
        raise _unreadable(line, number)
    rest = text
    if (said := _DAY.match(text)) is not None:
        day, rest = _day(said, line, number, today), text[said.end() :]
    if day is None:
        raise _unreadable(line, number)
    times = list(_times(rest, day, line, number))
    if not times and said is None:
        raise _unreadable(line, number)
    return day, times


def _day(said: re.Match[str], line: str, number: int, today: date) -> date:
    month, of_month = int(said["month"]), int(said["day"])
    try:
        day = date(int(said["year"] or today.year), month, of_month)
        if said["year"] is None and day < today - _NEXT_YEAR_AFTER:
            day = date(today.year + 1, month, of_month)
    except ValueError:
        no_day = _l("%(number)s行目「%(typed)s」：この日はありません。", number=number, typed=quoted(line.strip()))
        raise _Problem(no_day) from None
    weekday = _WEEKDAYS[day.weekday()]
    if said["weekday"] not in (None, weekday):
        raise _Problem(
            _l(
                "%(number)s行目「%(typed)s」：%(month)s月%(day)s日は%(weekday)s曜日です。",
                number=number,
                typed=quoted(line.strip()),
                month=month,
                day=of_month,
                weekday=weekday,
            )
        )
    return day


def _times(text: str, day: date, line: str, number: int) -> Iterator[TypedTime]:
    at = _skipped(text, 0)
    while at < len(text):
        said = _TIME.match(text, at)
        if said is None:
            raise _unreadable(line, number)
        begins, ends = _clock(said, "from_"), _clock(said, "to_")
        if begins is None or (said["to_hour"] is not None and (ends is None or ends <= begins)):
            raise _unreadable(line, number)
        yield TypedTime(day, time(*divmod(begins, 60)), ends - begins if ends is not None else None)
        at = _skipped(text, said.end())


def _skipped(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    assert between is not None
    return between.end()


def _clock(said: re.Match[str], side: str) -> int | None:
    """Return the minutes since midnight; None where the clock shows no such time, or none was said."""
    if said[f"{side}hour"] is None:
        return None
    hour, minute = int(said[f"{side}hour"]), said[f"{side}minute"] or "0"
    minutes = 30 if minute == "半" else int(minute)
    if said[f"{side}noon"] == "午後" and hour < 12:
        hour += 12
    return hour * 60 + minutes if hour < 24 and minutes < 60 else None


def _unreadable(line: str, number: int) -> _Problem:
    return _Problem(
        _l(
            "%(number)s行目「%(typed)s」は、日時として読めません。"
            "「12/3 14:00」や「12月4日 10:00〜10:30」のように入力してください。",
            number=number,
            typed=quoted(line.strip()),
        )
    )
