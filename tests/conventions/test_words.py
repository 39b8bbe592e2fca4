"""Screens and mails say the words of the glossary, and none of those it replaced (tests/conventions/words.py)."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO

import pytest
from jinja2.ext import babel_extract

from relay.config import ROOT
from tests.conventions.conftest import nodes, sources, templates
from tests.conventions.test_templates import JAPANESE
from tests.conventions.words import FORMER_WORDS, MAY_KEEP, FormerWord

FILLED_IN = re.compile(r"%\(\w+\)[sd]|%%")


@cache
def sentences() -> tuple[tuple[str, int, str], ...]:
    """Collect (file, line, sentence) of all that people read: templates, Japanese literals of relay/, scripts."""
    return (*_of_templates(), *_of_modules(), *_of_scripts())


def _of_templates() -> Iterator[tuple[str, int, str]]:
    markers = ("_", "gettext", "ngettext")
    for name, source in templates().items():
        for line, _function, message, _comments in babel_extract(BytesIO(source.encode()), markers, (), {}):
            for sentence in message if isinstance(message, tuple) else (message,):
                if sentence:
                    yield f"templates/{name}", line, FILLED_IN.sub("", sentence)


def _of_modules() -> Iterator[tuple[str, int, str]]:
    for path, tree in sources().items():
        aside = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
        aside |= {id(part) for call in nodes(tree) if _is_pattern(call) for part in ast.walk(call)}
        for node in nodes(tree):
            if isinstance(node, ast.Constant) and id(node) not in aside and JAPANESE.search(str(node.value)):
                yield path, node.lineno, FILLED_IN.sub("", str(node.value))


def _is_pattern(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compile"


def _of_scripts() -> Iterator[tuple[str, int, str]]:
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if JAPANESE.search(text):
                yield path.relative_to(ROOT).as_posix(), line, text


@pytest.mark.parametrize("word", FORMER_WORDS, ids=lambda word: word.pattern.pattern)
def test_nothing_says_a_former_word(word: FormerWord) -> None:
    found = [
        f"{path}:{line} says 「{said[0]}」 in 「{sentence[:70]}」; say {word.instead}."
        for path, line, sentence in sentences()
        if (said := word.pattern.search(sentence)) and not word.may_stand_in(path)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", FORMER_WORDS, ids=lambda word: word.pattern.pattern)
def test_a_place_that_may_keep_a_word_has_it(word: FormerWord) -> None:
    for place in word.places:
        assert place in MAY_KEEP, f"say in MAY_KEEP why {place} may keep 「{word.pattern.pattern}」"
        assert any(path.startswith(place) and word.pattern.search(sentence) for path, _line, sentence in sentences()), (
            f"「{word.pattern.pattern}」 is no longer in {place}: take the place out of words.py"
        )
