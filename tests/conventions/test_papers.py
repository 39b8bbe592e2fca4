"""What the repository says about itself is complete: every setting, command and everyday task is in the README."""

import json
import re
import tomllib
from dataclasses import fields

import click
import pytest

from relay.cli import main
from relay.config import ROOT, Settings
from tests.conventions.conftest import read
from tests.production import environment
from tests.programs import PACKAGES

LOCKS = ("requirements.lock", "requirements-dev.lock")


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


def test_what_security_promises_is_kept_and_tested_where_it_says() -> None:
    named = re.findall(r"`((?:relay|tests)/[^`]+)`", read("SECURITY.md"))
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_security_names_every_secret_setting() -> None:
    """A key that nobody listed is one that nobody changes."""
    keys = read("SECURITY.md").split("## Keys\n", 1)[1]
    secret = [field.name for field in fields(Settings) if re.search(r"secret|key|password|database_url", field.name)]
    assert len(secret) == 5
    assert [name for name in secret if f"`{name}`" not in keys] == []
