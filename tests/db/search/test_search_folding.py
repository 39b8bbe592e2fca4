"""The database folds what is stored as `relay.text.fold` folds what is typed."""

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from relay.search.folding import relay_fold
from relay.text import fold
from relay.text.variants import FOLD

GREEK_IOTA_BELOW = 0x0345  # a mark that Python's casefold makes a letter of; no Japanese or Latin word holds it


def test_every_letter_that_is_written_in_several_ways_is_folded_alike(session: Session) -> None:
    letters = "".join(
        f"{chr(code)}|" for code, into in FOLD.items() if code != GREEK_IOTA_BELOW and len(into or "") < 2
    )
    assert session.scalar(select(relay_fold(literal(letters)))) == fold(letters)


@pytest.mark.parametrize(
    "text", ["最終面接", "ｻｲｼｭｳ めんせつ", "Ｉｎｄｅｅｄ", "Zoë Ångström", "髙﨑 邊", "つじ󠄀", "", "[^]-\\"]
)
def test_words_as_files_bring_them_are_folded_alike(session: Session, text: str) -> None:
    assert session.scalar(select(relay_fold(literal(text)))) == fold(text)
