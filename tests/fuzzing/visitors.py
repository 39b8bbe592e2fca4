"""Whoever may come: each browser with its cookie, and with the words that it must never be shown."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.access.csrf import link_csrf
from relay.account.login import AWAITS
from relay.identity import sessions
from relay.infra import vault
from relay.models import Role, User
from relay.text.phone import format_phone
from tests.cast import PIN, browse, make_user
from tests.fuzzing import odd
from tests.fuzzing.wire import Asked, Wire
from tests.web.world import EMAIL, NAME, NOTE, PHONE, POSITION, SECRETS, TAG, World

OTHERS = (
    "八重樫 律",
    "ritsu@only-other.example",
    "09055507777",
    "アザー専属技師",
    "アザーの札",
    "アザーだけの覚え書き",
)
"""Words that only Other's pages may show: name, address, telephone, position, tag, note."""
OF_BOTH_HOUSES = (NAME, EMAIL, PHONE, POSITION, TAG, NOTE, *OTHERS)
"""Words for colleagues alone: neither who holds a mailed link nor a partner who was given a person reads them."""

OF_ALL = (*SECRETS, *OTHERS)


def spelled(words: Iterable[str]) -> Iterator[str]:
    """The words in each way that a page writes them: a telephone number also in groups."""
    for word in words:
        yield word
        if word.isdecimal():
            yield format_phone(word)


@dataclass(frozen=True)
class Visitor:
    """A browser; `csrf` is the value that forms of its pages carry."""

    name: str
    unseen: tuple[str, ...]
    of_other: bool = False
    cookie: str = ""
    csrf: str = ""


def let_in(app: Flask, session: Session, world: World, wire: Wire, own_page: str) -> dict[str, Visitor]:
    """Every role of two companies and two partners, a person inside their own page, and two who stand outside."""
    visitors = {}
    for user, unseen in _people(session, world):
        came = Visitor(user.name, unseen, user.company_id == world.cast.other.id, _cookie(browse(app, user)))
        visitors[came.name] = _with_csrf(came, wire, "/account")
    app.config["WTF_CSRF_ENABLED"] = True
    visitors["anonymous"] = _with_csrf(Visitor("anonymous", OF_ALL), wire, "/login")
    visitors["half-way"] = _with_csrf(_half_way(app, session, world), wire, "/login/code")
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
    yield cast.sho, OF_ALL


def _half_way(app: Flask, session: Session, world: World) -> Visitor:
    """Hal of Acme, whose password was right and whose code is still to come."""
    hal = make_user(session, "hal", world.cast.acme, Role.ADMIN)
    hal.totp_secret = vault.seal("a secret")
    token = sessions.start(session, hal.id, ip="127.0.0.1", agent="test", awaits_code=True)
    session.commit()
    client = app.test_client()
    with client.session_transaction() as kept:
        kept[AWAITS] = token
    return Visitor("half-way", OF_ALL, cookie=_cookie(client))


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("relay")
    assert cookie is not None
    return f"relay={cookie.value}"


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
