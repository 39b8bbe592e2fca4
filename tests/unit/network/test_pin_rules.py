"""Which four digits may open an own page: none that others would try first (C-25)."""

from datetime import date

import pytest

from relay.network import pins
from relay.network.pins import KnownFacts, PinGuessable, PinMalformed, PinTooEasy


@pytest.mark.parametrize("typed", ["", "729", "72941", "72a4", "７２９", "-729", "7 29", "٧٢٩٤x"])
def test_four_digits_and_nothing_else(typed: str) -> None:
    with pytest.raises(PinMalformed):
        pins.read(typed)


def test_full_width_digits_are_digits() -> None:
    assert pins.read(" ７２９４ ") == "7294"


@pytest.mark.parametrize(
    "typed", [*(digit * 4 for digit in "0123456789"), "0123", "1234", "6789", "7890", "9876", "3210"]
)
def test_what_is_tried_first_is_refused(typed: str) -> None:
    with pytest.raises(PinTooEasy):
        pins.read(typed)


@pytest.mark.parametrize("number", ["1985", "0403", "0304", "8504", "0485", "8503", "0385", "6004", "0460", "6003"])
def test_a_birthday_is_refused_in_every_usual_form(number: str) -> None:
    """1985-04-03 is the third of April of 昭和60."""
    with pytest.raises(PinGuessable):
        pins.refuse_guessable(number, KnownFacts(birthdays=[date(1985, 4, 3)]))


@pytest.mark.parametrize("number", ["5678", "0901", "2345", "1234"])
@pytest.mark.parametrize("phone", ["090-1234-5678", "０９０１２３４５６７８", "(090) 1234 5678"])
def test_digits_of_a_telephone_number_are_refused_wherever_they_stand(number: str, phone: str) -> None:
    with pytest.raises(PinGuessable):
        pins.refuse_guessable(number, KnownFacts(phones=["", phone]))


def test_the_sentence_does_not_tell_which_fact_it_was() -> None:
    said = set()
    for facts in (KnownFacts(birthdays=[date(1985, 4, 3)]), KnownFacts(phones=["0304-11-2222"])):
        with pytest.raises(PinGuessable) as refused:
            pins.refuse_guessable("0304", facts)
        said.add(type(refused.value).__name__)
    assert said == {"PinGuessable"}


def test_any_other_number_is_taken() -> None:
    facts = KnownFacts([date(1985, 4, 3), date(2001, 12, 24)], ["090-1234-5678", "0266-00-0000"])
    taken = []
    for each in range(10_000):
        try:
            number = pins.read(f"{each:04d}")
            pins.refuse_guessable(number, facts)
        except (PinTooEasy, PinGuessable):
            continue
        taken.append(number)
    assert len(taken) > 9_900
    assert "7294" in taken
