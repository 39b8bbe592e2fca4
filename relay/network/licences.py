"""Licences that run out: warned of 60, 30 and 7 days ahead and on the day after, each once (B-12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.jobs import JobKind, Queue
from relay.models import Event, EventTag, Job, Partner, PartnerKind, Partnership, event_data, moments, record, scopes
from relay.models.prepared import read
from relay.network import partner_letters

STAGES = (60, 30, 7, 0)
"""Days before the end at which it is warned; 0 says that the licence has run out."""
AHEAD = timedelta(days=STAGES[0])
BEHIND = timedelta(days=30)
"""What ran out longer ago is not mailed about any more, should the job ever have slept."""
ACROSS = "worker: licences of every partner, and the companies tied to them"


@dataclass(frozen=True)
class EndingLicence:
    """A partner of the company whose licence runs out within 60 days or has run out."""

    partner_id: int
    name: str
    until: date
    days_left: int

    @property
    def expired(self) -> bool:
        """Return whether it is over: then the partner is neither offered nor sees anyone."""
        return self.days_left < 0


ENDING_ROWS = (
    select(Partner.id, Partner.name, Partner.license_until)
    .join(Partnership, Partnership.partner_id == Partner.id)
    .where(
        Partnership.ended_at.is_(None),
        Partner.kind == PartnerKind.AGENCY,
        Partner.license_until <= moments.today(AHEAD),
    )
    .order_by(Partner.license_until, Partner.id)
)


def ending(session: Session, company_id: int) -> list[EndingLicence]:
    """Return the licences of the company's partners that run out soon or have run out, the most urgent first."""
    today = clock.today()
    with scopes.company(session, company_id):
        rows = read(session, ENDING_ROWS)
    return [
        EndingLicence(row.id, row.name, row.license_until, (row.license_until - today).days)
        for row in rows
        if row.license_until is not None
    ]


def warn(session: Session, _job: Job | None = None) -> None:
    """Mail every warning that is due and has not been sent for this end of this licence."""
    today = clock.today()
    soon = session.scalars(
        select(Partner)
        .where(
            Partner.kind == PartnerKind.AGENCY,
            Partner.suspended_at.is_(None),
            Partner.license_until.between(today - BEHIND, today + AHEAD),
        )
        .order_by(Partner.id)
    ).all()
    ids = [each.id for each in soon]
    sent, partner_companies = _sent(session, ids), _has_partnership(session, ids)
    for partner in soon:
        assert partner.license_until is not None
        stage = stage_of((partner.license_until - today).days)
        if (partner.id, stage, str(partner.license_until)) in sent:
            continue
        partner_letters.warn_of_licence(session, partner, days=stage, company_ids=partner_companies.get(partner.id, []))
        record(
            session,
            EventTag.LICENCE_WARNED,
            partner_id=partner.id,
            subject=("partner", partner.id),
            data=event_data.LicenceWarned(days=stage, until=str(partner.license_until)),
        )


def stage_of(days_left: int) -> int:
    """Which warning is due with so many days left."""
    return min((each for each in STAGES if each >= max(days_left, 1)), default=STAGES[0]) if days_left >= 0 else 0


def _sent(session: Session, partner_ids: Iterable[int]) -> set[tuple[int, int, str]]:
    """Return the warnings that have left: partner, stage and end of the licence."""
    since = clock.now() - AHEAD - BEHIND - timedelta(days=2)
    rows = session.execute(
        select(Event.partner_id, Event.data).where(
            Event.tag == EventTag.LICENCE_WARNED.value, Event.partner_id.in_(list(partner_ids)), Event.at >= since
        )
    )
    warned = ((partner_id, event_data.LicenceWarned.read(data)) for partner_id, data in rows)
    return {(partner_id, warning.days, warning.until) for partner_id, warning in warned}


def _has_partnership(session: Session, partner_ids: Iterable[int]) -> dict[int, list[int]]:
    """Return the companies each partner is in partnership with."""
    with scopes.everyone(session, ACROSS):
        rows = session.execute(
            select(Partnership.partner_id, Partnership.company_id)
            .where(Partnership.partner_id.in_(list(partner_ids)), Partnership.ended_at.is_(None))
            .order_by(Partnership.id)
        ).all()
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.partner_id, []).append(row.company_id)
    return found


JOBS = (JobKind("licences", warn, Queue.DUTIES),)
