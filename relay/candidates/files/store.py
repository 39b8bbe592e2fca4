"""Where the bytes of files lie: in the instance folder, outside every web root, randomly named, for this user alone.

Backups take the folder with them (relay.cli.backup).
"""

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings

FOLDER = "uploads"
RESTING = timedelta(hours=1)
"""A file younger than this may still be on its way to its row."""
CHUNK_SIZE = 500
_NAME = re.compile(r"[0-9a-f]{32}")
_GOING = "relay_files_going"
_BLOCK = 1 << 20


def begin() -> tuple[str, IO[bytes]]:
    """Return an empty file to be written, and the random name it is found under."""
    name = secrets.token_hex(16)
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return name, os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def nameless() -> IO[bytes]:
    """Return a file for what is being sent; without a name, it is gone with the process that holds it open."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return TemporaryFile(dir=folder)


def put(content: IO[bytes]) -> str:
    """Write the bytes to the disk; returns the random name they are found under."""
    name, file = begin()
    with file:
        while block := content.read(_BLOCK):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    content.seek(0)
    return name


def path_of(name: str) -> Path:
    """Return where the file of this name lies. Raises ValueError for anything but a name that `put` gave."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a stored file's name")
    return _folder() / name[:2] / name


def sum_of(content: IO[bytes]) -> str:
    """Return the SHA-256 of the bytes; the reading starts at the first one again."""
    digest = sha256()
    while block := content.read(_BLOCK):
        digest.update(block)
    content.seek(0)
    return digest.hexdigest()


def remove(names: Iterable[str]) -> int:
    """Delete these files now; returns how many there were."""
    gone = 0
    for name in names:
        path = path_of(name)
        gone += path.exists()
        path.unlink(missing_ok=True)
    return gone


def remove_after_commit(session: Session, names: Iterable[str]) -> None:
    """Delete these files once the session's transaction holds; where it does not, they stay."""
    session.info.setdefault(_GOING, []).extend(names)


def stored(*, however_young: bool) -> Iterator[Sequence[str]]:
    """Return the names of all stored files, some hundred at a time; without those of the last hour unless asked for."""
    rest = 0.0 if however_young else RESTING.total_seconds()
    names = _names_before(clock.now().timestamp() - rest)
    while some := list(islice(names, CHUNK_SIZE)):
        yield some


def _names_before(before: float) -> Iterator[str]:
    for path in _folder().glob("[0-9a-f][0-9a-f]/*"):
        if _NAME.fullmatch(path.name) and path.stat().st_mtime <= before:
            yield path.name


def _folder() -> Path:
    settings: Settings = current_app.config["RELAY"]
    return settings.instance / FOLDER


@event.listens_for(Session, "after_commit")
def _remove_now(session: Session) -> None:
    if not session.in_nested_transaction():
        remove(session.info.pop(_GOING, ()))


@event.listens_for(Session, "after_rollback")
def _leave_alone(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_GOING, None)
