"""What candidates, partners and letters are told is asserted on the other side (invariant 11)."""

import ast
import json
from functools import cache

import pytest

from tests.conventions.conftest import ROOT
from tests.conventions.promises import NO_PROMISE, register, sentences


@pytest.mark.parametrize("source", sorted(sentences()))
def test_every_sentence_has_a_line_in_the_register(source: str) -> None:
    """A new sentence says which test keeps it, or that it promises nothing; a line of a sentence that is gone goes."""
    said, lines = sentences()[source], register().get(source, {})
    new = sorted(said - set(lines))
    missing = "\n".join(f'{json.dumps(each, ensure_ascii=False)} = "{NO_PROMISE}"' for each in new)
    assert not missing, f'tests/promises.toml, ["{source}"]:\n{missing}'
    assert not set(lines) - said, "these sentences are said no more"


def test_the_register_knows_no_other_source() -> None:
    assert set(register()) == set(sentences())


@pytest.mark.parametrize("test", sorted({each for lines in register().values() for each in lines.values()}))
def test_what_keeps_a_promise_is_there(test: str) -> None:
    path, _separator, name = test.partition("::")
    assert test == NO_PROMISE or name in _tests_of(path), test


@cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
