"""Registrations by a company's own link that wait for the application they count for (確認待ち, invariant 3).

The company may write down only weeks later that it rejected the person: by an import, by hand or by the API. An import
says so at once by its event; whatever else brings it is found within the hour. Once per person and company for life.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.infra.jobs import JobKind, go_on
from relay.infra.keyed_hash import address_hash
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Consent,
    Event,
    Job,
    LinkSource,
    Profile,
    Referral,
    RelayLink,
    moments,
    scopes,
)
from relay.models.locking import lock_company
from relay.models.prepared import read
from relay.network import referrals
from relay.network.links import mailed_to
from relay.network.referrals import mailboxes

KIND = "match-registrations"
CHUNK_SIZE = 200
STEP = 10
"""Registrations that wait are shown in steps of so many: one more or less could be told apart (A-45)."""
MAX_COUNTED = 10_000
BY_LINK = "network: people who registered by a company's own link, whom it may have rejected by now"


class _Waiting(NamedTuple):
    """A registration that waits: the address that registered, and the keys of all that its person proved."""

    email: str
    mailboxes: set[str]


_WAITING = select(func.count()).select_from(
    select(RelayLink.id)
    .where(RelayLink.company_id == bindparam("company"), RelayLink.waits_until > moments.now())
    .limit(MAX_COUNTED)
    .subquery()
)


def waiting(session: Session, company_id: int) -> int:
    """Return how many registrations wait, rounded down to a STEP."""
    with scopes.company(session, company_id):
        count = session.scalar(_WAITING, {"company": company_id}) or 0
    return count // STEP * STEP


_BROUGHT = (
    select(Referral.import_id, func.count())
    .where(
        Referral.source == literal(LinkSource.COMPANY_LINK, Referral.source.type, literal_execute=True),
        Referral.voided_at.is_(None),
    )
    .group_by(Referral.import_id)
)


def brought(session: Session, company_id: int) -> dict[int | None, int]:
    """Return how many referrals came by the company's own link: by the import that made them count, or None."""
    with scopes.company(session, company_id):
        return dict(read(session, _BROUGHT))


@scopes.in_company
def match(session: Session, company_id: int, *, import_id: int | None = None, job: Job | None = None) -> None:
    """Count what waits for the company and is known as rejected by now, a chunk of registrations a transaction."""
    last = 0
    while chunk := _chunk(session, company_id, last):
        last = max(chunk)
        known = _rejected(session, company_id, set[str]().union(*(each.mailboxes for each in chunk.values())))
        lock_company(session, company_id)
        for link_id, each in chunk.items():
            if each.mailboxes & known:
                _count(session, company_id, link_id, each.email, import_id)
        go_on(session, job)


def _chunk(session: Session, company_id: int, after: int) -> dict[int, _Waiting]:
    """Return the next links that wait, each with its person's address and every mailbox they proved."""
    with scopes.everyone(session, BY_LINK):
        rows = session.execute(
            select(RelayLink, Profile.email)
            .join(Consent, _by_link())
            .join(Profile, Profile.id == Consent.profile_id)
            .where(RelayLink.company_id == company_id, RelayLink.waits_until > clock.now(), RelayLink.id > after)
            .distinct()
            .order_by(RelayLink.id)
            .limit(CHUNK_SIZE)
        ).all()
    mailed = {address_hash(each): each for each in mailed_to(session, [row.RelayLink for row in rows])}
    return {
        row.RelayLink.id: _Waiting(row.email, mailboxes((row.email, mailed.get(row.RelayLink.address_hash or "", ""))))
        for row in rows
    }


def _by_link() -> ColumnElement[bool]:
    return and_(Consent.via_company_id == RelayLink.company_id, Consent.via_relay_link_id == RelayLink.id)


def _rejected(session: Session, company_id: int, keys: Iterable[str]) -> set[str]:
    """Return those of the addresses by which the company knows a person it rejected."""
    with scopes.company(session, company_id):
        known = (
            select(Candidate.email_key)
            .join(Application, Application.candidate_id == Candidate.id)
            .where(Candidate.email_key.in_(keys), Application.status == ApplicationResult.REJECTED)
        )
        return set(session.scalars(known.distinct()))


def _count(session: Session, company_id: int, link_id: int, email: str, import_id: int | None) -> None:
    with scopes.company(session, company_id):
        link = session.scalars(
            select(RelayLink)
            .where(RelayLink.id == link_id, RelayLink.waits_until > clock.now())
            .execution_options(populate_existing=True)
        ).one_or_none()
        if link is not None:
            referrals.complete_for(session, [link], email, None, import_id=import_id)


def _look_at(session: Session, job: Job) -> None:
    """Match for the company an import brought rows to; without one, for every company with registrations that wait."""
    import_id = job.payload.get("import_id")
    with scopes.everyone(session, BY_LINK):
        waits = select(RelayLink.company_id).where(RelayLink.waits_until > clock.now())
        companies = [job.company_id] if job.company_id is not None else session.scalars(waits.distinct()).all()
    for company_id in companies:
        match(session, company_id, import_id=import_id, job=job)


def _after_import(session: Session, event: Event) -> None:
    """Queue the matching of what an import brought, where a registration waits."""
    company_id = scopes.required(event.company_id)
    with scopes.company(session, company_id):
        mine = select(RelayLink.id).where(RelayLink.company_id == company_id, RelayLink.waits_until > clock.now())
        if session.scalar(mine.limit(1)) is None:
            return
    payload = {"import_id": event.subject_id}
    jobs.enqueue(session, KIND, key=f"{KIND}:{event.id}", company_id=company_id, payload=payload)


JOBS = (JobKind(KIND, _look_at),)
CONSUMERS = {"match-registrations": _after_import}
