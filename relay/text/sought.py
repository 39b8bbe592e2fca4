"""Full-text expressions: what is looked for in a person's words, as SQLite FTS5 and PostgreSQL write it.

Built from tokens only and always quoted, so no input can break the syntax of either database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relay.text.reading import respelled
from relay.text.search import MAX_RUN, company_token, index_tokens, pairs, partner_token, runs

_MAX_RUNS = 16


@dataclass(frozen=True)
class Phrase:
    """Tokens that stand one after the other; the last may be a mere beginning."""

    tokens: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True)
class AllOf:
    """Every part has to occur."""

    parts: "tuple[Sought, ...]"


@dataclass(frozen=True)
class AnyOf:
    """One of the parts has to occur."""

    parts: "tuple[Sought, ...]"


Sought = Phrase | AllOf | AnyOf


def words(text: str) -> Sought | None:
    """Return every word of the text, in any order; None when it holds nothing to look for.

    A single character and a Latin word match as beginnings, Latin letters also as a reading; the rest as phrases.
    """
    found = list(dict.fromkeys(run[:MAX_RUN] for run in runs(text)))[:_MAX_RUNS]
    return all_of(_word(run) for run in found)


def phrase(text: str) -> Sought | None:
    """Return the text as it is, its words next to each other; None when it holds nothing to look for."""
    found = runs(text)
    if not found:
        return None
    tokens, last = index_tokens(text), found[-1]
    if last[0].isascii():
        return Phrase(tuple(tokens))
    return Phrase(tuple(tokens), begins=True) if len(last) == 1 else Phrase(tuple(tokens[:-1]))


def all_of(parts: Iterable[Sought | None]) -> Sought | None:
    """Return all of these, those that hold nothing left out; None when none is left."""
    return _together(AllOf, parts)


def any_of(parts: Iterable[Sought | None]) -> Sought | None:
    """Return one of these, those that hold nothing left out; None when none is left."""
    return _together(AnyOf, parts)


def fts_match(company_id: int, wanted: Sought | None, unwanted: Sought | None = None) -> str:
    """Return the FTS5 MATCH within one company for what must occur and what must not."""
    match = f'company:"{company_token(company_id)}"'
    if wanted is not None:
        match = f"{match} AND body:({_for_fts(wanted)})"
    return f"({match}) NOT body:({_for_fts(unwanted)})" if unwanted is not None else match


def people_match(partner_id: int, wanted: Sought) -> str:
    """Return the FTS5 MATCH within the people of one partner."""
    return f'partner:"{partner_token(partner_id)}" AND {body_match(wanted)}'


def body_match(wanted: Sought) -> str:
    """Return the FTS5 MATCH of the words alone, for a caller that asks of each hit whose it is."""
    return f"body:({_for_fts(wanted)})"


def marked(sought: Sought | None, mark: str) -> Sought | None:
    """Return the same, to be found in the text of that mark alone; None where nothing is looked for."""
    if isinstance(sought, Phrase):
        return Phrase(tuple(f"{mark}{token}" for token in sought.tokens), sought.begins)
    if sought is None:
        return None
    return _together(type(sought), (marked(part, mark) for part in sought.parts))


def tsquery(wanted: Sought | None, unwanted: Sought | None = None) -> str:
    """Return the expression for `CAST(:x AS tsquery)`; the company is the caller's own condition."""
    parts = [_for_postgresql(wanted)] if wanted is not None else []
    return " & ".join(parts + ([f"!({_for_postgresql(unwanted)})"] if unwanted is not None else []))


def _together(kind: type[AllOf] | type[AnyOf], parts: Iterable[Sought | None]) -> Sought | None:
    found = tuple(dict.fromkeys(part for part in parts if part is not None))
    return kind(found) if len(found) > 1 else next(iter(found), None)


def _word(run: str) -> Sought:
    if len(run) > 1 and not run[0].isascii():
        return Phrase(tuple(pairs(run)))
    spelling = respelled(run)
    begins: Sequence[Sought] = [Phrase((token,), begins=True) for token in dict.fromkeys((run, spelling)) if token]
    return AnyOf(tuple(begins)) if len(begins) > 1 else begins[0]


def _for_fts(sought: Sought) -> str:
    if isinstance(sought, Phrase):
        return f'"{" ".join(sought.tokens)}"' + ("*" if sought.begins else "")
    joined = " AND " if isinstance(sought, AllOf) else " OR "
    return "(" + joined.join(_for_fts(part) for part in sought.parts) + ")"


def _for_postgresql(sought: Sought) -> str:
    if isinstance(sought, Phrase):
        quoted = " <-> ".join(f"'{token}'" for token in sought.tokens)
        return f"({quoted}{':*' if sought.begins else ''})"
    joined = " & " if isinstance(sought, AllOf) else " | "
    return "(" + joined.join(_for_postgresql(part) for part in sought.parts) + ")"
