"""Two companies, with one of everything at Acme and much of it at Other, and all who come to see them."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from relay import clock
from relay.candidates import files, notes, tags
from relay.identity.first_start import INSTALLATION
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.mail import batches, tokens
from relay.mail.mailbox import Mailbox
from relay.models import Company, Message, Partner, RateCount, TokenPurpose, User, UserSession, scopes
from relay.outreach import templates
from relay.rights import privacy_draft
from relay.trust import privacy
from tests.cast import make_application, make_candidate, make_position
from tests.fuzzing.visitors import OTHERS, Visitor, let_in
from tests.fuzzing.wire import Wire
from tests.papers import pdf
from tests.web.world import World, make_world


@dataclass
class Town:
    """What may be asked about, and by whom."""

    world: World
    elsewhere: dict[str, str]
    """Objects of Other, by the part of a path that names one."""
    tokens: dict[TokenPurpose, str]
    visitors: dict[str, Visitor]
    signed_in: list[dict[str, Any]]

    def value(self, rule: Rule, argument: str, *, of_other: bool) -> str:
        """An object of one's own company behind this part of a path, as far as there is one; else of Acme."""
        if is_mailed(rule):
            paths = tokens.paths().items()
            return next(self.tokens[TokenPurpose(each)] for each, start in paths if rule.rule.startswith(start))
        if of_other and argument in self.elsewhere:
            return self.elsewhere[argument]
        return self.world.value(argument, rule.endpoint)

    def wake(self, session: Session) -> None:
        """Sign everybody in again who was signed out or shut out by now, and forget how often they came; commit."""
        session.execute(delete(RateCount))
        session.execute(delete(UserSession).where(UserSession.id.in_([row["id"] for row in self.signed_in])))
        now = {"last_seen_at": clock.now(), "proven_at": clock.now()}
        with scopes.everyone(session, "test: whoever was shut out"):
            session.execute(update(User).values(disabled_at=None))
        session.execute(insert(UserSession), [row | now for row in self.signed_in])
        for site in (Company, Partner):
            session.execute(update(site).values(second_factor_required=False))
        session.commit()


def is_mailed(rule: Rule) -> bool:
    """Whether a mailed link opens this page."""
    return rule.arguments == {"token"} and rule.rule.startswith(tuple(tokens.paths().values()))


def make_town(app: Flask, session: Session, wire: Wire) -> Town:
    """Fill an empty database, commit, and let everybody in."""
    world = make_world(session)
    acme = world.cast.acme
    acme.runs_installation = True
    privacy.save(session, acme, privacy_draft.proposal(acme), by_user_id=None)
    privacy.publish(session, acme)
    mailbox = Mailbox.of(app.config["RELAY"])
    mailbox.keep(b"Subject: odd\r\n\r\nodd\r\n")
    world.values |= {"filename": "css/base.css", "name": next(mailbox.newest_first()).name}
    elsewhere, mailed = _other(session, world), world.tokens | _more_tokens(session, world)
    session.commit()
    visitors = let_in(app, session, world, wire, mailed[TokenPurpose.OWN_PAGE])
    rows = [dict(row) for row in session.execute(select(UserSession.__table__)).mappings()]
    session.commit()
    return Town(world, elsewhere, mailed, visitors, rows)


def _other(session: Session, world: World) -> dict[str, str]:
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
        search_rows.index(session, [candidate.id])
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
    ada = world.cast.ada
    ada.new_email = "ada.new@only-acme.example"
    with scopes.company(session, world.acme_id), scopes.practice(session):
        practised = session.scalars(select(Message.id).where(batches.mails_of(world.values["practice_batch"]))).one()
    subjects: dict[TokenPurpose, dict[str, Any]] = {
        TokenPurpose.PASSWORD: {"subject_id": ada.id, "address_hash": address_hash(ada.email)},
        TokenPurpose.NEW_EMAIL: {"subject_id": ada.id, "address_hash": address_hash(ada.new_email)},
        TokenPurpose.PRACTICE: {"subject_id": practised, "company_id": world.acme_id, "message_id": practised},
        TokenPurpose.SETUP: {"subject_id": INSTALLATION},
    }
    return {purpose: tokens.mint(session, purpose, **about) for purpose, about in subjects.items()}
