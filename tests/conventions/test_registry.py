"""Letters, links, jobs and consumers: declared in one place each, listed once, known to web and worker alike."""

import ast
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from relay import registry
from relay.config import ROOT
from relay.mail import letters, tokens
from relay.models.events import CONSUMERS
from tests.conventions.conftest import nodes, read, sources
from tests.prepared import Prepared, up_to_date

WEB = "import wsgi"
WORKER = "from relay.cli import main; main(['worker', '--once'], standalone_mode=False)"
TELL = """
import json
from dataclasses import replace
from relay.infra import jobs
from relay.mail import letters, tokens

def tell():
    known = {"letter": letters.names(), "link": tokens.paths(), "job": jobs.kinds(), "consumer": jobs.consumers()}
    print("KNOWN", json.dumps([f"{kind} {name}" for kind, names in known.items() for name in names]))

tell()
"""
MORE = """
letters.register(replace(letters.find("result"), name="of-the-{0}"))
jobs.register(jobs.JobKind("for-the-{0}", print))
tell()
"""
DECLARED = ("LETTERS", "JOBS", "CONSUMERS")

Known = dict[str, tuple[set[str], set[str]]]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, prepared: Callable[[str], Prepared]) -> Known:
    """What each process has registered once it runs, and what after it alone registered a letter and a job more."""
    folder = tmp_path_factory.mktemp("processes")
    with prepared("sqlite").installed(up_to_date(prepared("sqlite")), folder):
        return {name: known_to(start, name, folder) for name, start in (("web", WEB), ("worker", WORKER))}


def known_to(start: str, name: str, folder: Path) -> tuple[set[str], set[str]]:
    """Start a process as its command does, and ask it for the names of all that it has registered, twice."""
    named = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(folder), "RELAY_SECRET_KEY": "k" * 40}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RELAY_")} | named
    code = start + TELL + MORE.format(name)
    process = [sys.executable, "-c", code]
    ran = subprocess.run(process, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    first, second = (line.removeprefix("KNOWN ") for line in ran.stdout.splitlines() if line.startswith("KNOWN "))
    return set(json.loads(first)), set(json.loads(second))


def known_to_one_alone(web: set[str], worker: set[str]) -> list[str]:
    return [f"{name}: web alone" for name in sorted(web - worker)] + [
        f"{name}: worker alone" for name in sorted(worker - web)
    ]


def test_web_and_worker_know_the_same_letters_links_jobs_and_consumers(known: Known) -> None:
    (web, _more), (worker, _too) = known["web"], known["worker"]

    assert known_to_one_alone(web, worker) == []
    assert {"letter result", "link relay", "job sweep", "job bulk", "consumer scrub"} <= web


def test_what_one_process_alone_registers_is_named(known: Known) -> None:
    (_web, web), (_worker, worker) = known["web"], known["worker"]

    assert known_to_one_alone(web, worker) == [
        "job for-the-web: web alone",
        "letter of-the-web: web alone",
        "job for-the-worker: worker alone",
        "letter of-the-worker: worker alone",
    ]


def declaring() -> Iterator[tuple[str, str]]:
    """Every module that declares something of its own, with the name of the declaration."""
    for path, tree in sources().items():
        for statement in tree.body if path not in {"relay/registry.py", "relay/models/events.py"} else ():
            targets = statement.targets if isinstance(statement, ast.Assign) else ()
            for target in targets:
                if isinstance(target, ast.Name) and target.id in DECLARED:
                    yield path, target.id


@pytest.mark.parametrize(("path", "what"), list(declaring()))
def test_what_a_module_declares_is_listed(path: str, what: str) -> None:
    module = importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    listed = getattr(registry, what)

    forgotten = [each for each in getattr(module, what) if each not in listed]
    assert not forgotten, f"relay/registry.py lists {what} of {path} not: {forgotten}"


def test_nothing_is_registered_but_by_the_registry() -> None:
    calling = {
        path
        for path, tree in sources().items()
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"letters.register", "mail_letters.register", "jobs.register", "jobs.deliver_to"}
    }
    assert calling == {"relay/registry.py"}


def test_no_name_is_declared_twice() -> None:
    for names in ([each.name for each in registry.LETTERS], [each.name for each in registry.JOBS]):
        assert len(names) == len(set(names))


def test_somebody_takes_every_event_that_is_delivered() -> None:
    assert {name for names in CONSUMERS.values() for name in names} == set(registry.CONSUMERS)


def test_each_link_leads_to_its_page(organisation: Flask) -> None:
    adapter = organisation.url_map.bind("relay.example")
    for path in tokens.paths().values():
        rule, given = adapter.match(path + "t" * 43, method="GET", return_rule=True)
        assert (rule.rule, given) == (f"{path}<token>", {"token": "t" * 43})


def test_no_two_links_share_a_purpose_a_path_or_a_name() -> None:
    links = {*registry.LINKS, *(each.link for each in registry.LETTERS if each.link)}
    for values in ([each.purpose for each in links], [each.path for each in links if each.path]):
        assert len(values) == len(set(values))
    keys = [each.key for each in links if each.key]
    assert len(keys) == len(set(keys))


def test_what_tells_a_result_is_told_once() -> None:
    """The look-up of results goes by the index of what is told once per subject (C-11)."""
    assert all(each.once_per_subject for each in registry.LETTERS if each.tells_result)


def asked_by_name(path: str, tree: ast.Module) -> Iterator[str]:
    """Comparisons of a mail's letter with one letter that another module declares."""
    foreign = {
        alias.asname or alias.name for node in nodes(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    for node in nodes(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"in_", "not_in"}
        ):
            sides = [node.func.value, *node.args]
        else:
            continue
        if not any(_is_letter(side) for side in sides):
            continue
        for side in sides:
            said = [each.value for each in ast.walk(side) if isinstance(each, ast.Constant)]
            named = isinstance(side, ast.Name) and side.id in foreign
            named |= isinstance(side, ast.Attribute) and side.attr.isupper()
            if named or set(said) & {each.name for each in registry.LETTERS}:
                yield f"{path}:{node.lineno}: {ast.unparse(node)}"


def _is_letter(node: ast.expr) -> bool:
    """Whether it is what a mail says of its letter; a company's texts are kept by letter."""
    if isinstance(node, ast.Name):
        return node.id == "letter"
    return isinstance(node, ast.Attribute) and node.attr == "letter" and ast.unparse(node.value) != "MailTemplate"


def test_nobody_asks_for_a_letter_by_its_name() -> None:
    """What holds for some letters is declared by them; only the module that declares a letter knows which it is."""
    asked = [line for path, tree in sources().items() for line in asked_by_name(path, tree)]
    assert asked == []


def test_no_table_and_no_page_names_a_letter() -> None:
    names = {each.name for each in registry.LETTERS}
    for path in (*(ROOT / "templates").rglob("*.html"), *(ROOT / "relay" / "models").rglob("*.py")):
        text = read(path.relative_to(ROOT).as_posix())
        assert not [name for name in names if f"letter = '{name}'" in text or f"letter == '{name}'" in text], path


@pytest.mark.parametrize(
    "line",
    ['Message.letter == "result"', "message.letter in {'result'}", "Message.letter == letter.NAME", "x.letter == NAME"],
)
def test_asking_by_name_is_found(line: str) -> None:
    tree = ast.parse(f"from relay.outreach.letter import NAME\n{line}")
    assert list(asked_by_name("here.py", tree)), line


def test_the_names_are_those_of_the_letters(organisation: Flask) -> None:
    assert letters.names() == sorted(each.name for each in registry.LETTERS)
