"""Signatures are those of Standard Webhooks: known ones, and those of its libraries for Python and Node."""

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from relay.connect.webhooks import signing
from tests.programs import found

_NODE = Path(__file__).parents[2] / "node" / "webhook.mjs"
BODY = '{"type":"credit.earned","timestamp":"2026-11-30T00:00:00.000Z","data":{"balance":3}}'


@pytest.mark.parametrize(
    ("uid", "moment", "body", "secret", "signature"),
    [
        (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            '{"test": 2432232314}',
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1649367553,
            '{"email":"test@example.com","username":"test_user"}',
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ],
)
def test_known_signatures(uid: str, moment: int, body: str, secret: str, signature: str) -> None:
    """Of the standard's libraries, and of the documents of Svix, which it is made from (D-3, D-8)."""
    assert signing.sign(uid, moment, body, secret) == signature


def test_a_secret_has_the_shape_of_the_standard() -> None:
    secrets = {signing.new_secret() for _each in range(20)}
    assert len(secrets) == 20
    assert all(len(base64.b64decode(each.removeprefix("whsec_"))) == 32 for each in secrets)


@given(st.text(max_size=200), st.integers(0, 2**31), st.from_regex(r"msg_[0-9a-f]{32}", fullmatch=True))
def test_the_library_for_python_signs_alike(body: str, moment: int, uid: str) -> None:
    secret = signing.new_secret()
    theirs = Webhook(secret).sign(uid, datetime.fromtimestamp(moment, UTC), body)
    assert signing.sign(uid, moment, body, secret) == theirs


def test_what_was_changed_on_the_way_is_refused_by_it() -> None:
    secret, now = signing.new_secret(), datetime.now(UTC)
    headers = signing.headers("msg_1", now, BODY, [secret])
    Webhook(secret).verify(BODY, headers)
    old = signing.headers("msg_1", now - timedelta(minutes=6), BODY, [secret])
    for other in (
        {**headers, "webhook-id": "msg_2"},
        {**headers, "webhook-timestamp": str(int(now.timestamp()) + 1)},
        old,
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY, other)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.replace("3", "4"), headers)


def test_the_library_for_node_verifies_ours_and_signs_alike() -> None:
    """With both secrets while one takes over from the other (D-4)."""
    former, secret, now = signing.new_secret(), signing.new_secret(), datetime.now(UTC)
    headers = signing.headers("msg_1", now, BODY, [secret, former])
    for each in (former, secret):
        told = by_node(each, headers)
        assert told["verified"] is True
        assert told["signature"] == signing.sign("msg_1", int(now.timestamp()), BODY, each)
    assert by_node(signing.new_secret(), headers)["verified"] is False
    assert by_node(secret, {**headers, "webhook-id": "msg_2"})["verified"] is False


def by_node(secret: str, headers: dict[str, str]) -> dict[str, Any]:
    asked = {
        "secret": secret,
        "headers": headers,
        "body": BODY,
        "id": "msg_1",
        "moment": int(headers["webhook-timestamp"]),
    }
    done = subprocess.run(
        [found("node"), _NODE], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told
