"""Acts of candidates and partners in the demo's year: register, withdraw, look in."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.demo.organisations import PIN, DemoOrganisations
from relay.demo.people import PLACES
from relay.mail import optouts
from relay.models import (
    Actor,
    Application,
    Candidate,
    LinkState,
    MailClass,
    Position,
    RelayLink,
    Share,
    Token,
    TokenPurpose,
    act_as,
    scopes,
)
from relay.network import consents, finding, links, registration, sharing
from relay.network.granting import Evidence
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices

PHONE = Evidence("198.18.0.24", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "ja")
EXPERIENCE = (
    "製造業で6年、うち3年は改善の担当でした。",
    "前職では5名のチームをまとめていました。",
    "",
)


def answer_links(session: Session, chance: Random, organisations: DemoOrganisations) -> None:
    """Let some who were told open their link; of these some register, one in a while stops the mails."""
    for link, person, position in _unanswered(session, organisations.company.id):
        fate = chance.random()
        if fate < 0.45:
            continue
        with scopes.company(session, organisations.company.id):
            links.visit(session, organisations.company.id, link.id)
        if fate > 0.97:
            _stop_mails(session, organisations, link)
        elif 0.68 < fate <= 0.88:
            _register(session, chance, organisations, link, person, position)
        session.commit()


def visit_as_partners(session: Session, chance: Random, organisations: DemoOrganisations) -> None:
    """Let agents open some of the people who consented to them; rarely one takes a consent back."""
    for partner, agent in zip(
        (*organisations.agencies, organisations.school), (*organisations.agents, organisations.teacher), strict=True
    ):
        with scopes.partner(session, partner.id):
            act_as(session, Actor("user", agent.id))
            for row in finding.find(session, limit=3).rows:
                if chance.random() < 0.4:
                    sharing.open_person(session, row.code, agent.id)
    if chance.random() < 0.06:
        _withdraw_one(session, chance, organisations)


def _unanswered(session: Session, company_id: int) -> list[tuple[RelayLink, Candidate, str]]:
    with scopes.company(session, company_id):
        rows = session.execute(
            select(RelayLink, Candidate, Position.title)
            .join(Candidate, Candidate.id == RelayLink.candidate_id)
            .join(Application, Application.id == RelayLink.application_id)
            .outerjoin(Position, Position.id == Application.position_id)
            .where(
                RelayLink.state == LinkState.SENT,
                RelayLink.visited_at.is_(None),
                RelayLink.expires_at > clock.now(),
                RelayLink.sent_at > clock.now() - timedelta(days=6),
            )
            .order_by(RelayLink.id)
        ).all()
    return [(link, person, title or "") for link, person, title in rows]


def _register(
    session: Session, chance: Random, organisations: DemoOrganisations, link: RelayLink, person: Candidate, role: str
) -> None:
    chosen = [partner.id for partner in organisations.agencies if chance.random() < 0.7]
    if chance.random() < 0.25 or not chosen:
        chosen.append(organisations.school.id)
    token = session.scalars(
        select(Token.id).where(Token.purpose == TokenPurpose.RELAY, Token.subject_id == link.id)
    ).first()
    act_as(session, Actor("candidate"))
    fields = ProfileFields(
        name=person.name,
        kana=person.kana,
        phone=person.phone if chance.random() < 0.7 else "",
        desired_role=role,
        place=chance.choice(PLACES),
        experience=chance.choice(EXPERIENCE),
    )
    registration.register(
        session,
        link,
        token_id=token,
        choices=PartnerChoices(tuple(chosen)),
        fields=fields,
        address=None,
        number=PIN,
        evidence=replace(PHONE, ip=f"198.18.{link.id % 250}.24"),
    )


def _stop_mails(session: Session, organisations: DemoOrganisations, link: RelayLink) -> None:
    if link.address_hash is None:
        return
    act_as(session, Actor("candidate"))
    with scopes.company(session, organisations.company.id):
        optouts.opt_out(session, organisations.company.id, link.address_hash, MailClass.RELAY, "page")


def _withdraw_one(session: Session, chance: Random, organisations: DemoOrganisations) -> None:
    partner = chance.choice(organisations.agencies)
    with scopes.partner(session, partner.id):
        profiles = session.scalars(select(Share.profile_id).order_by(Share.id)).all()
    if profiles:
        act_as(session, Actor("candidate"))
        consents.withdraw(session, chance.choice(profiles), partner.id)
