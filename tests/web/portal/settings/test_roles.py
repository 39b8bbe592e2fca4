"""The page 「誰が何を見られるか」 says what each role really gets from every route (E-2)."""

from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from relay import clock
from relay.extensions import db
from relay.identity.roles import DOES, PERMISSIONS, SHOWN, WORDS
from relay.models import Role, User, UserSession
from tests.cast import browse, make_user
from tests.conftest import ON_ONE
from tests.web.world import World


class Matrix(HTMLParser):
    """The table as somebody reads it: the words of each row, and for each column whether it says できる."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.inside = dict(attrs).get("id") == "role-matrix"
        elif self.inside and tag == "tr":
            self.rows.append([])
        elif self.inside and tag in {"th", "td"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def shown_on_the_page(app: Flask, reader: User) -> dict[str, set[Role]]:
    """What the page says, by the words of each permission."""
    matrix = Matrix()
    matrix.feed(browse(app, reader).get("/settings/roles").text)
    (_what, *heads), *rows = matrix.rows
    assert heads == [str(WORDS[role]) for role in SHOWN]
    said: dict[str, set[Role]] = {}
    for words, *cells in rows:
        assert set("".join(cells).replace("–", "").replace("できない", "").replace("できる", "")) == set()
        said[words] = {role for role, cell in zip(SHOWN, cells, strict=True) if "できる" in cell}
    return said


def routes(app: Flask) -> list[tuple[Rule, str, str]]:
    """Every route behind a login, with its method and the permission it names."""
    return [
        (rule, method, app.view_functions[rule.endpoint].relay_permission)  # type: ignore[attr-defined]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in {"portal", "agency", "my_account"}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def refused(rule: Rule, role: Role, status: int) -> bool:
    """Behind the other house's door there is nothing at all; in one's own house a missing permission is said."""
    surface = rule.endpoint.split(".")[0]
    if surface != "my_account" and (surface == "agency") is not (role in {Role.LEAD, Role.AGENT}):
        assert status == 404, f"{role} {rule.rule}"
        return True
    return status == 403


def path_of(rule: Rule, world: World) -> str:
    path = rule.rule
    for argument in rule.arguments:
        value = world.value(argument, rule.endpoint)
        path = path.replace(f"<int:{argument}>", value).replace(f"<{argument}>", value)
    return path


def test_every_permission_has_its_words_and_its_place() -> None:
    assert list(DOES) and set(DOES) == set(PERMISSIONS)
    assert len({str(words) for words in DOES.values()}) == len(DOES)
    assert {role for holders in PERMISSIONS.values() for role in holders} <= {*SHOWN, Role.INTERVIEWER}


def test_the_page_agrees_with_what_each_role_gets_from_every_route(app: Flask, session: Session, world: World) -> None:
    """A route gives what its permission says: asked for as each role in tests/web/test_guards.py, a partner's here."""
    said = shown_on_the_page(app, world.cast.vic)
    assert said == {
        str(DOES[permission]): {role for role in SHOWN if role in holders}
        for permission, holders in PERMISSIONS.items()
    }
    asked, amy = routes(app), make_user(session, "amy", world.cast.tsumugi, Role.AGENT)
    session.commit()
    assert {permission for _rule, _method, permission in asked} == set(PERMISSIONS)
    for who in (world.cast.agnes, amy):
        client, role = browse(app, who), who.role
        for rule, method, permission in asked:
            if method == "GET" or role not in PERMISSIONS[permission]:
                answer = client.open(path_of(rule, world), method=method)
                opened = not refused(rule, role, answer.status_code)
                assert opened is (role in PERMISSIONS[permission]), f"{role} {permission} {rule.rule}"


@ON_ONE
def test_what_the_page_allows_is_not_refused_for_want_of_a_permission(
    app: Flask, session: Session, world: World
) -> None:
    """The acts themselves, with nothing typed: whatever they answer, it is not 403.

    A permission is looked up before a database is asked, and what an act says to either one its own tests prove.
    """
    said, cast = shown_on_the_page(app, world.cast.adam), world.cast
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    session.commit()
    people = dict(zip(SHOWN, (cast.adam, cast.ada, cast.vic, cast.agnes, amy), strict=True))
    for role, person in people.items():
        for rule, method, permission in routes(app):
            if method != "GET" and role in said[str(DOES[permission])]:
                client = browse(app, person)
                session.execute(update(UserSession).values(proven_at=clock.now().replace(year=2020)))
                session.commit()
                answer = client.open(path_of(rule, world), method=method)
                assert answer.status_code != 403, f"{role} {method} {rule.rule}"
                db.session.rollback()


@pytest.mark.parametrize("who", ["adam", "ada", "vic"])
def test_every_member_reads_it_and_agents_have_nothing_to_do_there(
    app: Flask, session: Session, world: World, who: str
) -> None:
    page = browse(app, getattr(world.cast, who)).get("/settings/roles")
    assert page.status_code == 200
    assert ("/settings/members" in page.text) is (who == "adam")
    assert browse(app, world.cast.agnes).get("/settings/roles").status_code == 404
