"""設定 → システムへの通知: a secret shown once behind a proof, the log of what was sent, and acts on it."""

import html
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import Webhook

from relay import clock
from relay.connect.webhooks import endpoints, signing
from relay.models import UserSession, WebhookState
from relay.portal.settings.webhook_words import SAMPLES, TELLS
from tests.cast import Cast, browse
from tests.db.connect import hooks
from tests.listening import Listener, Request, listening
from tests.programs import found
from tests.web.landing.phone import words

PAGE = "/settings/webhooks"
NEW = {"url": "https://hook.example/in", "types": ["candidate.rejected", "credit.earned"]}


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


@pytest.fixture
def hook(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    hooks.open_loopback(app, monkeypatch)

    def refuse(_request: Request) -> tuple[int, dict[str, str], bytes]:
        return 500, {}, b"<script>alert(1)</script>"

    with listening(refuse) as listener:
        yield listener


def by_node(code: str, secret: str, headers: dict[str, str], body: str) -> bool:
    """Ask the sample for Node."""
    asked = json.dumps([secret, headers, body])
    script = f"{code}const [s, h, b] = {asked}; console.log(isFromRelay(s, h, Buffer.from(b)));"
    done = subprocess.run([found("node"), "-e", script], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip() == "true"


def secret_in(text: str) -> str:
    [secret] = re.findall(r'id="secret"[^>]* value="(whsec_[^"]+)"', text)
    return html.unescape(secret)


def test_an_address_is_added_and_its_secret_shown_once(adam: FlaskClient, session: Session, cast: Cast) -> None:
    made = adam.post(PAGE, data=NEW)
    assert made.status_code == 200 and "表示するのは、いま一度だけです" in words(made)
    secret = secret_in(made.text)
    [endpoint] = endpoints.living(session, cast.acme.id)
    assert endpoints.secrets_in_force(endpoint) == [secret]
    assert (endpoint.types, endpoint.made_by_user_id) == (NEW["types"], cast.adam.id)
    for path in (PAGE, f"{PAGE}/{endpoint.id}"):
        again = adam.get(path).text
        assert "https://hook.example/in" in again and secret not in html.unescape(again)
    assert "見送りにした・無料紹介枠を獲得した" in words(adam.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": ""}, "送り先のURLを入力してください。"),
        ({"types": []}, "知らせるできごとを、一つ以上選んでください。"),
        ({"url": "http://hook.example/"}, "このURLには接続できません。"),
        ({"url": "https://169.254.169.254/latest"}, "このURLには接続できません。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    adam: FlaskClient, session: Session, cast: Cast, typed: dict[str, object], said: str
) -> None:
    answer = adam.post(PAGE, data=NEW | typed)
    assert answer.status_code == 422 and said in words(answer)
    assert f'value="{(NEW | typed)["url"]}"' in answer.text
    assert endpoints.living(session, cast.acme.id) == []


def test_a_secret_is_behind_a_proof(app: Flask, adam: FlaskClient, session: Session, cast: Cast) -> None:
    """An older login is asked again who it is, for the first secret and for another one (E-8)."""
    made = endpoints.add(session, cast.acme.id, NEW["url"], NEW["types"])
    before = made.endpoint.secret
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    for path in (PAGE, f"{PAGE}/{made.endpoint.id}/secret"):
        asked = adam.post(path, data=NEW)
        assert asked.status_code == 200 and "whsec_" not in asked.text and "パスワード" in asked.text
    session.refresh(made.endpoint)
    assert made.endpoint.secret == before and len(endpoints.living(session, cast.acme.id)) == 1


def test_a_new_secret_signs_beside_the_former(adam: FlaskClient, session: Session, cast: Cast) -> None:
    made = endpoints.add(session, cast.acme.id, NEW["url"], NEW["types"])
    session.commit()
    shown = adam.post(f"{PAGE}/{made.endpoint.id}/secret")
    assert "いまから24時間は、前のシークレットの署名も一緒に送ります。" in words(shown)
    session.refresh(made.endpoint)
    assert endpoints.secrets_in_force(made.endpoint) == [secret_in(shown.text), made.secret]


def test_the_log_shows_answers_as_text_and_sends_again(
    adam: FlaskClient, session: Session, cast: Cast, hook: Listener
) -> None:
    made = hooks.add(session, cast.acme, hook)
    page = f"{PAGE}/{made.endpoint.id}"
    hooks.reject(session, cast.acme)
    hooks.send(session)
    shown = adam.get(page)
    assert "<script>alert(1)" not in shown.text and "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
    assert "応答500" in words(shown) and "続けて1回届いていません" in words(shown)
    [message] = hooks.messages(session)
    assert message.uid in shown.text
    assert adam.post(f"{page}/messages/{message.id}/replay").status_code == 303
    assert adam.post(f"{page}/test").status_code == 303
    hooks.send(session)
    types = sorted(Webhook(made.secret).verify(each.body, each.headers)["type"] for each in hook.requests)
    assert types == ["candidate.rejected", "candidate.rejected", "webhook.test"]
    assert "再送" in words(adam.get(page)) and "テスト" in words(adam.get(page))


def test_an_address_is_stopped_taken_up_again_changed_and_removed(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    endpoint = endpoints.add(session, cast.acme.id, NEW["url"], NEW["types"]).endpoint
    session.commit()
    page = f"{PAGE}/{endpoint.id}"
    adam.post(f"{page}/stop")
    hooks.reject(session, cast.acme)
    assert [each.state for each in hooks.messages(session)] == [WebhookState.HELD]
    assert "停止中" in words(adam.get(PAGE)) and "画面またはAPIで停止しました" in words(adam.get(page))
    adam.post(f"{page}/resume")
    assert [each.state for each in hooks.messages(session)] == [WebhookState.WAITING]
    assert adam.post(page, data={"url": "http://10.0.0.1/", "types": NEW["types"]}).status_code == 422
    assert adam.post(page, data={"url": "https://new.example/", "types": ["credit.earned"]}).status_code == 303
    session.rollback()
    session.refresh(endpoint)
    assert (endpoint.url, endpoint.types) == ("https://new.example/", ["credit.earned"])
    assert adam.post(f"{page}/remove").headers["Location"].endswith(PAGE)
    assert adam.get(page).status_code == 404


def test_a_browser_asks_for_no_box_in_particular(adam: FlaskClient) -> None:
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', adam.get(PAGE).text)
    assert len(boxes) == len(endpoints.CHOICES) and not [box for box in boxes if "required" in box]


def test_another_companys_are_not_there(app: Flask, session: Session, cast: Cast) -> None:
    """Nor is a message of another address behind this one's path."""
    made = endpoints.add(session, cast.acme.id, NEW["url"], NEW["types"]).endpoint
    beside = endpoints.add(session, cast.acme.id, NEW["url"], NEW["types"]).endpoint
    session.commit()
    hooks.reject(session, cast.acme)
    message = next(each for each in hooks.messages(session) if each.endpoint_id == made.id)
    adam = browse(app, cast.adam)
    assert adam.post(f"{PAGE}/{beside.id}/messages/{message.id}/replay").status_code == 404
    assert browse(app, cast.ada).get(PAGE).status_code == 403


def test_the_page_says_how_to_check_and_its_sample_does(adam: FlaskClient) -> None:
    """The sample of the page takes what Relay signs, in the five minutes it names, and refuses all else (D-8)."""
    page = words(adam.get(PAGE))
    assert (
        "前後5分を超えるものは受け取りません" in page and "同じ「webhook-id」のものは、二度目からは処理しません" in page
    )
    assert all(str(tells) in page for tells in TELLS.values())
    python, node = (sample.code for sample in SAMPLES)
    space: dict[str, object] = {}
    exec(python, space)  # noqa: S102  (the sample itself)
    check, former, secret = space["is_from_relay"], signing.new_secret(), signing.new_secret()
    assert callable(check)
    body, now = '{"type":"webhook.test"}', clock.now()
    headers = signing.headers("msg_1", now, body, [secret, former])
    assert check(secret, headers, body.encode()) and check(former, headers, body.encode())
    assert not check(signing.new_secret(), headers, body.encode())
    assert not check(secret, headers, b"{}")
    assert by_node(node, secret, headers, body) and by_node(node, former, headers, body)
    assert not by_node(node, secret, headers, "{}") and not by_node(node, signing.new_secret(), headers, body)
    for minutes in (-6, 6):
        old = signing.headers("msg_1", now + timedelta(minutes=minutes), body, [secret])
        assert not check(secret, old, body.encode()) and not by_node(node, secret, old, body)
