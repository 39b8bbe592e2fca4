"""Closed word lists that people read: each member declares its label, and by which other words it is known."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Self

from flask_babel import get_locale

from relay.text.sentence import Sentence


class Labelled(StrEnum):
    """A StrEnum whose members are declared as value, label and, where a search knows them, a short name and aliases.

    `label`: as pages and files say it. `short`: as a search offers it, where the label is too long for that.
    `aliases`: what else a search understands, apart by spaces.
    """

    def __new__(cls, value: str, *_words: Sentence) -> Self:
        """Make a member that is its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        return member

    def __init__(self, _value: str, label: Sentence = "", short: str = "", aliases: str = "") -> None:
        self.label = label
        self.short = short
        self.aliases = tuple(aliases.split())

    @classmethod
    def labels(cls) -> dict[Self, Sentence]:
        """Return the label of each member, in their order."""
        return {member: member.label for member in cls}

    @classmethod
    def said(cls) -> Mapping[Self, str]:
        """Return the same in the language of the moment, which is looked up once for all rows of all pages."""
        said: Mapping[Self, str] = _said(cls, str(get_locale()))
        return said

    @property
    def names(self) -> tuple[str, ...]:
        """Return the words by which a search knows the member, the one that it offers first."""
        return _names(self, str(get_locale()))


@cache  # tricks: portal.duplicate
def _said(words: type[Labelled], _locale: str) -> dict[Any, str]:
    return {member: str(label) for member, label in words.labels().items()}


@cache  # tricks: portal.rule
def _names(member: Labelled, _locale: str) -> tuple[str, ...]:
    label = str(member.label)
    return tuple(dict.fromkeys((member.short or label, *member.aliases, label)))
