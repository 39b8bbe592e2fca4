"""Telephone numbers as files hold them (F-15, F-17)."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import PhoneFault, format_phone, normalise_phone, phone_key, phone_sentence


@pytest.mark.parametrize(
    ("typed", "value", "fault", "shown"),
    [
        ("", "", None, ""),
        ("090-1234-5678", "09012345678", None, "090-1234-5678"),
        ("０９０ー１２３４−５６７８", "09012345678", None, "090-1234-5678"),
        ("090‐1234–5678", "09012345678", None, "090-1234-5678"),
        ("(03) 1234-5678", "0312345678", None, "03-1234-5678"),
        ("0467-22-1234", "0467221234", None, "0467-22-1234"),
        ("090-0475-8644", "09004758644", None, "090-0475-8644"),  # refused as "invalid" by strict checks
        ("+81 90-1234-5678", "+819012345678", None, "+81 90-1234-5678"),
        ("+1 650-253-0000", "+16502530000", None, "+1 650-253-0000"),
        ("TEL: 03-1234-5678", "0312345678", None, "03-1234-5678"),
        ("010-1-650-253-0000", "+16502530000", None, "+1 650-253-0000"),
        ("008190-1234-5678", "+819012345678", None, "+81 90-1234-5678"),
        ("81-90-1234-5678", "09012345678", None, "090-1234-5678"),
        ("9012345678", "09012345678", PhoneFault.ZERO_RESTORED, "090-1234-5678"),
        ("312345678", "0312345678", PhoneFault.ZERO_RESTORED, "03-1234-5678"),
        ("03-1234-5678 内線12", "0312345678", PhoneFault.PARTLY, "03-1234-5678"),
        ("090-1234-5678/03-1234-5678", "09012345678", PhoneFault.PARTLY, "090-1234-5678"),
        ("090-1234-56789", "090123456789", PhoneFault.ODD, "090123456789"),
        ("090-1234-567", "0901234567", PhoneFault.ODD, "0901234567"),
        ("03-1234-56789", "03123456789", PhoneFault.ODD, "03123456789"),
        ("0800-123-4567", "08001234567", None, "0800-123-4567"),
        ("0077-12-3456", "0077123456", PhoneFault.ODD, "0077123456"),
        ("1234", "1234", PhoneFault.ODD, "1234"),
        ("携帯なし", "", PhoneFault.UNUSABLE, ""),
        ("9.01E+09", "", PhoneFault.UNUSABLE, ""),
        ("1" * 40, "", PhoneFault.UNUSABLE, ""),
    ],
)
def test_numbers_are_read_and_shown(typed: str, value: str, fault: PhoneFault | None, shown: str) -> None:
    assert normalise_phone(typed) == (value, fault)
    assert format_phone(value) == shown


def test_one_key_however_a_number_is_written() -> None:
    ways = ("090-1234-5678", "０９０１２３４５６７８", "+81 90 1234 5678", "9012345678", "090-1234-5678 (携帯)")
    assert {phone_key(way) for way in ways} == {"+819012345678"}
    assert phone_key("1234") == "1234"
    assert phone_key("なし") == ""


@given(st.from_regex(r"0[2-9][0-9]{8,9}", fullmatch=True))
def test_keys_and_digits_are_those_of_the_library(digits: str) -> None:
    number = phonenumbers.parse(digits, "JP")
    assert phonenumbers.is_possible_number(number)
    assert phone_key(digits) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert format_phone(digits).replace("-", "") == digits


@pytest.mark.parametrize("fault", list(PhoneFault))
def test_every_fault_has_a_sentence_that_quotes_what_was_typed(fault: PhoneFault) -> None:
    assert "「typed」" in str(phone_sentence(fault, "typed"))


@given(st.text(max_size=40) | st.text("0123456789０９-ー−()+ ", max_size=25))
def test_a_stored_number_is_stable(typed: str) -> None:
    value = normalise_phone(typed).value
    assert normalise_phone(value).value == value
    assert len(value) <= 20
    assert value.removeprefix("+").isascii()
    assert phone_key(value) == phone_key(typed)
    format_phone(value)
