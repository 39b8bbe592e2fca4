"""法人番号 as people type them: thirteen digits of which the first checks the others."""

import pytest

from relay.network.legal_person import NumberUnreadable, check_digit, read_number

OF_THE_TAX_AGENCY = "7000012050002"
"""A number that anybody can look up: 国税庁's own."""


@pytest.mark.parametrize(
    "typed", [OF_THE_TAX_AGENCY, "７０００ ０１２０ ５０００ ２", "7-0000-1205-0002", " 7000012050002 "]
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert read_number(typed) == OF_THE_TAX_AGENCY


@pytest.mark.parametrize("typed", ["", "700001205000", "70000120500021", "13-ユ-123456", "700001205000٢", "x" * 13])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NumberUnreadable):
        read_number(typed)


def test_no_single_wrong_digit_passes() -> None:
    for place, digit in enumerate(OF_THE_TAX_AGENCY):
        for other in set("0123456789") - {digit}:
            wrong = OF_THE_TAX_AGENCY[:place] + other + OF_THE_TAX_AGENCY[place + 1 :]
            if {digit, other} != {"0", "9"} or place == 0:  # the sum is taken by nine: 0 and 9 are alike to it
                with pytest.raises(NumberUnreadable):
                    read_number(wrong)


def test_the_first_digit_is_never_nought() -> None:
    assert {check_digit(f"{number:012d}") for number in range(100)} == set("123456789")
