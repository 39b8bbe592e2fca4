"""What people read, line by line, as textlint gets it: message ids, and the texts that a company begins with."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from jinja2.ext import babel_extract

from tests.conventions.conftest import nodes, sources, templates
from tests.conventions.test_templates import JAPANESE

OWN_TEXTS = ("relay/outreach/standard.py", "relay/rights/privacy_draft.py")
"""Modules with letters and notices that a company begins with: every Japanese text of theirs."""
MARKERS = ("_", "_l", "gettext", "ngettext")
COUNTED = "名|件|日|か月|年|分|時間|行|回|通|社|校|字|文字|個|歳|か所|週|秒|人|桁|版|組|点|[A-Z%]"
_FILLED_IN = (
    (re.compile(rf"%\(\w+\)[sd](?={COUNTED})"), "10"),
    (re.compile(r"(?<=。)%\(\w+\)s$"), ""),
    (re.compile(r"(?<=[A-Za-z] )%\(\w+\)s"), "A"),
    (re.compile(r"%\(\w+\)[sd]|{{\w+}}"), "甲"),
    (re.compile("%%"), "%"),
)
"""What stands where a value is filled in: a number before a counter, nothing for a sentence, a short noun otherwise."""


@dataclass(frozen=True)
class Line:
    """A line that people read: where it is written, as it is written, and with something filled in."""

    path: str
    said: str
    filled: str


def lines() -> list[Line]:
    """Collect every line once, in the order of the sources."""
    found: dict[str, Line] = {}
    for path, sentence in (*_of_modules(), *_of_templates()):
        for said in sentence.splitlines():
            if JAPANESE.search(said):
                found.setdefault(said, Line(path, said, _filled(said)))
    return list(found.values())


def _filled(said: str) -> str:
    for pattern, value in _FILLED_IN:
        said = pattern.sub(value, said)
    return said


def _of_modules() -> Iterator[tuple[str, str]]:
    for path, tree in sources().items():
        aside = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
        asked = [node for node in nodes(tree) if path in OWN_TEXTS or _is_marked(node)]
        for node in asked:
            for part in (node,) if path in OWN_TEXTS else getattr(node, "args", ()):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in aside:
                    yield path, part.value


def _is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS


def _of_templates() -> Iterator[tuple[str, str]]:
    for name, source in templates().items():
        for _line, _function, message, _comments in babel_extract(BytesIO(source.encode()), MARKERS, (), {}):
            yield from (
                (f"templates/{name}", said) for said in (message if isinstance(message, tuple) else (message,)) if said
            )
