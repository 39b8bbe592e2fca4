"""Where the words of a query stand in a text, however either is written: 高橋 in 髙橋 直人, tanaka in タナカ."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from relay.text.names import fold
from relay.text.query import Term
from relay.text.reading import respelled, spelled
from relay.text.search import runs

Piece = tuple[str, bool]

_CLUSTER = re.compile("[\\s\\S][゙゚ﾞﾟ\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]*")
_KANA_WORD = re.compile("[ァ-ヺー]{2,}")
_LATIN = re.compile("[a-z0-9]")


class Marker:
    """The words to be marked, made once for all texts of a page."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._looked_for = [_Needle.of(term) for term in terms if not term.negated]

    def __bool__(self) -> bool:
        return bool(self._looked_for)

    def missing(self, texts: Iterable[str]) -> "Marker":
        """Return a marker of those words that none of the texts holds."""
        left = Marker(())
        together = "\n".join(texts)
        left._looked_for = [each for each in self._looked_for if not each.is_in(together)]
        return left

    def pieces(self, text: str) -> list[Piece]:
        """Return the text in pieces, each with whether it is one of the words."""
        here = [each for each in self._looked_for if each.is_in(text)]
        if not here:
            return [(text, False)] if text else []
        found = [False] * len(text)
        folded = _Folded(text)
        for each in here:
            for first, last in (*folded.places(each.words), *each.readings_in(text)):
                found[first:last] = [True] * (last - first)
        return _joined(text, found)

    def excerpt(self, text: str, around: int = 24) -> str:
        """Return the part of a long text around the first word in it; '' where there is none."""
        at = 0
        for piece, is_marked in self.pieces(text):
            if is_marked:
                begin, end = max(0, at - around), at + len(piece) + around
                cut = " ".join(text[begin:end].split())
                return ("…" if begin else "") + cut + ("…" if end < len(text) else "")
            at += len(piece)
        return ""


@dataclass(frozen=True)
class _Needle:
    """The forms of one part of a query: folded words, and Latin letters that may be a reading."""

    words: tuple[str, ...]
    readings: tuple[str, ...]

    @classmethod
    def of(cls, term: Term) -> "_Needle":
        texts = term.values if term.operator else (term.text,)
        whole = ["".join(fold(text).split()) for text in texts]
        parts = [run for text in texts for run in runs(text)] if not (term.phrase or term.operator) else []
        return cls(
            tuple(dict.fromkeys(word for word in (*whole, *parts) if word)),
            tuple(spelling for text in texts if (spelling := respelled(fold(text)))),
        )

    def is_in(self, text: str) -> bool:
        folded = "".join(fold(text).split())
        return any(word in folded for word in self.words) or any(self.readings_in(text))

    def readings_in(self, text: str) -> Iterator[tuple[int, int]]:
        for word in _KANA_WORD.finditer(text) if self.readings else ():
            if any(spelled(word[0]).startswith(reading) for reading in self.readings):
                yield word.span()


class _Folded:
    """A text folded and without spaces; of each character where it comes from, and whether a word begins there."""

    def __init__(self, text: str) -> None:
        letters: list[str] = []
        self._origin: list[tuple[int, int]] = []
        self._begins: list[bool] = []
        is_new = True
        for cluster in _CLUSTER.finditer(text):
            for letter in fold(cluster[0]):
                if not letter.isspace():
                    letters.append(letter)
                    self._origin.append(cluster.span())
                    self._begins.append(is_new)
                is_new = letter.isspace() or not (letter.isalnum() and letter.isascii())
        self._letters = "".join(letters)

    def places(self, words: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Return where the words stand in the text as it was typed; Latin words only where a word begins."""
        for word in words:
            at = self._letters.find(word)
            while at >= 0:
                if self._begins[at] or not _LATIN.match(word):
                    yield self._origin[at][0], self._origin[at + len(word) - 1][1]
                at = self._letters.find(word, at + 1)


def _joined(text: str, found: list[bool]) -> list[Piece]:
    pieces: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or found[at] != found[start]:
            pieces.append((text[start:at], found[start]))
            start = at
    return pieces
