"""Edit forms that notice what was saved after they were opened, so that nobody's change is overwritten unseen.

A form carries a mark of every value it shows (`opened`). Where one of them changed before it is saved, the answer is
409 with both values of each such field, and a choice beside them; it works without script.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from relay.text import Sentence

SAVED, TYPED = "saved", "typed"


@dataclass(frozen=True)
class StaleValue:
    """One field that someone else saved meanwhile: what is stored now, what was typed here, what is chosen."""

    name: str
    label: Sentence
    saved: str
    typed: str
    mark: str
    """Of the stored value, for which a choice holds."""
    chosen: str = ""


@dataclass(frozen=True)
class Staleness:
    """The fields of a submitted form whose stored values changed after it was opened."""

    values: tuple[StaleValue, ...]
    unanswered: bool
    """Whether some field still lacks a choice between the two values."""

    @property
    def dropped(self) -> frozenset[str]:
        """Return the names of fields for which the stored value was chosen."""
        return frozenset(value.name for value in self.values if value.chosen == SAVED)


def marks(stored: Mapping[str, str]) -> str:
    """Return the marks of these values, for the hidden field `opened`; none of the values can be read from it."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in stored.items())


def staleness(stored: Mapping[str, str], typed: Mapping[str, str], labels: Mapping[str, Sentence]) -> Staleness:
    """Compare the submitted form with the values as they are stored now, all of them as people read them.

    A choice holds for the stored value it was made beside. Where nothing was typed over, the stored value is chosen
    beforehand, and still to be confirmed. A form without marks counts as just opened.
    """
    opened = dict(each.partition(":")[::2] for each in request.form.get("opened", "").split())
    values, unanswered = [], False
    for name, now in stored.items():
        mark = _mark(now)
        if name not in typed or typed[name] == now or opened.get(name, mark) == mark:
            continue
        choice, _colon, beside = request.form.get(f"keep-{name}", "").partition(":")
        if choice not in (SAVED, TYPED) or beside != mark:
            unanswered = True
            choice = SAVED if opened[name] == _mark(typed[name]) else ""
        values.append(StaleValue(name, labels[name], now, typed[name], mark, choice))
    return Staleness(tuple(values), unanswered)


def _mark(value: str) -> str:
    return sha256(value.encode()).hexdigest()[:16]
