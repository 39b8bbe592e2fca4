"""What a candidate is offered: the company that asks, and its partners, each with the exact terms (A-9, B-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, LinkState, PartnerKind, RelayLink
from relay.network.links import LinkGone
from relay.network.partners import PartnerCard, active_partners
from relay.network.wording import Giver, Terms, terms


@dataclass(frozen=True)
class PartnerOffer:
    """A partner that may be chosen, as the law wants it named, with the terms of the choice."""

    id: int
    kind: PartnerKind
    name: str
    address: str
    representative: str
    contact: str
    about: str
    license_number: str | None
    terms: Terms
    identity: str = ""
    complaints: str = ""
    notices_url: str = ""
    fees_url: str = ""
    register_url: str = ""


@dataclass(frozen=True)
class Offer:
    """What the page behind a relay link shows: nothing stored about the person (C-19)."""

    company: Giver
    partners: tuple[PartnerOffer, ...]
    until: date
    used: bool


def offer(session: Session, link: RelayLink) -> Offer:
    """What the link offers now. A link already used offers nothing more: it only mails the own page (C-19)."""
    company = giver(session, link.company_id)
    used = link.state is LinkState.REGISTERED
    partners = () if used else of_company(session, link.company_id, company.name)
    return Offer(company, partners, link.expires_at.astimezone(clock.JAPAN).date(), used)


def of_company(session: Session, company_id: int, name: str) -> tuple[PartnerOffer, ...]:
    """The partners offered through this company, in the order of their ties."""
    return tuple(partner_offer(card, [name]) for card in active_partners(session, company_id))


def partner_offer(card: PartnerCard, companies: Sequence[str]) -> PartnerOffer:
    """One partner with today's terms for providing through these companies."""
    return PartnerOffer(
        card.id,
        card.kind,
        card.name,
        card.address,
        card.representative,
        card.contact,
        card.about,
        card.license_number,
        terms(card, companies, clock.today()),
        identity=card.identity,
        complaints=card.complaints,
        notices_url=card.notices_url,
        fees_url=card.fees_url,
        register_url=card.register_url,
    )


def giver(session: Session, company_id: int) -> Giver:
    """The company as it must be named. Raises LinkGone when there is no such company any more."""
    row = session.execute(
        select(Company.id, Company.name, Company.address, Company.representative, Company.contact).where(
            Company.id == company_id
        )
    ).one_or_none()
    if row is None:
        raise LinkGone
    return Giver(*row)
