"""A folder that is watched: which of its files are ready, and where they go with their report.

A file is ready once nothing of it has changed for some seconds and nobody holds it open for writing, so far as the
system can say. It stays in its place until its report is written, and only then moves. A process that is killed in
between finds it again the next time, and writes the report of the same name once more.
"""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _

from relay import clock
from relay.errors import DomainError, NotWritable

DONE, REFUSED = "done", "refused"
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", "~")
"""Endings that programs give to what they still write."""
HELD_OPEN = 600.0
"""Seconds after which a file that is held open, and not written to, is taken all the same."""
AGAIN_AFTER = 30.0
"""Seconds until a file that could not be brought in or moved away is tried again."""
_HALF = ".relay-report"
"""The name of a report while it is written."""
_LONGEST_NAME = 180
"""Bytes of a file's name that its new one keeps, of 255 that a folder takes."""

Look = tuple[int, int, int]
"""Number, size and time of change of a file: what tells whether it is still the same."""


class FolderWatched(DomainError):
    """Raise where another process watches the folder already."""

    code = "folder-watched-already"


class FolderGone(DomainError):
    """Raise where the folder cannot be looked into any more."""

    code = "watched-folder-gone"


@dataclass
class _Seen:
    """A file as it was at the last looks, since when, and not before when it is worth trying again."""

    look: Look
    since: float
    not_before: float = 0.0


@dataclass
class WatchedFolder:
    """The folder, what was seen in it, and what was said of it. `settle` is in seconds."""

    path: Path
    settle: float
    say: Callable[[str], None]
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _lock: int = -1

    def claim(self) -> None:
        """Keep everybody else out of the folder, and make the two below it. Raises FolderWatched, NotWritable."""
        try:
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for name in (DONE, REFUSED):
                _make(self.path / name, stat.S_IMODE(self.path.stat().st_mode))
        except BlockingIOError as error:
            message = _("「%(folder)s」は、ほかの「relay import --watch」が見ています。", folder=shown(str(self.path)))
            raise FolderWatched(message) from error
        except OSError as error:
            message = _(
                "「%(folder)s」に書けないため、見張れません（%(reason)s）。何も取り込んでいません。",
                folder=shown(str(self.path)),
                reason=reason_of(error),
            )
            raise NotWritable(message) from error

    def release(self) -> None:
        """Let others have the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def ready(self) -> list[str]:
        """Return the names of the files that can be taken now, oldest first. Raises FolderGone."""
        try:
            found = {entry.name: entry.stat(follow_symlinks=False) for entry in self._entries()}
        except OSError as error:
            message = _(
                "「%(folder)s」の中を見られません（%(reason)s）。",
                folder=shown(str(self.path)),
                reason=reason_of(error),
            )
            raise FolderGone(message) from error
        for gone in self._seen.keys() - found.keys():
            del self._seen[gone]
        for gone in self._said.keys() - found.keys():
            del self._said[gone]
        now = time.monotonic()
        settled = [name for name, status in found.items() if self._has_settled(name, status, now)]
        return sorted(settled, key=lambda name: (found[name].st_mtime_ns, name))

    def open(self, name: str) -> IO[bytes] | None:
        """Open a file that is ready; None where it changed, is a link by now or is still being written."""
        try:
            descriptor = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        file = os.fdopen(descriptor, "rb")
        seen = self._seen[name]
        held = time.monotonic() - seen.since < HELD_OPEN and _is_held_open(descriptor)
        if held or not self.is_still(name, os.fstat(descriptor)):
            file.close()
            return None
        return file

    def is_still(self, name: str, status: os.stat_result) -> bool:
        """Return whether a file is what it was when it was found ready."""
        return stat.S_ISREG(status.st_mode) and self._seen[name].look == _look(status)

    def later(self, name: str, sentence: str) -> None:
        """Say what stopped a file, once, and leave it in its place for a while."""
        self._seen[name].not_before = time.monotonic() + AGAIN_AFTER
        self._tell(name, sentence)

    def put_away(self, name: str, below: str, report: dict[str, Any], words: list[str]) -> None:
        """Write the report of a file beside its new place, then move it there. Raises OSError.

        A file that was overwritten meanwhile stays, as one that has just come.
        """
        source = self.path / name
        folder = self.path / below
        goal = folder / _free_name(folder, name, self._seen[name].look)
        _write(folder / f"{goal.name}.json", json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        _write(folder / f"{goal.name}.txt", "\ufeff" + "\n".join(words) + "\n")
        with suppress(FileNotFoundError):
            if self.is_still(name, source.lstat()):
                source.rename(goal)
                _keep(folder)
                _keep(self.path)
        del self._seen[name]

    def _entries(self) -> list["os.DirEntry[str]"]:
        with os.scandir(self.path) as entries:
            return [entry for entry in entries if entry.name not in (DONE, REFUSED)]

    def _has_settled(self, name: str, status: os.stat_result, now: float) -> bool:
        if (why := _why_left(name, status)) is not None:
            self._tell(name, why)
            return False
        seen = self._seen.get(name)
        if seen is None or seen.look != _look(status):
            self._seen[name] = _Seen(_look(status), now)
            return False
        return now - seen.since >= self.settle and now >= seen.not_before

    def _tell(self, name: str, sentence: str) -> None:
        if self._said.get(name) != sentence:
            self._said[name] = sentence
            self.say(sentence)


def shown(name: str) -> str:
    """Return a name as it may be printed: signs that are not text, or would break the line, as ?."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def reason_of(error: OSError) -> str:
    """Return why a file or a folder could not be used."""
    reasons = {
        errno.ENOSPC: _("空き容量がありません"),
        errno.EDQUOT: _("使える容量を超えています"),
        errno.EROFS: _("読み取り専用です"),
        errno.EACCES: _("権限がありません"),
        errno.EPERM: _("権限がありません"),
        errno.ENOENT: _("見つかりません"),
    }
    return reasons.get(error.errno or 0, error.strerror or type(error).__name__)


def _why_left(name: str, status: os.stat_result) -> str | None:
    """Say why something in the folder is never taken as it is."""
    mode = status.st_mode
    if stat.S_ISLNK(mode):
        return _("「%(name)s」はリンクなので取り込みません。ファイルそのものを置いてください。", name=shown(name))
    if stat.S_ISDIR(mode):
        return _("「%(name)s」はフォルダーなので、中を見ません。", name=shown(name))
    if not stat.S_ISREG(mode):
        return _("「%(name)s」は普通のファイルではないので取り込みません。", name=shown(name))
    if name.startswith((".", "~$")):
        return _("「%(name)s」は隠しファイルなので取り込みません。", name=shown(name))
    if name.lower().endswith(UNFINISHED):
        return _(
            "「%(name)s」は書きかけのファイルの名前なので待っています。書き終えたら名前を変更してください。",
            name=shown(name),
        )
    return None


def _look(status: os.stat_result) -> Look:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _is_held_open(descriptor: int) -> bool:
    """Ask for a lease, which the system gives only while nobody has the file open for writing.

    A file of another user, or a file system without leases, says nothing about it.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _free_name(folder: Path, name: str, look: Look) -> str:
    """Return the file's new name: when it was written, and its own; the same one after a kill before the move."""
    kept = os.fsencode(name)
    if len(kept) > _LONGEST_NAME:
        end = os.fsencode(Path(name).suffix)[:20]
        kept = kept[: _LONGEST_NAME - len(end)] + end
    stem = f"{_stamp(look)}_{os.fsdecode(kept)}"
    number, free = 1, stem
    while os.path.lexists(folder / free):
        number += 1
        free = f"{_stamp(look)}-{number}_{os.fsdecode(kept)}"
    return free


def _stamp(look: Look) -> str:
    try:
        written = (clock.EPOCH + timedelta(microseconds=look[2] // 1000)).astimezone(clock.JAPAN)
    except OverflowError:  # a year beyond all calendars
        written = clock.EPOCH
    return f"{written:%Y%m%d-%H%M%S}"


def _make(folder: Path, mode: int) -> None:
    """Make a folder for those who use the one above it, and try to write there."""
    if not folder.is_dir():
        folder.mkdir()
        folder.chmod(mode)
    (probe := folder / _HALF).touch()
    probe.unlink()


def _write(path: Path, text: str) -> None:
    """Write a file that is there as a whole or not at all."""
    half = path.with_name(_HALF)
    with half.open("w", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.chmod(stat.S_IMODE(path.parent.stat().st_mode) & 0o666)
    half.rename(path)


def _keep(folder: Path) -> None:
    """Let the folder itself reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
