"""The order of people for a position: whole points from text, role and qualifications, ties by the newest person.

Every weight is in `POINTS` and on the page. Numbers are whole, so both databases give one order.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop
from math import log

from relay.insight.wanted import Wanted
from relay.text.job_terms import vocabulary_words

POINTS = {"text": 50, "role": 50, "kindred": 20, "required": 10, "welcome": 5}
"""The most points of each part."""
_PER_THOUSAND = 1_000
_SHORT, _LONG = 1_300, 900
"""The divisor of a text of no length, and what a text of average length adds: BM25's k1 = 1.2 and b = 0.75."""


@dataclass(frozen=True)
class Fit:
    """One person and their points."""

    candidate_id: int
    points: int


def ordered(wanted: Wanted, people: Iterable[tuple[int, str]]) -> Iterator[Fit]:
    """Yield the people, given by id and terms, who have a word in common with the position, best first.

    As many are put in order as are taken.
    """
    hits = _hits(wanted, people)
    says = _says(wanted, [hit.found for hit in hits])
    average = max(1, sum(hit.length for hit in hits) // max(1, len(hits)))
    raw = [_raw(says, hit, average) for hit in hits]
    best = max(raw, default=0) or 1
    heap = [
        (-(_PER_THOUSAND * POINTS["text"] * points // best + _by_facts(wanted, hit.found)), -hit.candidate_id)
        for hit, points in zip(hits, raw, strict=True)
    ]
    heapify(heap)
    while heap:
        points, number = heappop(heap)
        yield Fit(-number, -points)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A person with a word in common, and how many words of the vocabulary were counted of them."""

    candidate_id: int
    found: frozenset[str]
    length: int


def _hits(wanted: Wanted, people: Iterable[tuple[int, str]]) -> list[_Hit]:
    """Return who has a word in common. Words outside the vocabulary never make a text longer."""
    terms, pieces = wanted.terms, vocabulary_words()
    hits: list[_Hit] = []
    for number, joined in people:
        words = joined.split()
        if found := terms.intersection(words):
            hits.append(_Hit(number, found, len(pieces.intersection(words))))
    return hits


def _says(wanted: Wanted, found: Sequence[frozenset[str]]) -> dict[str, int]:
    """Return how much each word says: the rarer among those who share any, the more."""
    counted = Counter(word for each in found for word in each)
    everybody = len(found)
    return {
        word: weight * int(_PER_THOUSAND * log(1 + (everybody - counted[word] + 0.5) / (counted[word] + 0.5)))
        for word, weight in wanted.words
    }


def _raw(says: Mapping[str, int], hit: _Hit, average: int) -> int:
    said = sum(says.get(word, 0) for word in hit.found)
    return _PER_THOUSAND * said // (_SHORT + _LONG * hit.length // average)


def _by_facts(wanted: Wanted, found: frozenset[str]) -> int:
    points = 0
    if not wanted.roles.isdisjoint(found):
        points += POINTS["role"] * _PER_THOUSAND
    elif not wanted.classes.isdisjoint(found):
        points += POINTS["kindred"] * _PER_THOUSAND
    for part, asked in (("required", wanted.required), ("welcome", wanted.welcome)):
        if asked:
            points += POINTS[part] * _PER_THOUSAND * sum(each.is_held(found) for each in asked) // len(asked)
    return points
