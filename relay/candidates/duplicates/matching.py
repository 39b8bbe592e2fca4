"""Finding the likely duplicates among many people at once: block by key, compare within blocks, keep what scores."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from relay.candidates.duplicates.blocking_keys import blocking_keys_of, largest_block, names_somebody, narrower_keys
from relay.candidates.duplicates.comparison_record import ComparisonRecord, comparison_record
from relay.candidates.duplicates.match_score import MatchScore, match_score
from relay.candidates.duplicates.term_frequency import TermFrequencies
from relay.candidates.facts import Facts


class Match(NamedTuple):
    """Two people, the smaller number first, and how alike they are."""

    one: int
    other: int
    match_score: MatchScore


def find_matches(people: Mapping[int, Facts]) -> list[Match]:
    """Compare everybody with everybody who shares a block; the most alike first, strangers of one name last."""
    with without_collecting():
        known = {number: comparison_record(facts) for number, facts in people.items()}
        frequencies = TermFrequencies(known.values())
        divided = {number: frequencies.divided(person) for number, person in known.items()}
        return scored(pairs_in(blocks(known)), divided, frequencies)


def scored(
    pairs: Iterable[tuple[int, int]], people: Mapping[int, ComparisonRecord], frequencies: TermFrequencies
) -> list[Match]:
    """Compare these pairs of people, divided by these frequencies, and keep those worth a look."""
    found: list[Match] = []
    for one, other in pairs:
        result = match_score(people[one], people[other], frequencies)
        if result.is_kept:
            found.append(Match(one, other, result))
    found.sort(key=lambda match: (-match.match_score.score, match.one, match.other))
    return found


def blocks(people: Mapping[int, ComparisonRecord]) -> Iterator[Sequence[int]]:
    """Return those who share a key, wherever so few do that it tells something."""
    for key, members in _sharing(people, blocking_keys_of).items():
        if len(members) <= largest_block(key):
            yield members
        elif names_somebody(key):
            namesakes = {number: people[number] for number in members}
            narrower = _sharing(namesakes, partial(narrower_keys, name=key))
            yield from (few for one, few in narrower.items() if len(few) <= largest_block(one))


def pairs_in(sharing: Iterable[Sequence[int]]) -> set[tuple[int, int]]:
    """Return the pairs to compare, each once."""
    return {pair for members in sharing for pair in _pairs(members)}


def _sharing(
    people: Mapping[int, ComparisonRecord], keys: Callable[[ComparisonRecord], Iterable[str]]
) -> dict[str, list[int]]:
    """Return who shares which key; most keys are one person's alone, and get no list."""
    first: dict[str, int] = {}
    sharing: dict[str, list[int]] = {}
    for number, person in people.items():
        for key in keys(person):
            earlier = first.setdefault(key, number)
            if earlier != number:
                sharing.setdefault(key, [earlier]).append(number)
    return sharing


@contextmanager
def without_collecting() -> Iterator[None]:
    """Turn the collector off: nothing made here points in a circle; looking for that takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()  # tricks: duplicates
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, one in enumerate(members):
        for other in members[place + 1 :]:
            yield (one, other) if one < other else (other, one)
