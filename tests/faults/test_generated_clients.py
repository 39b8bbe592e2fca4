"""Clients that others' generators make of the description walk the whole loop: key, person, rejection, numbers."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from relay import config, create_app
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import begin_writing, db
from relay.models import scopes
from relay.outreach import templates
from tests.cast import make_cast
from tests.installation import Installation, installation
from tests.programs import found, npm_program

NODE = Path(__file__).parents[1] / "node"
PROGRAM = "relay_client"
WALKED = {
    "kind": "company",
    "brought": "created",
    "answered": 202,
    "told": "queued",
    "status": "rejected",
    "mails": [True],
    "counted": True,
    "refused": "not-found",
}
"""What each client finds on its way."""


@dataclass
class Served:
    """A running Relay, a key of Acme's for everything, and the name of a text of its mails."""

    url: str
    key: str
    template: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with installation(tmp_path_factory.mktemp("relay")) as relay:
        key, template = _prepare(relay)
        relay.serve(processes=1)
        yield Served(relay.url, key, template)


def _prepare(relay: Installation) -> tuple[str, str]:
    app = create_app(config.load(relay.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        cast = make_cast(session)
        owner = KeyOwner(company_id=cast.acme.id)
        templates.install_defaults(session, cast.acme.id)
        key = keys.make(session, owner, "連携", owner.choices(), by_user_id=cast.adam.id, expires_on=None, live=False)
        session.commit()
        with scopes.company(session, cast.acme.id):
            name = templates.choices(session)[0].name
        db.session.remove()
        db.engine.dispose()
    return key, name


def test_the_client_of_openapi_python_client_walks(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--url", f"{served.url}/api/v1/openapi.json", "--output-path", str(tmp_path / PROGRAM)]
    settings = tmp_path / "settings.json"
    settings.write_text('{"post_hooks": []}', encoding="utf-8")  # its ruff would only lay the lines out
    _run([*command, "--config", str(settings)], tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert _walk(served) == WALKED


def _walk(served: Served) -> dict[str, Any]:
    made = import_module(f"{PROGRAM}.models")
    with import_module(PROGRAM).AuthenticatedClient(served.url, served.key) as client:

        def ask(operation: str, *place: str, **asked: Any) -> Any:
            if operation.split(".")[1].startswith("post"):
                asked["idempotency_key"] = uuid4().hex
            return import_module(f"{PROGRAM}.api.{operation}").sync_detailed(*place, client=client, **asked)

        own = ask("key.get_key").parsed
        person = made.OnePerson(basis=made.OnePersonBasis.SELECTION, name="見本 葵", email="aoi@person.example")
        brought = ask("candidates.put_candidates_candidate_id", "PY-1", body=person).parsed
        position = ask("positions.post_positions", body=made.NewPosition(title="経理")).parsed
        begun = made.NewApplication(candidate_id=brought.id, position_id=position.id)
        application = ask("applications.post_applications", body=begun).parsed
        skills = made.RejectionsReasonType1.SKILLS
        wish = made.Rejections(rejections=[made.Rejection(application.id)], template=served.template, reason=skills)
        rejected = ask("rejections.post_rejections", body=wish)
        [told] = rejected.parsed.data
        read = ask("applications.get_applications_application_id", application.id).parsed
        mails = ask("messages.get_messages", candidate=brought.id).parsed
        numbers = ask("kpis.get_kpis").parsed
        refused = ask("candidates.get_candidates_candidate_id", "999999").parsed
    return {
        "kind": own.kind.value,
        "brought": brought.state.value,
        "answered": rejected.status_code,
        "told": told.state.value,
        "status": read.status.value,
        "mails": [each.id == told.message_id for each in mails.data],
        "counted": any(each.kind.value == "rejected" and each.count > 0 for each in numbers.data),
        "refused": refused.code,
    }


def test_the_types_of_openapi_typescript_compile_and_walk(served: Served, tmp_path: Path) -> None:
    for name in ("walk.mts", "tsconfig.json"):
        shutil.copy(NODE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    node, address = found("node"), f"{served.url}/api/v1/openapi.json"
    _run(
        [
            node,
            str(npm_program("openapi-typescript")),
            address,
            "--output",
            "api.mts",
            "--default-non-nullable",
            "false",
        ],
        tmp_path,
    )
    _run([node, str(npm_program("tsc"))], tmp_path)
    said = _run([node, "walk.mjs", served.url, served.key, served.template], tmp_path)
    assert json.loads(said) == WALKED


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
