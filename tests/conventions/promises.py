"""The sentences that candidates and partners read, by source, and the register of what they promise.

`tests/promises.toml` holds a table for each source. A line gives the sentence and the test that asserts, on the other
side, that it is so; or "no promise" for a label, a question, an instruction or a remark.
"""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2.ext import babel_extract

from tests.conventions.conftest import ROOT

REGISTER = ROOT / "tests" / "promises.toml"
NO_PROMISE = "no promise"
TEXTS = (
    "relay/introductions/wordings.py",
    "relay/landing/introduction_page.py",
    "relay/models/retention.py",
    "relay/network/consent_texts.py",
    "relay/network/next_openings.py",
    "relay/network/outcome_consents.py",
    "relay/network/partnerships.py",
    "relay/network/related_consents.py",
    "relay/portal/settings/guide_words.py",
    "relay/rights/keeping.py",
    "relay/rights/privacy_draft.py",
    "relay/trust/retention_notice.py",
)
"""Modules whose every sentence is one that somebody relies on."""
PARTNER_PAGES = (
    "account/asked.html",
    "account/asked_mail.html",
    "account/partner_promise.html",
    "agency/_request.html",
    "agency/_request_acts.html",
    "agency/request.html",
    "agency/requests.html",
)
"""The pages on which an agency reads what is asked of it, and says how much it takes."""
MARKERS = ("_", "_l", "gettext", "ngettext")


@cache
def register() -> dict[str, dict[str, str]]:
    """Return the register: source → sentence → test id or NO_PROMISE."""
    return tomllib.loads(REGISTER.read_text(encoding="utf-8"))


@cache
def sentences() -> dict[str, set[str]]:
    """Collect the sentences of every source: a page, a folder of templates/mail, a module of TEXTS."""
    found: dict[str, set[str]] = {each: set(_of_module(ROOT / each)) for each in TEXTS}
    partner_pages = [ROOT / "templates" / each for each in PARTNER_PAGES]
    for path in sorted((ROOT / "templates" / "landing").glob("*.html")) + partner_pages:
        found[_name(path)] = set(_of_template(path))
    for path in sorted((ROOT / "templates" / "mail").rglob("*.*")):
        source = _name(path if path.parent.name == "mail" else path.parent)
        found.setdefault(source, set()).update(_of_template(path))
    return {source: said for source, said in found.items() if said}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _of_template(path: Path) -> Iterator[str]:
    with path.open("rb") as opened:
        for _line, _function, message, _comments in babel_extract(opened, MARKERS, (), {"silent": "false"}):
            yield from (each for each in (message if isinstance(message, tuple) else (message,)) if each)


def _of_module(path: Path) -> Iterator[str]:
    """Every Japanese text of a module; what is filled in stands as {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = tree.body[1:]  # without the docstring
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    parts -= {id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        text = _text(node)
        if any("\u3041" <= letter <= "\u9fff" for letter in text):
            yield text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
