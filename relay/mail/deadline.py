"""A hard end for everything that is said to a mail server: connecting, encrypting, the dialogue and the mail itself.

A time-out of a socket starts again with every byte. This one does not: when the time is over the line is cut, however
busy it looks, and the code that waits on it hears that it was closed.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer


class Deadline:
    """Watches one line at a time. What it cuts is a second handle of it, so that encryption may wrap the first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._line: socket.socket | None = None
        self._until: float | None = None
        self.passed = False
        """Whether the time was over before the block that was last entered had ended."""

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the block so many seconds, then cut the line that is watched, and every line it calls afterwards."""
        with self._lock:
            self.passed, self._until = False, time.monotonic() + seconds
        timer = Timer(seconds, self._pass, [self._until])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._until = None

    def left(self, most: float) -> float:
        """Return the seconds a step may take: `most`, or what is left. Raises TimeoutError where nothing is left."""
        if self._until is None:
            return most
        left = self._until - time.monotonic()
        if left <= 0 or self.passed:
            raise TimeoutError("the time for this mail is over")
        return min(most, left)

    def watch(self, line: socket.socket) -> None:
        """Cut this line, from now on, when the time is over. Raises TimeoutError where it is over already."""
        self.forget()
        with self._lock:
            self._line = line.dup()
            if self.passed:
                _cut(self._line)
        self.left(0)

    def forget(self) -> None:
        """Let go of the line: it is closed, or is to be."""
        with self._lock:
            if self._line is not None:
                self._line.close()
            self._line = None

    def _pass(self, until: float) -> None:
        with self._lock:
            if self._until != until:  # the block has ended in the very moment
                return
            self.passed = True
            if self._line is not None:
                _cut(self._line)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
