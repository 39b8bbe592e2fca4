"""Search tokens for Japanese text, the same for SQLite FTS5 and for PostgreSQL.

CJK runs become overlapping pairs of characters and the run's last one; Latin words stay whole. Queries are built
from these tokens only, always quoted, so no input can break the syntax of either database.
"""

import re
from collections.abc import Iterable

from relay.text.names import fold

# A private-use character: FTS5 keeps it as a token, and no query can produce it.
FIELD_BREAK = "\ue000"

_CJK = "々〆〇\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[a-z0-9]+|[{_CJK}]+|(?:(?![a-z0-9{_CJK}])[^\W_])+")
_SYMBOL_WORDS = (
    (re.compile(r"(?<![a-z0-9])c\+\+"), " cplusplus "),
    (re.compile(r"(?<![a-z0-9])([cf])[#♯]"), r" \1sharp "),
    (re.compile(r"\.net(?![a-z0-9])"), " dotnet "),
)
_LONGEST_RUN = 48  # times the most tokens below stays under the megabyte PostgreSQL allows one person
_MOST_TOKENS = 16_000  # PostgreSQL counts positions up to 16,383
_MOST_TERMS = 16


def index_tokens(text: str) -> list[str]:
    """Give the tokens under which a text is found, in order."""
    tokens: list[str] = []
    for run in _runs(text):
        if run[0].isascii():
            tokens.append(run[:_LONGEST_RUN])
        else:
            tokens.extend(_pairs(run))
            tokens.append(run[-1])
    return tokens


def search_body(fields: Iterable[str]) -> str:
    """Give the text of the FTS5 `body` column: all fields' tokens, kept apart so that no phrase spans two fields."""
    return " ".join(_all_tokens(fields))


def tsvector_literal(fields: Iterable[str]) -> str:
    """Give the same tokens as a literal for `CAST(:x AS tsvector)`, which no parser or locale alters."""
    positions: dict[str, list[str]] = {}
    for position, token in enumerate(_all_tokens(fields), start=1):
        positions.setdefault(token, []).append(str(position))
    return " ".join(f"'{token}':{','.join(places)}" for token, places in positions.items())


def company_token(company_id: int) -> str:
    """Give the token that marks a company's rows in the FTS5 table."""
    return f"c{company_id}"


def fts_match(company_id: int, query: str) -> str | None:
    """Give the FTS5 MATCH for a query within one company; None when the query holds nothing to look for.

    All words must occur. A single character and a Latin word match as beginnings, the rest as phrases.
    """
    terms = [_fts_term(run) for run in _query_runs(query)]
    return f'company:"{company_token(company_id)}" AND body:({" AND ".join(terms)})' if terms else None


def tsquery(query: str) -> str | None:
    """Give the same query for `CAST(:x AS tsquery)`; the company is the caller's own condition."""
    return " & ".join(_pg_term(run) for run in _query_runs(query)) or None


def _all_tokens(fields: Iterable[str]) -> list[str]:
    tokens: list[str] = []
    for field in fields:
        found = index_tokens(field)
        if found:
            tokens += [FIELD_BREAK, *found] if tokens else found
    return tokens[:_MOST_TOKENS]


def _runs(text: str) -> list[str]:
    folded = fold(text)
    for pattern, word in _SYMBOL_WORDS:
        folded = pattern.sub(word, folded)
    return _RUN.findall(folded)


def _query_runs(query: str) -> list[str]:
    return [run[:_LONGEST_RUN] for run in dict.fromkeys(_runs(query))][:_MOST_TERMS]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _is_prefix(run: str) -> bool:
    return run[0].isascii() or len(run) == 1


def _fts_term(run: str) -> str:
    return f'"{run}"*' if _is_prefix(run) else f'"{" ".join(_pairs(run))}"'


def _pg_term(run: str) -> str:
    if _is_prefix(run):
        return f"'{run}':*"
    return "(" + " <-> ".join(f"'{pair}'" for pair in _pairs(run)) + ")"
