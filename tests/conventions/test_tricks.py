"""Whatever remembers its answers says beside itself which act of the bench needs it, or what else it is for."""

import re
from pathlib import Path

from relay import config

REMEMBERS = re.compile(r"@(lru_)?cache\b|\blru_cache\(|\bgc\.(disable|freeze)\(\)")
SAID = re.compile(r"# (tricks: \S.*|\w.{15,})$")


def test_each_says_why_it_is_there() -> None:
    silent = [
        f"{path.relative_to(config.ROOT)}:{number}"
        for path in sorted((config.ROOT / "relay").rglob("*.py"))
        for number, line in _lines(path)
        if REMEMBERS.search(line) and not SAID.search(line)
    ]
    assert silent == [], "name its act in tests/bench/tricks.py (# tricks: record), or say what else it is for"


def _lines(path: Path) -> list[tuple[int, str]]:
    every = path.read_text(encoding="utf-8").splitlines()
    return [(number, line) for number, line in enumerate(every, 1) if not line.startswith(("from ", "import "))]
