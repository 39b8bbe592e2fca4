"""Telephone numbers as Japanese files hold them (rules F-15, F-17).

`is_valid_number` refuses numbers that exist in real files, so only the possible length is asked for.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from flask_babel import lazy_gettext as _l

from relay.text.names import clean, plain_ascii
from relay.text.sentence import Sentence, quoted

_JAPAN = 81
_ABROAD = "010"  # the prefix for calls out of Japan
_DOMESTIC = re.compile(rf"(?!{_ABROAD})0[1-9][0-9]{{8,9}}")
_WITHOUT_AREA = re.compile(r"0[25-9]0")
"""What eleven digits begin with: mobile, IP, free of charge; a number with an area code has ten."""
_FROM_ABROAD = re.compile(rf"^00[-\s]?(?={_JAPAN})")
"""As most of Europe calls Japan."""
_MOBILE = re.compile(r"0[5789]0[1-9][0-9]{7}")
_CAPTION = re.compile(r"^(?:tel|phone|電話|携帯|自宅)[:.\s]*(?=[0-9+(])", re.IGNORECASE)
_WITHIN = re.compile(r"\+?[0-9(][0-9\-() ]{7,18}[0-9]")
_NUMBER_CHARS = re.compile(r"[\-().\s+]*[0-9][0-9\-().\s+]*")
_NOT_DIGITS = re.compile("[^0-9]+")
_MAX_LENGTH = 20
_LOOK_WITHIN = 200  # a longer cell holds something else; a number is looked for where it begins


class PhoneFault(StrEnum):
    """The oddity of a number as typed."""

    ODD = "odd"
    PARTLY = "partly"
    UNUSABLE = "unusable"
    ZERO_RESTORED = "zero-restored"


class PhoneReading(NamedTuple):
    """A number as it is stored ('' when it is none) and what is odd about it."""

    value: str
    fault: PhoneFault | None = None


@lru_cache(maxsize=4_096)  # tricks: import
def normalise_phone(typed: str) -> PhoneReading:
    """Read a number: digits from 0 for Japan, E.164 where it was typed with a plus sign (F-17).

    A number whose leading 0 was lost in a spreadsheet gets it back, and of several numbers, or a number among
    words, the first is taken; both are said.
    """
    if _DOMESTIC.fullmatch(typed):
        return _domestic(typed)
    text = _FROM_ABROAD.sub("+", _CAPTION.sub("", plain_ascii(clean(typed)).strip()[:_LOOK_WITHIN]))
    if not text:
        return PhoneReading("")
    return _whole(text) or _first_within(text) or _as_written(text)


def phone_key(typed: str) -> str:
    """Give the key on which two numbers are the same: E.164 if it can be one, else the digits, else ''."""
    stored = typed if _DOMESTIC.fullmatch(typed) else normalise_phone(typed).value
    return f"+{_JAPAN}{stored[1:]}" if _DOMESTIC.fullmatch(stored) else stored


def format_phone(stored: str) -> str:
    """Show a stored number with hyphens by the known patterns, else as it is (F-17)."""
    if _MOBILE.fullmatch(stored):
        return f"{stored[:3]}-{stored[3:7]}-{stored[7:]}"
    number = _possible(stored) if stored.startswith("+") or _DOMESTIC.fullmatch(stored) else None
    if number is None:
        return stored
    abroad = stored.startswith("+")
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL if abroad else phonenumbers.PhoneNumberFormat.NATIONAL
    shown = phonenumbers.format_number(number, form)
    return shown if _digits(shown) == _digits(stored) else stored  # for unknown patterns it leaves out the 0


def phone_sentence(fault: PhoneFault, typed: str) -> Sentence:
    """Say what is odd about a number, and what was done with it."""
    sentence: Sentence = _l(
        "「%(typed)s」は電話番号の桁数が合わないようです。書かれた番号のまま取り込みます。", typed=quoted(typed)
    )
    if fault is PhoneFault.ZERO_RESTORED:
        sentence = _l("「%(typed)s」は先頭の0が失われているようです。0を補って取り込みます。", typed=quoted(typed))
    elif fault is PhoneFault.PARTLY:
        sentence = _l("「%(typed)s」からは、最初の電話番号だけを取り込みます。", typed=quoted(typed))
    elif fault is PhoneFault.UNUSABLE:
        sentence = _l("「%(typed)s」は電話番号として読めません。電話番号は空欄にします。", typed=quoted(typed))
    return sentence


def _whole(text: str) -> PhoneReading | None:
    """Read a text that is one number and nothing else."""
    if not _NUMBER_CHARS.fullmatch(text):
        return None
    digits = _digits(text)
    if not text.startswith("+") and _DOMESTIC.fullmatch(digits):
        return _domestic(digits)
    if digits.startswith("0") and not digits.startswith(_ABROAD) and not text.startswith("+"):
        return None
    number = _possible(text)
    if number is None:
        return None
    if text.startswith("+") or number.country_code != _JAPAN:
        return PhoneReading(_e164(number))
    return _with_zero(digits, phonenumbers.national_significant_number(number))


def _domestic(digits: str) -> PhoneReading:
    fits = len(digits) == (11 if _WITHOUT_AREA.match(digits) else 10)
    return PhoneReading(digits, None if fits else PhoneFault.ODD)


def _with_zero(digits: str, national: str) -> PhoneReading | None:
    if not _DOMESTIC.fullmatch(f"0{national}"):
        return None
    return PhoneReading(f"0{national}", PhoneFault.ZERO_RESTORED if digits == national else None)


def _first_within(text: str) -> PhoneReading | None:
    for run in _WITHIN.findall(text):
        for part in dict.fromkeys((run, *run.split(), *run.split("("))):  # two with a space, or (9時以降) behind
            reading = _whole(part) if part != text else None
            if reading:
                return PhoneReading(reading.value, PhoneFault.PARTLY)
    return None


def _as_written(text: str) -> PhoneReading:
    digits = ("+" if text.startswith("+") else "") + _digits(text)
    if not _NUMBER_CHARS.fullmatch(text) or not 0 < len(digits) <= _MAX_LENGTH:
        return PhoneReading("", PhoneFault.UNUSABLE)
    without_marks = _whole(digits)
    return PhoneReading(without_marks.value if without_marks else digits, PhoneFault.ODD)


def _possible(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)
