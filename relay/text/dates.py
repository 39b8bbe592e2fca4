"""Dates as people write them in Japan, western and by era (rules F-19, F-20)."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from relay.text.names import clean, plain_ascii
from relay.text.sentence import Sentence, quoted

_TOKYO = timezone(timedelta(hours=9))  # Japan keeps no summer time
_EARLIEST, _LATEST = 1868, 2199
_MAX_LENGTH = 80


class _Era(NamedTuple):
    name: str
    letter: str
    first_day: date


# Newest first (F-19). Meiji began within 1868; its first day by today's calendar was 25 January.
_ERAS = (
    _Era("令和", "r", date(2019, 5, 1)),
    _Era("平成", "h", date(1989, 1, 8)),
    _Era("昭和", "s", date(1926, 12, 25)),
    _Era("大正", "t", date(1912, 7, 30)),
    _Era("明治", "m", date(1868, 1, 25)),
)
_BETWEEN = r"\s*[年./-]\s*(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*日?"
_CLOCK = (
    r"(?:[T\s]\s*(?:午前|午後|am|pm)?\s*(?P<hour>\d{1,2})[:時](?P<minute>\d{1,2})?分?"
    r"(?::?\d{1,2}(?:\.\d+)?秒?)?\s*(?:am|pm)?)?"
)
_OFFSET = r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_WEEKDAY = re.compile(r"\s*(?:\([月火水木金土日](?:曜日?)?(?:[・/]?祝)?\)|[月火水木金土日]曜日?)")
_WESTERN = re.compile(rf"(?:西暦)?(?P<year>\d{{4}}){_BETWEEN}{_CLOCK}{_OFFSET}", re.IGNORECASE)
_ISO_LIKE = re.compile(
    r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})(?: [0-9]{1,2}:[0-9]{2})?\Z"
)  # most cells of most files
_YEARLESS = re.compile(r"(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*日?")
_LEAP_CYCLE = 8
"""So many years back lies a 29 February at the latest (1904 after 1896)."""
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_BY_ERA = re.compile(
    rf"(?P<era>令和|平成|昭和|大正|明治|[rhstm])\.?\s*(?P<year>\d{{1,2}}|元){_BETWEEN}{_CLOCK}", re.IGNORECASE
)


_MONTH = re.compile(r"(?P<year>\d{4})\s*[年./-]\s*(?P<month>\d{1,2})\s*月?")
_YEAR = re.compile(r"(?P<year>\d{4})\s*年?")
_STRETCH = re.compile("[〜～~]|\\.\\.")


class DateProblem(ValueError):
    """The text is no date: `message` says why, `suggestion` is the day probably meant."""

    def __init__(self, message: Sentence, suggestion: date | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion

    def __str__(self) -> str:
        return str(self.message)


def parse_date(typed: str) -> date:
    """Read a date as F-19 lists them; a time after it is allowed, and read in Japan if it names an offset (F-20).

    Raises DateProblem for what is no date and for days that never were, with a suggestion where one is near.
    """
    if plain := _ISO_LIKE.match(typed):
        return _calendar_day(int(plain[1]), int(plain[2]), int(plain[3]), typed)
    text = without_weekday(typed)
    if found := _BY_ERA.fullmatch(text):
        return _by_era(found, typed)
    if found := _WESTERN.fullmatch(text) or _COMPACT.fullmatch(text):
        return _western(found, typed)
    raise DateProblem(
        _l("「%(typed)s」は日付として読めません。「2026年4月1日」のように入力してください。", typed=quoted(typed))
    )


def parse_days(typed: str) -> tuple[date, date]:
    """Read a day as `parse_date` does, a month (2026-10, 2026年10月), a year, or a stretch from one to another.

    Return its first and last day. Raises DateProblem, also for a stretch that ends before it begins.
    """
    parts = [each.strip() for each in _STRETCH.split(typed)]
    if len(parts) == 2 and all(parts):
        first, last = parse_days(parts[0])[0], parse_days(parts[1])[1]
        if first <= last:
            return first, last
    text = without_weekday(typed)
    if found := _MONTH.fullmatch(text):
        first = _calendar_day(int(found["year"]), int(found["month"]), 1, typed)
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    if found := _YEAR.fullmatch(text):
        year = _calendar_day(int(found["year"]), 1, 1, typed)
        return year, year.replace(month=12, day=31)
    day = parse_date(typed)
    return day, day


def parse_recent_date(typed: str, today: date) -> date:
    """Read a date as `parse_date` does, and one without a year (11月27日, 11/27) as its nearest day up to `today`.

    Raises DateProblem.
    """
    found = _YEARLESS.fullmatch(without_weekday(typed))
    if found is None:
        return parse_date(typed)
    month, day = int(found["month"]), int(found["day"])
    if not (1 <= month <= 12 and day >= 1):
        raise _no_such_day(typed, None)
    for year in range(today.year, today.year - _LEAP_CYCLE - 1, -1):
        if day <= monthrange(year, month)[1] and date(year, month, day) <= today:
            return date(year, month, day)
    raise _no_such_day(typed, None)


def wareki(day: date) -> str:
    """Write a date by its era, 元年 for the first year; days before Meiji in western years."""
    for era in _ERAS:
        if day >= era.first_day:
            year = day.year - era.first_day.year + 1
            return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def without_weekday(typed: str) -> str:
    """Return the text in plain characters; runs of spaces would make the patterns crawl."""
    text = " ".join(plain_ascii(clean(typed)).split())
    return _WEEKDAY.sub("", text).strip() if len(text) <= _MAX_LENGTH else ""


def _western(found: re.Match[str], typed: str) -> date:
    day = _calendar_day(int(found["year"]), int(found["month"]), int(found["day"]), typed)
    offset = found.groupdict().get("offset")
    return _in_japan(day, found, offset) if offset else day


def _in_japan(day: date, found: re.Match[str], offset: str) -> date:
    minutes = 0
    if offset[0] in "+-":
        digits = offset[1:].replace(":", "")
        minutes = (int(digits[:2]) * 60 + int(digits[2:])) * (1 if offset[0] == "+" else -1)
    if found["hour"] is None or int(found["hour"]) > 23 or int(found["minute"] or 0) > 59 or abs(minutes) >= 24 * 60:
        return day
    there = timezone(timedelta(minutes=minutes))
    moment = datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"] or 0), tzinfo=there)
    return moment.astimezone(_TOKYO).date()


def _by_era(found: re.Match[str], typed: str) -> date:
    era = next(era for era in _ERAS if found["era"].lower() in (era.name, era.letter))
    year = 1 if found["year"] == "元" else int(found["year"])
    day = _calendar_day(era.first_day.year + year - 1, int(found["month"]), int(found["day"]), typed)
    if not _falls_in(era, day) or year == 0:
        suggestion = None if year == 0 else day
        raise _no_such_day(typed, suggestion, by_era=True)
    return day


def _falls_in(era: _Era, day: date) -> bool:
    position = _ERAS.index(era)
    return day >= era.first_day and (position == 0 or day < _ERAS[position - 1].first_day)


def _calendar_day(year: int, month: int, day: int, typed: str) -> date:
    if not (_EARLIEST <= year <= _LATEST and 1 <= month <= 12 and day >= 1):
        raise _no_such_day(typed, None)
    last = monthrange(year, month)[1]
    if day > last:
        raise _no_such_day(typed, date(year, month, last) if day <= 31 else None)
    return date(year, month, day)


def _no_such_day(typed: str, suggestion: date | None, *, by_era: bool = False) -> DateProblem:
    if suggestion is None:
        return DateProblem(_l("「%(typed)s」という日はありません。日付を確認してください。", typed=quoted(typed)))
    meant = f"{suggestion.year}年{suggestion.month}月{suggestion.day}日"
    if by_era:
        meant = f"{wareki(suggestion)}（{meant}）"
    return DateProblem(
        _l("「%(typed)s」という日はありません。%(meant)sではありませんか。", typed=quoted(typed), meant=meant),
        suggestion,
    )
