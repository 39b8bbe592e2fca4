"""Route × role × foreign tenant, from the URL map, so that a new route cannot be forgotten (invariant 10, E-1, E-2).

A route with a new kind of path fails in tests/web/world.py with a sentence that says what to add.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from relay.access.csrf import link_csrf
from relay.extensions import Base, db
from relay.identity import users
from relay.identity.roles import PERMISSIONS, may
from relay.mail import tokens
from relay.models import EventTag, PartnerKind, RateCount, Role, TokenPurpose, User
from tests.cast import browse, make_candidate, make_partner, make_user
from tests.conftest import ON_ONE
from tests.web.world import SECRETS, World

UNSEEN = {"user_sessions", "rate_counts"}
"""Tables in which merely visiting leaves a trace."""
OWNER = {"companies": "id", "mailed_codes": "subject_id"}
"""Where a company's rows do not name it as company_id."""
PUBLIC = {
    "/.well-known/relay-keys.json",
    "/about",
    "/about/privacy",
    "/careers/<slug>/positions/<link>",
    "/careers/<slug>/privacy",
    "/careers/<slug>/relay",
    "/data-request",
    "/me",
}
"""Pages for candidates that need no link."""
NOWHERE = {"int": "987654321", "default": "nowhere"}


@pytest.fixture(autouse=True)
def without_csrf(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def routes(app: Flask, surface: str) -> Iterator[tuple[Rule, str]]:
    """Each rule of a surface with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] == surface:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def path_of(app: Flask, rule: Rule, world: World) -> str:
    """The rule's path to an object of Acme."""
    values = {argument: world.value(argument, rule.endpoint) for argument in rule.arguments}
    return _build(app, rule, values)


def opened_by(rule: Rule) -> TokenPurpose | None:
    """The purpose of the tokens that open this mailed page; None for a partner's link, which Relay mails nobody."""
    return next((purpose for purpose, start in tokens.paths().items() if rule.rule.startswith(start)), None)


def ask(client: FlaskClient, method: str, path: str, world: World, **more: Any) -> TestResponse:
    return client.open(path, method=method, data=world.form() if method != "GET" else None, **more)


def acme_rows(session: Session, world: World) -> dict[str, list[Any]]:
    """Everything Acme owns, and everything that belongs to no company."""
    session.rollback()
    rows: dict[str, list[Any]] = {}
    with db.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            if name not in UNSEEN:
                wanted = select(table)
                if (owner := table.columns.get(OWNER.get(name, "company_id"))) is not None:
                    wanted = wanted.where(owner == world.acme_id)
                rows[name] = sorted(map(repr, connection.execute(wanted)))
    return rows


def members(session: Session, world: World) -> dict[Role, User]:
    return {
        Role.ADMIN: world.cast.adam,
        Role.RECRUITER: world.cast.ada,
        Role.VIEWER: world.cast.vic,
        Role.INTERVIEWER: world.ian,
    }


@ON_ONE
def test_strangers_are_asked_to_sign_in(app: Flask, session: Session, world: World) -> None:
    before, client = acme_rows(session, world), app.test_client()
    for surface in ("portal", "agency", "my_account"):
        for rule, method in routes(app, surface):
            path = path_of(app, rule, world)
            answer = ask(client, method, path, world)
            assert answer.status_code == 302, f"{method} {path}"
            assert answer.location.startswith("/login"), f"{method} {path}"
            fragment = ask(client, method, path, world, headers={"HX-Request": "true"})
            leads_to = "/login" if method == "GET" else None  # a typed form stays where it is
            assert (fragment.status_code, fragment.headers.get("HX-Redirect")) == (401, leads_to), f"{method} {path}"
    assert acme_rows(session, world) == before


def test_another_company_finds_nothing_behind_any_path(app: Flask, session: Session, world: World) -> None:
    before = acme_rows(session, world)
    for who in (world.cast.mona, make_user(session, "max", world.cast.other, Role.RECRUITER)):
        client = browse(app, who)
        for rule, method in routes(app, "portal"):
            if rule.arguments:
                path = path_of(app, rule, world)
                expected = 404 if may(who.role, _permission(app, rule)) else 403
                assert ask(client, method, path, world).status_code == expected, f"{who.name}: {method} {path}"
    assert acme_rows(session, world) == before


def test_another_company_changes_nothing_through_any_form(app: Flask, session: Session, world: World) -> None:
    """Ids in a form are as foreign as ids in a path."""
    before, client = acme_rows(session, world), browse(app, world.cast.mona)
    for rule, method in routes(app, "portal"):
        if method != "GET" and not rule.arguments:
            answer = ask(client, method, _build(app, rule, {}), world)
            assert answer.status_code < 500, rule.rule
            assert not _secrets_in(answer), rule.rule
    assert acme_rows(session, world) == before


def test_another_company_changes_nothing_through_its_own_paths(app: Flask, session: Session, world: World) -> None:
    """A path of one's own with the ids of another company in the form."""
    own = make_candidate(session, world.cast.other, "自社 太郎", email="own@other.example")
    session.commit()
    before, client = acme_rows(session, world), browse(app, world.cast.mona)
    for rule, method in routes(app, "portal"):
        if method != "GET" and "candidate_id" in rule.arguments:
            values = {argument: world.value(argument, rule.endpoint) for argument in rule.arguments}
            answer = ask(client, method, _build(app, rule, values | {"candidate_id": str(own.id)}), world)
            assert answer.status_code < 500, rule.rule
    assert acme_rows(session, world) == before


def test_no_page_of_another_company_shows_a_word_of_acmes(app: Flask, session: Session, world: World) -> None:
    """Asked as it is, narrowed to what is Acme's, and searched for Acme's words where a word makes any difference."""
    client = browse(app, world.cast.mona)
    narrowing = "&".join(
        f"{name}={world.values[of]}"
        for name, of in (("position", "position_id"), ("tag", "tag_id"), ("batch", "batch"))
    )
    for rule, method in routes(app, "portal"):
        if method == "GET" and not rule.arguments:
            path = _build(app, rule, {})
            plain, searched = client.get(path), client.get(f"{path}?q=朝倉")
            answers = [plain, searched, client.get(f"{path}?{narrowing}")]
            if searched.data != plain.data:
                answers += [client.get(f"{path}?q={word}") for word in ("only-acme", "アクメ")]
            for answer in answers:
                assert answer.status_code < 500, answer.request.url
                assert not _secrets_in(answer), f"{answer.request.url} shows {_secrets_in(answer)}"


def _colleagues(session: Session, world: World) -> list[Any]:
    """The partner's people, with what decides on what they may do."""
    session.expire_all()
    return [(each.id, each.role, each.disabled_at) for each in users.members(session, world.cast.tsumugi)]


def opens_what_it_may_and_nothing_else(app: Flask, session: Session, world: World, role: Role) -> None:
    """Ask for every route as this role; who may only look changes nothing by whatever else is sent."""
    before = acme_rows(session, world)
    client, seen = browse(app, members(session, world)[role]), 0
    for surface, rule, method in ((each, *found) for each in ("portal", "my_account") for found in routes(app, each)):
        path = path_of(app, rule, world)
        if not may(role, _permission(app, rule)):
            assert ask(client, method, path, world).status_code == 403, f"{role} {method} {path}"
        elif method == "GET":
            seen += surface == "portal"
            assert client.get(path).status_code in {200, 302, 303}, f"{role} GET {path}"
        elif role is Role.VIEWER and surface == "portal":
            ask(client, method, path, world)
    assert (seen > 0) is (role is not Role.INTERVIEWER)
    after = acme_rows(session, world)
    refused = f"'{EventTag.ACT_REFUSED}'"
    if role is Role.INTERVIEWER:
        after["events"] = [row for row in after["events"] if refused not in row]
        assert after == before, "nothing but the record of what was refused"
    if role is Role.VIEWER:
        assert after | {"events": []} == before | {"events": []}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_each_role_opens_what_it_may_and_nothing_else(app: Flask, session: Session, world: World, role: Role) -> None:
    opens_what_it_may_and_nothing_else(app, session, world, role)


@ON_ONE
@pytest.mark.parametrize("role", [Role.RECRUITER, Role.INTERVIEWER])
def test_so_does_a_role_in_between(app: Flask, session: Session, world: World, role: Role) -> None:
    """Its pages are the administrator's, and its refusals need no database."""
    opens_what_it_may_and_nothing_else(app, session, world, role)


OF_MEMBERS = {"/account/month-report"}
"""Acts of the account page that are for members of a company alone."""


@pytest.mark.parametrize("role", [Role.LEAD, Role.AGENT])
def test_each_role_of_a_partner_opens_what_it_may_and_nothing_else(
    app: Flask, session: Session, world: World, role: Role
) -> None:
    """A newcomer changes nothing about the partner or a colleague: whatever is sent, nothing but a refusal is left."""
    amy = make_user(session, "amy", world.cast.tsumugi, Role.AGENT)
    session.commit()
    before = _colleagues(session, world)
    client = browse(app, world.cast.agnes if role is Role.LEAD else amy)
    for rule, method in (found for each in ("agency", "my_account") for found in routes(app, each)):
        path = path_of(app, rule, world)
        if not may(role, _permission(app, rule)):
            assert role is Role.AGENT or path in OF_MEMBERS, path
            assert ask(client, method, path, world).status_code == 403, f"{role} {method} {path}"
        elif method == "GET":
            assert client.get(path).status_code in {200, 302, 303}, f"{role} GET {path}"
    assert _colleagues(session, world) == before


@ON_ONE
def test_partners_and_companies_do_not_enter_each_others_portal(app: Flask, session: Session, world: World) -> None:
    before = acme_rows(session, world)
    for who, surface in ((world.cast.agnes, "portal"), (world.cast.adam, "agency"), (world.cast.mona, "agency")):
        client = browse(app, who)
        for rule, method in routes(app, surface):
            path = path_of(app, rule, world)
            assert ask(client, method, path, world).status_code == 404, f"{who.name}: {method} {path}"
    assert acme_rows(session, world) == before


def test_a_partner_reads_and_nothing_else(app: Flask, session: Session, world: World) -> None:
    client = browse(app, world.cast.agnes)
    for rule, _method in routes(app, "agency"):
        path = path_of(app, rule, world)
        assert client.get(path).status_code == 200, path
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.open(path, method=method).status_code == 405, f"{method} {path}"


def test_a_person_is_shown_only_to_the_partner_they_chose(app: Flask, session: Session, world: World) -> None:
    rival = make_partner(session, "rival", kind=PartnerKind.SCHOOL)
    session.commit()
    before = acme_rows(session, world)["provision_records"]
    for who in (world.cast.sho, make_user(session, "ron", rival, Role.AGENT)):
        client = browse(app, who)
        for rule, _method in routes(app, "agency"):
            answer = client.get(path_of(app, rule, world))
            assert answer.status_code in ({404, 410} if rule.arguments else {200}), rule.rule
            assert not _secrets_in(answer), rule.rule
            assert world.values["code"] not in answer.text or "code" in rule.arguments
    assert acme_rows(session, world)["provision_records"] == before


def test_what_is_nowhere_looks_like_what_is_elsewhere(app: Flask, session: Session, world: World) -> None:
    """The answer to a foreign id tells nothing that the answer to a made-up one does not."""
    client = browse(app, world.cast.mona)
    for rule, method in routes(app, "portal"):
        if rule.arguments:
            made_up = {name: NOWHERE["int" if name.endswith("_id") else "default"] for name in rule.arguments}
            nowhere = ask(client, method, _build(app, rule, made_up), world)
            elsewhere = ask(client, method, path_of(app, rule, world), world)
            assert (nowhere.status_code, nowhere.text) == (elsewhere.status_code, elsewhere.text), rule.rule


def test_a_token_opens_its_own_page_alone(app: Flask, session: Session, world: World) -> None:
    """Every mailed path with a token of every other purpose, and with one that was never made."""
    client = app.test_client()
    behind = [
        each for surface in ("landing", "token_link") for each in routes(app, surface) if each[0].rule not in PUBLIC
    ]
    tried = 0
    for rule, method in behind:
        assert rule.arguments == {"token"}, f"{rule.rule}: a mailed page hangs on a token alone"
        own = opened_by(rule)
        session.execute(delete(RateCount))  # so many posts from one address are held back otherwise (E-23)
        session.commit()
        for purpose, token in [*((kind.value, text) for kind, text in world.tokens.items()), ("none", "x" * 43)]:
            path, proof = _build(app, rule, {"token": token}), {"link_csrf": link_csrf(token)}
            answer = client.get(path, follow_redirects=True) if method == "GET" else client.post(path, data=proof)
            assert "Set-Cookie" not in answer.headers, rule.rule
            if purpose != own:
                tried += 1
                assert answer.status_code in {404, 410}, f"{method} {rule.rule} opened with a token for {purpose}"
                assert not _secrets_in(answer), rule.rule
    assert tried >= 4 * len(behind)


@ON_ONE
def test_every_permission_is_asked_for_somewhere(app: Flask) -> None:
    asked = {
        _permission(app, rule)
        for surface in ("portal", "agency", "my_account")
        for rule, _method in routes(app, surface)
    }
    assert asked == set(PERMISSIONS)


def _permission(app: Flask, rule: Rule) -> str:
    permission: str = app.view_functions[rule.endpoint].relay_permission  # type: ignore[attr-defined]
    return permission


def _build(app: Flask, rule: Rule, values: dict[str, str]) -> str:
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<int:{argument}>", values[argument]).replace(f"<{argument}>", values[argument])
    return path


def _secrets_in(answer: TestResponse) -> list[str]:
    return [word for word in SECRETS if word.encode() in answer.data]
