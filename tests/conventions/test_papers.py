"""What the repository says about itself is complete: every setting, command and everyday task is in the README."""

import json
import re
import tomllib
from dataclasses import fields

import click
import pytest

from relay.cli import main
from relay.config import ROOT, Settings
from tests.conventions.conftest import read, sources
from tests.production import environment
from tests.programs import PACKAGES

LOCKS = ("requirements.lock", "requirements-dev.lock")
PAPERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "relay/rules.md")
PATH = re.compile(
    r"(?<![\w/.])((?:relay|tests|templates|static|\.ci)/[\w./-]*\w/?|pyproject\.toml|requirements[\w-]*\.lock)"
)


def commands(group: click.Group, prefix: str = "relay") -> list[str]:
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


def test_every_setting_is_explained() -> None:
    readme = read("README.md")
    missing = [
        f"RELAY_{field.name.upper()}" for field in fields(Settings) if f"RELAY_{field.name.upper()}" not in readme
    ]
    assert not missing


def test_every_command_is_named() -> None:
    readme = read("README.md")
    assert [path for path in commands(main) if path not in readme] == []


def test_every_everyday_command_is_named() -> None:
    readme, makefile = read("README.md"), read("Makefile")
    targets = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert {"help", "setup", "run", "dev", "check", "fix", "test", "test-one", "lint", "bench", "shots"} <= set(targets)
    assert [target for target in targets if f"make {target}" not in readme] == []


def test_what_every_change_must_pass_installs_every_program_that_tests_need() -> None:
    """By itself a test fails without its program; `make test` starts without any of them."""
    ci, readme = read(".ci/run"), read("README.md")
    packages = {package for words in PACKAGES.values() for package in words.split()}
    assert [name for name in packages if name not in ci or name not in readme] == []
    assert "apt-get" not in read("Makefile").split("\ntest:")[1]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_hashes_everything(name: str) -> None:
    lock = read(name)
    assert "://" not in lock
    assert not re.search(r"^\s*--(index-url|extra-index-url|find-links|trusted-host)", lock, re.MULTILINE)
    packages = re.findall(r"^[a-z0-9][^ ]*==[^ ]+", lock, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    assert len(packages) > 40
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_the_lock_of_npm_names_no_host_and_hashes_everything() -> None:
    lock = read("tests/node/package-lock.json")
    assert "://" not in lock
    tools = [tool for path, tool in json.loads(lock)["packages"].items() if path]
    assert tools and all(tool["integrity"].startswith("sha512-") for tool in tools)


def test_no_file_remembers_a_machine() -> None:
    for name in ("pyproject.toml", "Makefile", ".ci/run", "README.md", *LOCKS):
        assert not re.search(r"/(home|root|work|opt|tmp)/", read(name)), name


def test_every_direct_requirement_is_locked() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    production = project["dependencies"] + extras["install"]
    for lock, lines in (("requirements.lock", production), ("requirements-dev.lock", production + extras["dev"])):
        locked = environment.locked(lock)
        wanted = [re.split(r"[\[~=<>]", line)[0] for line in lines]
        assert [name for name in wanted if name not in locked] == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_path_a_paper_names_is_there(name: str) -> None:
    """A word in capitals stands for any name, and ends the part of the path that has to be there."""
    named = {re.split(r"/?[A-Z]{3,}", path)[0] for path in PATH.findall(read(name))}
    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_what_security_promises_is_kept_and_tested_in_named_files() -> None:
    rows = read("SECURITY.md").split("| promise |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    assert len(rows) > 15
    for row in rows:
        promise, _kept, tested = (cell.strip() for cell in row.strip("|").split("|"))
        assert "`tests/" in tested, promise


def test_each_paper_leads_to_headings_that_are_there() -> None:
    """Links within a paper, and what the code cites of CONTRIBUTING.md."""
    headings = {name: re.findall(r"^#+ (.+)$", read(name), re.MULTILINE) for name in PAPERS}
    anchors = {
        name: {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings[name]} for name in PAPERS
    }
    for name in PAPERS:
        assert set(re.findall(r"\]\(#([^)]+)\)", read(name))) <= anchors[name], name
        assert [link for link in re.findall(r"\]\(([^)#:]+)\)", read(name)) if not (ROOT / link).exists()] == [], name
    cited = {heading for path in sources() for heading in re.findall(r"CONTRIBUTING\.md, ([A-Z][a-z]+)", read(path))}
    assert cited <= set(headings["CONTRIBUTING.md"])


def test_every_room_is_on_a_floor_of_the_architecture() -> None:
    architecture = read("CONTRIBUTING.md").split("\n## Architecture\n", 1)[1].split("\n## ", 1)[0]
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    rooms = [
        account_page.strip("()") for layer in contracts[0]["layers"] for account_page in re.split(r" [:|] ", layer)
    ]
    there = [account_page for account_page in rooms if any((ROOT / "relay").glob(f"{account_page}*"))]
    assert len(there) > 25
    assert [
        account_page for account_page in there if not re.search(rf"`relay/{account_page}(/|\.py)`", architecture)
    ] == []


def test_security_names_every_secret_setting() -> None:
    """A key that nobody listed is one that nobody changes."""
    keys = read("SECURITY.md").split("## Keys\n", 1)[1]
    secret = [field.name for field in fields(Settings) if re.search(r"secret|key|password|database_url", field.name)]
    assert len(secret) == 7
    assert [name for name in secret if f"`{name}`" not in keys] == []
