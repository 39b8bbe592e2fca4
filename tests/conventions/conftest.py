"""The house as it stands on disk: the application (no database is touched), the sources, the templates."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from relay import create_app
from relay.config import ROOT
from relay.extensions import db
from tests.conftest import make_settings


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as development runs it, with every surface."""
    app = create_app(make_settings(tmp_path_factory.mktemp("organisation")))
    yield app
    with app.app_context():
        db.engine.dispose()


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the house by its path from the root, read as a tree."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "relay").rglob("*.py"))
        if "versions" not in path.parts
    }


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of a module of the house: walking all of them takes a second, and many conventions ask."""
    return tuple(ast.walk(tree))


@cache
def templates() -> dict[str, str]:
    """Every template by its path below templates/."""
    folder = ROOT / "templates"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(name: str) -> str:
    """A file of the repository."""
    return (Path(ROOT) / name).read_text(encoding="utf-8")
