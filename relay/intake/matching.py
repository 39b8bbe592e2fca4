"""Which rows of a file speak of one person: they share the person's id, mail and name, or name and phone, directly or
through others.

Decided for all rows before any is taken up, so that it depends neither on their order nor on what Relay learns from
them: a file read again meets the same people.
"""

from collections.abc import Mapping
from typing import NamedTuple

from relay.intake.result import ImportRow
from relay.text import mail_key, name_key, phone_key

Trait = tuple[str, str, str]
"""A mail or a phone with the name it belongs to."""
_BESIDE = "\x00"


class Keys(NamedTuple):
    """The keys a row is compared by; '' where it says nothing."""

    name: str
    mail: str
    phone: str
    person_id: str = ""
    """What the source calls the person; with the name behind it where it means nothing without."""

    @property
    def is_by_name(self) -> bool:
        """Return whether the person's id holds only beside the name."""
        return _BESIDE in self.person_id

    @property
    def comparison_record(self) -> list[Trait]:
        """Return the traits by which others are known for the same person."""
        found = (("id", self.person_id, ""), ("mail", self.mail, self.name), ("phone", self.phone, self.name))
        return [trait for trait in found if trait[1]]


def keys_of(row: ImportRow, *, own_ids: bool) -> Keys:
    """Fold what a row says of its person for comparison.

    Without `own_ids` a number names a person only beside the name: the next sheet counts from 1 again.
    """
    name = name_key(row.name)
    person_id = row.person_id if own_ids or not row.person_id else f"{row.person_id}{_BESIDE}{name}"
    return Keys(name, mail_key(row.email), phone_key(row.phone), person_id)


def together(rows: Mapping[str, Keys]) -> list[list[str]]:
    """Give the ids of the rows put together by person, in the order of the file."""
    linked = _Linked()
    for keys in rows.values():
        linked.join(keys.comparison_record)
    people: dict[Trait | str, list[str]] = {}
    for source_id, keys in rows.items():
        person = linked.first(keys.comparison_record[0]) if keys.comparison_record else source_id
        people.setdefault(person, []).append(source_id)
    return list(people.values())


class _Linked:
    """Traits of one person, each pointing towards the one that represents them all."""

    def __init__(self) -> None:
        self._towards: dict[Trait, Trait] = {}

    def join(self, comparison_record: list[Trait]) -> None:
        for trait in comparison_record[1:]:
            self._towards[self.first(trait)] = self.first(comparison_record[0])

    def first(self, trait: Trait) -> Trait:
        while (nearer := self._towards.get(trait, trait)) != trait:
            self._towards[trait] = self._towards.get(nearer, nearer)
            trait = nearer
        return trait
