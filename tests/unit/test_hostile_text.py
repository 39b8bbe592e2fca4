"""Text made to keep a pattern busy: reading it takes no longer than reading any text of its length.

One busy pattern holds a whole web process, since Python matches without letting other threads run.
"""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from relay.intake.reading.sources import SHEET, header_key
from relay.outreach import placeholders, wording
from relay.text import DateProblem, name_key, normalise_mail, normalise_phone, parse_date, sensitive_words
from relay.text.search import index_tokens

LENGTH = 130_000  # as long as a cell of a file may be
SECONDS = 3.0

HOSTILE: list[tuple[Callable[[str], object], str]] = [
    (normalise_phone, "1" * LENGTH + "x"),
    (normalise_phone, "(" * LENGTH + "1x"),
    (normalise_phone, "+1-" * (LENGTH // 3) + "x"),
    (normalise_phone, "電話" + " " * LENGTH + "x"),
    (parse_date, "2020-01-01 " + " " * LENGTH + "x"),
    (parse_date, "2020-01-01" + " (水)" * (LENGTH // 4) + "x"),
    (parse_date, "R1" + " " * LENGTH + ".5"),
    (normalise_mail, "a@" + "a." * (LENGTH // 2) + "!"),
    (normalise_mail, "<" * LENGTH + "a@b"),
    (header_key, "( " * (LENGTH // 2)),
    (header_key, "(" + " " * LENGTH),
    (SHEET.field_loosely, "(" * LENGTH + ")x"),
    (placeholders.named, "{{" + " " * LENGTH),
    (placeholders.named, "{{ " * (LENGTH // 3)),
    (placeholders.shared_text, "\n " * (LENGTH // 2) + "x"),
    (lambda text: wording.check(text, text), "面接では" * (LENGTH // 4)),
    (sensitive_words, "システム" * (LENGTH // 4)),
    (index_tokens, "c+" * (LENGTH // 2)),
    (name_key, " ・" * (LENGTH // 2)),
]


@pytest.mark.parametrize(("read", "text"), HOSTILE, ids=[f"{n}" for n in range(len(HOSTILE))])
def test_no_text_keeps_a_pattern_busy(read: Callable[[str], object], text: str) -> None:
    start = time.process_time()

    with suppress(DateProblem):
        read(text)

    assert time.process_time() - start < SECONDS


def test_spaces_within_braces_and_dates_still_mean_nothing() -> None:
    assert placeholders.fill("{{　氏名  }}様", {"氏名": "山田"}) == "山田様"
    assert parse_date("2026年  4月　1日  （水）  10:00").isoformat() == "2026-04-01"
