"""The legal record of provisions to third parties: who received what about whom, when, on which consent.

Snapshots, not joins, kept for three years from the day written (APPI 29条, 規則20条・21条; A-16…A-21).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Consent, Partner, Profile, ProvisionKind, ProvisionRecord, scopes

TERM = relativedelta(years=3)


@dataclass(frozen=True)
class Provision:
    """One provision as its subject reads it on the own page; `items` are codes of the profile's fields."""

    at: datetime
    kind: ProvisionKind
    partner_id: int
    partner_name: str
    items: tuple[str, ...]


def made_available(session: Session, profile: Profile, consent: Consent) -> ProvisionRecord:
    """Record that a consent has opened the listed items to its partner."""
    return _write(session, ProvisionKind.MADE_AVAILABLE, profile, consent, consent.items, None)


def viewed(
    session: Session, profile: Profile, consent: Consent, items: Iterable[str], user_id: int | None
) -> ProvisionRecord:
    """Record that someone at the partner opened the person's page and saw these items."""
    return _write(session, ProvisionKind.VIEWED, profile, consent, items, user_id)


def of_profile(session: Session, profile_id: int, *, since: datetime, limit: int = 200) -> list[Provision]:
    """What was provided about a person on consents given since that moment, newest first."""
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(
                ProvisionRecord.at,
                ProvisionRecord.kind,
                ProvisionRecord.partner_id,
                ProvisionRecord.partner_snapshot,
                ProvisionRecord.items,
            )
            .where(ProvisionRecord.consented_at >= since)
            .order_by(ProvisionRecord.id.desc())
            .limit(limit)
        ).all()
    return [Provision(row.at, row.kind, row.partner_id, row.partner_snapshot["name"], tuple(row.items)) for row in rows]


def purge(session: Session) -> int:
    """Delete the records whose term is over (A-20); returns how many. To be called across companies."""
    over = delete(ProvisionRecord).where(ProvisionRecord.keep_until < clock.today()).returning(ProvisionRecord.id)
    return len(session.scalars(over).all())


def _write(
    session: Session,
    kind: ProvisionKind,
    profile: Profile,
    consent: Consent,
    items: Iterable[str],
    user_id: int | None,
) -> ProvisionRecord:
    written = ProvisionRecord(
        profile_id=profile.id,
        partner_id=consent.partner_id,
        kind=kind,
        at=clock.now(),
        person_name=profile.name,
        person_code=profile.code,
        items=list(items),
        consent_id=consent.id,
        consented_at=consent.given_at,
        company_id=consent.via_company_id,
        company_snapshot=_company(session, consent.via_company_id),
        partner_snapshot=_partner(session, consent.partner_id),
        user_id=user_id,
        keep_until=clock.today() + TERM,
    )
    session.add(written)
    session.flush()
    return written


def _company(session: Session, company_id: int) -> dict[str, Any]:
    row = session.execute(
        select(Company.name, Company.address, Company.representative).where(Company.id == company_id)
    ).one()
    return {"name": row.name, "address": row.address, "representative": row.representative}


def _partner(session: Session, partner_id: int) -> dict[str, Any]:
    row = session.execute(
        select(Partner.kind, Partner.name, Partner.address, Partner.representative, Partner.license_number).where(
            Partner.id == partner_id
        )
    ).one()
    return {
        "kind": row.kind.value,
        "name": row.name,
        "address": row.address,
        "representative": row.representative,
        "license_number": row.license_number,
    }
