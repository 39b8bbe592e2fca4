"""The API does what it says of itself, with any key and with none; tests/soak has the long form."""

from pathlib import Path

from tests.fuzzing import described
from tests.installation import installation

SECONDS, SEED = 12, 1
"""For each kind of key."""


def test_the_api_is_as_it_describes_itself(tmp_path: Path) -> None:
    with installation(tmp_path) as relay:
        relay.serve(processes=2)
        found = described.findings(relay, tmp_path, seconds=SECONDS, seed=SEED)
    assert not found, "\n".join(f"With the key of {who}:\n{said}" for who, said in found.items())
