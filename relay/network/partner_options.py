"""Options offered to a candidate: the company that asks, and its partners, each with the exact terms (A-9, B-6).

A page of several partners shows each sentence of their terms once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.models import Company, LinkSource, LinkState, PartnerKind, RelayLink, scopes
from relay.network.consent_texts import ConsentContext, Paragraph, SharingCompany, Terms, terms, terms_with_jobs
from relay.network.links import LinkGone
from relay.network.partners import PartnerCard, active_partners, credits_honoured


@dataclass(frozen=True)
class PartnerOption:
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
    with_jobs: Terms | None = None
    """The terms with the second tick of a school that introduces jobs, too (B-33); None where it is not offered."""

    def agreed_to(self, *, jobs: bool) -> "PartnerOption":
        """Return the option whose terms are those of one or both ticks; the second one's only where it is offered."""
        return replace(self, terms=self.with_jobs) if jobs and self.with_jobs else self


@dataclass(frozen=True)
class RegistrationOptions:
    """The options on the page behind a relay link: nothing stored about the person (C-19)."""

    company: SharingCompany
    partners: tuple[PartnerOption, ...]
    until: date
    used: bool


def registration_options(session: Session, link: RelayLink) -> RegistrationOptions:
    """Return what the link offers now. A link already used offers nothing more: it only mails the own page (C-19)."""
    company = company_of(session, link)
    used = link.state is LinkState.REGISTERED
    partners = () if used else of_company(session, company)
    return RegistrationOptions(company, partners, link.expires_at.astimezone(clock.JAPAN).date(), used)


def of_company(session: Session, company: SharingCompany) -> tuple[PartnerOption, ...]:
    """Return the partners offered through this company, in the order of their partnerships."""
    agreed_in = context(session, [company])
    return tuple(partner_option(card, agreed_in) for card in active_partners(session, company.id))


def context(session: Session, companies: Sequence[SharingCompany]) -> ConsentContext:
    """Return who provides, gains and keeps the profile, when a person registers through these companies."""
    return ConsentContext(
        tuple(each.name for each in companies),
        installation.operator(session).operator_name,
        any(each.credits_honoured for each in companies),
        tuple(each.name for each in companies if not each.told_result),
    )


def partner_option(card: PartnerCard, agreed_in: ConsentContext) -> PartnerOption:
    """Return one partner with today's terms in this context."""
    own = terms(card, agreed_in, clock.today())
    return PartnerOption(
        card.id,
        card.kind,
        card.name,
        card.address,
        card.representative,
        card.contact,
        card.about,
        card.license_number,
        own,
        identity=card.identity,
        complaints=card.complaints,
        notices_url=card.notices_url,
        fees_url=card.fees_url,
        register_url=card.register_url,
        with_jobs=terms_with_jobs(card, own),
    )


def company_of(session: Session, *links: RelayLink) -> SharingCompany:
    """Return the company of these links as it must be named to who used them. Raises LinkGone."""
    company = sharing_company(session, links[-1].company_id)
    return replace(company, told_result=any(each.source is LinkSource.RESULT_MAIL for each in links))


_SHARING = select(
    Company.id,
    Company.name,
    Company.address,
    Company.representative,
    Company.contact,
    credits_honoured(),
).where(Company.id == bindparam("company"))


def sharing_company(session: Session, company_id: int) -> SharingCompany:
    """Return the company as it must be named. Raises LinkGone when there is no such company any more."""
    with scopes.company(session, company_id):
        row = session.execute(_SHARING, {"company": company_id}).one_or_none()
    if row is None:
        raise LinkGone
    return SharingCompany(*row)


class Group(NamedTuple):
    """Paragraphs that hold for every partner of a kind, or, where `kind` is None, for all of them."""

    kind: PartnerKind | None
    paragraphs: tuple[Paragraph, ...]


def gathered(partners: Sequence[PartnerOption]) -> list[Group]:
    """Return what the partners' terms have in common: first by kind, then for all.

    The first paragraph of any terms names the recipient; its card shows that, and whatever no group holds.
    So the page holds every paragraph that a consent keeps (A-11), and none twice.
    """
    for_all = _common(partners)
    groups = [
        Group(
            kind, tuple(each for each in _common([one for one in partners if one.kind is kind]) if each not in for_all)
        )
        for kind in PartnerKind
    ]
    return [group for group in (*groups, Group(None, for_all)) if group.paragraphs]


def _common(partners: Sequence[PartnerOption]) -> tuple[Paragraph, ...]:
    if not partners:
        return ()
    first, *others = partners
    return tuple(
        paragraph
        for paragraph in first.terms.paragraphs[1:]
        if all(paragraph in other.terms.paragraphs for other in others)
    )
