"""How a name sounds, in one spelling for kana and every romanisation: タカハシ, たかはし, Takahashi and TAKAHASI agree.

For comparing people only (duplicates); long vowels, ッ and the two ways of writing ジ and ズ make no difference.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from relay.text.names import fold

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_SYLLABLES = {
    kana: consonant + vowel for consonant, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)
}
_SYLLABLES |= {
    "ヂ": "zi", "ヅ": "zu", "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa",
    "ヲ": "o", "ヰ": "i", "ヱ": "e", "ン": "n", "ヴ": "bu",
    "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ッ": "", "ー": "", "ヮ": "wa", "ヵ": "ka", "ヶ": "ke",
}  # fmt: skip
_TURNED = re.compile("([キシチニヒミリギジヂビピ])([ャュョ])")
_GLIDES = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SPELLINGS = (
    (re.compile("sh"), "sy"),
    (re.compile("ch|cch|tch"), "ty"),
    (re.compile("ts"), "t"),
    (re.compile("j"), "zy"),
    (re.compile("f"), "h"),
    (re.compile("v"), "b"),
    (re.compile("l"), "r"),
    (re.compile("yi"), "i"),
    (re.compile("yy"), "y"),
    (re.compile("d(?=[iu])"), "z"),
    (re.compile("m(?=[bp])"), "n"),
)
_LONG = (
    (re.compile("iy"), "y"),  # bank and telephone systems write シヨウタ for ショウタ
    (re.compile("oh(?![aiueoy])"), "o"),
    (re.compile("o[uo]+"), "o"),
    (re.compile("uu+"), "u"),
    (re.compile(r"([a-z])\1+"), r"\1"),
)
_MEETING = frozenset({*(letter * 2 for letter in "aiueon"), "ou", "iy"})
"""Where two parts meet so, their sounds run together."""
_LETTERS = re.compile("[a-z]+")
_KANA = re.compile("[ァ-ヺー]+")
_MARKS = re.compile(r"[\s\-'’.,・]+")
_NOT_SOUND = re.compile("[^a-z]")


def _is_kana(folded: str) -> bool:
    """Return whether a folded text is a reading and nothing else."""
    return _KANA.fullmatch(folded) is not None


def _is_latin(folded: str) -> bool:
    """Return whether a folded text is written in Latin letters and nothing else."""
    return _LETTERS.fullmatch(folded) is not None


@lru_cache(maxsize=65_536)  # tricks: duplicates
def sound(text: str) -> str:
    """Give the sound of a reading or a romanised name as Latin letters; '' where kanji leave it unknown."""
    folded = _MARKS.sub("", fold(text))
    if _is_kana(folded):
        turned = _TURNED.sub(lambda pair: _SYLLABLES[pair.group(1)][0] + _GLIDES[pair.group(2)], folded)
        return _short("".join(_SYLLABLES.get(each, each) for each in turned))
    if _is_latin(folded):
        for pattern, plain in _SPELLINGS:
            folded = pattern.sub(plain, folded)
        return _short(folded)
    return ""


def sound_of_parts(sounds: Sequence[str]) -> str:
    """Return the sound of a name from those of its parts: オオタ and アヤ together sound as オオタアヤ does."""
    letters = "".join(sounds)
    meet = any(one[-1:] + other[:1] in _MEETING for one, other in pairwise(sounds))
    return _short(letters) if meet else letters


def _short(letters: str) -> str:
    for pattern, plain in _LONG:
        letters = pattern.sub(plain, letters)
    return _NOT_SOUND.sub("", letters)
