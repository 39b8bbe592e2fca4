"""A key opens what its scopes name, of its organisation, until it ends; whatever else comes gets one answer."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.access import rate_limits
from relay.connect import keys
from relay.connect.keys import KeyOwner, KeyWithoutScope, TooManyKeys
from relay.models import ApiKey, ApiScope, RateCount, scopes
from tests.cast import Cast
from tests.web.api.conftest import Keyed, Program


def test_a_key_says_whose_it_is_and_what_it_may_do(acme: Program, cast: Cast) -> None:
    answer = acme.get("/key")
    assert answer.status_code == 200
    assert answer.json == {
        "organisation": cast.acme.slug,
        "name": cast.acme.name,
        "kind": "company",
        "scopes": [scope.value for scope in ApiScope if not scope.of_partner],
    }
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_key_of_a_partner_is_the_partners(tsumugi: Program) -> None:
    answer = tsumugi.get("/key")
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["scopes"]) == ("partner", ["shared:read", "outcomes:write"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer relay_test_" + "a" * 60])
def test_what_is_no_key_gets_one_answer(app: Flask, session: Session, cast: Cast, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = app.test_client().get("/api/v1/key", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json is not None
    assert answer.json["code"] == "api-key-refused"


def test_one_changed_letter_is_no_key(acme: Program) -> None:
    for place in (15, 40, len(acme.key) - 1):
        letter = "a" if acme.key[place] != "a" else "b"
        wrong = acme.key[:place] + letter + acme.key[place + 1 :]
        assert Program(acme.client, wrong).get("/key").status_code == 401


def test_a_key_in_an_address_opens_nothing(acme: Program) -> None:
    assert acme.client.get(f"/api/v1/key?access_token={acme.key}").status_code == 401


def test_a_revoked_key_opens_nothing_from_the_next_request_on(session: Session, acme: Program, cast: Cast) -> None:
    owner = KeyOwner(company_id=cast.acme.id)
    with scopes.company(session, cast.acme.id):
        [key] = keys.living(session, owner)
        assert keys.revoke(session, owner, key.id, by_user_id=cast.adam.id) == "採用管理システム"
    session.commit()
    assert acme.get("/key").status_code == 401


def test_an_expired_key_opens_nothing(session: Session, acme: Program, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        [key] = keys.living(session, KeyOwner(company_id=cast.acme.id))
        key.expires_on = clock.today()
    session.commit()
    assert acme.get("/key").status_code == 200
    with clock.at(clock.now() + timedelta(days=1)):
        assert acme.get("/key").status_code == 401


def test_another_companys_key_ends_by_nobody_else(session: Session, acme: Program, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        [key] = keys.living(session, KeyOwner(company_id=cast.acme.id))
    with scopes.company(session, cast.other.id):
        assert keys.revoke(session, KeyOwner(company_id=cast.other.id), key.id, by_user_id=cast.mona.id) is None
        assert keys.living(session, KeyOwner(company_id=cast.other.id)) == []
    assert acme.get("/key").status_code == 200


def test_at_rest_there_is_no_key(session: Session, acme: Program, cast: Cast) -> None:
    with scopes.everyone(session, "test"):
        [key] = session.scalars(select(ApiKey)).all()
    assert acme.key.startswith(f"relay_test_{key.public_id}_")
    secret = acme.key.rsplit("_", 1)[1]
    assert secret[:43] not in (key.secret_hash, key.scopes, key.name, key.public_id)


def test_the_day_of_its_last_use_is_noted(session: Session, acme: Program, cast: Cast) -> None:
    acme.get("/key")
    with scopes.company(session, cast.acme.id):
        [key] = keys.living(session, KeyOwner(company_id=cast.acme.id))
    assert key.last_used_on == clock.today()


def test_a_key_without_the_scope_is_told_so(keyed: Keyed, cast: Cast) -> None:
    numbers = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_NUMBERS)
    answer = numbers.get("/candidates")
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "not-allowed"


def test_a_partner_cannot_have_what_companies_may(session: Session, cast: Cast) -> None:
    owner = KeyOwner(partner_id=cast.agnes.partner_id)
    for allowed in ([], [ApiScope.READ_PEOPLE], [ApiScope.READ_SHARED, ApiScope.SEND_RESULTS]):
        with pytest.raises(KeyWithoutScope):
            keys.make(session, owner, "表", allowed, by_user_id=cast.agnes.id, expires_on=None, live=False)


def test_there_are_no_more_keys_than_can_be_looked_through(
    keyed: Keyed, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 2)
    owner = KeyOwner(company_id=cast.acme.id)
    keyed(owner)
    keyed(owner)
    with pytest.raises(TooManyKeys):
        keyed(owner)


def test_too_many_requests_are_told_when_to_come_again(acme: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "REQUESTS_PER_KEY", 2)
    assert [acme.get("/key").headers["RateLimit"] for _each in range(2)] == ['"key";r=1', '"key";r=0']
    answer = acme.get("/key")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.json is not None
    assert answer.json["code"] == "too-many-requests"


def test_made_up_keys_leave_one_row_for_their_address(app: Flask, session: Session, cast: Cast) -> None:
    for number in range(5):
        app.test_client().get("/api/v1/key", headers={"Authorization": f"Bearer {number}"})
    assert session.scalar(select(func.count()).select_from(RateCount)) == 1
