"""Work on what strangers made, in a process of its own that may take little and no longer.

A fork server (`server`) loads the module of the tasks once, without any setting or secret; each task is a fork of it,
which costs milliseconds, sets itself limits and gets nothing but open files and what is said in JSON. Whatever a file
does to the library that reads it, it does it there.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, Any

log = logging.getLogger("relay")

PROGRAM = "relay.infra.limited.server"
MAX_ANSWER = 4 << 20
GRACE = 5.0
"""Seconds beyond its own clock after which nobody waits for a task any more."""
TO_LOAD = 60.0
"""Seconds that a fork server may take to load, on a machine that does much else."""


@dataclass(frozen=True)
class Limits:
    """The limits of a task: address space and written files in bytes, processor and clock in seconds."""

    memory: int
    written: int
    processor: int
    clock: float


@dataclass
class _ForkServer:
    """A process that forks for each task; it writes to `control` as soon as it has loaded."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    has_loaded: bool = False

    def loaded(self) -> socket.socket:
        """Return the control once it is listened to. Raises OSError where it takes too long or is gone."""
        if not self.has_loaded:
            self.control.settimeout(TO_LOAD)
            if not self.control.recv(16):
                raise ConnectionResetError
            self.control.settimeout(None)
            self.has_loaded = True
        return self.control


_lock = threading.Lock()
_servers: dict[tuple[int, str], _ForkServer] = {}
"""The fork server of a process for the tasks of a module."""


class Ended(Exception):
    """A task ended without an answer: it took too much, or what it read brought it down."""


def run(module: str, task: str, files: Sequence[IO[bytes]], limits: Limits, **said: Any) -> Any:
    """Do `task`, a function of `module`, with these files and words; returns what it returns, by way of JSON.

    Raises Ended, at the latest a little after the clock of `limits`.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _hand_over(module, [theirs.fileno(), *(file.fileno() for file in files)])
        ours.settimeout(limits.clock + GRACE)
        try:
            ours.sendall(json.dumps({"task": task, "limits": asdict(limits), "said": said}).encode())
            ours.shutdown(socket.SHUT_WR)
            answer = _all_of(ours)
        except OSError as error:
            raise Ended from error
    try:
        told = json.loads(answer)
    except ValueError as error:
        raise Ended from error
    if "failed" in told:
        log.error("a limited task failed: %s.%s: %s", module, task, told["failed"])
        raise Ended
    return told["answer"]


def get_ready(module: str) -> None:
    """Let the fork server load the module while the person still looks for the file."""
    if _lock.acquire(blocking=False):  # who holds it waits for the same server
        try:
            with suppress(OSError):
                _server(module)
        finally:
            _lock.release()


def wait_until_ready(module: str) -> None:
    """Return when a task of the module could begin, so that no clock runs while the fork server loads. Raises Ended."""
    for _attempt in range(2):
        try:
            _loaded(module)
        except OSError:
            _forget_server(module)
        else:
            return
    raise Ended


def _all_of(connection: socket.socket) -> bytes:
    answer = bytearray()
    while part := connection.recv(1 << 16):
        answer += part
        if len(answer) > MAX_ANSWER:
            raise OSError("an answer without end")
    return bytes(answer)


def _hand_over(module: str, descriptors: list[int]) -> None:
    """Give the task's files to the fork server; where it is gone, to a new one. Raises Ended."""
    for _attempt in range(2):
        try:
            socket.send_fds(_loaded(module), [b"."], descriptors)
        except OSError:
            _forget_server(module)
        else:
            return
    raise Ended


def _loaded(module: str) -> socket.socket:
    with _lock:
        return _server(module).loaded()


def _server(module: str) -> _ForkServer:
    """Return this process's fork server, asked for with the lock held; started when needed, ends with the process."""
    key = (os.getpid(), module)
    if key not in _servers:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(  # noqa: S603  (our own program)
                [sys.executable, "-I", "-m", PROGRAM, module], stdin=theirs.fileno(), env={}, start_new_session=True
            )
        _servers[key] = _ForkServer(process, ours)
    return _servers[key]


def _forget_server(module: str) -> None:
    with _lock:
        if (known := _servers.pop((os.getpid(), module), None)) is not None:
            known.control.close()
            known.process.kill()
            known.process.wait()
