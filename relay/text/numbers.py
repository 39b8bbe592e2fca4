"""Whole numbers as strangers send them: in addresses, hidden fields and forms."""

LARGEST_ID = 2**63 - 1
"""The largest number a row can have, in every database."""


def whole_number(typed: str, *, most: int = LARGEST_ID) -> int | None:
    """Read ASCII digits as a number from 0 to `most`; return None for all else, thousands of digits included.

    Longer texts are not handed to `int`, which raises ValueError past 4,300 digits.
    """
    if not (typed.isascii() and typed.isdigit()) or len(typed) > len(str(most)):
        return None
    number = int(typed)
    return number if number <= most else None
