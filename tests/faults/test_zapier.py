"""An app of Zapier over a socket: zapier-platform-core tries a key, subscribes, reads samples and lists, and leaves."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import config, create_app
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.connect.webhooks import endpoints
from relay.extensions import begin_writing, db
from relay.models import ApiScope, EventTag, event_data, record
from tests.cast import Cast, make_candidate, make_cast
from tests.installation import installation
from tests.programs import found

APP = Path(__file__).parents[1] / "node" / "zapier.mjs"
EVENT = {"inputData": {"event": "candidate.rejected"}}
HOOK = "https://hooks.zapier.example/hooks/standard/1/a"


@dataclass
class Zapier:
    """The app at a flow of Acme's."""

    url: str
    company_id: int
    keys: Mapping[str, str]

    def __call__(self, act: str, *, key: str = "all", **bundle: Any) -> Any:
        """Let the platform act, and return what it brought: the last line, below what it notes of itself."""
        asked = {"act": act, "base": self.url, "key": self.keys.get(key, key), **bundle}
        strict = os.environ | {"NODE_ENV": "test"}  # so that the platform raises what it would only note
        done = subprocess.run(
            [found("node"), str(APP)],
            input=json.dumps(asked),
            env=strict,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(done.stdout.splitlines()[-1])

    def addresses(self) -> list[tuple[str, list[str]]]:
        """Where Relay sends Acme's webhooks now."""
        found = [(each.url, each.types) for each in endpoints.living(db.session(), self.company_id)]
        db.session.rollback()  # what is open here would keep the server from writing
        return found


def _rejections(session: Session, cast: Cast, count: int) -> None:
    for number in range(1, count + 1):
        make_candidate(session, cast.acme, f"見本 {number}")
        data = event_data.ApplicationDecided(candidate_id=number, reason="skills")
        record(
            session,
            EventTag.APPLICATION_REJECTED,
            company_id=cast.acme.id,
            subject=("application", number),
            data=data,
        )


@pytest.fixture(scope="module")
def zap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zapier]:
    """The app beside a running Relay in which Acme has rejected four people."""
    with installation(tmp_path_factory.mktemp("zapier")) as relay:
        app = create_app(config.load(relay.environment))
        with app.app_context():
            begin_writing()
            session = db.session()
            cast = make_cast(session)
            _rejections(session, cast, 4)
            owner = KeyOwner(company_id=cast.acme.id)
            made = {
                name: keys.make(session, owner, name, allowed, by_user_id=cast.adam.id, expires_on=None, live=False)
                for name, allowed in (("all", owner.choices()), ("reading", [ApiScope.READ_PEOPLE]))
            }
            zapier = Zapier(relay.url, cast.acme.id, made)
            session.commit()
            relay.serve(processes=1)
            yield zapier
            db.session.remove()
            db.engine.dispose()


def test_a_key_is_tried(zap: Zapier) -> None:
    assert zap("auth")["kind"] == "company"
    assert "401" in zap("auth", key="relay_test_wrong")["refused"]


def test_a_flow_subscribes_and_leaves(zap: Zapier) -> None:
    made = zap("subscribe", targetUrl=HOOK, **EVENT)
    assert made.keys() == {"id"}
    assert zap.addresses() == [(HOOK, ["candidate.rejected"])]
    assert zap("unsubscribe", subscribeData=made) == {"status": 204}
    assert zap.addresses() == []
    assert "403" in zap("subscribe", key="reading", targetUrl=HOOK, **EVENT)["refused"]
    assert zap.addresses() == []


def test_samples_pass_the_checks_of_the_platform(zap: Zapier) -> None:
    """As what a trigger brings they are checked for ids of their own; a flow gets the same shape without one."""
    listed = zap("list", **EVENT)
    assert [each["data"]["application_id"] for each in listed] == ["4", "3", "2"]
    assert zap("happened", **EVENT) == listed
    sent = {name: listed[0][name] for name in ("type", "timestamp", "data")}
    assert zap("happened", cleanedRequest=sent, **EVENT) == [sent]
    [made_up] = zap("list", inputData={"event": "credit.earned"})
    assert made_up["type"] == "credit.earned"


def test_a_polled_list_passes_them_too(zap: Zapier) -> None:
    people = zap("registered")
    assert [each["name"] for each in people] == ["見本 4", "見本 3", "見本 2", "見本 1"]
