"""Answers that only a person can give about a file, asked before it is applied."""

from dataclasses import dataclass
from enum import StrEnum

from relay.models import RetentionBasis


class Past(StrEnum):
    """The choice for newcomers whose last day has passed already (A-4)."""

    KEEP = "keep"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Answers:
    """Why the people may be kept, and how the rest is to be read."""

    basis: RetentionBasis | None
    """None while nobody has said: then only what does not hang on it is worked out."""
    told: bool = True
    """Whether the rejected were told already, outside Relay."""
    past: Past = Past.KEEP
    words_checked: bool = False
    """Whether memos and tags with words the law keeps out were looked at and belong here (A-22)."""
