"""The fork server: `python -I -m relay.infra.limited.server MODULE`, control on standard input. Started by its package.

It has no environment, opens no database and reads no setting. It ends when its starter does; what it forked
ends by its own clock at the latest.
"""

import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from types import ModuleType
from typing import IO, Any, NoReturn

MAX_FILES = 4
NICENESS = 5
"""Whoever looks at a page goes first."""


def main(module: str) -> None:
    """Load the module and fork for each of its tasks that is handed over, until the other side is gone."""
    tasks = importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # a page that the collector touches is copied for each task
    with socket.socket(fileno=0) as control:
        control.send(b"loaded")
        while True:
            order, descriptors, _flags, _address = socket.recv_fds(control, 1, MAX_FILES)
            if not order:
                return
            if os.fork() == 0:
                control.close()
                _do(tasks, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _do(tasks: ModuleType, descriptors: list[int]) -> NoReturn:
    """Do one task under its limits and tell what came of it; a breakdown is told without any value of the file."""
    try:
        _print_nothing()
        gc.disable()  # the process ends with its task
        with socket.socket(fileno=descriptors[0]) as asked:
            with asked.makefile("rb") as order:
                wanted = json.loads(order.read())
            impose(**wanted["limits"])
            files: list[IO[bytes]] = [os.fdopen(each, "r+b") for each in descriptors[1:]]
            asked.sendall(json.dumps(_told(tasks, wanted, files)).encode())
    finally:
        os._exit(0)


def _told(tasks: ModuleType, wanted: dict[str, Any], files: list[IO[bytes]]) -> dict[str, Any]:
    try:
        answer = getattr(tasks, wanted["task"])(files, **wanted["said"])
        for file in files:
            file.flush()
    except BaseException as error:
        return {"failed": _where(error)}
    return {"answer": answer}


def _print_nothing() -> None:
    """Libraries complain about files in the words of the files."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def impose(*, memory: int, written: int, processor: int, clock: float) -> None:
    """Set this process limits that it cannot lift again; beyond the last two the system ends it."""
    os.nice(NICENESS)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.setitimer(signal.ITIMER_REAL, clock)


def _where(error: BaseException) -> str:
    """Return the name of the error and the line it arose in."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{place}"


if __name__ == "__main__":
    main(sys.argv[1])
