"""Commands of Relay in processes of their own, forked from one that has loaded it: a start costs a tenth.

The server that forks is Python's own (`multiprocessing`, "forkserver"), one for each process that runs tests. It has
loaded Relay and nothing else: no setting, no database, no thread of a test.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.loaded"])


def start(words: Sequence[str], environment: Mapping[str, str], *, out: Path, err: Path, typed: Path) -> BaseProcess:
    """Start `relay WORDS`, which reads `typed` and appends to `out` and `err`; it sees this environment alone."""
    process = _context.Process(target=_run, args=(tuple(words), dict(environment), out, err, typed))
    process.start()
    return process


def _run(words: tuple[str, ...], environment: dict[str, str], out: Path, err: Path, typed: Path) -> NoReturn:
    from relay.cli import main

    os.environ.clear()
    os.environ.update(environment)
    for number, file in ((0, typed.open("rb")), (1, out.open("ab")), (2, err.open("ab"))):
        os.dup2(file.fileno(), number)
        file.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (for as long as the process runs)
    main(list(words), prog_name="relay")
