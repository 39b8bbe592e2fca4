"""`python -m tests.bench.duplicates`: how well and how fast copies are found among 100,000 people.

BENCH_PEOPLE=20000 for another size. The last lines are of the whole way, by `relay import` and the
worker, on SQLite. No set has birth dates; on a busy machine read the CPU time.
"""

import os

from tests.bench.duplicates.copies import pool
from tests.bench.duplicates.crowded import crowded
from tests.bench.duplicates.imported import brought_in
from tests.bench.duplicates.measure import searched
from tests.bench.duplicates.relatives import pool_with_families

PEOPLE = 100_000
COPIES = 0.15


def main() -> None:
    """Print the figures for both generators."""
    people = int(os.environ.get("BENCH_PEOPLE", PEOPLE))
    copies = int(people * COPIES)
    for title, made in (("copies with noise", pool), ("other noise, and families", pool_with_families)):
        found = searched(made(people - copies, copies, seed=1))
        print(f"\nduplicates, {title}")  # noqa: T201
        print("\n".join(found.lines), flush=True)  # noqa: T201
    ended = brought_in(crowded(people - copies, copies, seed=1))
    print("\n".join(("\nduplicates, as imported: few names, and households", *ended.lines)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
