"""Messages to people, and the quoting of typed values in them."""

from typing import Protocol

from relay.text.names import clean

_MAX_QUOTE = 40


class Sentence(Protocol):
    """A message for people, translated when `str()` is taken: a str or a lazy string."""

    def __str__(self) -> str:
        """Give the sentence in the language of the moment."""
        ...


def quoted(typed: str) -> str:
    """Give what was typed in one line and short enough to stand inside a sentence."""
    line = clean(typed)
    return line if len(line) <= _MAX_QUOTE else line[:_MAX_QUOTE] + "…"
