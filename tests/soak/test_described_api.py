"""The long form of tests/faults/test_described_api.py: ten minutes on each database.

RELAY_DESCRIBED_MINUTES says how long; RELAY_DESCRIBED_SEED begins with the seed that a finding names.
"""

import os
import time
from pathlib import Path

import pytest

from tests.conftest import DATABASES, fresh_postgresql
from tests.fuzzing import described
from tests.installation import Installation, installation

MINUTES = float(os.environ.get("RELAY_DESCRIBED_MINUTES", "20"))
SEED = int(os.environ.get("RELAY_DESCRIBED_SEED", str(int(time.time()))))


@pytest.mark.parametrize("database", DATABASES)
def test_the_api_is_as_it_describes_itself(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if database == "sqlite":
        with installation(tmp_path) as relay:
            _nothing_is_found(relay, tmp_path)
        return
    with (
        fresh_postgresql(request.getfixturevalue("postgresql"), "relay_described") as url,
        installation(tmp_path, database_url=url) as relay,
    ):
        _nothing_is_found(relay, tmp_path)


def _nothing_is_found(relay: Installation, folder: Path) -> None:
    relay.serve(processes=2)
    seconds = max(round(MINUTES * 60 / len(DATABASES)), 1)
    found = described.findings(relay, folder, seconds=seconds, seed=SEED)
    assert not found, "\n".join(f"seed {SEED}, with the key of {who}:\n{said}" for who, said in found.items())
