"""Whoever may come: each browser with its cookie, and with the words that it must never be shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Flask
from sqlalchemy.orm import Session

from relay.access import link_csrf
from relay.models import Role, User
from tests.cast import PIN, browse, make_user
from tests.fuzzing import odd
from tests.fuzzing.wire import Asked, Wire
from tests.web.world import EMAIL, NAME, NOTE, PHONE, POSITION, SECRETS, TAG, World

OTHERS = ("八重樫 律", "ritsu@only-other.example", "09055507777", "アザー専属技師", "アザーの札", "アザーだけの覚え書き")
"""Words that only Other's pages may show: name, address, telephone, position, tag, note."""
OF_BOTH_HOUSES = (NAME, EMAIL, PHONE, POSITION, TAG, NOTE, *OTHERS)
"""Words for colleagues alone: neither who holds a mailed link nor a partner who was given a person reads them."""


@dataclass(frozen=True)
class Visitor:
    """A browser; `csrf` is the value that forms of its pages carry."""

    name: str
    unseen: tuple[str, ...]
    of_other: bool = False
    cookie: str = ""
    csrf: str = ""


def let_in(app: Flask, session: Session, world: World, wire: Wire, own_page: str) -> dict[str, Visitor]:
    """Every role of two companies and two partners, a person inside their own page, and somebody unknown."""
    visitors = {}
    for user, unseen in _people(session, world):
        cookie = browse(app, user).get_cookie("relay")
        assert cookie is not None
        came = Visitor(user.name, unseen, user.company_id == world.cast.other.id, f"relay={cookie.value}")
        visitors[came.name] = _with_csrf(came, wire, "/account")
    app.config["WTF_CSRF_ENABLED"] = True
    visitors["anonymous"] = _with_csrf(Visitor("anonymous", (*SECRETS, *OTHERS)), wire, "/login")
    visitors["candidate"] = _inside(own_page, wire)
    return visitors


def _people(session: Session, world: World) -> Iterator[tuple[User, tuple[str, ...]]]:
    cast = world.cast
    roles = {"Otto": Role.RECRUITER, "Olga": Role.VIEWER, "Oskar": Role.INTERVIEWER}
    others = [make_user(session, name, cast.other, role) for name, role in roles.items()]
    session.commit()
    for user in (cast.adam, cast.ada, cast.vic, world.ian):
        yield user, OTHERS
    for user in (cast.mona, *others):
        yield user, SECRETS
    yield cast.agnes, OF_BOTH_HOUSES
    yield cast.sho, (*SECRETS, *OTHERS)


def _with_csrf(visitor: Visitor, wire: Wire, page: str) -> Visitor:
    """The visitor after a look at a page with a form."""
    answer = wire(Asked("GET", page, (("Cookie", visitor.cookie),)))
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer.text)
    assert found, f"{visitor.name} at {page}: {answer.status_code}"
    cookie = answer.headers.get("Set-Cookie", visitor.cookie).split(";", 1)[0]
    return replace(visitor, cookie=cookie, csrf=found[1])


def _inside(own_page: str, wire: Wire) -> Visitor:
    """The registered person, after the number of their own page."""
    kind, body = odd.form([("link_csrf", link_csrf(own_page).encode()), ("number", PIN.encode())])
    answer = wire(Asked("POST", f"/me/{own_page}/number", (("Content-Type", kind),), body))
    return Visitor("candidate", OF_BOTH_HOUSES, cookie=answer.headers["Set-Cookie"].split(";", 1)[0])
