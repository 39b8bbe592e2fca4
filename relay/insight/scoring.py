"""The order of people for a position: whole points from text, role and qualifications, ties by the newest person.

Where the second layer is in force, its points are added (relay.insight.selection_record). Every stated weight is in
`POINTS`; those in force (relay.insight.weights) are on the page. Numbers are whole, so both databases give one order.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
"""The most points of each part, as they are stated."""
OF_RECORD = tuple(part for group in _RECORD for part in group)
"""The parts of the second layer."""
PER_THOUSAND = 1_000
Weights = Mapping[str, int]
"""Thousandths of points that each part counts at most."""
STATED: Weights = {part: PER_THOUSAND * points for part, points in POINTS.items()}
Shares = dict[str, int]
"""How much of each part a person has, in thousandths; a part that is missing is 0."""
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


def ordered(wanted: Wanted, people: Iterable[tuple[int, str]], weights: Weights = STATED) -> Iterator[Fit]:
    """Yield the people, given by id and terms, who have a word in common with the position, best first.

    As many are put in order as are taken.
    """
    hits, said = _said(wanted, people)
    best = max(said, default=0) or 1
    by_facts = {found: _by_facts(wanted, found, weights) for found in {hit.found for hit in hits}}
    heap = [
        (-(weights["text"] * points // best + by_facts[hit.found]), -hit.candidate_id)
        for hit, points in zip(hits, said, strict=True)
    ]
    heapify(heap)
    while heap:
        points, number = heappop(heap)
        yield Fit(-number, -points)


def shares(wanted: Wanted, people: Iterable[tuple[int, str]], chosen: Collection[int]) -> dict[int, Shares]:
    """Return how much of each part of the first layer the chosen of the people have, compared with all of them."""
    hits, said = _said(wanted, people)
    best = max(said, default=0) or 1
    found: dict[int, Shares] = {number: {} for number in chosen}
    for hit, points in zip(hits, said, strict=True):
        if hit.candidate_id in found:
            facts = {part: PER_THOUSAND * held // asked for part, held, asked in _facts(wanted, hit.found)}
            found[hit.candidate_id] = {"text": PER_THOUSAND * points // best} | facts
    return found


def with_records(
    ranked: Iterator[Fit], points_of: Callable[[Sequence[int]], Mapping[int, int]], weights: Weights = STATED
) -> Iterator[Fit]:
    """Yield the people of an order by their points and those of their record together, best first.

    Of the order only as many are asked for as could still come before the person who is yielded. The record of people
    behind the first WITH_RECORD counts for nothing.
    """
    most = sum(max(weights[part] for part in group) for group in _RECORD)
    waiting: list[tuple[int, int]] = []
    looked_at = 0
    while some := list(islice(ranked, _AT_ONCE)):
        known = points_of([fit.candidate_id for fit in some]) if looked_at < WITH_RECORD else {}
        looked_at += len(some)
        for fit in some:
            heappush(waiting, (-(fit.points + known.get(fit.candidate_id, 0)), -fit.candidate_id))
        last = some[-1]
        if looked_at < WITH_RECORD:
            nearest = (-(last.points + most), float("-inf"))
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


def _said(wanted: Wanted, people: Iterable[tuple[int, str]]) -> tuple[list[_Hit], list[int]]:
    """Return who has a word in common, and beside each how much their words say, less the longer their text is."""
    hits = _hits(wanted, people)
    average = max(1, sum(hit.length for hit in hits) // max(1, len(hits)))
    says = _worth(wanted, Counter(hit.found for hit in hits))
    return hits, [PER_THOUSAND * says[hit.found] // (_SHORT + _LONG * hit.length // average) for hit in hits]


def _hits(wanted: Wanted, people: Iterable[tuple[int, str]]) -> list[_Hit]:
    """Return who has a word in common. Words outside the vocabulary never make a text longer."""
    terms, pieces = wanted.terms, vocabulary_words()
    hits: list[_Hit] = []
    for number, joined in people:
        words = joined.split()
        if found := terms.intersection(words):
            hits.append(_Hit(number, found, len(pieces.intersection(words))))
    return hits


def _worth(wanted: Wanted, kinds: Counter[frozenset[str]]) -> dict[frozenset[str], int]:
    """Return how much each set of words in common says, asked once a set: thousands of people share a few hundred."""
    says = _says(wanted, kinds)
    return {found: sum(says.get(word, 0) for word in found) for found in kinds}


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
    """Return the stated points of one person who is compared with nobody; for text, the share of the position's words.

    Learned weights order people; this puts positions in order for one person.
    """
    shared = sum(weight for word, weight in wanted.words if word in terms)
    everything = sum(weight for _word, weight in wanted.words) or 1
    return STATED["text"] * shared // everything + _by_facts(wanted, terms, STATED)


def _by_facts(wanted: Wanted, found: frozenset[str], weights: Weights) -> int:
    return sum(weights[part] * held // asked for part, held, asked in _facts(wanted, found))


def _facts(wanted: Wanted, found: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the parts beside the text that a person has, each with how many of how many."""
    if not wanted.roles.isdisjoint(found):
        yield "role", 1, 1
    elif not wanted.classes.isdisjoint(found):
        yield "kindred", 1, 1
    for part, asked in (("required", wanted.required), ("welcome", wanted.welcome)):
        if asked:
            yield part, sum(each.is_held(found) for each in asked), len(asked)
