"""What Relay has one of: the pager, the upsert, the guard against formulas, the look-up of names."""

import ast
from collections.abc import Iterator

from tests.conventions.conftest import nodes, sources
from tests.conventions.test_code import calls, last_name

PAGER, UPSERT = "relay/models/keyset.py", "relay/models/upsert.py"
SPREADSHEET, NAMES = "relay/text/spreadsheet.py", "relay/models/names.py"
CHUNKS = {
    "relay/models/journal.py": "images of one act, as they are undone",
    "relay/introductions/jobs.py": "a job of the worker: every request that is due, a portion at a time",
    "relay/network/mailboxes.py": "a job of the worker: every referral, a portion at a time",
    "relay/network/morning.py": "a job of the worker: every agent of a partner, a portion at a time",
    "relay/network/matching.py": "a job of the worker: every registration that waits, a portion at a time",
    "relay/network/partner_people.py": "a restore: the words of everybody at a partner, a portion at a time",
    "relay/network/profiles.py": "retention: those whose last consent ended, a portion at a time",
    "relay/rights/incident_people.py": "a file: everybody whom an incident concerns, a portion at a time",
    "relay/rights/term_changes.py": "a job of the worker: everybody who has a last day, a portion at a time",
    "relay/bulk/bulk_jobs.py": "a job of the worker: everybody's search words, a portion at a time",
}
"""Where rows are walked to the end by their ids: no pages, so no cursors."""
WRITES_CSV = {
    "relay/connect/herp/candidacies.py": "a file that the import reads at once, and nobody opens",
    "relay/demo/year.py": "a file that the demo imports, and nobody opens",
}
PLACES = {"id", "number", "sequence", "name_key", "rank", "since"}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Every function, those in classes and functions among them."""
    return (node for node in nodes(tree) if isinstance(node, ast.FunctionDef))


def _is_place(node: ast.expr) -> bool:
    """Whether it is a column by which lists are sorted."""
    return isinstance(node, ast.Attribute) and node.attr in PLACES and last_name(node.value)[:1].isupper()


def _looks_beside_a_row(function: ast.FunctionDef) -> bool:
    """Whether it asks for the rows that come behind one in an order, or for one row more than a page shows."""
    called = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {last_name(call.func) for call in called}
    if "order_by" not in names:
        return "tuple_" in names and "in_" not in names
    limits = [ast.unparse(each) for call in called if last_name(call.func) == "limit" for each in call.args]
    compared = (node for node in ast.walk(function) if isinstance(node, ast.Compare))
    return any(each.endswith(" + 1") for each in limits) or any(map(_is_beside, compared))


def _is_beside(node: ast.Compare) -> bool:
    """Whether a place is compared with a value: `Message.id < before`, and not `later.id > Message.id`."""
    return isinstance(node.ops[0], ast.Lt | ast.Gt) and _is_place(node.left) != _is_place(node.comparators[0])


def _selects_names(call: ast.Call) -> bool:
    """Whether it selects a table's ids and names: `select(User.id, User.name).where(User.id.in_(…))`."""
    inner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not (isinstance(inner, ast.Call) and last_name(inner.func) == "select" and len(inner.args) == 2):
        return False
    first, second = (ast.unparse(each) for each in inner.args)
    table = first.removesuffix(".id")
    return (
        first == f"{table}.id"
        and second in {f"{table}.{name}" for name in ("name", "title", "label")}
        and any(ast.unparse(each).startswith(f"{table}.id.in_(") for each in call.args)
    )


def test_lists_are_paged_by_the_one_keyset() -> None:
    found = {path for path, tree in sources().items() if any(map(_looks_beside_a_row, functions(tree)))}
    assert found - {PAGER} == set(CHUNKS), f"page by {PAGER}, or say here why these are no pages"
    skipped = {path for path, tree in sources().items() if calls(tree, "offset")}
    assert not skipped, f"OFFSET walks all that comes before a page: use {PAGER}"


def test_a_row_that_may_be_there_is_written_by_the_one_upsert() -> None:
    found = {path for path, tree in sources().items() if _imports_an_insert_of_a_dialect(tree)}
    assert found == {UPSERT}, f"use {UPSERT}"


def _imports_an_insert_of_a_dialect(tree: ast.Module) -> bool:
    named = {
        (node.module, each.name) for node in nodes(tree) if isinstance(node, ast.ImportFrom) for each in node.names
    }
    return any(
        module == "sqlalchemy.dialects" or ((module or "").startswith("sqlalchemy.dialects.") and name == "insert")
        for module, name in named
    )


def test_files_for_spreadsheets_are_written_where_formulas_are_made_safe() -> None:
    writing = {
        path
        for path, tree in sources().items()
        if calls(tree, "writer") or calls(tree, "DictWriter") or calls(tree, "Workbook") or "safe_cell" in _made(tree)
    }
    assert writing == {SPREADSHEET, *WRITES_CSV}, f"write by {SPREADSHEET}, which guards every cell (E-16)"
    guarding = {path for path, tree in sources().items() if "=+-@" in "".join(_texts(tree))}
    assert guarding == {SPREADSHEET}, "what begins a formula is said once"


def _made(tree: ast.Module) -> set[str]:
    return {function.name for function in functions(tree)}


def _texts(tree: ast.Module) -> Iterator[str]:
    return (node.value for node in nodes(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_names_are_looked_up_by_the_one_function() -> None:
    found = {path for path, tree in sources().items() if any(map(_selects_names, calls(tree, "where")))}
    assert not found, f"use {NAMES}"
