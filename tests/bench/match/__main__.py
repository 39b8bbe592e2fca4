"""`make bench MATCH=DIR`: nDCG@10 of a labelled set; without DIR, of the two sets that `made` generates."""

import sys
import tempfile
from pathlib import Path

from tests.bench.match import made
from tests.bench.match.measured import compared


def main() -> None:
    """Print a line for each order of each set."""
    if folders := sys.argv[1:]:
        for folder in folders:
            _show(folder, Path(folder))
        return
    for kind in made.SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            made.write(Path(folder), kind)
            _show(f"the {kind} set of our own", Path(folder))


def _show(name: str, folder: Path) -> None:
    sys.stdout.write(f"{name}, nDCG@10\n")
    for order, figure in compared(folder).items():
        sys.stdout.write(f"  {order:<14}{figure:.3f}\n")


if __name__ == "__main__":
    main()
