"""The order of people for a position: whole points from text, role and qualifications, ties by the newest person.

Where the second layer is in force, its points are added (relay.insight.selection_record). Every weight is in `POINTS`
and on the page. Numbers are whole, so both databases give one order.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import islice
from math import log
from typing import NamedTuple

from relay.insight.wanted import Wanted
from relay.text.job_terms import vocabulary_words

_ABILITIES = {"text": 50, "role": 50, "kindred": 20, "required": 10, "welcome": 5}
_STEPS = {"final": 15, "second": 10, "first": 5}
_REASONS = {"filled": 10, "comparison": 5}
_ASSESSMENTS = {"praised": 10, "sound": 5}
_AGES = {"year": 5, "two_years": 2}
_RECORD = (_STEPS, _REASONS, _ASSESSMENTS, _AGES)
"""Of each part of the second layer, one at most counts."""
POINTS = _ABILITIES | _STEPS | _REASONS | _ASSESSMENTS | _AGES
"""The most points of each part."""
PER_THOUSAND = 1_000
_MOST_OF_RECORD = PER_THOUSAND * sum(max(part.values()) for part in _RECORD)
WITH_RECORD = 2_000
"""Of how many people the record is looked at, the first by the first layer: of everybody it would take seconds."""
_AT_ONCE = 1_000
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
    average = max(1, sum(hit.length for hit in hits) // max(1, len(hits)))
    worth = _worth(wanted, Counter(hit.found for hit in hits))
    raw = [PER_THOUSAND * worth[hit.found].said // (_SHORT + _LONG * hit.length // average) for hit in hits]
    best = max(raw, default=0) or 1
    heap = [
        (-(PER_THOUSAND * POINTS["text"] * points // best + worth[hit.found].by_facts), -hit.candidate_id)
        for hit, points in zip(hits, raw, strict=True)
    ]
    heapify(heap)
    while heap:
        points, number = heappop(heap)
        yield Fit(-number, -points)


def with_records(ranked: Iterator[Fit], points_of: Callable[[Sequence[int]], Mapping[int, int]]) -> Iterator[Fit]:
    """Yield the people of an order by their points and those of their record together, best first.

    Of the order only as many are asked for as could still come before the person who is yielded. The record of people
    behind the first WITH_RECORD counts for nothing.
    """
    waiting: list[tuple[int, int]] = []
    looked_at = 0
    while some := list(islice(ranked, _AT_ONCE)):
        known = points_of([fit.candidate_id for fit in some]) if looked_at < WITH_RECORD else {}
        looked_at += len(some)
        for fit in some:
            heappush(waiting, (-(fit.points + known.get(fit.candidate_id, 0)), -fit.candidate_id))
        last = some[-1]
        if looked_at < WITH_RECORD:
            nearest = (-(last.points + _MOST_OF_RECORD), float("-inf"))
        else:
            nearest = (-last.points, float(-last.candidate_id))
        while waiting and waiting[0] <= nearest:
            points, number = heappop(waiting)
            yield Fit(-number, -points)
    while waiting:
        points, number = heappop(waiting)
        yield Fit(-number, -points)


class _Hit(NamedTuple):
    """A person with a word in common, and how many words of the vocabulary were counted of them."""

    candidate_id: int
    found: frozenset[str]
    length: int


class _Worth(NamedTuple):
    """The weight of words in common as text, and their points as facts; the same for everybody with the same words."""

    said: int
    by_facts: int


def _hits(wanted: Wanted, people: Iterable[tuple[int, str]]) -> list[_Hit]:
    """Return who has a word in common. Words outside the vocabulary never make a text longer."""
    terms, pieces = wanted.terms, vocabulary_words()
    hits: list[_Hit] = []
    for number, joined in people:
        words = joined.split()
        if found := terms.intersection(words):
            hits.append(_Hit(number, found, len(pieces.intersection(words))))
    return hits


def _worth(wanted: Wanted, kinds: Counter[frozenset[str]]) -> dict[frozenset[str], _Worth]:
    """Return what each set of words in common is worth, asked once a set: thousands of people share a few hundred."""
    says = _says(wanted, kinds)
    return {found: _Worth(sum(says.get(word, 0) for word in found), _by_facts(wanted, found)) for found in kinds}


def _says(wanted: Wanted, kinds: Counter[frozenset[str]]) -> dict[str, int]:
    """Return how much each word says: the rarer among those who share any, the more."""
    counted: Counter[str] = Counter()
    for found, people in kinds.items():
        counted.update(dict.fromkeys(found, people))
    everybody = kinds.total()
    return {
        word: weight * int(PER_THOUSAND * log(1 + (everybody - counted[word] + 0.5) / (counted[word] + 0.5)))
        for word, weight in wanted.words
    }


def alone(wanted: Wanted, terms: frozenset[str]) -> int:
    """Return the points of one person who is compared with nobody: for text, the share of the position's words."""
    shared = sum(weight for word, weight in wanted.words if word in terms)
    everything = sum(weight for _word, weight in wanted.words) or 1
    return PER_THOUSAND * POINTS["text"] * shared // everything + _by_facts(wanted, terms)


def _by_facts(wanted: Wanted, found: frozenset[str]) -> int:
    points = 0
    if not wanted.roles.isdisjoint(found):
        points += POINTS["role"] * PER_THOUSAND
    elif not wanted.classes.isdisjoint(found):
        points += POINTS["kindred"] * PER_THOUSAND
    for part, asked in (("required", wanted.required), ("welcome", wanted.welcome)):
        if asked:
            points += POINTS[part] * PER_THOUSAND * sum(each.is_held(found) for each in asked) // len(asked)
    return points
