"""The description of the API passes Spectral: OpenAPI's own rules and those of OWASP; tests/node/spectral.yaml."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relay import create_app
from relay.api.parts import MAX_WORDS, RequestSchema, Words
from relay.config import ROOT
from relay.models import WebhookType
from tests.conftest import make_settings
from tests.programs import found, npm_program

BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "owasp:api4:2023-string-limit": lambda it: it["components"]["schemas"]["Tag"]["properties"]["name"].pop(
        "maxLength"
    ),
    "owasp:api4:2023-rate-limit": lambda it: it["components"]["responses"]["Problem404"].pop("headers"),
    "operation-operationId": lambda it: it["paths"]["/api/v1/key"]["get"].pop("operationId"),
}
"""Faults, by the rule that finds each."""


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(make_settings(tmp_path_factory.mktemp("described"), base_url="https://relay.example"))
    answer = app.test_client().get("/api/v1/openapi.json", base_url="https://relay.example")
    assert answer.json is not None
    return answer.json  # type: ignore[no-any-return]


def test_spectral_finds_what_is_broken_and_nothing_else(description: dict[str, Any], tmp_path: Path) -> None:
    broken = json.loads(json.dumps(description))
    for spoil in BROKEN.values():
        spoil(broken)
    files = {name: tmp_path / f"{name}.json" for name in ("served", "broken")}
    files["served"].write_text(json.dumps(description), encoding="utf-8")
    files["broken"].write_text(json.dumps(broken), encoding="utf-8")
    command = [found("node"), str(npm_program("spectral")), "lint", *map(str, files.values()), "--quiet"]
    command += ["--ruleset", "tests/node/spectral.yaml", "--format", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    said = json.loads(ended.stdout)
    wrong = [f"{each['code']} at {each['path']}" for each in said if Path(each["source"]).name == "served.json"]
    assert not wrong, "\n".join(wrong)
    assert {each["code"] for each in said if Path(each["source"]).name == "broken.json"} == set(BROKEN)


def test_every_kind_of_message_is_shown_by_an_example(description: dict[str, Any]) -> None:
    shown = {
        name: told["post"]["requestBody"]["content"]["application/json"]["examples"][name]["value"]["type"]
        for name, told in description["webhooks"].items()
    }
    assert shown == {kind.value: kind.value for kind in WebhookType}


def test_every_operation_tells_how_it_can_fail(description: dict[str, Any]) -> None:
    problems = description["components"]["responses"]
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            if method == "parameters":
                continue
            for status in ("401", "403", "404", "409", "422", "429", "500"):
                name = told["responses"][status]["$ref"].rsplit("/", 1)[1]
                examples = problems[name]["content"]["application/problem+json"]["examples"]
                assert {each["value"]["status"] for each in examples.values()} == {int(status)}, (path, method)


def test_what_a_request_may_hold_is_checked_and_not_only_told() -> None:
    class Asked(RequestSchema):
        said = Words()

    assert Asked().validate({"said": "あ" * MAX_WORDS}) == {}
    assert "said" in Asked().validate({"said": "あ" * (MAX_WORDS + 1)})
