"""Named errors. Each carries a sentence fit for the person who meets it.

Pages answer them with 409, the command line with exit 1.
"""


class DomainError(Exception):
    """Something a person asked for cannot be done; `message` says what, what was kept, what to do."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class SettingsRefused(Exception):
    """The installation's settings are wrong or unsafe; Relay does not start (E-20)."""


class ScopeMissing(RuntimeError):
    """A query reached for a scoped table without saying for whom (CONTRIBUTING.md, Scopes)."""
