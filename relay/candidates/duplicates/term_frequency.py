"""Term frequencies: how common names are in a pool, learned from the pool itself: two 佐藤 健 are two people, two
田中丸 勇之介 hardly.

The same book says where a name without a space divides, and how others of the pool read a name.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from relay.candidates.duplicates.comparison_record import ComparisonRecord, Name

_BEFORE_KNOWING = 5
_AMONG = 2_000
"""Until a pool shows otherwise, a part of a name is taken to be carried by 5 of 2,000 people: by many."""
_USUAL_POOL = 100_000
_FEWEST_READINGS = 2
_READINGS_KNOWN = 5
"""Where so many give a reading, one that none of them gives is another name's."""
_SLIPS = 1
_MISTYPED = 0.02
"""So many of those who carry a name may be mistyped alike."""


class TermFrequencies:
    """Counts of family and given names, as written and as heard. Without people every name counts as common."""

    def __init__(self, people: Iterable[ComparisonRecord] = ()) -> None:
        self._total = 0
        self._families: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._givens: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._wholes: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self._readings: dict[str, Counter[str]] = defaultdict(Counter)
        for person in people:
            self._add(person)

    @property
    def prior(self) -> float:
        """Return the logarithm of the odds that two people taken at random from such a pool are one."""
        return -math.log10(max(self._total, _USUAL_POOL)) - 0.5

    def rarity_of_family(self, name: str, *, heard: bool) -> float:
        """Return the logarithm of how much an equal family name tells: 2 where one in a hundred carries it."""
        return self._rarity(self._families[heard][name])

    def rarity_of_given(self, name: str, *, heard: bool) -> float:
        """Return the same for given names."""
        return self._rarity(self._givens[heard][name])

    def rarity_of_undivided(self, name: str, *, heard: bool) -> float:
        """Return the same for a whole name of which nobody knows where it divides."""
        return self._rarity(self._wholes[heard][name])

    def is_family(self, name: str, *, heard: bool) -> bool:
        """Return whether the pool knows this as a family name."""
        return self._families[heard][name] > max(_SLIPS, self._givens[heard][name])

    def is_slip(self, one: str, other: str, *, given: bool, heard: bool) -> bool:
        """Return whether one of two parts a letter apart may be the other mistyped.

        A slip seldom makes a name that others carry: 恵子 and 和子 are two, wherever both are about as common.
        """
        counts = (self._givens if given else self._families)[heard]
        rarer, commoner = sorted((counts[one], counts[other]))
        return rarer <= _SLIPS + commoner * _MISTYPED

    def is_read(self, written: str, heard: str) -> bool:
        """Return whether others in the pool read this part of a name so."""
        return written in self._readings and self._readings[written][heard] >= _FEWEST_READINGS

    def is_read_otherwise(self, written: str, heard: str) -> bool:
        """Return whether the pool knows how this part of a name is read, and nobody reads it so or nearly so."""
        known = self._readings.get(written)
        return (
            known is not None
            and known.total() >= _READINGS_KNOWN
            and not any(OSA.distance(each, heard, score_cutoff=1) <= 1 for each in known)
        )

    def divided(self, person: ComparisonRecord) -> ComparisonRecord:
        """Return the person with family and given name told apart, in this order, where the pool knows both parts."""
        written, heard = self._divide(person.written, heard=False), self._divide(person.heard, heard=True)
        if written is person.written and heard is person.heard:
            return person
        return person._replace(written=written, heard=heard)

    def _add(self, person: ComparisonRecord) -> None:
        self._total += 1
        for heard, name in enumerate((person.written, person.heard)):
            if not name.split:
                self._wholes[heard][name.whole] += 1
            else:
                self._families[heard][name.family] += 1
                self._givens[heard][name.given] += 1
        if person.written.split and person.heard.split:
            self._readings[person.written.family][person.heard.family] += 1
            self._readings[person.written.given][person.heard.given] += 1

    def _rarity(self, count: int) -> float:
        return -math.log10((count + _BEFORE_KNOWING) / (self._total + _AMONG))

    def _divide(self, name: Name, *, heard: bool) -> Name:
        if len(name.whole) < 2:
            return name
        families, givens = self._families[heard], self._givens[heard]
        if name.split:
            turned = families[name.given] * givens[name.family]
            return (
                Name(name.given, name.family, name.whole)
                if turned > families[name.family] * givens[name.given]
                else name
            )
        best, found = 0, name
        for place in range(1, len(name.whole)):
            first, second = name.whole[:place], name.whole[place:]
            for family, given in ((first, second), (second, first)):
                known = families[family] * givens[given]
                if known > best:
                    best, found = known, Name(family, given, name.whole)
        return found
