"""The development mailbox: sent mails as files under instance/, the newest 200, working links and all.

The one place where live links rest; it exists in development only, and erasure covers it.
"""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from relay import clock
from relay.config import Settings
from relay.text import mail_key

MAX_MAILS = 200


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
    def of(cls, settings: Settings) -> "Mailbox":
        """Return the mailbox of an installation."""
        return cls(settings.instance / "mailbox")

    def keep(self, data: bytes) -> None:
        """Put a mail in and let the oldest go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{hashlib.sha256(data).hexdigest()[:12]}"
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
        """Delete every mail to these addresses; returns how many there were."""
        wanted = {mail_key(address) for address in addresses} - {""}
        kept_mails = self.newest_first() if wanted else ()
        gone = [kept for kept in kept_mails if mail_key(str(kept.mail["To"] or "")) in wanted]
        for kept in gone:
            (self.folder / f"{kept.name}.eml").unlink(missing_ok=True)
        return len(gone)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True) if self.folder.is_dir() else []


def forget_address(*addresses: str) -> int:
    """Delete the development mails to these addresses; part of every erasure (invariant 9)."""
    settings: Settings = current_app.config["RELAY"]
    return Mailbox.of(settings).forget(*addresses)


def _read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
