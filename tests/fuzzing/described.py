"""What the API says of itself against what it does: schemathesis, all checks and the stateful phase, over a socket."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from relay import config, create_app
from relay.config import ROOT
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import begin_writing, db
from relay.models import RateCount
from tests.installation import Installation
from tests.web.world import make_world

FORGET_EVERY = 0.1
"""Seconds. Requests of a key are counted, and a key that sends so many waits for the rest of the minute."""
CONFIG = """
hooks = "tests.fuzzing.schemathesis_hooks"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 405, 409, 410, 422, 429]
"""
"""400: a cursor is nobody's to make up, so no schema says which texts are one. 405: a link may be followed to a
person who is null there, and only PUT takes words in the place of an id. 410: a person who is shared no more.
422: what only Relay knows, as that a template has another name; what a schema tells has a check of our own."""


def findings(relay: Installation, folder: Path, *, seconds: int, seed: int) -> dict[str, str]:
    """Ask with each kind of key at once, for so long; what schemathesis found, by whose key it was, nobody's too."""
    app = create_app(config.load(relay.environment))
    with app.app_context():
        begin_writing()
        made = _make_keys(db.session())
        db.session.remove()
        with uncounted(db.engine), ThreadPoolExecutor(len(made)) as at_once:
            found = at_once.map(lambda who: _found(relay, folder / f"{who}.toml", made[who], seconds, seed), made)
            said = dict(zip(made, found, strict=True))
        db.engine.dispose()
    return {who: each for who, each in said.items() if each}


def _make_keys(session: Session) -> dict[str, str]:
    """Make one of everything, and a key of each kind of program for everything it may do."""
    cast = make_world(session).cast
    owners = {
        "a company": (KeyOwner(company_id=cast.acme.id), cast.adam.id),
        "a partner": (KeyOwner(partner_id=cast.tsumugi.id), cast.agnes.id),
        "another company": (KeyOwner(company_id=cast.other.id), cast.mona.id),
    }
    made = {
        who: keys.make(session, owner, who, owner.choices(), by_user_id=user_id, expires_on=None, live=False)
        for who, (owner, user_id) in owners.items()
    }
    session.commit()
    return made | {"nobody": ""}


def _found(relay: Installation, file: Path, key: str, seconds: int, seed: int) -> str:
    file.write_text(CONFIG + (f'[auth.openapi.key]\nbearer = "{key}"\n' if key else ""), encoding="utf-8")
    asked = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(file), "run"]
    asked += [f"{relay.url}/api/v1/openapi.json", "--checks", "all", "--seed", str(seed), "--max-time", str(seconds)]
    found_by = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(asked, cwd=file.parent, env=found_by, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@contextmanager
def uncounted(engine: Engine) -> Iterator[None]:
    """Inside the block the counts of requests are forgotten again and again, of every key."""
    over = threading.Event()

    def forget() -> None:
        while not over.wait(FORGET_EVERY):
            with engine.begin() as connection:
                connection.execute(delete(RateCount))

    forgetting = threading.Thread(target=forget)
    forgetting.start()
    try:
        yield
    finally:
        over.set()
        forgetting.join()
