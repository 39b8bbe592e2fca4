"""Telephone numbers as Japanese files hold them (rules F-15, F-17).

`is_valid_number` refuses numbers that exist in real files, so only the possible length is asked for.
"""

import re
from enum import StrEnum
from typing import NamedTuple

import phonenumbers
from flask_babel import lazy_gettext as _l

from relay.text.names import clean, plain_ascii
from relay.text.sentence import Sentence, quoted

_JAPAN = 81
_DOMESTIC = re.compile(r"0\d{9,10}")
_PLAINLY_DOMESTIC = re.compile(r"0[1-9][\d\-() ]{8,16}")
_ABROAD = "010"  # the prefix for calls out of Japan
_WITHIN = re.compile(r"\+?[\d(][\d\-() ]{7,18}\d")
_NUMBER_CHARS = re.compile(r"[\d+\-().\s]+")
_LONGEST = 20


class PhoneFault(StrEnum):
    """What is odd about a number as typed."""

    ODD = "odd"
    PARTLY = "partly"
    UNUSABLE = "unusable"
    ZERO_RESTORED = "zero-restored"


class PhoneReading(NamedTuple):
    """A number as it is stored ('' when it is none) and what is odd about it."""

    value: str
    fault: PhoneFault | None = None


def normalise_phone(typed: str) -> PhoneReading:
    """Read a number: digits from 0 for Japan, E.164 where it was typed with a plus sign (F-17).

    A number whose leading 0 was lost in a spreadsheet gets it back, and of several numbers, or a number among
    words, the first is taken; both are said.
    """
    text = plain_ascii(clean(typed)).strip()
    if not text:
        return PhoneReading("")
    return _domestic_or_e164(text) or _first_within(text) or _impossible(text)


def phone_key(typed: str) -> str:
    """Give the key on which two numbers are the same: E.164 if it can be one, else the digits, else ''."""
    stored = normalise_phone(typed).value
    if _is_domestic(stored):
        return f"+{_JAPAN}{stored[1:]}"
    number = _possible(stored)
    return _e164(number) if number else _digits(stored)


def format_phone(stored: str) -> str:
    """Show a stored number with hyphens by the known patterns, else as it is (F-17)."""
    number = _possible(stored)
    if number is None or not (stored.startswith("+") or _is_domestic(stored)):
        return stored
    if stored.startswith("+"):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


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


def _possible(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _is_domestic(digits: str) -> bool:
    return bool(_DOMESTIC.fullmatch(digits)) and not digits.startswith(("00", _ABROAD))


def _domestic_or_e164(text: str) -> PhoneReading | None:
    # Nearly every number in a file: the library would say the same, fifty times slower.
    if _PLAINLY_DOMESTIC.fullmatch(text) and _is_domestic(_digits(text)):
        return PhoneReading(_digits(text))
    number = _possible(text)
    if number is None:
        return None
    if text.startswith("+"):
        return PhoneReading(_e164(number))
    national = phonenumbers.national_significant_number(number)
    domestic = f"0{national}"
    if not _DOMESTIC.fullmatch(domestic):
        return None
    lost_zero = _digits(text) == national
    return PhoneReading(domestic, PhoneFault.ZERO_RESTORED if lost_zero else None)


def _first_within(text: str) -> PhoneReading | None:
    for run in _WITHIN.findall(text):
        reading = _domestic_or_e164(run)
        if reading and run != text:
            return PhoneReading(reading.value, PhoneFault.PARTLY)
    return None


def _impossible(text: str) -> PhoneReading:
    digits = ("+" if text.startswith("+") else "") + _digits(text)
    if _NUMBER_CHARS.fullmatch(text) and 0 < len(digits) <= _LONGEST:
        without_marks = _domestic_or_e164(digits)
        return PhoneReading(without_marks.value if without_marks else digits, PhoneFault.ODD)
    return PhoneReading("", PhoneFault.UNUSABLE)


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _digits(text: str) -> str:
    return "".join(re.findall("[0-9]", text))
