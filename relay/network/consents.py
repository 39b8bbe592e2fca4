"""Consents (同意) on the own page: what holds, what ended, withdrawing one, giving one more.

A withdrawal is a row of its own and ends every share with that partner in the same transaction (A-11, A-13).
Consents from before a forgotten number was replaced are neither listed nor hinted at; they can be ended (C-25).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    Company,
    Consent,
    ConsentWithdrawal,
    EventTag,
    LinkState,
    Partner,
    PartnerKind,
    Profile,
    RelayLink,
    Share,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_companies, lock_profile
from relay.network import ended_references, own_acts, partner_people, referrals
from relay.network.consent_texts import CONSENT_MONTHS, SharingCompany, purpose_words, purposes_of
from relay.network.granting import (
    Agreed,
    Evidence,
    OutcomeState,
    PartnerGone,
    RegistrationResult,
    WordingChanged,
    facts_of,
    grant,
    is_visible,
    refuse_while_closed,
    visible_since,
)
from relay.network.own_acts import OwnAct
from relay.network.partner_options import PartnerOption, company_of, context, partner_option
from relay.network.partners import PartnerCard, active_partners, seeing
from relay.network.profiles import as_of, item_labels, item_values

OWN_PAGE = "own-page"
"""How a consent ended that its person took back alone, as its row of withdrawal says."""


@dataclass(frozen=True)
class StandingConsent:
    """A partner that has the person's yes, by the name agreed to, with the snapshot it sees by it (A-43).

    `facts` are what it sees, by item, of the consent given at `told_at`, the newest; it has had a yes since `given_at`.
    `as_of` is the day it is told beside them (B-22).
    `paused`: it holds, but the partner may see no one now (licence, tie).
    """

    partner_id: int
    kind: PartnerKind
    name: str
    contact: str
    facts: Mapping[str, str]
    told_at: datetime
    as_of: date
    given_at: datetime
    until: datetime
    companies: tuple[str, ...]
    paused: bool
    purpose: str
    """As the consent keeps it."""

    @property
    def introduces_jobs(self) -> bool:
        """Return whether it is for the second purpose of a school, too (B-33)."""
        return len(purposes_of(self.purpose)) > 1

    @property
    def purposes(self) -> str:
        """Return in words what it is for."""
        return purpose_words(self.purpose)

    @property
    def items(self) -> tuple[str, ...]:
        """Return the labels of what it sees."""
        return tuple(item_labels(self.facts))

    @property
    def written(self) -> list[tuple[str, str]]:
        """Return what it sees, each fact beside its label, in the order of the form."""
        return item_values(self.facts)


@dataclass(frozen=True)
class FormerConsent:
    """A partner that had the person's yes, by the name agreed to. `way`: a withdrawal's way, or "expired".

    `contact` is empty where another legal person goes by the partner's entry now. `deleted_at`: when the partner said
    that it had deleted what it had kept.
    """

    partner_id: int
    kind: PartnerKind
    name: str
    contact: str
    given_at: datetime
    ended_at: datetime
    way: str
    deleted_at: datetime | None = None


def standing(session: Session, profile_id: int) -> list[StandingConsent]:
    """Return the partners that have the person's yes now, oldest first."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(
                Share.partner_id,
                Share.company_id,
                Share.until,
                Profile,
                Consent.given_at,
                Consent.facts,
                Consent.partner_name,
                Consent.purpose,
                Partner.kind,
                Partner.contact,
                Company.name.label("company"),
            )
            .join(Profile, Profile.id == Share.profile_id)
            .join(Consent, Consent.id == Share.consent_id)
            .join(Partner, Partner.id == Share.partner_id)
            .join(Company, Company.id == Share.company_id)
            .where(Share.until >= clock.now(), is_visible(since))
            .order_by(Consent.given_at, Consent.id)
        ).all()
        seen_now = seeing(session, {row.company_id for row in rows})
    partners = {row.partner_id: [each for each in rows if each.partner_id == row.partner_id] for row in rows}
    return [_standing(partner_id, given, seen_now) for partner_id, given in partners.items()]


def _standing(partner_id: int, given: Sequence[Any], seen_now: Collection[tuple[int, int]]) -> StandingConsent:
    """Return one partner by what it was given through each company, oldest first; it sees the newest that is open."""
    opened = [row for row in given if (row.company_id, partner_id) in seen_now]
    shown = (opened or given)[-1]
    return StandingConsent(
        partner_id=partner_id,
        kind=shown.kind,
        name=given[-1].partner_name,
        contact=shown.contact,
        facts=shown.facts,
        told_at=shown.given_at,
        as_of=as_of(shown.Profile, shown),
        given_at=min(row.given_at for row in given),
        until=max(row.until for row in given),
        companies=tuple(row.company for row in given),
        paused=not opened,
        purpose=shown.purpose,
    )


def former(session: Session, profile_id: int) -> list[FormerConsent]:
    """Return the partners that had the person's yes and have it no more, the newest end first."""
    since = visible_since(session, profile_id)
    open_now = _open_partners(session, profile_id, since)
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(
                Consent.partner_id,
                Consent.given_at,
                Consent.until,
                ConsentWithdrawal.at,
                ConsentWithdrawal.way,
                Consent.partner_name,
                Consent.legal_identity,
                Partner,
            )
            .join(Partner, Partner.id == Consent.partner_id)
            .outerjoin(ConsentWithdrawal, ConsentWithdrawal.consent_id == Consent.id)
            .where(is_visible(since))
            .order_by(Consent.id)
        ).all()
        deleted = ended_references.answers(session, profile_id)
    last = {
        row.partner_id: FormerConsent(
            row.partner_id,
            row.Partner.kind,
            row.partner_name,
            row.Partner.contact if row.legal_identity in _identities(row.Partner) else "",
            row.given_at,
            row.at or row.until,
            row.way or "expired",
            deleted.get(row.partner_id),
        )
        for row in rows
        if row.partner_id not in open_now
    }
    return sorted(last.values(), key=lambda each: each.ended_at, reverse=True)


def withdraw(session: Session, profile_id: int, partner_id: int, *, way: str = OWN_PAGE) -> int:
    """End everything given to a partner, through whichever company: gone with the partner's next request (A-13).

    Returns how many consents ended; none standing is no error. Referrals and credits stay (invariant 3). By the way
    OWN_PAGE the person is told by mail; other ways have letters of their own.
    """
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        ended = session.scalars(
            select(Consent.id).where(
                Consent.partner_id == partner_id,
                ~exists().where(ConsentWithdrawal.consent_id == Consent.id),
            )
        ).all()
        if not ended:
            return 0
        session.add_all(
            ConsentWithdrawal(profile_id=profile_id, partner_id=partner_id, consent_id=each, at=clock.now(), way=way)
            for each in ended
        )
        in_force = select(func.count(Share.id)).where(Share.partner_id == partner_id, Share.until >= clock.now())
        stood = session.scalar(in_force) or 0
        partner_people.end_shares(session, lambda share: share.partner_id == partner_id)
        partner_people.forget(session, partner_id)
        partner_people.end_records(session, partner_id, profile_id)
        code = session.scalar(select(Profile.code).where(Profile.id == profile_id))
        record(
            session,
            EventTag.CONSENT_WITHDRAWN,
            partner_id=partner_id,
            profile_id=profile_id,
            subject=("partner", partner_id),
            data=event_data.ConsentWithdrawn(code=code, way=way, consents=len(ended), stood=stood),
        )
        session.flush()
    if way == OWN_PAGE:
        own_acts.tell(session, profile_id, OwnAct.CONSENT_WITHDRAWN)
    return len(ended)


def withdraw_all(session: Session, profile_id: int, *, way: str) -> int:
    """End every consent of a person, each partner with its own notice; returns how many ended."""
    with scopes.profile(session, profile_id):
        partners = session.scalars(select(Consent.partner_id).order_by(Consent.partner_id).distinct()).all()
    return sum(withdraw(session, profile_id, each, way=way) for each in partners)


def has_earlier(session: Session, profile_id: int) -> bool:
    """Return whether a partner has the person's yes that the page does not name."""
    return bool(_earlier_partners(session, profile_id))


def withdraw_earlier(session: Session, profile_id: int) -> int:
    """End the consents of every partner that the page does not name; returns how many ended."""
    partners = sorted(_earlier_partners(session, profile_id))
    return sum(withdraw(session, profile_id, each) for each in partners)


def more(session: Session, profile_id: int) -> list[PartnerOption]:
    """Partners of the companies whose links the person used, that hold no consent now."""
    return [
        partner_option(card, context(session, companies)) for card, companies in _unused(session, profile_id).values()
    ]


def give_more(
    session: Session,
    profile_id: int,
    partner_id: int,
    *,
    token_id: int | None,
    evidence: Evidence,
    shown: str = "",
    jobs: bool = False,
) -> RegistrationResult:
    """Say yes to one more partner, later, on the own page; for each company it came through it may be the first
    to an agency, and then counts (invariant 3). Saying it twice changes nothing.

    `jobs`: to a school's second purpose, too (B-33).
    Raises PartnerGone, ErasurePlanned, SharingPaused, WordingChanged (when `shown`, the hash of the words on the page,
    is not today's).
    """
    lock_companies(session, companies_of(session, profile_id))
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        refuse_while_closed(session.scalars(select(Profile).execution_options(populate_existing=True)).one())
    card, companies = _unused(session, profile_id).get(partner_id, (None, []))
    if card is None:
        if partner_id in _open_partners(session, profile_id, visible_since(session, profile_id)):
            return RegistrationResult(OutcomeState.REGISTERED, repeated=True)
        raise PartnerGone
    agreed = Agreed.to(partner_option(card, context(session, companies)).agreed_to(jobs=jobs))
    if shown and shown != agreed.hash:
        raise WordingChanged
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).where(Profile.id == profile_id)).one()
        for links in _links(session, profile_id).values():
            if partner_id in {each.id for each in active_partners(session, links[-1].company_id)}:
                _give_through(session, profile, agreed, links, token_id, evidence)
    own_acts.tell(session, profile_id, OwnAct.CONSENT_GIVEN)
    return RegistrationResult(
        OutcomeState.REGISTERED, (agreed.name,), clock.today() + relativedelta(months=CONSENT_MONTHS)
    )


def companies_of(session: Session, profile_id: int) -> list[int]:
    """Return the companies whose links the person used, as far as the page shows it."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        used = select(Consent.via_company_id).where(is_visible(since)).order_by(Consent.via_company_id)
        return list(session.scalars(used.distinct()))


def links_of(session: Session, profile_id: int, company_id: int) -> list[int]:
    """Return the ids of the company's links that the person used, as far as the page shows it."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        used = select(Consent.via_relay_link_id).where(Consent.via_company_id == company_id, is_visible(since))
        return list(session.scalars(used.distinct()))


def of_link(session: Session, link: RelayLink) -> int | None:
    """Return the person who registered through a link; None when they have erased themselves since."""
    with scopes.everyone(session, "network: the person who used this link"):
        return session.scalar(
            select(Consent.profile_id)
            .where(Consent.via_company_id == link.company_id, Consent.via_relay_link_id == link.id)
            .limit(1)
        )


def _identities(partner: Partner) -> set[str]:
    """Return whom the partner is by law, also as consents name it that were given before its 法人番号 was known."""
    return {partner.corporate_number or "", partner.license_number or ""}


def _unused(session: Session, profile_id: int) -> dict[int, tuple[PartnerCard, list[SharingCompany]]]:
    """Active partners without a standing consent, each with the companies it would come through.

    None comes through a company whose invitation was sent by mistake. A partner whose standing consent is not shown is
    offered like any other: leaving it out would name it.
    """
    standing = _open_partners(session, profile_id, visible_since(session, profile_id))
    found: dict[int, tuple[PartnerCard, list[SharingCompany]]] = {}
    for company_id, links in _links(session, profile_id).items():
        company = company_of(session, *links)
        for card in active_partners(session, company_id):
            if card.id not in standing:
                found.setdefault(card.id, (card, []))[1].append(company)
    return found


def _open_partners(session: Session, profile_id: int, since: datetime) -> set[int]:
    """Return the partners that have a yes given since that moment."""
    with scopes.profile(session, profile_id):
        shares = select(Share.partner_id).join(Consent, Consent.id == Share.consent_id)
        return set(session.scalars(shares.where(Share.until >= clock.now(), is_visible(since))))


def _earlier_partners(session: Session, profile_id: int) -> set[int]:
    everyone = _open_partners(session, profile_id, clock.EPOCH)
    return everyone - _open_partners(session, profile_id, visible_since(session, profile_id))


def _links(session: Session, profile_id: int) -> dict[int, list[RelayLink]]:
    """Return the links the person used, as far as the page shows it, by company, oldest first; no frozen one."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        links_used = select(Consent.via_company_id, Consent.via_relay_link_id).where(is_visible(since))
        used = session.execute(links_used.distinct()).all()
    found: dict[int, list[RelayLink]] = {}
    for company_id in sorted({each.via_company_id for each in used}):
        with scopes.company(session, company_id):
            ids = [each.via_relay_link_id for each in used if each.via_company_id == company_id]
            meant = (RelayLink.id.in_(ids), RelayLink.state != LinkState.REVOKED)
            links = session.scalars(select(RelayLink).where(*meant).order_by(RelayLink.id)).all()
        if links:
            found[company_id] = list(links)
    return found


def _give_through(
    session: Session,
    profile: Profile,
    agreed: Agreed,
    links: Sequence[RelayLink],
    token_id: int | None,
    evidence: Evidence,
) -> None:
    link = links[-1]
    grant(session, profile, agreed, link=link, token_id=token_id, facts=facts_of(profile), evidence=evidence)
    if agreed.kind is PartnerKind.AGENCY:
        referrals.complete_for(session, links, profile.email, evidence)
