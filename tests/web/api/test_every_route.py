"""Route × key × foreign tenant of the API, from the URL map (invariant 10): a new route is in it by itself.

Bodies and queries are made from what the API says of itself, with Acme's ids under every name. A name that looks like
an id of a kind the world does not have fails with a sentence that says what to add.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from relay.api.description import document
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import Base, db
from relay.models import ApiKey, ApiScope, RateCount, scopes
from tests.web.api.conftest import Program
from tests.web.test_guards import NOWHERE, OWNER, UNSEEN, path_of, routes
from tests.web.world import NAME, SECRETS, TAG, World

PROBLEM = "application/problem+json"
NAMED = {"request_id": "asked_id", "application_id": "open_application_id"}
"""Names of the API whose objects the world keeps under another."""
SEARCHED = {"q": NAME, "tag": TAG}
"""What a query looks for, in words of Acme."""
TRACED = UNSEEN | {"api_keys"}
"""Tables in which asking leaves a trace: the day of a key's last use is noted."""
OF_NOBODY = {"external_id", "occupation_id"}
"""Names of ids that are no object's of a company: another system's, and a number of the published list."""
OF_OTHER_SYSTEMS = {"api.candidate_told"}
"""Views behind whose path is what another system calls a person: it leads to nobody else's, and makes one's own."""
OWN_ALONE = {"api.own_key"}
"""Views that need no scope, for they tell of the key alone."""


class Asking:
    """The routes of the API with what each is asked, behind paths to objects of Acme."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app, self._world = app, world
        with app.test_request_context():
            self._described = document()

    def routes(self) -> Iterator[tuple[Rule, str]]:
        yield from routes(self._app, "api")

    def scope(self, rule: Rule, method: str) -> ApiScope | None:
        """What a key needs for it. A view of several methods has a scope for each."""
        view = self._app.view_functions[rule.endpoint]
        view = getattr(getattr(view, "view_class", None), method.lower(), view)
        found: ApiScope | None = getattr(view, "relay_api_scope", None)
        assert found or rule.endpoint in OWN_ALONE, f"{rule.rule} says no scope"
        return found

    def path(self, rule: Rule, *, nowhere: bool = False) -> str:
        if nowhere:
            made_up = {name: NOWHERE["int" if name.endswith("_id") else "default"] for name in rule.arguments}
            path = rule.rule
            for name, value in made_up.items():
                path = path.replace(f"<int:{name}>", value).replace(f"<{name}>", value)
        else:
            path = path_of(self._app, rule, self._world)
        return path.removeprefix("/api/v1")

    def send(self, program: Program, rule: Rule, method: str, *, nowhere: bool = False) -> TestResponse:
        """Ask with everything of Acme's that the operation could name."""
        operation = self._operation(rule, method)
        query = {
            each["name"]: self._value(each["name"], each["schema"])
            for each in map(self._resolved, operation.get("parameters", []))
            if each["in"] == "query"
            and (each.get("required") or each["name"].endswith("_id") or each["name"] in SEARCHED)
        }
        more: dict[str, Any] = {"query_string": query}
        if body := operation.get("requestBody"):
            more["json"] = self._value("", body["content"]["application/json"]["schema"])
        answer = program(method, self.path(rule, nowhere=nowhere), **more)
        while answer.status_code == 422 and self._without_refused(more, answer):
            answer = program(method, self.path(rule, nowhere=nowhere), **more)
        asked = f"{method} {rule.rule}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, asked
        assert answer.status_code < 400 or answer.mimetype == PROBLEM, asked
        return answer

    def _without_refused(self, sent: dict[str, Any], answer: TestResponse) -> bool:
        """Leave out what was refused for itself, so that the rest is tried; tell whether anything was."""
        assert answer.json is not None
        names = {each["pointer"].split("/")[1] for each in answer.json["errors"] if each["pointer"].startswith("/")}
        found = names & sent.get("json", {}).keys()
        for name in found:
            del sent["json"][name]
        return bool(found)

    def _operation(self, rule: Rule, method: str) -> Mapping[str, Any]:
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", f"{{{name}}}").replace(f"<{name}>", f"{{{name}}}")
        found: Mapping[str, Any] = self._described["paths"][path][method.lower()]
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in schema:
            return schema
        found: Any = self._described
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return self._resolved(found)

    def _value(self, name: str, asked: Mapping[str, Any]) -> Any:
        schema = self._resolved(asked)
        if "anyOf" in schema or "allOf" in schema or "oneOf" in schema:
            schema = self._resolved(next(iter(schema.get("anyOf") or schema.get("allOf") or schema["oneOf"])))
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {each: self._value(each, part) for each, part in schema.get("properties", {}).items()}
        if kind == "array":
            return [self._value(name.removesuffix("s"), schema["items"])]
        if kind in ("string", "integer") and (known := self._known(name)):
            return known if kind == "string" else int(known)
        plain = {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}
        dated = {"date": "2026-12-01", "date-time": "2026-12-01T09:00:00Z", "email": "stranger@mail.example"}
        return plain.get(kind, dated.get(schema.get("format", ""), "written by a stranger"))

    def _known(self, name: str) -> str:
        """Acme's object of this name; nothing for a name that is no id."""
        if name in SEARCHED:
            return SEARCHED[name]
        known = self._world.values.get(NAMED.get(name, name), "")
        assert known or not name.endswith("_id") or name in OF_NOBODY, (
            f"{name} is an id of a new kind: make such an object at Acme in tests/web/world.py"
        )
        return known if name.endswith("_id") or name == "code" else ""


@pytest.fixture
def asking(app: Flask, world: World) -> Asking:
    return Asking(app, world)


def program(app: Flask, session: Session, owner: KeyOwner, user_id: int, *, scopeless: bool = False) -> Program:
    """A program with a key for everything such a key may do, or for nothing."""
    key = keys.make(session, owner, "歩く", owner.choices(), by_user_id=user_id, expires_on=None, live=False)
    if scopeless:
        with owner.scope(session):
            session.execute(update(ApiKey).where(ApiKey.name == "歩く").values(scopes=""))
    session.commit()
    return Program(app.test_client(use_cookies=False), key)


def acmes(session: Session, world: World) -> dict[str, list[str]]:
    """Everything of Acme's, and of the people who registered through it."""
    session.rollback()
    rows: dict[str, list[str]] = {}
    with db.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            owner = table.columns.get(OWNER.get(name, "company_id"))
            if name in TRACED:
                continue
            if owner is not None:
                rows[name] = sorted(map(repr, connection.execute(select(table).where(owner == world.acme_id))))
            elif "profile_id" in table.columns:
                rows[name] = sorted(map(repr, connection.execute(select(table))))
    return rows


def test_without_a_key_in_force_nothing_is_answered(app: Flask, session: Session, world: World, asking: Asking) -> None:
    owner = KeyOwner(company_id=world.acme_id)
    revoked = program(app, session, owner, world.cast.adam.id)
    with scopes.company(session, world.acme_id):
        key_id = session.scalars(select(ApiKey.id).order_by(ApiKey.id.desc()).limit(1)).one()
        keys.revoke(session, owner, key_id, by_user_id=world.cast.adam.id)
    session.commit()
    before = acmes(session, world)
    for each in (Program(app.test_client(), ""), Program(app.test_client(), revoked.key[:-1] + "x"), revoked):
        session.execute(delete(RateCount))  # so many wrong keys from one address are held back otherwise
        session.commit()
        for rule, method in asking.routes():
            answer = asking.send(each, rule, method)
            assert (answer.status_code, answer.mimetype) == (401, PROBLEM), f"{method} {rule.rule}"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert acmes(session, world) == before


def test_a_key_opens_nothing_that_its_scopes_do_not_name(
    app: Flask, session: Session, world: World, asking: Asking
) -> None:
    cast = world.cast
    owners = (
        (KeyOwner(company_id=world.acme_id), cast.adam.id, True),
        (KeyOwner(partner_id=cast.tsumugi.id), cast.agnes.id, True),
        (KeyOwner(company_id=world.acme_id), cast.adam.id, False),
        (KeyOwner(partner_id=cast.tsumugi.id), cast.agnes.id, False),
    )
    for owner, user_id, scopeless in owners:
        each = program(app, session, owner, user_id, scopeless=scopeless)
        before = acmes(session, world)
        for rule, method in asking.routes():
            needed = asking.scope(rule, method)
            if needed is not None and (scopeless or needed not in owner.choices()):
                answer = asking.send(each, rule, method)
                assert answer.status_code == 403, f"{method} {rule.rule}"
                assert not secrets_in(answer)
        assert acmes(session, world) == before


def test_another_company_finds_nothing_behind_any_path(
    app: Flask, session: Session, world: World, asking: Asking
) -> None:
    """Nothing of Acme's is answered or changed, and a foreign id is answered like one that never was."""
    owner = KeyOwner(company_id=world.cast.other.id)
    _walk_foreign(session, world, asking, owner, program(app, session, owner, world.cast.mona.id))


def test_another_partner_finds_nothing_behind_any_path(
    app: Flask, session: Session, world: World, asking: Asking
) -> None:
    owner = KeyOwner(partner_id=world.cast.manabi.id)
    _walk_foreign(session, world, asking, owner, program(app, session, owner, world.cast.sho.id))


def _walk_foreign(session: Session, world: World, asking: Asking, owner: KeyOwner, stranger: Program) -> None:
    before = acmes(session, world)
    for rule, method in asking.routes():
        answer, asked = asking.send(stranger, rule, method), f"{method} {rule.rule}"
        assert not secrets_in(answer), asked
        assert world.values["code"] not in answer.text or "code" in rule.arguments or method == "POST", asked
        if rule.endpoint not in OF_OTHER_SYSTEMS and rule.arguments and asking.scope(rule, method) in owner.choices():
            assert answer.status_code == 404, asked
            nowhere = asking.send(stranger, rule, method, nowhere=True)
            assert _said(nowhere) == _said(answer), asked
    assert acmes(session, world) == before


def test_keys_of_acme_and_its_agency_open_what_they_may(
    app: Flask, session: Session, world: World, asking: Asking
) -> None:
    """What is there is read; whatever is sent, an answer that refuses is a problem and none is a fault of ours."""
    cast = world.cast
    for owner, user_id in (
        (KeyOwner(company_id=world.acme_id), cast.adam.id),
        (KeyOwner(partner_id=cast.tsumugi.id), cast.agnes.id),
    ):
        each = program(app, session, owner, user_id)
        reads = [(rule, method) for rule, method in asking.routes() if method == "GET"]
        acts = [(rule, method) for rule, method in asking.routes() if method != "GET"]
        for rule, method in (*reads, *sorted(acts, key=lambda act: act[1] == "DELETE")):
            needed = asking.scope(rule, method)
            if needed is None or needed in owner.choices():
                answer = asking.send(each, rule, method)
                assert method != "GET" or answer.status_code == 200, f"{rule.rule}: {answer.text}"


def test_every_scope_is_asked_for_somewhere(asking: Asking) -> None:
    asked = {asking.scope(rule, method) for rule, method in asking.routes()}
    assert {scope for scope in ApiScope if scope.of_partner} <= asked


def _said(answer: TestResponse) -> tuple[int, str, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"], answer.json["detail"]


def secrets_in(answer: TestResponse) -> list[str]:
    return [word for word in SECRETS if word.encode() in answer.data or word in str(answer.json)]
