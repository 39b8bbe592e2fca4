"""The receipt (同意の控え): what a person agreed to, with whom, under which words, and how each yes ended.

It is drawn from the rows of consents when it is asked for, and nothing of it is stored. It holds the facts of each yes,
for a yes covers these and no later ones (A-43). Consents from before a forgotten number was replaced are not on it
(C-25).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.identity.installation import Operator
from relay.models import (
    Company,
    Consent,
    ConsentWithdrawal,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    RelatedEnd,
    scopes,
)
from relay.network import next_openings, related_consents
from relay.network.granting import is_visible, visible_since
from relay.network.partnerships import ANOTHER_PERSON, PARTNERSHIP_ENDED
from relay.network.profiles import item_label

OPENINGS = "next-openings"
"""The purpose of the word that a company may keep the application and tell of its next openings."""
RELATED = "tell-related-company"
"""The purpose of the word that a company may tell a related company of the person."""


class ConsentEnd(StrEnum):
    """The ways in which a consent ends."""

    WITHDRAWN = "withdrawn"
    """By the person."""
    REVOKED = "revoked"
    """With the partnership, because the recipient became another legal person, or is related no more."""
    EXPIRED = "expired"


@dataclass(frozen=True)
class ReceiptParty:
    """A company or partner as it was known when the consent was given; without what is not known."""

    name: str
    address: str = ""
    representative: str = ""
    corporate_number: str = ""
    license_number: str = ""


@dataclass(frozen=True)
class ReceiptItem:
    """One item of a yes: the column of the profile, how people call it, and what stood in it."""

    code: str
    label: str
    value: str


@dataclass(frozen=True)
class ReceiptEntry:
    """One consent; `end` and `ended_at` are None while it holds, `until` where the words alone say how long."""

    number: str
    recipient: ReceiptParty
    via: ReceiptParty
    purpose: str
    items: tuple[ReceiptItem, ...]
    version: str
    words: str
    words_hash: str
    locale: str
    given_at: datetime
    until: datetime | None
    end: ConsentEnd | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """Every consent of a person that the own page shows, oldest first, as of the moment it was made."""

    number: str
    made_at: datetime
    operator: Operator
    reference: str
    entries: tuple[ReceiptEntry, ...]


def of_profile(session: Session, profile_id: int) -> Receipt:
    """Return the receipt of a person as of now."""
    now = clock.now()
    with scopes.profile(session, profile_id):
        reference = session.scalars(select(Profile.code)).one()
    return Receipt(
        str(uuid.uuid4()),
        now,
        installation.operator(session),
        reference,
        (
            *_to_partners(session, profile_id, now),
            *_to_companies(session, profile_id),
            *_to_related(session, profile_id),
        ),
    )


def _to_partners(session: Session, profile_id: int, now: datetime) -> list[ReceiptEntry]:
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(Consent, ConsentWithdrawal, ProvisionRecord)
            .outerjoin(ConsentWithdrawal, ConsentWithdrawal.consent_id == Consent.id)
            .outerjoin(
                ProvisionRecord,
                (ProvisionRecord.consent_id == Consent.id) & (ProvisionRecord.kind == ProvisionKind.MADE_AVAILABLE),
            )
            .where(is_visible(since))
            .order_by(Consent.given_at, Consent.id)
        ).all()
    return [_entry(consent, withdrawal, provision, now) for consent, withdrawal, provision in rows]


def _entry(
    consent: Consent, withdrawal: ConsentWithdrawal | None, provision: ProvisionRecord | None, now: datetime
) -> ReceiptEntry:
    end, ended_at = _end(consent, withdrawal, now)
    return ReceiptEntry(
        number=f"consent-{consent.id}",
        recipient=replace(_party(provision.partner_snapshot if provision else {}), name=consent.partner_name),
        via=_party(provision.company_snapshot if provision else {}),
        purpose=consent.purpose,
        items=tuple(ReceiptItem(each, item_label(each), consent.facts[each]) for each in consent.items),
        version=consent.wording_version,
        words=consent.wording,
        words_hash=consent.wording_hash,
        locale=consent.locale,
        given_at=consent.given_at,
        until=consent.until,
        end=end,
        ended_at=ended_at,
    )


def _end(
    consent: Consent, withdrawal: ConsentWithdrawal | None, now: datetime
) -> tuple[ConsentEnd, datetime] | tuple[None, None]:
    """Return how and when it ended first: taking back what had expired already ends nothing."""
    if withdrawal is not None and withdrawal.at <= consent.until:
        by_others = withdrawal.way in {PARTNERSHIP_ENDED, ANOTHER_PERSON}
        return ConsentEnd.REVOKED if by_others else ConsentEnd.WITHDRAWN, withdrawal.at
    return (ConsentEnd.EXPIRED, consent.until) if consent.until < now else (None, None)


def _party(known: Mapping[str, Any]) -> ReceiptParty:
    """Return who stood in the record of provision, which is made with the consent."""
    return ReceiptParty(**{each.name: known.get(each.name) or "" for each in fields(ReceiptParty)})


def _to_companies(session: Session, profile_id: int) -> list[ReceiptEntry]:
    """Return the words to companies that they may keep the application; the company is described as it is today."""
    given = next_openings.given_by(session, profile_id)
    companies = _companies(session, {each.company_id for each in given})
    return [
        ReceiptEntry(
            number=f"openings-{each.id}",
            recipient=companies[each.company_id],
            via=companies[each.company_id],
            purpose=OPENINGS,
            items=(),
            version=each.wording_version,
            words=each.wording,
            words_hash=each.wording_hash,
            locale=each.locale,
            given_at=each.given_at,
            until=None,
            end=ConsentEnd.WITHDRAWN if each.ended_at else None,
            ended_at=each.ended_at,
        )
        for each in given
    ]


def _to_related(session: Session, profile_id: int) -> list[ReceiptEntry]:
    """Return the words about related companies, each described as it was shown; the items stand in the words."""
    given = related_consents.given_by(session, profile_id)
    companies = _companies(session, {each.company_id for each in given})
    return [
        ReceiptEntry(
            number=f"related-{each.id}",
            recipient=_party(each.recipient),
            via=companies[each.company_id],
            purpose=RELATED,
            items=(),
            version=each.wording_version,
            words=each.wording,
            words_hash=each.wording_hash,
            locale=each.locale,
            given_at=each.given_at,
            until=None,
            end=_ended(each.ended_by),
            ended_at=each.ended_at,
        )
        for each in given
    ]


def _ended(by: RelatedEnd | None) -> ConsentEnd | None:
    if by is None:
        return None
    return ConsentEnd.REVOKED if by is RelatedEnd.REMOVED else ConsentEnd.WITHDRAWN


def _companies(session: Session, ids: set[int]) -> dict[int, ReceiptParty]:
    rows = session.execute(
        select(Company.id, Company.name, Company.address, Company.representative).where(Company.id.in_(ids))
    )
    return {row.id: ReceiptParty(row.name, row.address, row.representative) for row in rows}
