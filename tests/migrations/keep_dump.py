"""Keep the demo database of today, so that every later migration is tested on it.

    python -m tests.migrations.keep_dump          writes demo-<revision>.sql.gz beside this file

A dump once kept is never written again: a changed one would only prove the newer schema.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from relay import migrations
from tests.migrations import dumps


def main() -> None:
    """Make a demo in a temporary installation with the product's own commands, and keep its dump."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--replace", action="store_true", help="write the newest revision's dump again")
    goal = dumps.FOLDER / f"demo-{migrations.head()}.sql.gz"
    if goal.exists() and not options.parse_args().replace:
        sys.exit(f"{goal.name} is kept already; --replace writes it again while its revision is not released.")
    with tempfile.TemporaryDirectory() as folder:
        for command in ("db upgrade", "demo"):
            _relay(Path(folder), command)
        dumps.keep(Path(folder) / "relay.sqlite3", goal)
    print(f"{goal.name}: {goal.stat().st_size // 1024} KiB")  # noqa: T201


def _relay(folder: Path, command: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAY_")}
    told = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(folder)}
    subprocess.run([sys.executable, "-m", "relay.cli", *command.split()], env=kept | told, check=True)


if __name__ == "__main__":
    main()
