"""Programs with keys of Acme, of another company and of an agency."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.models import ApiScope
from tests.cast import Cast, make_cast


@dataclass
class Program:
    """What asks with one key; a POST carries an Idempotency-Key of its own."""

    client: FlaskClient
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        sent = {"Authorization": f"Bearer {self.key}"} | self.headers | more.pop("headers", {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", uuid4().hex)
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)

    def get(self, path: str, **asked: Any) -> TestResponse:
        return self("GET", path, query_string=asked)


Keyed = Callable[..., Program]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def keyed(app: Flask, session: Session, cast: Cast) -> Keyed:
    """Make a program with a key of this organisation, for everything such a key may do or for these scopes."""

    def make(owner: KeyOwner, *allowed: ApiScope, by_user_id: int = 0) -> Program:
        key = keys.make(
            session,
            owner,
            "採用管理システム",
            allowed or owner.choices(),
            by_user_id=by_user_id or cast.adam.id,
            expires_on=None,
            live=False,
        )
        session.commit()
        return Program(app.test_client(use_cookies=False), key)

    return make


@pytest.fixture
def acme(keyed: Keyed, cast: Cast) -> Program:
    return keyed(KeyOwner(company_id=cast.acme.id))


@pytest.fixture
def other(keyed: Keyed, cast: Cast) -> Program:
    return keyed(KeyOwner(company_id=cast.other.id), by_user_id=cast.mona.id)


@pytest.fixture
def tsumugi(keyed: Keyed, cast: Cast) -> Program:
    return keyed(KeyOwner(partner_id=cast.agnes.partner_id), by_user_id=cast.agnes.id)
