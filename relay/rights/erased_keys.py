"""Erased people, in a form that tells nothing of anyone and outlives the data: hashes of random keys (A-26).

They are in the database, in the same transaction as the erasure, and in an append-only file beside it, because a
restored database is one in which the erasure has not happened yet. `relay restore` reads both.
"""

import hashlib
import logging
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.models import ErasedKey

log = logging.getLogger("relay.rights")

FILE = "erased-keys.log"
_HASH = re.compile(r"[0-9a-f]{64}")
_WAITING = "relay_erased_keys"
_CHUNK = 500


def hash_of(erasure_key: str) -> str:
    """Return what identifies a person once they are gone."""
    return hashlib.sha256(erasure_key.encode()).hexdigest()


def remember(session: Session, erasure_keys: Iterable[str]) -> None:
    """Note that these people are being erased; the file follows when the erasure is committed."""
    new = note(session, sorted({hash_of(key) for key in erasure_keys}))
    session.info.setdefault(_WAITING, []).extend(new)


def note(session: Session, hashes: Sequence[str]) -> list[str]:
    """Put into the table what it does not hold yet; gives what that was."""
    now = clock.now()
    new: list[str] = []
    for start in range(0, len(hashes), _CHUNK):
        chunk = hashes[start : start + _CHUNK]
        known = set(session.scalars(select(ErasedKey.key_hash).where(ErasedKey.key_hash.in_(chunk))))
        new += [each for each in chunk if each not in known]
    session.add_all(ErasedKey(key_hash=each, at=now) for each in new)
    session.flush()
    return new


def write_missing(session: Session) -> int:
    """Bring the file up to what the table holds (a disk may have been full); returns how many lines it missed."""
    path = file_of(current_app.config["RELAY"])
    written = read(path)
    rows = session.scalars(select(ErasedKey.key_hash).order_by(ErasedKey.id).execution_options(yield_per=_CHUNK))
    missing = [each for each in rows if each not in written]
    append(path, missing)
    return len(missing)


def file_of(settings: Settings) -> Path:
    """Return where an installation keeps the file."""
    return settings.instance / FILE


def read(path: Path) -> set[str]:
    """Return the hashes in such a file; whatever is no hash (a line cut short by a full disk) is passed over."""
    if not path.exists():
        return set()
    return found_in(path.read_text(encoding="ascii", errors="replace"))


def found_in(text: str) -> set[str]:
    """Return the hashes in the text of such a file."""
    return set(_HASH.findall(text))


def append(path: Path, hashes: Collection[str]) -> None:
    """Add lines at the end and make sure that they are on the disk. Raises OSError."""
    if not hashes:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"\n{each}" for each in hashes))
        file.flush()
        os.fsync(file.fileno())


@event.listens_for(Session, "after_commit")
def _write_down(session: Session) -> None:
    """Append the line of a committed erasure. Where the disk refuses, the hourly sweep tries again."""
    if session.in_nested_transaction():
        return
    hashes = session.info.pop(_WAITING, None)
    if hashes:
        try:
            append(file_of(current_app.config["RELAY"]), hashes)
        except OSError as error:
            log.error("erased people could not be noted in %s: %s", FILE, error.strerror)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    """Drop the line of an erasure that was rolled back; the sweep adds what was erased all the same."""
    session.info.pop(_WAITING, None)
