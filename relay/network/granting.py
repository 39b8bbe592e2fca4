"""A yes to one partner, written down: consent, share, provision record and event in one transaction (A-7, A-11).

Rows of consents are never changed; the share follows the newest consent of its partner and company. Each keeps the
circumstances it was given under, no finer than needed. An own page shows what was chosen since its number was
replaced (C-25): every list, figure, name and download of the page asks here. Refusals say what to do; nothing was kept.
"""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Consent, EventTag, PartnerKind, Profile, RelayLink, Share, event_data, record, scopes
from relay.network import partner_people
from relay.network.consent_texts import CONSENT_MONTHS, Terms
from relay.network.partner_options import PartnerOption
from relay.network.profiles import ITEMS, confirm, is_paused
from relay.trust import provisions

AGENT_LENGTH = 200


@dataclass(frozen=True)
class Evidence:
    """The request behind an act: address, browser and language, as the surface saw them."""

    ip: str
    agent: str
    locale: str = "ja"

    @property
    def network(self) -> str:
        """Return what is kept of the address."""
        return network_of(self.ip)

    @property
    def browser(self) -> str:
        """Return what the browser called itself, cut to what the column holds."""
        return self.agent[:AGENT_LENGTH]


def network_of(ip: str) -> str:
    """Return the address without its last octet (IPv4) or last 80 bits (IPv6); empty when it is none."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    kept = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address.packed, kept), strict=False).network_address)


RENEWABLE = timedelta(days=31)
"""How long before its end a consent is given anew by the same yes."""


def visible_since(session: Session, profile_id: int) -> datetime:
    """Return the moment from which on consents are shown; the epoch when all of them are."""
    with scopes.profile(session, profile_id):
        return session.scalar(select(Profile.visible_since).where(Profile.id == profile_id)) or clock.EPOCH


def is_visible(since: datetime) -> ColumnElement[bool]:
    """Select the consents that were given since that moment."""
    return Consent.given_at >= since


class PartnerGone(DomainError):
    """Raise where a chosen partner can no longer be chosen."""

    code = "partner-not-available"
    message = _l(
        "お選びの登録先は、いま受け付けを止めています。お手数ですが、もう一度お選びください。まだどこにも伝わっていません。"
    )


class WordingChanged(DomainError):
    """Raise where the terms changed after they were shown; agreeing to words not shown is no consent (A-11)."""

    code = "terms-changed"
    message = _l(
        "ご覧になっている間に説明の内容が変わりました。お手数ですが、新しい内容をご確認ください。まだどこにも伝わっていません。"
    )


class ErasurePlanned(DomainError):
    """Raise for a consent while everything is about to be erased."""

    code = "erasure-planned"
    message = _l("消去の予定があるため、新しく伝えることはできません。先に、消去の予定を取り消してください。")


class SharingPaused(DomainError):
    """Raise for a consent while the person pauses: it would say that a partner sees what it does not."""

    code = "sharing-paused"
    message = _l(
        "休止のあいだは、新しく伝えることはできません。先に、休止を終えてください。まだどこにも伝わっていません。"
    )


def refuse_while_closed(profile: Profile) -> None:
    """Raise ErasurePlanned or SharingPaused where nothing new is told of the person now."""
    if profile.erase_at is not None:
        raise ErasurePlanned
    if is_paused(profile.paused_until):
        raise SharingPaused


class OutcomeState(StrEnum):
    """The state a registration came to."""

    REGISTERED = "registered"
    CONFIRM_ADDRESS = "confirm-address"


@dataclass(frozen=True)
class RegistrationResult:
    """The result of registering. `repeated`: it was done before; nothing was written or shown of what is stored (C-19).

    `again` opens the form of a waiting registration as it was filled in, for the browser that sent it.
    `profile_id` is whose own page opens in the browser that registered; None while nobody is registered by it.
    """

    state: OutcomeState
    partners: tuple[str, ...] = ()
    until: date | None = None
    address: str = ""
    repeated: bool = False
    again: str = ""
    profile_id: int | None = None


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
            " ".join(terms.purposes),
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
    """Return what is in the profile now, item by item, without what is empty: what a yes given now covers.

    Without what was written before a forgotten number was replaced, too: nobody tells what they cannot see (C-25).
    """
    return {code: value for code in ITEMS if code not in profile.hidden_items and (value := getattr(profile, code))}


def grant(
    session: Session,
    profile: Profile,
    agreed: Agreed,
    *,
    link: RelayLink,
    token_id: int | None,
    facts: Mapping[str, str],
    evidence: Evidence,
    withheld: Collection[str] = (),
    until: datetime | None = None,
) -> Consent:
    """Record a yes and open these facts, by item, to the partner through the link's company.

    `withheld` are items the person chose not to tell it; `until` a last moment sooner than CONSENT_MONTHS from now.

    The same yes to the same facts through the same link, shown on the own page and not in its last month, changes
    nothing; in that month it goes on from this day. A yes confirms what is written, too (B-22).
    Of other consents nothing changes either: what another partner holds stays as agreed with it (A-43). The caller
    holds company and profile.
    """
    with scopes.profile(session, profile.id):
        share = session.scalars(
            select(Share).where(Share.partner_id == agreed.partner_id, Share.company_id == link.company_id)
        ).one_or_none()
        same = _same(session, share, agreed, link, facts, withheld) if share is not None else None
        if same is not None and same.given_at >= (profile.visible_since or clock.EPOCH):
            return same
        consent = _consent(profile.id, agreed, link, token_id, facts, evidence)
        consent.withheld = sorted(withheld)
        consent.until = until or consent.until
        session.add(consent)
        confirm(profile)
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


def _same(
    session: Session,
    share: Share,
    agreed: Agreed,
    link: RelayLink,
    facts: Mapping[str, str],
    withheld: Collection[str],
) -> Consent | None:
    if share.relay_link_id != link.id or share.until < clock.now() + RENEWABLE:
        return None
    consent = session.scalars(select(Consent).where(Consent.id == share.consent_id)).one()
    unchanged = consent.facts == facts and set(consent.withheld) == set(withheld)
    return consent if consent.wording_hash == agreed.hash and unchanged else None


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
    partner_people.end_records(session, consent.partner_id, consent.profile_id)
    partner_people.lapse(session, consent.profile_id, consent.partner_id)
    if share is None:
        share = Share(
            profile_id=consent.profile_id,
            partner_id=consent.partner_id,
            company_id=consent.via_company_id,
            relay_link_id=consent.via_relay_link_id,
            consent_id=consent.id,
            since=consent.given_at,
            until=consent.until,
        )
        session.add(share)
    else:
        if share.until < consent.given_at:
            share.since = consent.given_at
        share.relay_link_id, share.consent_id, share.until = consent.via_relay_link_id, consent.id, consent.until
    session.flush()
    partner_people.follow(session, share)
