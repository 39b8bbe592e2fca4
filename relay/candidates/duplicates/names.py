"""Comparing two names part by part: as written, as heard, the parts the other way round, with a slip of the pen."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz.distance import OSA

from relay.candidates.duplicates.comparison_record import ComparisonRecord, Name
from relay.candidates.duplicates.reasons import Reason
from relay.candidates.duplicates.term_frequency import TermFrequencies

_FAMILY_DIFFERS = -0.7  # people marry; the same number and given name are enough to ask
_UNSURE_READING = -1.0
_SAME_SOUND = -1.0
_SLIP = 0.3
_LONG = 12
"""Names of so many letters that begin elsewhere and are the same are not so by chance."""
_SLIP_OF_SOUND = -0.4
_ONE_LETTER = -4.5
"""Of a given name of one letter a slip leaves nothing, so number and address both have to agree."""


class AgreementLevel(IntEnum):
    """How closely one part of two names agrees."""

    UNKNOWN = 0
    DIFFERENT = 1
    NEAR = 2
    SOUNDS = 3
    EQUAL = 4


class NameComparison(NamedTuple):
    """How one part of two names compares, and the weight that gives."""

    level: AgreementLevel
    weight: float = 0.0
    readings_differ: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The weight of two names together."""

    family: NameComparison
    given: NameComparison
    swapped: bool = False

    @property
    def weight(self) -> float:
        """Return the logarithm of how much they tell."""
        return self.family.weight + self.given.weight

    @property
    def agree(self) -> bool:
        """Return whether nothing but their meaning the same person is against it."""
        return self.family.level >= AgreementLevel.SOUNDS and self.given.level >= AgreementLevel.SOUNDS

    @property
    def reasons(self) -> list[Reason]:
        """Return what to say about them."""
        levels = (self.family.level, self.given.level)
        said = [Reason.NAME_SWAPPED] if self.swapped else []
        if min(levels) is AgreementLevel.EQUAL:
            said.append(Reason.NAME)
        elif min(levels) >= AgreementLevel.SOUNDS:
            said.append(Reason.NAME_BY_SOUND)
        elif AgreementLevel.NEAR in levels and AgreementLevel.DIFFERENT not in levels:
            said.append(Reason.NAME_NEAR)
        if self.family.level is AgreementLevel.DIFFERENT:
            said.append(Reason.FAMILY_DIFFERS)
        if self.given.level is AgreementLevel.DIFFERENT:
            said.append(Reason.GIVEN_DIFFERS)
        if self.family.readings_differ or self.given.readings_differ:
            said.append(Reason.READING_DIFFERS)
        return said


class _Side(NamedTuple):
    """The parts of one person's name, empty where they are not known."""

    family: str = ""
    given: str = ""
    family_sound: str = ""
    given_sound: str = ""

    @property
    def swapped(self) -> "_Side":
        return _Side(self.given, self.family, self.given_sound, self.family_sound)


def compare_names(one: ComparisonRecord, other: ComparisonRecord, frequencies: TermFrequencies) -> Names:
    """Compare two people's names; `frequencies` says how much an equal part tells."""
    first, second, swapped = _aligned(_sides(one, other, frequencies))
    family = _part(first[0::2], second[0::2], frequencies, given=False)
    given = _part(first[1::2], second[1::2], frequencies, given=True)
    if family.level is AgreementLevel.DIFFERENT:
        family = family._replace(weight=_FAMILY_DIFFERS)
    return Names(_bounded(family, given, one, other, frequencies), given, swapped)


def _bounded(
    family: NameComparison,
    given: NameComparison,
    one: ComparisonRecord,
    other: ComparisonRecord,
    frequencies: TermFrequencies,
) -> NameComparison:
    """Let two equal names that nobody can divide tell no more than such a whole name is rare.

    Their halves are guessed, and no name of the pool, so each would pass for a rare one.
    """
    heard = not one.written.whole or not other.written.whole
    mine, its = (one.heard, other.heard) if heard else (one.written, other.written)
    if mine.split or its.split or mine.whole != its.whole:
        return family
    most = frequencies.rarity_of_undivided(mine.whole, heard=heard)
    return family._replace(weight=min(family.weight, most - given.weight))


def _sides(one: ComparisonRecord, other: ComparisonRecord, frequencies: TermFrequencies) -> tuple[_Side, _Side]:
    (family, given), (its_family, its_given) = _divided(one.written, other.written, frequencies, heard=False)
    (sound, second), (its_sound, its_second) = _divided(one.heard, other.heard, frequencies, heard=True)
    return _Side(family, given, sound, second), _Side(its_family, its_given, its_sound, its_second)


def _aligned(sides: tuple[_Side, _Side]) -> tuple[_Side, _Side, bool]:
    one, other = sides
    if one.given != other.given or one.given_sound != other.given_sound:
        turned = other.swapped
        written = bool(one.given) and one[:2] == turned[:2]
        heard = bool(one.given_sound) and one[2:] == turned[2:]
        if written or heard:
            return one, turned, True
    return one, other, False


def _divided(
    one: Name, other: Name, frequencies: TermFrequencies, *, heard: bool
) -> tuple[tuple[str, str], tuple[str, str]]:
    """Both names in parts; where one has no space, or three parts in another order, it divides as the other does."""
    if len(one.whole) >= _LONG and one != other and _turned(one.whole, other.whole):
        turned = (one.given, one.family) == (other.family, other.given)
        return (one.family, one.given), (other.family, other.given) if turned else (one.family, one.given)
    if not one.split and not other.split:
        return _after_family(one.whole, other.whole, frequencies, heard=heard) or _by_common_start(
            one.whole, other.whole
        )
    if not one.split:
        return _as(other, one.whole), (other.family, other.given)
    if not other.split:
        return (one.family, one.given), _as(one, other.whole)
    return (one.family, one.given), (other.family, other.given)


def _turned(one: str, other: str) -> bool:
    """Return whether the one, begun at another place, is the other: mariafernandagonzalez, gonzalezmariafernanda."""
    return len(one) == len(other) and one in other + other


def _as(pattern: Name, whole: str) -> tuple[str, str]:
    if whole == pattern.whole:
        return pattern.family, pattern.given
    if whole.startswith(pattern.family):
        return pattern.family, whole[len(pattern.family) :]
    if whole.endswith(pattern.given):
        return whole[: -len(pattern.given)], pattern.given
    if whole == pattern.given + pattern.family:
        return pattern.given, pattern.family
    place = len(pattern.family)
    return (whole[:place], whole[place:]) if len(whole) == len(pattern.whole) else ("", whole)


def _after_family(
    one: str, other: str, frequencies: TermFrequencies, *, heard: bool
) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Divide two undivided names of which one is a family name alone, whose given name is not known then."""
    family = min(one, other, key=len)
    if not family or not frequencies.is_family(family, heard=heard):
        return None
    if not (one.startswith(family) and other.startswith(family)):
        return None
    return (family, one[len(family) :]), (family, other[len(family) :])


def _by_common_start(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Divide two undivided names: what they begin with alike is taken for the family's, at most all but one letter."""
    if not one or not other:
        return ("", one), ("", other)
    place = 0
    while place < min(len(one), len(other)) - 1 and one[place] == other[place]:
        place += 1
    place = min(place, max(2, len(one) // 2))
    return (one[:place], one[place:]), (other[:place], other[place:])


def _part(one: tuple[str, ...], other: tuple[str, ...], frequencies: TermFrequencies, *, given: bool) -> NameComparison:
    (written, heard), (its_written, its_heard) = one, other
    rarity = frequencies.rarity_of_given if given else frequencies.rarity_of_family
    if written and its_written:
        if written == its_written:
            return _as_written(rarity(written, heard=False), heard, its_heard)
        return _by_writing(one, other, frequencies, given=given)
    if heard and its_heard:
        if heard == its_heard:
            return NameComparison(AgreementLevel.SOUNDS, rarity(heard, heard=True))
        if _near(heard, its_heard) and frequencies.is_slip(heard, its_heard, given=given, heard=True):
            return NameComparison(AgreementLevel.NEAR, _SLIP)
        return NameComparison(AgreementLevel.DIFFERENT)
    for kanji, reading in ((written, its_heard), (its_written, heard)):
        if kanji and reading and frequencies.is_read(kanji, reading):
            return NameComparison(AgreementLevel.SOUNDS, rarity(reading, heard=True))
        if kanji and reading and frequencies.is_read_otherwise(kanji, reading):
            return NameComparison(AgreementLevel.DIFFERENT)
    return NameComparison(AgreementLevel.UNKNOWN)


def _as_written(weight: float, heard: str, its_heard: str) -> NameComparison:
    differ = bool(heard and its_heard) and heard != its_heard and not _near(heard, its_heard)
    return NameComparison(AgreementLevel.EQUAL, weight + (_UNSURE_READING if differ else 0.0), differ)


def _by_writing(
    one: tuple[str, ...], other: tuple[str, ...], frequencies: TermFrequencies, *, given: bool
) -> NameComparison:
    """Compare two parts that are written differently."""
    (written, heard), (its_written, its_heard) = one, other
    rarity = frequencies.rarity_of_given if given else frequencies.rarity_of_family
    near = OSA.distance(written, its_written, score_cutoff=1) <= 1
    alone = max(len(written), len(its_written)) == 1
    if heard and heard == its_heard:
        weight = rarity(heard, heard=True)
        return (
            NameComparison(AgreementLevel.NEAR, weight + _SLIP_OF_SOUND)
            if near and not alone
            else NameComparison(AgreementLevel.SOUNDS, weight + _SAME_SOUND)
        )
    if near and not (heard and its_heard) and frequencies.is_slip(written, its_written, given=given, heard=False):
        return NameComparison(AgreementLevel.NEAR, _ONE_LETTER if alone else _SLIP)
    return NameComparison(AgreementLevel.DIFFERENT)


def _near(one: str, other: str) -> bool:
    """Return whether two words differ by one slip: a letter more, less, another, or two swapped."""
    return min(len(one), len(other)) > 3 and OSA.distance(one, other, score_cutoff=1) <= 1
