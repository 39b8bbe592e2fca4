"""The file a backup is: a line with the SHA-256 of all that follows, then a zip with the parts and their manifest.

One changed byte, by hand or by a failing disk, makes a file that is refused whole. The zip opens with any
tool, so nobody needs Relay to look into it.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from relay.errors import DomainError

FORMAT = 1
MANIFEST = "manifest.json"
_FIRST_LINE = re.compile(rb"RELAY-BACKUP (\d+) sha256:([0-9a-f]{64})\n")
_LENGTH = len(b"RELAY-BACKUP 1 sha256:") + 64 + 1
_BLOCK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, KeyError, TypeError, ValueError)
"""What the reading of a pack raises where it is not as it should be."""


class BackupRefused(DomainError):
    """Raise where the file is no backup, is damaged, or comes from a newer Relay."""

    code = "backup-refused"


@dataclass
class Manifest:
    """The manifest of a backup."""

    made_at: str
    relay: str
    revision: str
    database: str
    ids: dict[str, int] = field(default_factory=dict)
    """The highest id each table ever gave, so that no new person gets an erased one's."""
    rows: dict[str, int] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    """Name and SHA-256 of every part."""


class BackupWriter:
    """Write a backup part by part, and list each in its manifest."""

    def __init__(self, pack: zipfile.ZipFile, manifest: Manifest) -> None:
        self._pack = pack
        self.manifest = manifest

    @contextmanager
    def part(self, name: str) -> Iterator["PartWriter"]:
        """Write one part, piece by piece."""
        with self._pack.open(name, "w", force_zip64=True) as file:
            part = PartWriter(file)
            yield part
        self.manifest.parts[name] = part.digest.hexdigest()

    def add(self, name: str, path: Path) -> None:
        """Put a file in."""
        with self.part(name) as part, path.open("rb") as file:
            while block := file.read(_BLOCK):
                part.write(block)


class PartWriter:
    """Write one part, and hash what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Add these bytes."""
        self._file.write(data)
        self.digest.update(data)


class BackupReader:
    """Read a backup whose parts were all found undamaged."""

    def __init__(self, pack: zipfile.ZipFile, manifest: Manifest) -> None:
        self._pack = pack
        self.manifest = manifest

    def names(self, beginning: str = "") -> list[str]:
        """Return the parts whose name begins so."""
        return sorted(name for name in self.manifest.parts if name.startswith(beginning))

    def bytes_of(self, name: str) -> bytes | None:
        """Return a small part whole; None when the backup has none of this name."""
        return self._pack.read(name) if name in self.manifest.parts else None

    def lines_of(self, name: str) -> Iterator[bytes]:
        """Return a part line by line."""
        with self._pack.open(name) as file:
            yield from file

    def unpack(self, name: str, goal: Path) -> None:
        """Write a part to a file for this user alone."""
        goal.parent.mkdir(parents=True, exist_ok=True)
        with self._pack.open(name) as file, _private(goal) as out:
            while block := file.read(_BLOCK):
                out.write(block)


@contextmanager
def write(path: Path, manifest: Manifest) -> Iterator[BackupWriter]:
    """Write a backup to `path`; until it is whole and on the disk it has another name. Raises OSError."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with _private(unfinished) as file:
            file.write(_first_line("0" * 64))
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
                writing = BackupWriter(pack, manifest)
                yield writing
                pack.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))
            file.seek(_LENGTH)
            digest = _digest_of_rest(file)
            file.seek(0)
            file.write(_first_line(digest))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def read(path: Path) -> Iterator[BackupReader]:
    """Open a backup after looking at every byte of it. Raises BackupRefused, OSError."""
    with path.open("rb") as file:
        first = _FIRST_LINE.fullmatch(file.read(_LENGTH))
        if first is None:
            raise BackupRefused(f"{path} はRelayのバックアップではないか、壊れています。何も変更していません。")
        if int(first[1]) > FORMAT:
            raise _too_new(path)
        if _digest_of_rest(file) != first[2].decode():
            raise _damaged(path)
        yield _looked_through(file, path)


def _too_new(path: Path) -> BackupRefused:
    return BackupRefused(
        f"{path} は、このRelayより新しい版のバックアップです。先にRelayを新しくしてください。何も変更していません。"
    )


def refuse_newer(path: Path, manifest: Manifest, known: set[str]) -> None:
    """Raise BackupRefused for a backup of a schema this Relay does not know yet."""
    if manifest.revision not in known:
        raise _too_new(path)


def _damaged(path: Path) -> BackupRefused:
    return BackupRefused(
        f"{path} は壊れています（中身が作ったときと違います）。別のバックアップを使ってください。何も変更していません。"
    )


def _first_line(digest: str) -> bytes:
    return f"RELAY-BACKUP {FORMAT} sha256:{digest}\n".encode()


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file for this user alone; what is there already, a link to elsewhere say, is not written to."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        yield file


def _digest_of_rest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _looked_through(file: IO[bytes], path: Path) -> BackupReader:
    """Return the pack, after reading every part of it. Raises BackupRefused."""
    try:
        pack = zipfile.ZipFile(file)
        manifest = Manifest(**json.loads(pack.read(MANIFEST)))
        named = {*pack.namelist()} == {*manifest.parts, MANIFEST}
        if named and all(_is_whole(pack, name, digest) for name, digest in manifest.parts.items()):
            return BackupReader(pack, manifest)
    except _UNREADABLE as error:
        raise _damaged(path) from error
    raise _damaged(path)


def _is_whole(pack: zipfile.ZipFile, name: str, expected: str) -> bool:
    if _leads_elsewhere(name):
        return False
    with pack.open(name) as part:
        return _digest_of_rest(part) == expected


def _leads_elsewhere(name: str) -> bool:
    """Return whether a part would be put outside the folder it belongs to."""
    return name.startswith("/") or ".." in PurePosixPath(name).parts
