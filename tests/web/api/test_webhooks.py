"""/webhooks: subscribed and left by programs, a secret told once, the log, and acts on it."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from relay.connect.keys import KeyOwner
from relay.connect.webhooks import endpoints
from relay.models import ApiScope, Event, EventTag, KeptAnswer, WebhookState
from tests.cast import Cast, browse
from tests.db.connect import hooks
from tests.listening import Request, listening
from tests.web.api.conftest import Keyed, Program
from tests.web.landing.phone import words

NEW = {"url": "https://hook.example/in", "events": ["candidate.rejected", "credit.earned"]}


def subscribe(program: Program, **more: Any) -> str:
    made = program("POST", "/webhooks", json=NEW | more)
    assert made.status_code == 201
    assert made.json is not None
    return str(made.json["id"])


def test_a_secret_is_told_to_the_request_that_made_it_and_kept_nowhere(
    acme: Program, session: Session, cast: Cast
) -> None:
    sent = {"json": NEW, "headers": {"Idempotency-Key": "hook-1"}}
    made, again = acme("POST", "/webhooks", **sent), acme("POST", "/webhooks", **sent)
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json is not None
    assert again.json == made.json | {"secret": None}
    [endpoint] = endpoints.living(session, cast.acme.id)
    assert endpoints.secrets_in_force(endpoint) == [made.json["secret"]]
    assert (str(endpoint.id), endpoint.made_by_user_id) == (made.json["id"], cast.adam.id)
    assert made.json["secret"] not in session.scalars(select(KeptAnswer.body)).one()
    listed = acme.get("/webhooks")
    assert made.json["secret"] not in listed.text
    assert listed.json is not None
    [shown] = listed.json["data"]
    assert shown | NEW == shown and (shown["id"], shown["enabled"]) == (made.json["id"], True)
    added = session.scalars(select(Event).where(Event.tag == EventTag.WEBHOOK_ADDED)).one()
    assert added.actor_kind == "api-key"


@pytest.mark.parametrize(
    ("more", "status", "where"),
    [
        ({"url": "http://hook.example/"}, 409, "outbound-refused"),
        ({"url": "https://169.254.169.254/latest"}, 409, "outbound-refused"),
        ({"url": ""}, 422, "/url"),
        ({"events": []}, 422, "/events"),
        ({"events": ["credit.earned", "webhook.test"]}, 422, "/events/1"),
        ({"secret": "whsec_"}, 422, "/secret"),
    ],
)
def test_what_the_page_refuses_is_refused(
    acme: Program, session: Session, cast: Cast, more: dict[str, Any], status: int, where: str
) -> None:
    webhook_id = subscribe(acme)
    for answer in (acme("POST", "/webhooks", json=NEW | more), acme("PATCH", f"/webhooks/{webhook_id}", json=more)):
        assert answer.status_code == status
        assert answer.json is not None
        pointers = [each["pointer"] for each in answer.json.get("errors", [])]
        assert where in (pointers if status == 422 else [answer.json["code"]])
    session.rollback()
    [kept] = endpoints.living(session, cast.acme.id)
    assert (kept.url, kept.types) == (NEW["url"], NEW["events"])


def test_no_more_are_added_than_the_page_would(acme: Program) -> None:
    for _each in range(endpoints.MAX_ENDPOINTS):
        subscribe(acme)
    answer = acme("POST", "/webhooks", json=NEW)
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "too-many-webhooks")


def test_an_address_is_changed_stopped_taken_up_again_and_left(
    app: Flask, acme: Program, session: Session, cast: Cast
) -> None:
    webhook_id = subscribe(acme)
    path = f"/webhooks/{webhook_id}"
    for _again in range(2):
        stopped = acme("PATCH", path, json={"enabled": False})
    assert stopped.json == {"id": webhook_id, "changed": []}
    assert "画面またはAPIで停止しました" in words(browse(app, cast.adam).get(f"/settings{path}"))
    hooks.reject(session, cast.acme)
    assert [each.state for each in hooks.messages(session)] == [WebhookState.HELD]
    [shown] = (acme.get("/webhooks").json or {})["data"]
    assert (shown["enabled"], shown["stopped_as"]) == (False, "by-hand")
    changed = acme("PATCH", path, json={"enabled": True, "events": ["credit.earned"], "url": NEW["url"]})
    assert changed.json == {"id": webhook_id, "changed": ["events", "enabled"]}
    assert [each.state for each in hooks.messages(session)] == [WebhookState.WAITING]
    assert acme("DELETE", path).status_code == 204
    assert acme("DELETE", path).status_code == 404
    assert hooks.messages(session) == []
    assert acme.get("/webhooks").json == {"data": []}


def test_the_log_tells_what_the_page_tells_and_sends_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, acme: Program, session: Session, cast: Cast
) -> None:
    hooks.open_loopback(app, monkeypatch)

    def refuse(_request: Request) -> tuple[int, dict[str, str], bytes]:
        return 500, {}, b"not today"

    with listening(refuse) as hook:
        made = acme("POST", "/webhooks", json=NEW | {"url": f"http://{hook.host}:{hook.port}/in"}).json
        assert made is not None
        path = f"/webhooks/{made['id']}"
        hooks.reject(session, cast.acme)
        hooks.send(session)
        [first] = (acme.get(f"{path}/messages").json or {})["data"]
        assert first["payload"] == {
            "type": "candidate.rejected",
            "timestamp": first["payload"]["timestamp"],
            "data": {"application_id": "7", "candidate_id": "3"},
        }
        [attempt] = first["attempts"]
        assert (attempt["cause"], attempt["status"], attempt["answer"]) == ("schedule", 500, "not today")
        replayed = acme("POST", f"/webhooks/messages/{first['id']}/replay")
        assert (replayed.status_code, replayed.json) == (202, {"id": first["id"]})
        tested = acme("POST", f"{path}/test")
        assert tested.status_code == 202
        top = acme.get(f"{path}/messages", limit=1).json
        assert top is not None
        [waiting] = top["data"]
        assert (waiting["id"], waiting["state"]) == ((tested.json or {})["id"], "waiting")
        hooks.send(session)
        below = acme.get(f"{path}/messages", limit=1, cursor=top["next_cursor"]).json
        assert below is not None
        assert below["next_cursor"] is None
        assert [each["cause"] for each in below["data"][0]["attempts"]] == ["by-hand", "schedule"]
        [tried] = (acme.get(f"{path}/messages", limit=1).json or {})["data"]
        assert (tried["state"], tried["due_at"]) == ("failed", None)
        told = [Webhook(made["secret"]).verify(each.body, each.headers)["type"] for each in hook.requests]
        assert sorted(told) == ["candidate.rejected", "candidate.rejected", "webhook.test"]
        assert {each.headers["webhook-id"] for each in hook.requests} == {first["uid"], waiting["uid"]}


def test_samples_have_the_shape_that_is_sent_and_ids_of_their_own(
    acme: Program, other: Program, session: Session, cast: Cast
) -> None:
    subscribe(acme)
    for application_id in range(11, 16):
        hooks.reject(session, cast.acme, application_id)
    shown = (acme.get("/webhooks/samples", event="candidate.rejected").json or {})["data"]
    assert [each["data"]["application_id"] for each in shown] == ["15", "14", "13"]
    assert len({each.pop("id") for each in shown}) == 3
    assert shown == [json.loads(each.body) for each in reversed(hooks.messages(session)[-3:])]
    [made_up] = (other.get("/webhooks/samples", event="candidate.rejected").json or {})["data"]
    assert made_up["data"] == {"application_id": "1", "candidate_id": "1"}
    for wrong in ({}, {"event": "webhook.test"}, {"event": "party"}):
        assert acme.get("/webhooks/samples", **wrong).status_code == 422


def test_another_companys_are_not_there(acme: Program, other: Program, session: Session, cast: Cast) -> None:
    webhook_id = subscribe(acme)
    hooks.reject(session, cast.acme)
    [message] = hooks.messages(session)
    assert other.get("/webhooks").json == {"data": []}
    assert other("POST", f"/webhooks/messages/{message.id}/replay").status_code == 404
    assert other("DELETE", f"/webhooks/{webhook_id}").status_code == 404
    assert len(endpoints.living(session, cast.acme.id)) == 1


def test_a_key_without_the_scope_neither_reads_nor_subscribes(
    keyed: Keyed, tsumugi: Program, session: Session, cast: Cast
) -> None:
    rest = [scope for scope in ApiScope if not scope.of_partner and scope is not ApiScope.MANAGE_WEBHOOKS]
    for program in (keyed(KeyOwner(company_id=cast.acme.id), *rest), tsumugi):
        assert program.get("/webhooks").status_code == 403
        assert program("POST", "/webhooks", json=NEW).status_code == 403
    assert endpoints.living(session, cast.acme.id) == []
