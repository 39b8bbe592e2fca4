"""Readings in Latin letters, as passports and keyboards spell them: shota, shouta and syouta all find ショウタ."""

import re
from functools import lru_cache

import jaconv

from relay.text.names import fold

_LETTERS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_KANA = re.compile(r"[ァ-ヴー]+")
_HEPBURN = (
    ("sy", "sh"), ("si", "shi"), ("ty", "ch"), ("cy", "ch"), ("ti", "chi"), ("tu", "tsu"), ("hu", "fu"),
    ("zy", "j"), ("jy", "j"), ("zi", "ji"), ("tch", "cch"), ("mb", "nb"), ("mp", "np"), ("mm", "nm"), ("'", ""),
)  # fmt: skip
_LONG = re.compile(r"(?<=o)(?:[uo]+|h(?![aiueoy]))|(?<=u)u+")


def spelled(reading: str) -> str:
    """Return a reading in Latin letters, in the one spelling that `respelled` gives; '' for what holds no kana."""
    return " ".join(_spelled_word(word) for word in fold(reading).split() if _KANA.fullmatch(word))


@lru_cache(maxsize=4_096)  # people who are found by their name have it in common: tests.bench.partner
def _spelled_word(word: str) -> str:
    letters = jaconv.kana2alphabet(jaconv.kata2hira(word))
    return respelled(letters.replace("-", "").replace("ー", ""))


def respelled(word: str) -> str:
    """Return a Latin word, or its beginning, in Hepburn spelling with short vowels; '' when it is none."""
    if not _LETTERS.fullmatch(word) or len(word) < 2:
        return ""
    for other, hepburn in _HEPBURN:
        word = word.replace(other, hepburn)
    return _LONG.sub("", word)
