"""Looking for alerts: at people about whom something changed, never at everybody again, and taking people as known.

The queue is relay.indexing.alert_checks. Nobody is announced who fitted when an alert began, nor by being merged, put
back, called otherwise or imported again; nor when what is asked for changed, for then all who fit are taken as known.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import alert_checks
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.insight import thresholds
from relay.insight.thresholds import Found, TooManyFit, Watched
from relay.models import (
    Alert,
    AlertHit,
    AlertReason,
    AlertSubscription,
    Candidate,
    CheckCause,
    Event,
    EventTag,
    Job,
    event_data,
    record,
    scopes,
)
from relay.models.alerts import HASH_LENGTH, TOO_WIDE
from relay.models.company_locks import CompanyLock, wait_for

KIND = "alerts"
CONSUMER = "alerts-anew"
REMEMBERED = timedelta(days=30)
"""How long it is remembered of people who went that they were known: as long as an import or a merge can be undone."""


def know_everybody(session: Session, company_id: int, alert: Alert, of: Watched, *, most: int) -> None:
    """Take all who fit now as known. Raises TooManyFit where they are more than `most`."""
    found = thresholds.everybody(session, company_id, of, most)
    _write(session, alert, _unknown(session, alert.id, found), {})
    alert.criteria_hash = of.criteria_hash(session)
    session.flush()


def know_anew(session: Session, company_id: int, alert: Alert, of: Watched) -> None:
    """Take all who fit as known once something else is asked for; the alert rests where they are more than MAX_KNOWN.

    It rests until other people are asked for, or it is stopped and followed again.
    """
    if alert.criteria_hash == _too_wide(session, of):
        return
    try:
        know_everybody(session, company_id, alert, of, most=thresholds.MAX_KNOWN)
    except TooManyFit:
        alert.criteria_hash = _too_wide(session, of)
        session.flush()


def _too_wide(session: Session, of: Watched) -> str:
    return f"{TOO_WIDE}{of.criteria_hash(session)}"[:HASH_LENGTH]


def look(session: Session, company_id: int) -> Iterator[int]:
    """Look at all people who wait, some hundred at a time; between, the caller may commit."""
    while number := look_at_some(session, company_id):
        yield number


def look_at_some(session: Session, company_id: int) -> int:
    """Look at the people who wait longest; returns how many there were."""
    wait_for(session, CompanyLock.ALERTS, company_id)
    checks, causes = alert_checks.next_checks(session)
    if not checks:
        return 0
    alert_checks.recognise(session, causes)
    moment = clock.now()
    for alert in _followed(session):
        of = thresholds.watched(session, alert)
        if of.criteria_hash(session) != alert.criteria_hash:
            know_anew(session, company_id, alert, of)
            continue
        found = thresholds.among(session, company_id, of, causes)
        news = [person for person in found if of.speaks and causes[person] is not CheckCause.SAME]
        unknown = _unknown(session, alert.id, found)
        _write(session, alert, unknown, dict.fromkeys(news, moment))
        _tell(session, alert, len({person for person, _reason in unknown}.intersection(news)))
    alert_checks.remove(session, checks)
    return len(causes)


def schedule(session: Session) -> None:
    """Queue the alerts of each company in which people changed; the same people are queued once."""
    with scopes.everyone(session, "worker: in which companies somebody waits for the alerts"):
        waiting = alert_checks.companies_waiting(session)
    for company_id, newest in waiting:
        jobs.enqueue(session, KIND, key=f"{KIND}:{company_id}:{newest}", company_id=company_id)


def sweep(session: Session) -> None:
    """Forget what was known of people who have been gone for REMEMBERED. Needs a scope of everyone."""
    there = exists().where(Candidate.company_id == AlertHit.company_id, Candidate.id == AlertHit.candidate_id)
    session.execute(
        delete(AlertHit)
        .where(AlertHit.gone_at <= clock.now() - REMEMBERED, ~there)
        .execution_options(synchronize_session=False)
    )


def _followed(session: Session) -> Sequence[Alert]:
    """Return the company's alerts that anybody follows."""
    anybody = exists().where(AlertSubscription.company_id == Alert.company_id, AlertSubscription.alert_id == Alert.id)
    return session.scalars(select(Alert).where(anybody).order_by(Alert.id)).all()


def _unknown(session: Session, alert_id: int, found: Found) -> list[tuple[int, AlertReason]]:
    """Return the people with each reason for which the alert does not know them."""
    known = select(AlertHit.candidate_id, AlertHit.reason).where(AlertHit.alert_id == alert_id)
    if len(found) <= alert_checks.CHUNK_SIZE:
        known = known.where(AlertHit.candidate_id.in_(found))
    there = {(person, reason) for person, reason in session.execute(known)}
    pairs = [(person, reason) for person, reasons in found.items() for reason in reasons]
    return [pair for pair in pairs if pair not in there]


def _write(
    session: Session, alert: Alert, fresh: Sequence[tuple[int, AlertReason]], announced_at: Mapping[int, datetime]
) -> None:
    """Write the people the alert knows from now on; those with a moment are announced."""
    row: dict[str, Any] = {"company_id": alert.company_id, "alert_id": alert.id, "gone_at": None, "person_hash": ""}
    rows = [
        row | {"candidate_id": person, "reason": reason, "announced_at": announced_at.get(person)}
        for person, reason in fresh
    ]
    if rows:
        session.execute(insert(AlertHit), rows)


def _tell(session: Session, alert: Alert, people: int) -> None:
    """Note how many people came to fit a position; its page names them."""
    if people and alert.position_id is not None:
        record(
            session,
            EventTag.POSITION_MATCHED,
            company_id=alert.company_id,
            subject=("position", alert.position_id),
            data=event_data.Counted(count=people),
        )


def _run(session: Session, job: Job) -> None:
    company_id = scopes.required(job.company_id)
    with scopes.company(session, company_id):
        for _number in look(session, company_id):
            jobs.go_on(session, job)


def _anew(session: Session, event: Event) -> None:
    """Take as known who fits a position once its contents changed: HR sees them where it reads the position."""
    company_id = scopes.required(event.company_id)
    with scopes.company(session, company_id):
        wait_for(session, CompanyLock.ALERTS, company_id)
        alert = session.scalars(select(Alert).where(Alert.position_id == event.subject_id)).one_or_none()
        if alert is None:
            return
        of = thresholds.watched(session, alert)
        if of.criteria_hash(session) != alert.criteria_hash:
            know_anew(session, company_id, alert, of)


JOBS = (JobKind(KIND, _run),)
CONSUMERS = {CONSUMER: _anew}
