"""What import-linter cannot see of the floors: tables, and names of what is above in strings."""

import ast
from graphlib import TopologicalSorter

from flask import Flask

from tests.conventions.conftest import nodes, sources

HIRING = {"Position", "Application", "ApplicationStep", "ListedApplication", "ApplicationCount"}
BELOW_HIRING = ("infra", "mail", "identity", "trust", "candidates")
NAMES_NOBODY = ("infra", "mail", "access")
"""Rooms whose strings name no view and no surface either: they know them by markers and paths."""


def of_room(room: str) -> dict[str, ast.Module]:
    return {path: tree for path, tree in sources().items() if path.startswith((f"relay/{room}/", f"relay/{room}.py"))}


def test_rooms_below_hiring_name_none_of_its_tables() -> None:
    """Else the floors would hold for imports and not for what is known: `indexing` alone gathers words from both."""
    naming = [
        f"{path}:{node.lineno}: {alias.name}"
        for room in BELOW_HIRING
        for path, tree in of_room(room).items()
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("relay.models")
        for alias in node.names
        if alias.name in HIRING
    ]
    assert naming == []


def test_guards_and_mail_name_no_view_even_in_strings(organisation: Flask) -> None:
    endpoints = {rule.endpoint for rule in organisation.url_map.iter_rules()} - {"static"}
    naming = [
        f"{path}:{node.lineno}: {node.value}"
        for room in NAMES_NOBODY
        for path, tree in of_room(room).items()
        for node in nodes(tree)
        if isinstance(node, ast.Constant) and node.value in endpoints
    ]
    assert naming == []


def test_every_room_says_what_it_holds_and_what_it_may_touch() -> None:
    """Two sentences at least, so that a stranger knows where something belongs."""
    rooms = {path: tree for path, tree in sources().items() if path.count("/") == 2 and path.endswith("/__init__.py")}
    assert len(rooms) > 20
    short = [path for path, tree in rooms.items() if "\n\n" not in (ast.get_docstring(tree) or "")]
    assert short == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not inside a room either: each file can be read after those it imports."""
    names = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): tree for path, tree in sources().items()
    }
    graph = {name: _imported(tree, names) - {name} for name, tree in names.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def _imported(tree: ast.Module, names: dict[str, ast.Module]) -> set[str]:
    found = set()
    for node in nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found |= {inner if inner in names else node.module} & names.keys()
    return found
