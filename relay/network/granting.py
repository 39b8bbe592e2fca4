"""A yes to one partner, written down: consent, share, provision record and event in one transaction (A-7, A-11).

Rows of consents are never changed; the share follows the newest consent of its partner and company.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, EventTag, PartnerKind, Profile, RelayLink, Share, event_data, record, scopes
from relay.network.evidence import Evidence
from relay.network.partner_options import PartnerOption
from relay.network.wording import CONSENT_MONTHS, ITEMS, Terms
from relay.trust import provisions


@dataclass(frozen=True)
class Agreed:
    """A yes to one partner: the exact words, and whose; `identity` is the legal person that was named (A-43)."""

    partner_id: int
    kind: PartnerKind
    name: str
    version: str
    purpose: str
    text: str
    hash: str
    identity: str = ""

    @classmethod
    def to(cls, option: PartnerOption) -> "Agreed":
        """Return the yes to what is offered."""
        terms: Terms = option.terms
        return cls(
            option.id,
            option.kind,
            option.name,
            terms.version,
            terms.purpose.value,
            terms.text,
            terms.hash,
            option.identity,
        )

    @property
    def paragraphs(self) -> list[tuple[str, str]]:
        """Return the words as they were shown: each point with its heading."""
        lines = (line.partition(": ") for line in self.text.split("\n"))
        return [(label, text) for label, _colon, text in lines]

    def as_json(self) -> dict[str, Any]:
        """Return the row that waits until an address is proven."""
        return {**self.__dict__, "kind": self.kind.value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Agreed":
        """Back from that row."""
        return cls(**{**kept, "kind": PartnerKind(kept["kind"])})


def facts_of(profile: Profile) -> dict[str, str]:
    """Return what is in the profile now, item by item, without what is empty: what a yes given now covers."""
    return {code: value for code in ITEMS if (value := getattr(profile, code))}


def grant(
    session: Session,
    profile: Profile,
    agreed: Agreed,
    *,
    link: RelayLink,
    token_id: int | None,
    facts: Mapping[str, str],
    evidence: Evidence,
) -> Consent:
    """Record a yes and open these facts, by item, to the partner through the link's company.

    The same yes to the same facts through the same link, still standing and shown on the own page, changes nothing.
    Of other consents nothing changes either: what another partner holds stays as agreed with it (A-43). The caller
    holds company and profile.
    """
    with scopes.profile(session, profile.id):
        share = session.scalars(
            select(Share).where(Share.partner_id == agreed.partner_id, Share.company_id == link.company_id)
        ).one_or_none()
        same = _same(session, share, agreed, link, facts) if share is not None else None
        if same is not None and same.given_at >= (profile.visible_since or clock.EPOCH):
            return same
        consent = _consent(profile.id, agreed, link, token_id, facts, evidence)
        session.add(consent)
        session.flush()
        _open(session, share, consent)
        provisions.made_available(session, profile.code, consent)
        record(
            session,
            EventTag.CONSENT_GRANTED,
            partner_id=agreed.partner_id,
            profile_id=profile.id,
            subject=("consent", consent.id),
            data=event_data.ConsentGranted(version=agreed.version, items=tuple(facts)),
        )
        return consent


def _same(session: Session, share: Share, agreed: Agreed, link: RelayLink, facts: Mapping[str, str]) -> Consent | None:
    if share.relay_link_id != link.id or share.until < clock.now():
        return None
    consent = session.scalars(select(Consent).where(Consent.id == share.consent_id)).one()
    return consent if consent.wording_hash == agreed.hash and consent.facts == facts else None


def _consent(
    profile_id: int,
    agreed: Agreed,
    link: RelayLink,
    token_id: int | None,
    facts: Mapping[str, str],
    evidence: Evidence,
) -> Consent:
    return Consent(
        profile_id=profile_id,
        partner_id=agreed.partner_id,
        purpose=agreed.purpose,
        wording_version=agreed.version,
        wording=agreed.text,
        wording_hash=agreed.hash,
        items=list(facts),
        facts=dict(facts),
        partner_name=agreed.name,
        legal_identity=agreed.identity,
        locale=evidence.locale,
        given_at=clock.now(),
        until=clock.end_of_day(clock.today() + relativedelta(months=CONSENT_MONTHS)),
        ip=evidence.network,
        agent=evidence.browser,
        via_company_id=link.company_id,
        via_relay_link_id=link.id,
        via_token_id=token_id,
    )


def _open(session: Session, share: Share | None, consent: Consent) -> None:
    """Point the share at the newest consent; `since` stays the day the partner first saw the person."""
    if share is None:
        session.add(
            Share(
                profile_id=consent.profile_id,
                partner_id=consent.partner_id,
                company_id=consent.via_company_id,
                relay_link_id=consent.via_relay_link_id,
                consent_id=consent.id,
                since=consent.given_at,
                until=consent.until,
            )
        )
    else:
        if share.until < consent.given_at:
            share.since = consent.given_at
        share.relay_link_id, share.consent_id, share.until = consent.via_relay_link_id, consent.id, consent.until
    session.flush()
