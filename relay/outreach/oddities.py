"""Oddities in a mail before it leaves, person by person: 様 様, 〃, ?, [中途], 氏名非公開 (C-12).

Looks at every value the person's own text asks for. Nothing is refused: HR puts it right, or says it is meant so.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from relay.outreach import placeholders, results
from relay.outreach.draft_rows import DraftRow
from relay.outreach.templates import TemplateText
from relay.text.decoration import Oddity, OddityKind, is_ditto, odd_in_name, odd_in_position, odd_sentence
from relay.text.sentence import Sentence

_LOST = re.compile("[〓\ufffd]")
_MARK = re.compile("[★☆※◎●◆■▲▼→⇒＊*〃″]")


class Greeted(Protocol):
    """A person as a mail speaks of them: name, position, the text it is written by, the remark."""

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def position(self) -> str: ...  # noqa: D102

    @property
    def template(self) -> TemplateText | None: ...  # noqa: D102

    @property
    def remark(self) -> str: ...  # noqa: D102


class OddPerson(NamedTuple):
    """One person whose mail would say something odd."""

    row: DraftRow
    found: list[tuple[str, str, Sentence]]
    """Placeholder, what it would be filled with, and what is odd about it."""


def odd_people(rows: Iterable[DraftRow], company: str, sender: str) -> list[OddPerson]:
    """Return those of the people whose mail would say something odd, with what; no query."""
    found = ((row, odd_values(row, company, sender)) for row in rows)
    return [OddPerson(row, values) for row, values in found if values]


def odd_values(row: Greeted, company: str, sender: str) -> list[tuple[str, str, Sentence]]:
    """Return what would stand odd in one person's mail: placeholder, value, and what is odd about it; no query."""
    if row.template is None:
        return []
    asked = placeholders.named(f"{row.template.subject}\n{row.template.body}")
    values = results.merge_values(row.name, row.position, company, sender, row.remark)
    return [
        (name, values[name], odd_sentence(oddity))
        for name in asked
        if name in placeholders.KNOWN
        for oddity in _odd(name, values[name])
    ]


def _odd(placeholder: str, value: str) -> tuple[Oddity, ...]:
    if placeholder == placeholders.NAME:
        return odd_in_name(value) or _lost(value)
    if placeholder == placeholders.POSITION:
        return odd_in_position(value) or _marked(value)
    return _lost(value)


def _marked(value: str) -> tuple[Oddity, ...]:
    found = _MARK.search(value)
    return (Oddity(OddityKind.MARK, found[0]),) if found else _lost(value)


def _lost(value: str) -> tuple[Oddity, ...]:
    """Give what no text means to say: a lost character, a ditto mark alone."""
    if is_ditto(value):
        return (Oddity(OddityKind.DITTO, value),)
    found = _LOST.search(value)
    return (Oddity(OddityKind.LOST, found[0]),) if found else ()
