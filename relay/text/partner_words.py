"""The texts a partner finds a person by: each item as typed and in its other spellings, and the reference."""

from collections.abc import Callable, Mapping
from typing import Any

from relay.text.names import kana_key, name_key
from relay.text.phone import format_phone
from relay.text.reading import spelled
from relay.text.search import PLACE_MARK, ROLE_MARK, partner_token, search_body, tsvector_literal


def texts_of(facts: Mapping[str, str], *, latin: bool = True) -> dict[str, list[str]]:
    """Return the texts of each item that is there: a name also without its space, a reading in Latin letters, too.

    Without `latin` spellings in Latin letters and figures are left out, which take the longest to make.
    """
    beside = _BESIDE if latin else _WITHOUT_SPACE
    return {item: [value, *beside.get(item, _nothing)(value)] for item, value in facts.items() if value}


def _nothing(_value: str) -> list[str]:
    return []


_WITHOUT_SPACE: dict[str, Callable[[str], list[str]]] = {
    "name": lambda name: [name_key(name)],
    "kana": lambda kana: [kana_key(kana)],
}
_BESIDE: dict[str, Callable[[str], list[str]]] = {
    **_WITHOUT_SPACE,
    "kana": lambda kana: [kana_key(kana), spelled(kana)],
    "phone": lambda phone: [format_phone(phone)],
}


def word_row(partner_id: int, code: str, facts: Mapping[str, str], *, vector: bool) -> dict[str, Any]:
    """Return the tokens of one person for a partner's search; only PostgreSQL reads the `vector`."""
    texts = [code, *(text for of_item in texts_of(facts).values() for text in of_item)]
    marked = {ROLE_MARK: facts.get("desired_role", ""), PLACE_MARK: facts.get("place", "")}
    return {
        "partner": partner_token(partner_id),
        "body": search_body(texts, marked=marked),
        "tsv": tsvector_literal(texts, marked=marked) if vector else None,
    }
