"""API連携, for a company and for a partner: a key is shown once, listed with what it may do, and revoked at once."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.errors import DomainError
from relay.identity.sessions import PROOF_LASTS
from relay.models import ApiKey, ApiScope
from tests.cast import Cast, browse, make_cast
from tests.web.landing.phone import words


@dataclass
class Desk:
    """Who may make keys, where, and one thing such a key may do."""

    client: FlaskClient
    page: str
    owner: KeyOwner
    scope: ApiScope


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture(params=["company", "partner"])
def desk(request: pytest.FixtureRequest, app: Flask, cast: Cast) -> Iterator[Desk]:
    if request.param == "company":
        yield Desk(browse(app, cast.adam), "/settings/api-keys", KeyOwner(cast.acme.id), ApiScope.READ_PEOPLE)
    else:
        owner = KeyOwner(partner_id=cast.agnes.partner_id)
        yield Desk(browse(app, cast.agnes), "/account/api-keys", owner, ApiScope.READ_SHARED)


def typed(desk: Desk, name: str = "採用管理システム", **more: str) -> dict[str, str]:
    return {"name": name, "allowed": desk.scope.value, "lasts": "year"} | more


def shown(page: str) -> str:
    found = re.search(r'id="made-key" type="text" readonly value="([^"]*)"', page)
    return found[1] if found else ""


def living(session: Session, desk: Desk) -> list[ApiKey]:
    session.rollback()
    return list(keys.living(session, desk.owner))


def test_a_key_is_shown_once_and_opens_what_was_chosen(app: Flask, desk: Desk, session: Session) -> None:
    made = desk.client.post(desk.page, data=typed(desk))
    key = shown(made.text)
    asked = app.test_client().get("/api/v1/key", headers={"Authorization": f"Bearer {key}"})
    assert asked.json is not None and asked.json["scopes"] == [desk.scope.value]
    again = desk.client.get(desk.page)
    assert key not in again.text and shown(again.text) == ""
    assert "採用管理システム" in words(again) and str(desk.scope.label) in words(again)
    [kept] = living(session, desk)
    assert kept.public_id in words(again) and kept.expires_on == clock.today() + keys.YEAR


def test_one_may_be_made_without_an_end(desk: Desk, session: Session) -> None:
    desk.client.post(desk.page, data=typed(desk, lasts="always"))
    assert [each.expires_on for each in living(session, desk)] == [None]
    assert "期限なし" in words(desk.client.get(desk.page))


def test_a_revoked_key_opens_nothing_from_the_next_request_on(app: Flask, desk: Desk, session: Session) -> None:
    key = shown(desk.client.post(desk.page, data=typed(desk)).text)
    there = {"key": str(living(session, desk)[0].id)}
    assert desk.client.post(f"{desk.page}/revoke", data=there).status_code == 303
    asked = app.test_client().get("/api/v1/key", headers={"Authorization": f"Bearer {key}"})
    assert asked.status_code == 401
    after = words(desk.client.get(desk.page))
    assert "「採用管理システム」のAPIキーを無効にしました。" in after and "APIキーはありません" in after
    assert desk.client.post(f"{desk.page}/revoke", data=there).status_code == 303, "pressed twice it is revoked already"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "使う場所を入力してください。"),
        ("allowed", "", "このキーでできることを、一つ以上選んでください。"),
        ("allowed", "everything", "一つ以上選んでください。"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is(
    desk: Desk, session: Session, field: str, value: str, said: str
) -> None:
    refused = desk.client.post(desk.page, data=typed(desk) | {field: value})
    assert refused.status_code == 422 and said in words(refused)
    assert living(session, desk) == []


def test_nobody_makes_a_key_for_what_the_other_kind_may(desk: Desk, session: Session) -> None:
    others = ApiScope.READ_SHARED if desk.owner.company_id else ApiScope.READ_PEOPLE
    assert desk.client.post(desk.page, data=typed(desk, allowed=others.value)).status_code == 422
    assert living(session, desk) == []


def test_an_old_proof_is_asked_for_again(desk: Desk, session: Session) -> None:
    with clock.at(clock.now() + PROOF_LASTS + timedelta(minutes=1)):
        asked = desk.client.post(desk.page, data=typed(desk))
    assert shown(asked.text) == "" and 'type="password"' in asked.text
    assert living(session, desk) == []


def test_only_those_who_answer_for_the_organisation_see_keys(app: Flask, cast: Cast) -> None:
    assert browse(app, cast.ada).get("/settings/api-keys").status_code == 403
    assert browse(app, cast.vic).get("/settings/api-keys").status_code == 403


def test_anybody_may_read_how_the_api_works(app: Flask) -> None:
    page = app.test_client().get("/api/docs")
    assert page.status_code == 200 and "people:read" in page.text
    assert "Set-Cookie" not in page.headers
    description = app.test_client().get("/api/v1/openapi.json").json
    assert description is not None and description["openapi"].startswith("3.1")
    assert all(path in page.text for path in description["paths"])
    assert all(kind in page.text for kind in description["webhooks"])


OF_REQUESTS = {
    "unreadable-request", "api-key-refused", "not-allowed", "not-found", "method-not-allowed", "met-another-change",
    "too-large", "json-needed", "not-valid", "too-many-requests", "internal-error", "query-not-understood",
}  # fmt: skip
"""What has no error of its own."""


def kinds(parent: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_the_address_in_every_problem_leads_to_its_line(app: Flask) -> None:
    """Those of named errors, and those that any request may meet; each line once."""
    page = app.test_client().get("/api/docs").text
    lines = Counter(re.findall(r' id="([a-z-]+)"', page))
    ours = [kind for kind in kinds(DomainError) if kind.__module__.startswith("relay.")]
    named = {kind.code for kind in ours if hasattr(kind, "code")}
    assert len(named) > 200
    assert not {code: lines[code] for code in named | OF_REQUESTS if lines[code] != 1}
    for code, status in {"person-not-shared": 410, "numbers-not-counted-yet": 503, "erasure-held": 409}.items():
        assert f"{status} {code}</code>" in page
