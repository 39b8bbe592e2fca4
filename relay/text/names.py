"""Names, kept as typed, and the keys by which they are found again.

Stored names are only cleaned; every folding happens in keys (rules F-11, F-13, F-14, F-21).
"""

import re
import unicodedata

from relay.text.variants import FOLD, KATAKANA

# Bidi marks and overrides, zero-width space, word joiner and BOM: invisible, and able to disguise text (F-21).
_HIDDEN = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff"
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f{_HIDDEN}]")
_TO_CLEAN = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_HIDDEN}]")
_LINE_BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BREAKS_IN_LINE = re.compile("[\t\r\n\x85\u2028\u2029]+")
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_HYPHENS = "\\-\u2010-\u2015\u2043\u2212\ufe63\uff0d"  # written to stand in a character class
_KEY_DROPS = re.compile(rf"[\s{_HYPHENS}.,'’ʼ`´·•‧∙・]+")
_DASHES = re.compile(f"[{_HYPHENS}\u30fc\u301c\uff5e~]")
_MAX_KEY = 200  # NFKC can make one character eighteen; a column holds no more than this
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")


def clean(text: str) -> str:
    """Give one line without control and bidi characters, trimmed, otherwise exactly as typed (F-13, F-21)."""
    if _TO_CLEAN.search(text):  # rare, and looking is cheaper than replacing
        text = _CONTROL.sub("", _BREAKS_IN_LINE.sub(" ", text))
    return text.strip()


def is_clean(text: str) -> bool:
    """Return whether `clean` and `clean_block` would do nothing but trim it."""
    return _TO_CLEAN.search(text) is None


def clean_block(text: str) -> str:
    """Like `clean`, but line breaks (as \\n) and tabs stay: for notes and other long texts."""
    if _TO_CLEAN.search(text):
        text = _CONTROL.sub("", _LINE_BREAKS.sub("\n", text))
    return text.strip()


def fold(text: str) -> str:
    """Give the form in which texts are compared: NFKC, casefold, katakana, one form per variant (F-14).

    Spaces and marks stay; 高橋 and 髙橋, たなか and ﾀﾅｶ, Łęcka and lecka become equal.
    """
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text)
    folded = composed.casefold()
    if folded != composed:
        composed = unicodedata.normalize("NFKC", folded)
    return composed.translate(FOLD)


def name_key(name: str) -> str:
    """Give the key on which names are matched, never shown (F-14): folded, without spaces, hyphens, middle dots."""
    return _KEY_DROPS.sub("", _CONTROL.sub("", fold(name)))[:_MAX_KEY]


def kana_key(kana: str) -> str:
    """Give the key on which readings are matched: as `name_key`, and small kana equal large ones.

    Bank and telephone systems write シヨウタ for ショウタ, so files mix both.
    """
    return name_key(kana).translate(_SMALL_KANA)


def to_katakana(kana: str) -> str:
    """Give a reading as it is stored: full-width katakana, single plain spaces; ー and ・ stay (F-11)."""
    full_width = _HALF_KANA.sub(lambda run: unicodedata.normalize("NFKC", run.group()), clean(kana))
    return " ".join(full_width.translate(KATAKANA).split())


def plain_ascii(text: str) -> str:
    """Give full-width letters, digits and every kind of hyphen in their ASCII form (F-12, F-15).

    For numbers, dates and addresses only: in names and readings ー is a letter.
    """
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text))
