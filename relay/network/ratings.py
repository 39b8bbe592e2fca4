"""The one voluntary question after a registration: was the mail of use. Answered once a link, told in full tens.

An answer is added to a number and to nothing else; the link keeps that there was one, so that nobody counts twice.
The company reads full tens of each answer, which the worker moves once a day and which never fall. It knows who
registered, so the answers it reads are always fewer than the completed referrals: no answer is everybody's (A-45).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.jobs import JobKind
from relay.models import Company, Consent, Job, LinkState, RatingAnswer, Referral, RelayLink, RelayRating, scopes
from relay.models.locking import lock_companies
from relay.models.upsert import upsert
from relay.network.figures import ENOUGH

KIND = "relay-ratings"
WORKER = "worker: answers to the question after a registration, of every company, in full tens, once a day"
ANSWERING = "landing: the link by which a person registered last, of whatever company"


@dataclass(frozen=True)
class RatingAsked:
    """The link that the question is about, and the company whose mail it came in."""

    company_id: int
    company: str
    link_id: int


@dataclass(frozen=True)
class RatingTotals:
    """How many gave each answer, in full tens as of `day`; an answer of fewer than ten is not there."""

    day: date
    people: Mapping[RatingAnswer, int]


def asked(session: Session, profile_id: int) -> RatingAsked | None:
    """Return what this person may be asked about: the link of their last registration, until it was answered."""
    with scopes.everyone(session, ANSWERING):
        last = (
            select(Consent.via_company_id, Company.name, Consent.via_relay_link_id, RelayLink.rated)
            .join(Company, Company.id == Consent.via_company_id)
            .join(RelayLink, RelayLink.id == Consent.via_relay_link_id)
            .where(Consent.profile_id == profile_id, RelayLink.state == LinkState.REGISTERED)
            .order_by(Consent.id.desc())
            .limit(1)
        )
        row = session.execute(last).one_or_none()
    return None if row is None or row.rated else RatingAsked(row.via_company_id, row.name, row.via_relay_link_id)


def answer(session: Session, profile_id: int, said: RatingAnswer) -> bool:
    """Add an answer to the number of its kind, once for the link; returns whether it was added.

    The link is marked first and by one statement, so of two presses at once one is counted.
    """
    question = asked(session, profile_id)
    if question is None:
        return False
    with scopes.company(session, question.company_id):
        mark = update(RelayLink).where(RelayLink.id == question.link_id, RelayLink.rated.is_(None)).values(rated=True)
        if session.scalar(mark.returning(RelayLink.id)) is None:
            return False
        put = upsert(session, RelayRating).values(company_id=question.company_id, answer=said, waiting=1, people=0)
        more = {"waiting": RelayRating.waiting + 1}
        key = [RelayRating.company_id, RelayRating.answer]
        session.execute(put.on_conflict_do_update(index_elements=key, set_=more))
    return True


_RATED = select(RelayRating).where(RelayRating.people > 0).order_by(RelayRating.id)


@scopes.in_company
def totals(session: Session, company_id: int) -> RatingTotals | None:
    """Return the numbers that a company may read, and no others are there to read; None until there is one."""
    rows = session.scalars(_RATED).all()
    days = [each.taken_at.astimezone(clock.JAPAN).date() for each in rows if each.taken_at is not None]
    if not days:
        return None
    found = {each.answer: each.people for each in rows}
    return RatingTotals(max(days), {each: found[each] for each in RatingAnswer if each in found})


def renew(session: Session) -> None:
    """Move the next full tens of every company to what it reads, the answer that waits most first."""
    with scopes.everyone(session, WORKER):
        due = select(RelayRating.company_id).where(RelayRating.waiting >= ENOUGH).distinct()
        company_ids = sorted(session.scalars(due))
        lock_companies(session, company_ids)
        session.expire_all()
        rows = select(RelayRating).where(RelayRating.company_id.in_(company_ids)).with_for_update()
        by_company: dict[int, list[RelayRating]] = defaultdict(list)
        for row in session.scalars(rows.order_by(RelayRating.waiting.desc(), RelayRating.id)):
            by_company[row.company_id].append(row)
        completed = _completed(session, company_ids)
        for company_id, answers in by_company.items():
            room = (completed.get(company_id, 0) - 1) // ENOUGH * ENOUGH - sum(each.people for each in answers)
            for row in answers:
                more = max(min(row.waiting // ENOUGH * ENOUGH, room), 0)
                if more:
                    row.people, row.waiting, row.taken_at = row.people + more, row.waiting - more, clock.now()
                    room -= more
        session.flush()


def _completed(session: Session, company_ids: list[int]) -> dict[int, int]:
    """Return how many completed referrals each company knows of."""
    counted = select(Referral.company_id, func.count(Referral.id)).where(
        Referral.company_id.in_(company_ids), Referral.voided_at.is_(None)
    )
    return dict(session.execute(counted.group_by(Referral.company_id)).all())


def _run(session: Session, _job: Job) -> None:
    renew(session)


JOBS = (JobKind(KIND, _run),)
