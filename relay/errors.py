"""Named errors. Each carries a stable code for programs and a sentence fit for the person who meets it.

Pages answer them with 409, the command line with exit 1.
"""

from typing import ClassVar

from relay.text.sentence import Sentence


class DomainError(Exception):
    """Raise one of its classes for what cannot be done; `message` says what, what was kept, what to do.

    Each class declares its own `code`, part of the contract of programs: it stays when class or sentence change. A
    class whose sentence is always the same declares it as `message`; every other is raised with one.
    """

    code: ClassVar[str]
    message: Sentence

    def __init__(self, message: Sentence | None = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class NotWritable(DomainError):
    """Raise where a file or a folder cannot be written."""

    code = "not-writable"


class SettingsRefused(Exception):
    """The installation's settings are wrong or unsafe; Relay does not start (E-20)."""


class ScopeMissing(RuntimeError):
    """A query reached for a scoped table without saying for whom (CONTRIBUTING.md, Scopes)."""
