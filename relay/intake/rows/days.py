"""Days as files hold them, beyond what a form takes (F-19): 4/15/2026, April 1, 2026, 46113, 9:12:33 午前 GMT+9.

A day without a year (10/3) is one of the year that the sheet names in its title: 2026年度 (from April), 2026年.
Whether the month or the day comes first is decided for the whole file, by its own days: one past the twelfth shows it.
Where none does, a day that can be read both ways is refused, never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from relay.text import DateProblem, Sentence, clean, parse_date, plain_ascii, quoted
from relay.text.dates import without_weekday

_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")  # 1954 to 2119
_FIRST_SERIAL = date(1899, 12, 30)
_UNTIL_1904 = timedelta(days=1_462)
"""By which the same number is later in a workbook that counts from 1904."""
_MAX_LENGTH = 80
_HALF = re.compile(r"\s*(午前|午後|[ap]\.?m\.?)\s*(?![a-z])", re.IGNORECASE)
_ZONE = re.compile(r"\s*(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?(?:\s*\(.*\))?$", re.IGNORECASE)
_CLOCK = r"(?:[T,\s]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::\d{1,2}(?:\.\d+)?)?)?"
_REST = rf"{_CLOCK}\s*(?P<zone>[+-]\d{{2}}:\d{{2}}|Z|GMT|UTC)?"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[.,]?\s+)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NAMED = tuple(
    re.compile(f"{_WEEKDAY}{order}{_REST}", re.IGNORECASE)
    for order in (
        rf"{_MONTH}[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+{_YEAR}",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+{_YEAR}",
        rf"(?P<year>\d{{4}})[\s-]+{_MONTH}[\s-]+(?P<day>\d{{1,2}})",
    )
)
_YEAR_LAST = re.compile(rf"(?P<one>\d{{1,2}})[/.-](?P<two>\d{{1,2}})[/.-](?P<year>\d{{4}}){_REST}", re.IGNORECASE)
_SHORT_YEAR_LAST = re.compile(
    rf"(?P<one>0?[1-9]|1[0-2])/(?P<two>\d{{1,2}})/(?P<year>1[3-9]|[2-9]\d){_REST}", re.IGNORECASE
)
"""As Microsoft's forms write days; what begins with a number past the twelfth may begin with the year."""
_SHORT_YEAR = re.compile(rf"'?(?P<year>\d{{2}})[/.年-](?P<month>\d{{1,2}})[/.月-](?P<day>\d{{1,2}})日?{_REST}")
_MONTHS_A_YEAR = 12
_TRAILING = re.compile(
    r"(?:-|から|以降|頃|ごろ|付け?|\s*(?:JST|日本時間)|\s[月火水木金土日]|\s*\([^()]*時間?\))$", re.IGNORECASE
)
_ERA_ALONE = re.compile(r"^([令平昭])(?=\s*[\d元])")
_ERAS = {"令": "R", "平": "H", "昭": "S"}
_RUN_TOGETHER = re.compile(r"(\d{8})\d{4}(?:\d{2})?")
_BY_SPACES = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})")


_SAID_YEAR = r"(?P<year>20\d\d|(?:令和|R\.?)\s*(?:\d{1,2}|元))"
_FISCAL = re.compile(rf"{_SAID_YEAR}\s*年?度")
_CALENDAR = re.compile(rf"{_SAID_YEAR}\s*年(?!\s*[度\d])")
_MONTH_OF = re.compile(rf"{_SAID_YEAR}\s*年\s*(?P<month>1[0-2]|0?[1-9])\s*月(?!\s*\d)")
_OF_ENTRY = re.compile("新卒|入社|入学|卒|内定")
"""A year beside these is when people begin to work, and they applied in another."""
_WITHOUT_YEAR = re.compile(r"(?P<month>\d{1,2})\s*[月/.-]\s*(?P<day>\d{1,2})日?(?:\s+\d{1,2}:\d{2})?")
_FIRST_MONTH = 4
_REIWA = 2018


@dataclass(frozen=True, slots=True)
class SheetYear:
    """The year that a sheet names once for its days, and the words in which it does."""

    year: int
    said: str
    is_fiscal: bool = False
    """From April to March."""
    month: int = 0
    """The one month it names with it; 0 where it names none."""


def year_of(texts: Iterable[str]) -> SheetYear | None:
    """Give the year that the name of a sheet, its title and its headers name; None where they leave a doubt."""
    plain = [unicodedata.normalize("NFKC", text[: 2 * _MAX_LENGTH]) for text in texts]
    fiscal, calendar, months = (
        {(_western_year(one["year"]), one["month"] if "month" in one.re.groupindex else "0"): one[0] for one in found}
        for found in (
            [one for text in plain for one in said.finditer(text)] for said in (_FISCAL, _CALENDAR, _MONTH_OF)
        )
    )
    named = fiscal or calendar or months
    if len(named) != 1 or any(_OF_ENTRY.search(text) for text in plain):
        return None
    [((year, month), said)] = named.items()
    if any(other - year not in (0, 1) for other, _month in calendar):
        return None
    return SheetYear(year, said, is_fiscal=bool(fiscal), month=int(month))


def _western_year(said: str) -> int:
    return int(said) if said.isdigit() else _REIWA + int(said.lstrip("令和R. ").replace("元", "1"))


@dataclass(frozen=True, slots=True)
class DayStyle:
    """How a file writes its days: whether the month comes before the day, and from when its numbers count."""

    month_first: bool | None = None
    """None where no day of the file shows it."""
    since_1904: bool = False
    of_sheet: SheetYear | None = None


AS_FORMS = DayStyle()
"""Days as a form takes them, and no others."""


def style_of(cells: Iterable[str], *, since_1904: bool = False, of_sheet: SheetYear | None = None) -> DayStyle:
    """Tell from the days of a file in which order they are written; days that contradict each other show nothing."""
    seen: set[bool] = set()
    for cell in set(cells):
        if (found := _with_year_last(_plain(cell))) is not None:
            one, two = int(found["one"]), int(found["two"])
            if max(one, two) > _MONTHS_A_YEAR >= min(one, two):
                seen.add(two > one)
    return DayStyle(seen.pop() if len(seen) == 1 else None, since_1904, of_sheet)


def read_file_day(
    typed: str, style: DayStyle, *, today: date, in_gmt: bool = False, of_sheet: bool = True
) -> tuple[date, Sentence | None]:
    """Give the day a cell holds, and what is to be said of the reading. Raises DateProblem.

    With `in_gmt` the column's header says that its times are those of Greenwich. With `of_sheet` a day without a year
    is one of the year that the sheet names.
    """
    if _SERIAL.fullmatch(typed):
        day = _FIRST_SERIAL + timedelta(days=int(float(typed))) + (_UNTIL_1904 if style.since_1904 else timedelta())
        return day, _l(
            "「%(typed)s」を、表計算ソフトの日付の番号（%(day)s）として読みました。", typed=typed, day=day.isoformat()
        )
    try:
        return parse_date(f"{typed} GMT" if in_gmt and ":" in typed else typed), None
    except DateProblem as problem:
        written = _plain(typed)
        if in_gmt and ":" in written and not _ZONE.search(written):
            written = f"{written} GMT"
        if of_sheet and (without := _WITHOUT_YEAR.fullmatch(without_weekday(written))) is not None:
            return _in_year_of_sheet(without, typed, style, today)
        if (found := _beyond_forms(written, typed, style, today)) is None:
            raise problem from None
        return found


def _in_year_of_sheet(found: re.Match[str], typed: str, style: DayStyle, today: date) -> tuple[date, Sentence]:
    """Give the day in the year that the sheet names. Raises DateProblem where it names none, or the day is to come."""
    year, month = style.of_sheet, int(found["month"])
    if year is None or style.month_first is False or year.month not in (0, month):
        message = _l(
            "「%(typed)s」には年がありません。「2026年4月1日」のように年を書くか、"
            "表の題名かシートの名前に「2026年度」のように年を入力してください。",
            typed=quoted(typed),
        )
        raise DateProblem(message)
    day = _written(found, year.year + (year.is_fiscal and month < _FIRST_MONTH), month, int(found["day"]))
    if day > today:
        message = _l(
            "「%(typed)s」には年がなく、「%(year)s」の日付とすると今日より先になります。"
            "「2026年4月1日」のように年も入力してください。",
            typed=quoted(typed),
            year=year.said,
        )
        raise DateProblem(message)
    return day, _l(
        "「%(typed)s」を、表に「%(year)s」とあるため、%(day)sとして読みました。",
        typed=quoted(typed),
        year=year.said,
        day=day.isoformat(),
    )


def _beyond_forms(plain: str, typed: str, style: DayStyle, today: date) -> tuple[date, Sentence | None] | None:
    """Read what no form takes; None for what is no day either. Raises DateProblem."""
    if (found := next(filter(None, (named.fullmatch(plain) for named in _NAMED)), None)) is not None:
        month = _MONTHS.index(found["month"].lower()[:3]) + 1
        return _written(found, _full_year(found["year"]), month, int(found["day"])), None
    if (found := _with_year_last(plain)) is not None:
        return _year_last(found, typed, style), None
    if (found := _SHORT_YEAR.fullmatch(plain)) is not None and _MONTHS_A_YEAR < int(found["year"]) <= today.year % 100:
        day = _written(found, _full_year(found["year"]), int(found["month"]), int(found["day"]))
        return day, _l("「%(typed)s」を、%(day)sとして読みました。", typed=quoted(typed), day=day.isoformat())
    try:
        return parse_date(plain), None  # with a half of the day or a zone that was written otherwise
    except DateProblem:
        return None


def _with_year_last(plain: str) -> re.Match[str] | None:
    return _YEAR_LAST.fullmatch(plain) or _SHORT_YEAR_LAST.fullmatch(plain)


def _year_last(found: re.Match[str], typed: str, style: DayStyle) -> date:
    one, two = int(found["one"]), int(found["two"])
    month_first = style.month_first
    if max(one, two) > _MONTHS_A_YEAR:
        month_first = two > one
    elif one == two:
        month_first = True
    if month_first is None:
        message = _l(
            "「%(typed)s」は、月と日のどちらが先か分かりません。「2026年4月1日」のように入力してください。",
            typed=quoted(typed),
        )
        raise DateProblem(message)
    month, day = (one, two) if month_first else (two, one)
    return _written(found, _full_year(found["year"]), month, day)


def _written(found: re.Match[str], year: int, month: int, day: int) -> date:
    """Give the day; in Japan, where a time with its zone follows it. Raises DateProblem."""
    said = found.groupdict()
    clock = f" {said['hour']}:{said['minute']}" if said.get("hour") else ""
    return parse_date(f"{year}-{month}-{day}{clock}{f' {zone}' if clock and (zone := said.get('zone')) else ''}")


def _full_year(year: str) -> int:
    return int(year) if len(year) > 2 else 2000 + int(year)


def _plain(typed: str) -> str:
    """Return the text with a clock of 24 hours and a zone as ISO writes it, without what trails behind (〜, から)."""
    text = " ".join(plain_ascii(clean(typed[: 2 * _MAX_LENGTH])).split())
    if len(text) > _MAX_LENGTH:
        return ""
    text = _ERA_ALONE.sub(lambda era: _ERAS[era[1]], _TRAILING.sub("", text).strip())
    if (packed := _RUN_TOGETHER.fullmatch(text) or _BY_SPACES.fullmatch(text)) is not None:
        return "/".join(packed.groups())
    text = _ZONE.sub(lambda zone: f" {zone[1]}{int(zone[2]):02d}:{zone[3] or '00'}", text)
    if (half := _HALF.search(text)) is None:
        return text
    without = " ".join(_HALF.sub(" ", text).split())
    is_late = half[1].lower().startswith(("午後", "p"))
    return re.sub(r"(?<=\s)(\d{1,2})(?=:)", lambda hour: str(int(hour[1]) % 12 + 12 * is_late), without, count=1)
