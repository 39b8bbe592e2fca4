"""The legal record of provisions to third parties: who received what about whom, when, on which consent.

Snapshots, not joins, kept for three years from the day written (APPI 29条, 規則20条・21条; A-16…A-21).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Consent, Partner, ProvisionKind, ProvisionRecord, moments, scopes
from relay.models.keyset import Page, newest
from relay.models.prepared import Prepared
from relay.models.retention import PROVISION

TERM = PROVISION.length
A_PAGE = 20
_NEWEST = newest(ProvisionRecord.id)
SAME_VIEWING = timedelta(minutes=10)
"""Whoever opens the same person again within this time is still reading."""


@dataclass(frozen=True)
class Provision:
    """One provision as its subject reads it on the own page; `items` are codes of the profile's fields.

    `consented_at` is the moment of the consent it rests on.
    """

    at: datetime
    kind: ProvisionKind
    partner_id: int
    partner_name: str
    items: tuple[str, ...]
    consented_at: datetime


class ReadConsent(NamedTuple):
    """The columns that a provision is written by and shown from, of a consent that is only read."""

    id: int
    profile_id: int
    partner_id: int
    via_company_id: int
    purpose: str
    wording_version: str
    items: Sequence[str]
    facts: Mapping[str, str]
    given_at: datetime


Given = Consent | ReadConsent


def made_available(session: Session, person_code: str, consent: Consent) -> ProvisionRecord:
    """Record that a consent has opened its facts to its partner."""
    return _write(session, ProvisionKind.MADE_AVAILABLE, person_code, consent, None)


def viewed(session: Session, person_code: str, consent: Given, user_id: int | None) -> ProvisionRecord | None:
    """Record that someone at the partner opened the person's page and saw what that consent covers.

    A page opened again by the same user within ten minutes, on the same consent, is still the same viewing: None.
    """
    about = {"profile_id": consent.profile_id, "partner_id": consent.partner_id, "consent_id": consent.id}
    if _VIEWED_BEFORE.first(session, **about, user_id=user_id) is not None:
        return None
    return _write(session, ProvisionKind.VIEWED, person_code, consent, user_id)


def read_by_api(session: Session, person_code: str, consent: Given, api_key_id: int) -> ProvisionRecord | None:
    """Record that a program read with this key what that consent covers.

    Read again with the same key within ten minutes, on the same consent, it is still the same reading: None.
    """
    about = {"profile_id": consent.profile_id, "partner_id": consent.partner_id, "consent_id": consent.id}
    if _READ_BEFORE.first(session, **about, api_key_id=api_key_id) is not None:
        return None
    return _write(session, ProvisionKind.READ_BY_API, person_code, consent, None, api_key_id)


def _just_now(kind: ProvisionKind, by: ColumnElement[bool]) -> Prepared[int]:
    about = (
        ProvisionRecord.kind == kind,
        ProvisionRecord.profile_id == bindparam("profile_id"),
        ProvisionRecord.partner_id == bindparam("partner_id"),
        ProvisionRecord.consent_id == bindparam("consent_id"),
        ProvisionRecord.at > moments.now(-SAME_VIEWING),
    )
    return Prepared(select(ProvisionRecord.id).where(*about, by).limit(1), int)


_VIEWED_BEFORE = _just_now(ProvisionKind.VIEWED, ProvisionRecord.user_id.is_not_distinct_from(bindparam("user_id")))
_READ_BEFORE = _just_now(ProvisionKind.READ_BY_API, ProvisionRecord.api_key_id == bindparam("api_key_id"))


def exported(session: Session, people: Sequence[tuple[str, Consent]], user_id: int | None) -> Sequence[ProvisionRecord]:
    """Record that someone at the partner wrote these people, each by code and consent, out into a file.

    Whom the same user wrote out within ten minutes, on the same consent, is still the same provision: a form that was
    sent twice. Returns the records that were written.
    """
    ids = [consent.id for _code, consent in people]
    already = select(ProvisionRecord.consent_id).where(
        ProvisionRecord.kind == ProvisionKind.EXPORTED,
        ProvisionRecord.profile_id.in_([consent.profile_id for _code, consent in people]),
        ProvisionRecord.consent_id.in_(ids),
        ProvisionRecord.user_id == user_id,
        ProvisionRecord.at > clock.now() - SAME_VIEWING,
    )
    before = set(session.scalars(already))
    return _write_all(session, ProvisionKind.EXPORTED, [each for each in people if each[1].id not in before], user_id)


def of_profile(
    session: Session, profile_id: int, *, since: datetime, after: str = "", before: str = "", limit: int = A_PAGE
) -> Page[Provision]:
    """Return a page of what was provided about a person on consents given since that moment, newest first: all of it,
    page by page.
    """
    wanted = select(
        ProvisionRecord.at,
        ProvisionRecord.kind,
        ProvisionRecord.partner_id,
        ProvisionRecord.partner_snapshot,
        ProvisionRecord.items,
        ProvisionRecord.consented_at,
    ).where(ProvisionRecord.consented_at >= since)
    with scopes.profile(session, profile_id):
        return _NEWEST.page(session, wanted, _provision, after=after, before=before, limit=limit)


def purge(session: Session) -> int:
    """Delete the records whose term is over (A-20); returns how many. To be called across companies."""
    over = delete(ProvisionRecord).where(ProvisionRecord.keep_until < clock.today()).returning(ProvisionRecord.id)
    return len(session.scalars(over).all())


def _provision(
    at: datetime,
    kind: ProvisionKind,
    partner_id: int,
    partner: Mapping[str, Any],
    items: Sequence[str],
    consented_at: datetime,
) -> Provision:
    return Provision(at, kind, partner_id, partner["name"], tuple(items), consented_at)


def _write(
    session: Session,
    kind: ProvisionKind,
    person_code: str,
    consent: Given,
    user_id: int | None,
    api_key_id: int | None = None,
) -> ProvisionRecord:
    return _write_all(session, kind, [(person_code, consent)], user_id, api_key_id)[0]


def _write_all(
    session: Session,
    kind: ProvisionKind,
    people: Sequence[tuple[str, Given]],
    user_id: int | None,
    api_key_id: int | None = None,
) -> Sequence[ProvisionRecord]:
    """Write a record of each, with what the companies and partners behind the consents are called now."""
    companies = _companies(session, {consent.via_company_id for _code, consent in people})
    partners = _partners(session, {consent.partner_id for _code, consent in people})
    written = [
        ProvisionRecord(
            profile_id=consent.profile_id,
            partner_id=consent.partner_id,
            kind=kind,
            at=clock.now(),
            person_name=consent.facts.get("name", ""),
            person_code=code,
            items=[each for each in consent.items if each in consent.facts],
            consent_id=consent.id,
            consented_at=consent.given_at,
            company_id=consent.via_company_id,
            company_snapshot=companies[consent.via_company_id],
            partner_snapshot=partners[consent.partner_id] | {"purposes": consent.purpose.split()},
            user_id=user_id,
            api_key_id=api_key_id,
            keep_until=clock.today() + TERM,
        )
        for code, consent in people
    ]
    session.add_all(written)
    session.flush()
    return written


def _companies(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(Company.id, Company.name, Company.address, Company.representative).where(Company.id.in_(ids))
    )
    return {row.id: {"name": row.name, "address": row.address, "representative": row.representative} for row in rows}


def _partners(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(
            Partner.id,
            Partner.kind,
            Partner.name,
            Partner.address,
            Partner.representative,
            Partner.license_number,
            Partner.corporate_number,
        ).where(Partner.id.in_(ids))
    )
    return {
        row.id: {
            "kind": row.kind.value,
            "name": row.name,
            "address": row.address,
            "representative": row.representative,
            "license_number": row.license_number,
            "corporate_number": row.corporate_number,
        }
        for row in rows
    }
