"""Search tokens for Japanese text, the same for SQLite FTS5 and for PostgreSQL.

CJK runs become overlapping pairs of characters and the run's last one; Latin words stay whole. What is looked for is
built from the same tokens (relay.text.sought).
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from relay.text.names import fold

# A private-use character: FTS5 keeps it as a token, and no query can produce it.
FIELD_BREAK = "\ue000"
ROLE_MARK, PLACE_MARK = "\ue001", "\ue002"
"""Begin the tokens of a text that is also found apart from the others; no text and no query holds them."""
NO_MARKS: Mapping[str, str] = {}

_CJK = "々〆〇\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[a-z0-9]+|[{_CJK}]+|(?:(?![a-z0-9{_CJK}])[^\W_])+")
_SYMBOLS = re.compile(r"[+#♯.]")
_WORDS_FOR_SYMBOLS = (
    (re.compile(r"(?<![a-z0-9])c\+\+"), " cplusplus "),
    (re.compile(r"(?<![a-z0-9])([cf])[#♯]"), r" \1sharp "),
    (re.compile(r"\.net(?![a-z0-9])"), " dotnet "),
)
SYMBOL_WORDS = ("cplusplus", "csharp", "fsharp", "dotnet")
"""The tokens that a text holds without their letters: signs stand for them."""
MAX_RUN = 48  # times the most tokens below stays under the megabyte PostgreSQL allows one person
_WORD = 16
_MAX_TOKENS = 16_000  # PostgreSQL counts positions up to 16,383


def index_tokens(text: str) -> list[str]:
    """Give the tokens under which a text is found, in order."""
    tokens: list[str] = []
    for run in runs(text):
        if run[0].isascii():
            tokens.append(run[:MAX_RUN])
        else:
            tokens.extend(pairs(run))
            tokens.append(run[-1])
    return tokens


def search_body(fields: Iterable[str], *, marked: Mapping[str, str] = NO_MARKS) -> str:
    """Give the text of the FTS5 `body` column: all fields' tokens, kept apart so that no phrase spans two fields.

    `marked` are texts that are also found by their mark alone (relay.text.sought.marked).
    """
    return " ".join(_all_tokens(fields, marked))


def tsvector_literal(fields: Iterable[str], *, marked: Mapping[str, str] = NO_MARKS) -> str:
    """Give the same tokens as a literal for `CAST(:x AS tsvector)`, which no parser or locale alters."""
    positions: dict[str, list[str]] = {}
    for position, token in enumerate(_all_tokens(fields, marked), start=1):
        positions.setdefault(token, []).append(str(position))
    return " ".join(f"'{token}':{','.join(places)}" for token, places in positions.items())


def company_token(company_id: int) -> str:
    """Give the token that marks a company's rows in the FTS5 table."""
    return f"c{company_id}"


def partner_token(partner_id: int) -> str:
    """Give the token that marks the rows of a partner's people in their FTS5 table."""
    return f"p{partner_id}"


def _all_tokens(fields: Iterable[str], marked: Mapping[str, str]) -> list[str]:
    tokens: list[str] = []
    for mark, text in marked.items():
        tokens.extend([FIELD_BREAK, *(f"{mark}{token}" for token in index_tokens(text))] if text else [])
    for field in fields:
        found = _tokens_of_a_word(field) if len(field) <= _WORD else index_tokens(field)
        if found:
            tokens.extend([FIELD_BREAK, *found] if tokens else found)
    return tokens[:_MAX_TOKENS]


@lru_cache(maxsize=4_096)  # tricks: indexing
def _tokens_of_a_word(text: str) -> list[str]:
    """Return the index tokens of a word that many have in common (position, channel, tag); cached."""
    return index_tokens(text)


def runs(text: str) -> list[str]:
    """Give the words of a text, folded: runs of CJK characters, of Latin letters and figures, of other scripts."""
    folded = fold(text)
    if _SYMBOLS.search(folded):  # rare, and looking is cheaper than replacing
        for pattern, word in _WORDS_FOR_SYMBOLS:
            folded = pattern.sub(word, folded)
    return _RUN.findall(folded)


def pairs(run: str) -> list[str]:
    """Give a run's overlapping pairs of characters."""
    return [run[i : i + 2] for i in range(len(run) - 1)]
