"""Bounds in the description: a program that reads an answer knows how much can come.

What a request may hold its schema says and checks; here is what no answer exceeds, where its schema says nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MAX_TEXT = 10_000
"""Letters; no text that the product stores whole and answers with is longer."""
MAX_ROWS = 100_000
"""Rows of a list that goes by no page, as the counts of two years."""
LARGEST = 2**31 - 1
"""Counts are columns of 32 bits."""
_TEXTS = {"date": {"maxLength": 10}, "date-time": {"maxLength": 40}}
_BOUNDS: dict[str, dict[str, Any]] = {
    "string": {"maxLength": MAX_TEXT},
    "array": {"maxItems": MAX_ROWS},
    "integer": {"minimum": -LARGEST, "maximum": LARGEST, "format": "int32"},
}
_RESTRICTED = {"format", "pattern", "enum", "const"}
_SOME_TEXT = r"^[^\u0000]*$"


def bound(described: Mapping[str, Any]) -> None:
    """Add to every schema of this description the bounds that it has not."""
    for schema in _schemas(described):
        kinds = schema["type"]
        for kind in [kinds] if isinstance(kinds, str) else kinds:
            if kind == "string" and not _RESTRICTED & schema.keys():
                schema["pattern"] = _SOME_TEXT
            if kind == "string" and {"enum", "const"} & schema.keys():
                continue
            for name, value in (_TEXTS.get(schema.get("format", "")) or _BOUNDS.get(kind, {})).items():
                schema.setdefault(name, value)


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("type"), str | list):
            yield part
        for name, inner in part.items():
            if name not in {"example", "examples"}:
                yield from _schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _schemas(inner)
