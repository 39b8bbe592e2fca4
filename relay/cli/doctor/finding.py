"""The result of a check: well, to be seen to one day, or trouble; and what to do about it."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How serious a finding is; the value is the mark at the beginning of its line."""

    WELL = "○"
    HINT = "△"
    TROUBLE = "×"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `key` names it from run to run, whatever its numbers."""

    key: str
    level: Severity
    what: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.level.value} {self.what}" + (f"\n   → {self.do}" if self.do else "")


def well(key: str, what: str) -> Finding:
    """Return a finding that nothing is amiss."""
    return Finding(key, Severity.WELL, what)


def hint(key: str, what: str, do: str) -> Finding:
    """Something to see to, though everything works."""
    return Finding(key, Severity.HINT, what, do)


def trouble(key: str, what: str, do: str) -> Finding:
    """Something does not work, or people are at risk."""
    return Finding(key, Severity.TROUBLE, what, do)
