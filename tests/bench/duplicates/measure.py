"""How many of the shown pairs are right, and how many of the right ones are shown."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from relay.candidates.duplicates.comparison_record import ComparisonRecord, comparison_record
from relay.candidates.duplicates.match_score import LIKELY, NAMESAKE, SAME
from relay.candidates.duplicates.matching import Match, find_matches
from tests.bench.duplicates.copies import Pool


@dataclass(frozen=True)
class Found:
    """What a search for duplicates came to."""

    matches: Sequence[Match]
    true: int
    wall: float
    cpu: float
    pool: Pool

    def at(self, lowest: float, below: float = 100.0) -> tuple[float, float, int]:
        """Precision, recall and number of the pairs with such a score."""
        shown = [(match.one, match.other) for match in self.matches if lowest <= match.match_score.score < below]
        right = sum(pair in self.pool.same for pair in shown)
        return (right / len(shown) if shown else 1.0), right / self.true, len(shown)

    @property
    def lines(self) -> list[str]:
        """The figures in words."""
        bands = (("shown as likely (>= 2)", LIKELY, 100.0), ("nearly certain (>= 4)", SAME, 100.0))
        told = [f"{len(self.pool.people):,} people, {self.true:,} true pairs: {self.wall:.1f} s, CPU {self.cpu:.1f} s"]
        for name, lowest, below in (*bands, ("same name only (hidden)", NAMESAKE, LIKELY)):
            precision, recall, count = self.at(lowest, below)
            told.append(f"  {name}: {count:,} pairs, precision {precision:.4f}, recall {recall:.4f}")
        told.append(
            f"  true pairs with neither an address nor a number in common: {self.without_contact / self.true:.4f}"
        )
        return told

    @property
    def without_contact(self) -> int:
        """How many right pairs have nothing but a name to be known by, and often not even that."""
        known = {number: comparison_record(self.pool.people[number]) for pair in self.pool.same for number in pair}
        return sum(not share(known[one], known[other]) for one, other in self.pool.same)


def searched(pool: Pool) -> Found:
    """Find the duplicates of a pool, from the facts as typed to the scored pairs."""
    wall, cpu = time.perf_counter(), time.process_time()
    matches = find_matches(pool.people)
    return Found(matches, len(pool.same), time.perf_counter() - wall, time.process_time() - cpu, pool)


def share(one: ComparisonRecord, other: ComparisonRecord) -> bool:
    return bool(one.mail and one.mail == other.mail) or bool(one.phone and one.phone[-8:] == other.phone[-8:])
