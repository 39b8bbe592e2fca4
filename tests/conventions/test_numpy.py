"""numpy is loaded by a worker that fits, and by nothing else: each web process would pay for it with its memory."""

import ast
import subprocess
import sys

from relay.config import ROOT
from tests.conventions.conftest import nodes, sources

FITS = "relay/insight/map_fit.py"
LOADS_ALL_BUT_IT = """
import importlib, pkgutil, sys
import relay
from relay import registry
registry.register()
left_out = ("relay.insight.map_fit", "relay.migrations")
for module in pkgutil.walk_packages(relay.__path__, "relay."):
    if not module.name.startswith(left_out) and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert "relay.portal.positions.fits" in sys.modules and "relay.insight.learning" in sys.modules
assert "numpy" not in sys.modules
import relay.insight.map_fit
assert "numpy" in sys.modules
"""


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return set()


def test_one_module_imports_it_and_no_other_imports_that_at_its_top() -> None:
    using = {path for path, tree in sources().items() for node in nodes(tree) if "numpy" in imported(node)}
    assert using == {FITS}
    at_the_top = {
        path for path, tree in sources().items() for node in tree.body if "relay.insight.map_fit" in imported(node)
    }
    assert at_the_top == set()


def test_everything_else_can_be_loaded_without_it() -> None:
    """Libraries look for it, too, once it is installed."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADS_ALL_BUT_IT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
