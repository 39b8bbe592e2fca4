"""The rules the code cites are in the clone: each number once in relay/rules.md, none cited that is not there."""

import re
import subprocess
import tokenize
from functools import cache
from io import StringIO

from relay.config import ROOT
from tests.conventions.conftest import read

RULES = "relay/rules.md"
READ = {".py", ".html", ".txt", ".css", ".js", ".md", ".toml", ".service", ".conf", ""}
"""Endings of the files in which a rule may be cited; '' for Makefile, Caddyfile and the like."""
DEFINED = re.compile(r"^\*\*([A-F]-\d+|0\.\d|invariant \d+)\*\*( \*\(by procedure\)\*)?", re.MULTILINE)
CITED = re.compile(r"(?<![\w-])([A-F])-(\d{1,2})(?![\w-])(?:(?:…| to )[A-F]-(\d{1,2})(?![\w-]))?")
CITED_ROLE = re.compile(r"(?:\(|, |; |[Rr]ules? )(0\.\d)\b(?!\d|\.)")
CITED_INVARIANTS = re.compile(r"\b[Ii]nvariants? (\d+)(?:( and | to |, )(\d+))?")
ELSEWHERE = re.compile(
    r"\bblueprint(,? section|, invariant| \d)|\bdesign(,? section| \d)|\bstack(,? section| notes)|\broadmap\b"
    r"|\bissue \d|(?<!relay/)\brules\.md",
    re.IGNORECASE,
)
"""Documents that are not in the repository; a reader of the clone cannot follow them."""
DATA = {("tests/db/intake/test_ids.py", "A-1"), ("tests/db/intake/test_ids.py", "A-2")}
"""Ids in a file of applicants that look like rules."""


@cache
def texts() -> dict[str, str]:
    """Every text of the repository in which a rule may be cited, by its path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    kept = (ROOT / name for name in listed.split("\0") if name and "/vendor/" not in name)
    files = [path for path in kept if path.suffix in READ and path.name != "LICENSE" and path.is_file()]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


def cited_in(text: str) -> set[str]:
    """Give the rules and invariants a text cites; a range stands for all between its ends."""
    found = set()
    for letter, first, last in CITED.findall(text):
        found |= {f"{letter}-{number}" for number in range(int(first), int(last or first) + 1)}
    for first, joined, last in CITED_INVARIANTS.findall(text):
        between = range(int(first), int(last) + 1) if joined == " to " else {int(first), int(last or first)}
        found |= {f"invariant {number}" for number in between}
    return found


def roles_cited_in(name: str, text: str) -> set[str]:
    """Give the rules of group 0 a file cites; in Python only comments and strings can, for code is full of numbers."""
    if not CITED_ROLE.search(text) or name.endswith((".css", ".js")):
        return set()
    if name.endswith(".py"):
        tokens = tokenize.generate_tokens(StringIO(text).readline)
        text = "\n".join(token.string for token in tokens if token.type in {tokenize.COMMENT, tokenize.STRING})
    return set(CITED_ROLE.findall(text))


@cache
def cited() -> dict[str, list[str]]:
    """Every rule cited outside relay/rules.md, with the files that cite it."""
    places: dict[str, list[str]] = {}
    for name, text in texts().items():
        if name not in {RULES, "tests/conventions/test_rules.py"}:
            for rule in cited_in(text) | roles_cited_in(name, text):
                if (name, rule) not in DATA:
                    places.setdefault(rule, []).append(name)
    return places


def test_each_rule_that_is_cited_stands_in_the_clone_once() -> None:
    defined = [rule for rule, _ in DEFINED.findall(read(RULES))]
    assert {rule for rule in defined if defined.count(rule) > 1} == set()
    assert {rule: places for rule, places in cited().items() if rule not in defined} == {}, f"write it into {RULES}"


def test_each_rule_is_cited_or_kept_by_procedure() -> None:
    by_code = {rule for rule, procedure in DEFINED.findall(read(RULES)) if not procedure}
    assert sorted(by_code - set(cited())) == [], "cite it where it is kept, or mark it *(by procedure)*"


def test_each_rule_names_its_source() -> None:
    entries = re.split(r"\n\n+", read(RULES))
    rules = [entry for entry in entries if DEFINED.match(entry) and not entry.startswith("**invariant")]
    assert [entry.split("**")[1] for entry in rules if " — " not in entry.replace("\n", " ")] == []


def test_no_document_outside_the_clone_is_cited() -> None:
    found = {
        f"{name}: {match[0]}"
        for name, text in texts().items()
        if name != "tests/conventions/test_rules.py"
        for match in ELSEWHERE.finditer(text)
    }
    assert sorted(found) == [], "say it here, or cite relay/rules.md or CONTRIBUTING.md"


def test_ranges_and_pairs_are_citations_and_other_codes_are_not() -> None:
    assert cited_in("kept (A-16…A-18, B-6), A-9)") == {"A-16", "A-17", "A-18", "B-6", "A-9"}
    assert roles_cited_in("page.html", "one rule for all (0.3, C-2); rules 0.6") == {"0.3", "0.6"}
    assert cited_in("invariants 1 to 3; invariants 4 and 5") == {f"invariant {number}" for number in range(1, 6)}
    assert cited_in("UTF-8, X-A-1, JIS A-100") | roles_cited_in("a.py", "f(1, 0.3)  # (0.31), 0.4.1") == set()
