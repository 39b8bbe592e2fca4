"""Mails as files under instance/, the newest 200 of a folder: the development mailbox, and unknown mails that came.

The first is the one place where live links rest, and exists in development only. Erasure covers both.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from relay import clock
from relay.config import Settings
from relay.models.retention import UNPLACED_MAIL
from relay.text import addr_spec, mail_key

MAX_MAILS = 200
DEVELOPMENT, UNKNOWN = "mailbox", "unknown-mails"
"""The folders: of mails sent without a server, and of those `relay bounce` was handed and could not place."""
UNKNOWN_KEPT = timedelta(days=UNPLACED_MAIL.number)
MAX_UNKNOWN_BYTES = 64 << 10
"""So much is kept of each, enough for a whole report; every erasure looks through them all."""
_STAMP = "%Y%m%dT%H%M%S%f"


class MailboxEntry(NamedTuple):
    """One mail in the mailbox."""

    name: str
    mail: EmailMessage

    @property
    def at(self) -> datetime | None:
        """Return when it was sent, in Japan's time."""
        date = self.mail["Date"]
        return date.datetime.astimezone(clock.JAPAN) if date is not None and date.datetime else None


class Mailbox:
    """The folder with the mails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, settings: Settings, folder: str = DEVELOPMENT) -> "Mailbox":
        """Return a mailbox of an installation."""
        return cls(settings.instance / folder)

    def keep(self, data: bytes) -> None:
        """Put a mail in and let the oldest go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():{_STAMP}}-{hashlib.sha256(data).hexdigest()[:12]}"
        part = self.folder / f"{name}.part"
        part.write_bytes(data)
        os.replace(part, self.folder / f"{name}.eml")
        for path in self._paths()[MAX_MAILS:]:
            path.unlink(missing_ok=True)

    def newest_first(self) -> Iterator[MailboxEntry]:
        """Yield every mail kept."""
        for path in self._paths():
            try:
                yield MailboxEntry(path.stem, _read(path))
            except FileNotFoundError:
                continue

    def find(self, name: str) -> MailboxEntry | None:
        """Return the mail of this name, if it is still there."""
        for path in self._paths():
            if path.stem == name:
                return MailboxEntry(name, _read(path))
        return None

    def forget(self, *addresses: str) -> int:
        """Delete every mail that names one of these addresses anywhere; returns how many there were."""
        keys = [key for key in map(mail_key, addresses) if key]
        wanted = {spelling.encode() for key in keys for spelling in (key, addr_spec(key))}
        gone = [path for path in self._paths() if _names(path, wanted)] if wanted else []
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def forget_older(self, age: timedelta) -> None:
        """Delete every mail that has been here so long."""
        last = f"{clock.now() - age:{_STAMP}}"
        for path in self._paths():
            if path.name < last:
                path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True) if self.folder.is_dir() else []


def forget_address(*addresses: str) -> int:
    """Delete the mails that name these addresses; part of every erasure (invariant 9)."""
    settings: Settings = current_app.config["RELAY"]
    return sum(Mailbox.of(settings, folder).forget(*addresses) for folder in (DEVELOPMENT, UNKNOWN))


def sweep() -> None:
    """Delete what came back, could not be placed, and is a month old."""
    settings: Settings = current_app.config["RELAY"]
    Mailbox.of(settings, UNKNOWN).forget_older(UNKNOWN_KEPT)


def _names(path: Path, wanted: set[bytes]) -> bool:
    """Return whether a mail says one of these, plain or encoded; True where it cannot be looked through."""
    try:
        data = path.read_bytes()
        parts = (part.get_payload(decode=True) for part in message_from_bytes(data).walk())
        texts = (data, *(part for part in parts if isinstance(part, bytes)))
    except FileNotFoundError:
        return False
    except RecursionError:
        return True
    return any(each in text.lower() for text in texts for each in wanted)


def _read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
