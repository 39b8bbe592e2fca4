"""Incidents that a partner reports (A-37): its own record, and the same words to its companies and the operator.

The references of the people concerned are read by the partner and the operator. A company is told the incident, its
days and, from ten people on, how many in full tens: not who chose the partner, nor whether its own people did (A-45).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, Partner, PartnerIncident, Partnership, ProvisionRecord, record, scopes
from relay.models.keyset import Page, newest
from relay.models.locking import lock_companies
from relay.network import partner_letters, sharing
from relay.trust import incidents

MAX_CODES = 1_000
MAX_MEASURES = 2_000
SAME_REPORT = timedelta(minutes=10)
"""A report that says all the same as the partner's last one, within this time, is that one, sent twice."""
PAGE = 20
_NEWEST = newest(PartnerIncident.id)


class UnknownReferences(DomainError):
    """Raise where the partner was never given a person of these references."""

    code = "references-unknown"

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = codes
        super().__init__(_l("次の照会番号の方は、貴社に提供されていません：%(codes)s", codes="、".join(codes[:10])))


def report(
    session: Session,
    partner: Partner,
    *,
    what: str,
    noticed_at: datetime,
    codes: Sequence[str],
    people: int | None,
    malicious: bool,
    measures: str,
    by_user_id: int | None,
) -> PartnerIncident:
    """Keep the report, enter it at every company in partnership and tell their administrators and the operator.

    Without `people` there are as many as references, if any. Raises UnknownReferences.
    """
    with scopes.partner(session, partner.id):
        standing = select(Partnership.company_id).where(Partnership.ended_at.is_(None)).order_by(Partnership.company_id)
        company_ids = session.scalars(standing).all()
    lock_companies(session, company_ids)
    with scopes.partner(session, partner.id):
        _refuse_unknown(session, codes)
        said = {
            "what": what,
            "codes": list(codes),
            "people": max(people or 0, len(codes)) if people is not None or codes else None,
            "malicious": malicious,
            "measures": measures,
        }
        if (same := _just_reported(session, said)) is not None:
            return same
        reported = PartnerIncident(
            partner_id=partner.id, noticed_at=noticed_at, reported_at=clock.now(), by_user_id=by_user_id, **said
        )
        session.add(reported)
        session.flush()
        subject = ("partner-incident", reported.id)
        record(session, EventTag.INCIDENT_ENTERED, partner_id=partner.id, subject=subject)
    for company_id in company_ids:
        incidents.enter_reported(session, company_id, reported, partner_name=partner.name)
    operator = sharing.operators_own_address(session)
    partner_letters.tell_of_incident(session, partner, company_ids, operator=operator)
    return reported


def listed(session: Session, *, after: str = "", before: str = "") -> Page[PartnerIncident]:
    """Return a page of the reports of the partner in scope, the newest first."""
    return _NEWEST.page(session, select(PartnerIncident), lambda each: each, after=after, before=before, limit=PAGE)


def _refuse_unknown(session: Session, codes: Sequence[str]) -> None:
    given = select(ProvisionRecord.person_code).where(ProvisionRecord.person_code.in_(codes)).distinct()
    known = set(session.scalars(given)) if codes else set()
    if unknown := [each for each in codes if each not in known]:
        raise UnknownReferences(unknown)


def _just_reported(session: Session, said: Mapping[str, Any]) -> PartnerIncident | None:
    lately = select(PartnerIncident).where(PartnerIncident.reported_at > clock.now() - SAME_REPORT)
    newest_of_all = session.scalars(lately.order_by(PartnerIncident.id.desc()).limit(1)).one_or_none()
    is_same = newest_of_all and all(getattr(newest_of_all, name) == value for name, value in said.items())
    return newest_of_all if is_same else None
