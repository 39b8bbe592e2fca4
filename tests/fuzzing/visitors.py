"""Whoever may come, each with the words that they must never read; and one of everything for them to ask about."""

import re
from dataclasses import dataclass, field, replace
from io import BytesIO

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.access import link_csrf
from relay.identity.first_start import INSTALLATION
from relay.mail import tokens
from relay.mail.hashing import address_hash
from relay.mail.tokens import PATHS
from relay.models import Message, Role, TokenPurpose, User, scopes
from relay.outreach import templates
from relay.pool import files, search, tags
from relay.pool.record import notes
from tests.cast import PIN, browse, make_application, make_candidate, make_position, make_user
from tests.fuzzing import odd
from tests.fuzzing.wire import Asked, Wire
from tests.papers import pdf
from tests.web.world import EMAIL, NAME, NOTE, PHONE, POSITION, SECRETS, TAG, World, make_world

OTHERS = ("八重樫 律", "ritsu@only-other.example", "09055507777", "アザー専属技師", "アザーの札", "アザーだけの覚え書き")
"""Words that only Other's pages may show: name, address, telephone, position, tag, note."""
OF_THE_HOUSE = (NAME, EMAIL, PHONE, POSITION, TAG, NOTE, *OTHERS)
"""Words that nobody reads who holds a mailed link, or to whom somebody was introduced."""


@dataclass(frozen=True)
class Visitor:
    """A browser: the cookie it holds, the CSRF value of its pages, and what it must never be shown."""

    name: str
    unseen: tuple[str, ...]
    of_other: bool = False
    cookie: str = ""
    csrf: str = ""


@dataclass
class Town:
    """Two companies with one of everything at Acme and much of it at Other, and all visitors."""

    world: World
    elsewhere: dict[str, str]
    tokens: dict[TokenPurpose, str]
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def token_for(self, path: str) -> str:
        """The mailed token that opens this path."""
        return next(self.tokens[purpose] for purpose, start in PATHS.items() if path.startswith(start))


def make_town(app: Flask, session: Session, wire: Wire) -> Town:
    """Fill an empty database, commit, and let everybody in."""
    world = make_world(session)
    town = Town(world, _other(session, world), world.tokens | _more_tokens(session, world))
    session.commit()
    for name, user, unseen in _people(session, world):
        cookie = browse(app, user).get_cookie("relay")
        assert cookie is not None
        came = Visitor(name, unseen, user.company_id == world.cast.other.id, f"relay={cookie.value}")
        town.visitors[name] = _with_csrf(came, wire, "/account")
    app.config["WTF_CSRF_ENABLED"] = True
    town.visitors["anonymous"] = _with_csrf(Visitor("anonymous", (*SECRETS, *OTHERS)), wire, "/login")
    town.visitors["candidate"] = _inside_own_page(town, wire)
    return town


def _people(session: Session, world: World) -> list[tuple[str, User, tuple[str, ...]]]:
    cast = world.cast
    others = [make_user(session, f"o{role}", cast.other, role) for role in Role if role not in {Role.ADMIN, Role.AGENT}]
    session.commit()
    return [
        *((user.name, user, OTHERS) for user in (cast.adam, cast.ada, cast.vic, world.ian)),
        *((user.name, user, SECRETS) for user in (cast.mona, *others)),
        ("Agnes", cast.agnes, OF_THE_HOUSE),
        ("Sho", cast.sho, (*SECRETS, *OTHERS)),
    ]


def _other(session: Session, world: World) -> dict[str, str]:
    """Somebody of Other's, under the names by which addresses call their parts."""
    other, mona = world.cast.other, world.cast.mona
    name, email, phone, title, label, text = OTHERS
    candidate = make_candidate(session, other, name, email=email, phone=phone)
    position = make_position(session, other, title)
    application = make_application(session, candidate, position)
    templates.install_defaults(session, other.id)
    with scopes.company(session, other.id):
        tag = tags.find_or_make(session, label)
        notes.add_note(session, candidate, text, by_user_id=mona.id)
        file = files.keep(session, candidate, f"{name}.pdf", BytesIO(pdf(text)), by_user_id=mona.id)
        search.index(session, [candidate.id])
        template = templates.choices(session)[0]
    return {
        "candidate_id": str(candidate.id),
        "application_id": str(application.id),
        "position_id": str(position.id),
        "tag_id": str(tag.id),
        "file_id": str(file.id),
        "template_id": str(template.id),
        "user_id": str(mona.id),
        "slug": other.slug,
    }


def _more_tokens(session: Session, world: World) -> dict[TokenPurpose, str]:
    """What further letters would bring."""
    ada, acme = world.cast.ada, world.acme_id
    ada.new_email = "ada.new@only-acme.example"
    with scopes.company(session, acme), scopes.practice(session):
        practised = session.scalars(select(Message.id).where(Message.batch == world.values["practice_batch"])).one()
    return {
        TokenPurpose.PASSWORD: tokens.mint(session, TokenPurpose.PASSWORD, ada.id),
        TokenPurpose.NEW_EMAIL: tokens.mint(session, TokenPurpose.NEW_EMAIL, ada.id, address_hash=address_hash(ada.new_email)),
        TokenPurpose.SETUP: tokens.mint(session, TokenPurpose.SETUP, INSTALLATION),
        TokenPurpose.PRACTICE: tokens.mint(session, TokenPurpose.PRACTICE, practised, company_id=acme),
    }


def _with_csrf(visitor: Visitor, wire: Wire, page: str) -> Visitor:
    """The visitor after a look at a page with a form."""
    answer = wire(Asked("GET", page, (("Cookie", visitor.cookie),)))
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer.text)
    assert found, f"{visitor.name} at {page}: {answer.status_code}"
    cookie = answer.headers.get("Set-Cookie", visitor.cookie).split(";", 1)[0]
    return replace(visitor, cookie=cookie, csrf=found[1])


def _inside_own_page(town: Town, wire: Wire) -> Visitor:
    """The registered person, after the number of their own page."""
    token = town.tokens[TokenPurpose.OWN_PAGE]
    kind, body = odd.form([("link_csrf", link_csrf(token).encode()), ("number", PIN.encode())])
    answer = wire(Asked("POST", f"/me/{token}/number", (("Content-Type", kind),), body))
    cookie = answer.headers["Set-Cookie"].split(";", 1)[0]
    return Visitor("candidate", OF_THE_HOUSE, cookie=cookie)
