"""Which four digits may be a 暗証番号: none that a colleague, a relative or HR would try first (C-25)."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError

_RUN = "012345678901234567890"
_EMPEROR_ERAS = (1867, 1911, 1925, 1988, 2018)
"""The year before the first of 明治, 大正, 昭和, 平成 and 令和."""


class PinMalformed(DomainError):
    """Raise where the 暗証番号 is not four digits."""

    code = "pin-malformed"
    message = _l("暗証番号は、4桁の数字でご記入ください。")


class PinTooEasy(DomainError):
    """Raise for the same digit four times, or a run."""

    code = "pin-too-easy"
    message = _l("「0000」や「1234」のような番号は、はじめに試されやすいため使えません。別の4桁をお選びください。")


class PinGuessable(DomainError):
    """Raise where the number is part of a fact that others know, without telling of which."""

    code = "pin-guessable"
    message = _l(
        "生年月日や電話番号にある数字は、ほかの方に推測されやすいため使えません。"
        "別の4桁をお選びください。ほかのご記入は残っています。"
    )


@dataclass(frozen=True)
class KnownFacts:
    """The facts others know of the person and would try: birthdays, and telephone numbers as written."""

    birthdays: Sequence[date] = ()
    phones: Sequence[str] = ()


def read_any(typed: str) -> str:
    """Return the four digits of a number to be compared, full-width ones as ASCII. Raises PinMalformed."""
    number = unicodedata.normalize("NFKC", typed).strip()
    if not re.fullmatch(r"[0-9]{4}", number):
        raise PinMalformed
    return number


def read(typed: str) -> str:
    """Return the four digits of a number to be chosen. Raises PinMalformed, PinTooEasy."""
    number = read_any(typed)
    if number in _RUN or number in _RUN[::-1] or len(set(number)) == 1:
        raise PinTooEasy
    return number


def refuse_guessable(number: str, facts: KnownFacts) -> None:
    """Raise PinGuessable for a number that occurs in a birthday or a telephone number, in any usual form."""
    in_birthdays = any(number in birthday_forms(each) for each in facts.birthdays)
    in_phones = any(number in re.sub("[^0-9]", "", unicodedata.normalize("NFKC", each)) for each in facts.phones)
    if in_birthdays or in_phones:
        raise PinGuessable


def birthday_forms(day: date) -> set[str]:
    """Return every way to write a date in four digits: its year, and its day, month and year of an era in pairs."""
    years = {day.year % 100, *(day.year - start for start in _EMPEROR_ERAS if 0 < day.year - start < 100)}
    pairs = [(day.month, day.day), *((year, part) for year in years for part in (day.month, day.day))]
    return {f"{day.year:04d}", *_both_ways(pairs)}


def _both_ways(pairs: Iterable[tuple[int, int]]) -> set[str]:
    return {form for first, second in pairs for form in (f"{first:02d}{second:02d}", f"{second:02d}{first:02d}")}
