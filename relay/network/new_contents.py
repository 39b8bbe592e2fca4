"""New contents: whether partners that have the person's yes get what was written since, too (A-43).

A consent is a snapshot, so a later registration changes nothing at earlier partners. The own page asks once, without
being asked again after any answer; each yes is a consent of its own, through the same companies as the earlier one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, Profile, RelayLink, Share, scopes
from relay.models.locking import lock_companies, lock_profile
from relay.network import own_acts
from relay.network.consent_texts import RecipientPurpose, SharingCompany, purposes_of
from relay.network.granting import (
    Agreed,
    Evidence,
    PartnerGone,
    WordingChanged,
    facts_of,
    grant,
    is_visible,
    refuse_while_closed,
)
from relay.network.own_acts import OwnAct
from relay.network.partner_options import PartnerOption, context, partner_option, sharing_company
from relay.network.partners import PartnerCard, active_partners
from relay.network.profiles import is_paused, item_labels


@dataclass(frozen=True)
class NewContentsQuestion:
    """The question of sending new contents: which partners hold earlier ones, and which items they would receive."""

    offers: tuple[PartnerOption, ...] = ()
    items_of: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The labels of what each partner would receive: without what the person keeps from it."""

    def __bool__(self) -> bool:
        return bool(self.offers)


def question(session: Session, profile_id: int) -> NewContentsQuestion:
    """Return what is to be asked now; empty when answered, or when all partners shown have the same contents."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
    if profile.unshared_since is None or profile.erase_at is not None or is_paused(profile.paused_until):
        return NewContentsQuestion()
    behind = _behind(session, profile)
    items_of = {each: tuple(item_labels(facts)) for each, (_option, facts) in behind.items()}
    return NewContentsQuestion(tuple(option for option, _facts in behind.values()), items_of)


def answer(
    session: Session,
    profile_id: int,
    partner_ids: Collection[int],
    *,
    shown: Mapping[int, str],
    token_id: int | None,
    evidence: Evidence,
) -> None:
    """Tell the new contents to these of the partners that were asked about, and to no other; none is an answer too.

    `shown` are the hashes of the words on the page. A question that was answered already changes nothing. No referral
    comes of it: the person has registered through these companies before. Raises PartnerGone, WordingChanged,
    ErasurePlanned, SharingPaused.
    """
    with scopes.profile(session, profile_id):
        companies = session.scalars(select(Share.company_id)).all()
    lock_companies(session, companies)
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).execution_options(populate_existing=True)).one()
    if profile.unshared_since is None:
        return
    if partner_ids:
        refuse_while_closed(profile)
    offers = _behind(session, profile) if partner_ids else {}
    for partner_id in sorted(partner_ids):
        option, facts = offers.get(partner_id, (None, {}))
        give_again(
            session, profile, option, facts, shown=shown.get(partner_id, ""), token_id=token_id, evidence=evidence
        )
    profile.unshared_since = None
    session.flush()
    own_acts.tell(session, profile_id, OwnAct.CONTENTS_TOLD if partner_ids else OwnAct.CONTENTS_KEPT)


def give_again(
    session: Session,
    profile: Profile,
    option: PartnerOption | None,
    facts: Mapping[str, str],
    *,
    shown: str,
    token_id: int | None,
    evidence: Evidence,
) -> None:
    """Agree once more, to these facts, with a partner that has a yes, through the companies of that yes.

    What is written and not among the facts is kept from the partner from now on. The caller holds companies and
    profile. Raises PartnerGone, WordingChanged.
    """
    if option is None:
        raise PartnerGone
    agreed = Agreed.to(option)
    if shown != agreed.hash:
        raise WordingChanged
    with scopes.profile(session, profile.id):
        through = {each.company_id: each for each in shares(session, profile) if each.partner_id == option.id}
    withheld = facts_of(profile).keys() - facts.keys()
    for company_id, share in through.items():
        if option.id not in {each.id for each in active_partners(session, company_id)}:
            continue
        with scopes.company(session, company_id):
            link = session.scalars(select(RelayLink).where(RelayLink.id == share.relay_link_id)).one()
        grant(
            session,
            profile,
            agreed,
            link=link,
            token_id=token_id,
            facts=facts,
            evidence=evidence,
            withheld=withheld | (set(share.withheld) - facts.keys()),
        )


def options(session: Session, profile: Profile) -> dict[int, PartnerOption]:
    """Return the partners with a yes shown on the page that may take a new one, with the terms of today.

    For the purposes of that yes: a purpose that a partner has added since is agreed to by an act of its own (B-33).
    """
    jobs = {each.partner_id: introduces_jobs(each.purpose) for each in _newest(session, profile).values()}
    return {
        partner_id: option.agreed_to(jobs=jobs[partner_id])
        for partner_id, option in offered_again(session, profile).items()
    }


def introduces_jobs(purpose: str) -> bool:
    """Return whether a consent, by what it keeps as its purpose, is for introducing jobs."""
    return RecipientPurpose.INTRODUCE_JOBS in purposes_of(purpose)


def offered_again(session: Session, profile: Profile) -> dict[int, PartnerOption]:
    """Return the same partners with everything that they offer now."""
    with scopes.profile(session, profile.id):
        given = shares(session, profile)
    found: dict[int, tuple[PartnerCard, list[SharingCompany]]] = {}
    for company_id in sorted({each.company_id for each in given}):
        through = {each.partner_id for each in given if each.company_id == company_id}
        company = sharing_company(session, company_id)
        for card in active_partners(session, company_id):
            if card.id in through:
                found.setdefault(card.id, (card, []))[1].append(company)
    return {card.id: partner_option(card, context(session, companies)) for card, companies in found.values()}


def _behind(session: Session, profile: Profile) -> dict[int, tuple[PartnerOption, dict[str, str]]]:
    """Return the partners whose newest consent shown on the page holds other facts, with what they would receive.

    Those that may take no consent now are left out: they keep what they have.
    """
    newest = _newest(session, profile)
    written = facts_of(profile)
    behind = {}
    for partner_id, option in options(session, profile).items():
        told = {code: value for code, value in written.items() if code not in newest[partner_id].withheld}
        if newest[partner_id].facts != told:
            behind[partner_id] = option, told
    return behind


def _newest(session: Session, profile: Profile) -> dict[int, Any]:
    with scopes.profile(session, profile.id):
        return {each.partner_id: each for each in shares(session, profile)}


def shares(session: Session, profile: Profile) -> list[Any]:
    """Select what is in force and shown on the page, the newest consent last."""
    return list(
        session.execute(
            select(
                Share.partner_id,
                Share.company_id,
                Share.relay_link_id,
                Share.consent_id,
                Share.until,
                Consent.facts,
                Consent.withheld,
                Consent.purpose,
            )
            .join(Consent, Consent.id == Share.consent_id)
            .where(Share.until >= clock.now(), is_visible(profile.visible_since or clock.EPOCH))
            .order_by(Consent.id)
        )
    )
