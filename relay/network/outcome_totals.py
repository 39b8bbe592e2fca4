"""Outcomes of a company's people in numbers: full tens, once a day, of people it reads nothing about by name (A-45).

Ten people go into a number together and stay in it, so it moves by tens and never falls. People who ever let it read
theirs are not counted from then on, and a kind in whose number a person is, is never read of them by name: no
number and no name are about one person, so nothing can be subtracted. Everybody is never counted: as long as all others
of the company's people are fewer than the next ten and one, these ten wait.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.infra.jobs import JobKind
from relay.models import Consent, CountedOutcome, Job, Outcome, OutcomeConsent, OutcomeKind, OutcomeTotal, scopes
from relay.models.locking import lock_companies
from relay.network.figures import ENOUGH

KIND = "outcome-totals"
WORKER = "worker: what became of people of every company, in full tens, once a day"
_TOTALS = select(OutcomeTotal).order_by(OutcomeTotal.id)
Waiting = Mapping[tuple[int, OutcomeKind], Sequence[int]]


@dataclass(frozen=True)
class OutcomeTotals:
    """How many people each kind became true of, in full tens as of `day`; a kind with fewer than ten is not there."""

    day: date
    people: Mapping[OutcomeKind, int]


@scopes.in_company
def totals(session: Session, company_id: int) -> OutcomeTotals | None:
    """Return the numbers that a company may read, and no others are there to read; None until there is one.

    Any page may show them beside what people let the company read: they are about other people.
    """
    rows = session.scalars(_TOTALS).all()
    if not rows:
        return None
    day = max(each.taken_at for each in rows).astimezone(clock.JAPAN).date()
    return OutcomeTotals(day, {each.kind: each.people for each in rows})


def renew(session: Session) -> None:
    """Count the next full tens of every company; the companies are held, so that nobody agrees meanwhile."""
    with scopes.everyone(session, WORKER):
        companies = sorted({company for company, _kind in _waiting(session)})
        lock_companies(session, companies)
        waiting, people = _waiting(session, companies), _people(session, companies)
        kept = {(each.company_id, each.kind): each for each in session.scalars(_TOTALS)}
        for (company_id, kind), who in sorted(waiting.items()):
            total = kept.get((company_id, kind))
            before = total.people if total else 0
            room = (people.get(company_id, 0) - 1) // ENOUGH * ENOUGH - before
            more = max(min(len(who) // ENOUGH * ENOUGH, room), 0)
            if not more:
                continue
            session.add_all(CountedOutcome(company_id=company_id, kind=kind, profile_id=each) for each in who[:more])
            total = total or OutcomeTotal(company_id=company_id, kind=kind)
            total.people, total.taken_at = before + more, clock.now()
            session.add(total)
        session.flush()


def _waiting(session: Session, companies: Sequence[int] | None = None) -> Waiting:
    """Return who is in no number yet, by company and kind, where they are ten: in the order of their registration."""
    found: dict[tuple[int, OutcomeKind], list[int]] = defaultdict(list)
    for company_id, kind, profile_id in session.execute(_uncounted(companies)):
        found[company_id, kind].append(profile_id)
    return {key: who for key, who in found.items() if len(who) >= ENOUGH}


def _uncounted(companies: Sequence[int] | None) -> Select[int, OutcomeKind, int]:
    denial = aliased(Outcome)
    denied = select(denial.id).where(
        denial.profile_id == Outcome.profile_id, denial.kind == Outcome.kind, ~denial.so, _is_last(denial)
    )
    there = select(CountedOutcome.id).where(
        CountedOutcome.company_id == Consent.via_company_id,
        CountedOutcome.kind == Outcome.kind,
        CountedOutcome.profile_id == Outcome.profile_id,
    )
    wanted = (
        select(Consent.via_company_id, Outcome.kind, Outcome.profile_id)
        .join(Consent, Consent.profile_id == Outcome.profile_id)
        .where(Outcome.so, _is_last(Outcome), ~denied.exists(), ~there.exists(), ~_agreed().exists())
        .distinct()
        .order_by(Consent.via_company_id, Outcome.kind, Outcome.profile_id)
    )
    return wanted if companies is None else wanted.where(Consent.via_company_id.in_(companies))


def _is_last(word: type[Outcome]) -> ColumnElement[bool]:
    later = aliased(Outcome)
    same_teller = func.coalesce(later.partner_id, 0) == func.coalesce(word.partner_id, 0)
    return ~(
        select(later.id)
        .where(and_(later.profile_id == word.profile_id, later.kind == word.kind, same_teller, later.id > word.id))
        .exists()
    )


def _agreed() -> Select[int]:
    """Select whether the person ever let the company read: it may have read, so they are counted no more."""
    return select(OutcomeConsent.id).where(
        OutcomeConsent.company_id == Consent.via_company_id, OutcomeConsent.profile_id == Consent.profile_id
    )


def _people(session: Session, companies: Sequence[int]) -> dict[int, int]:
    """Return how many registered through each company's links, without those who ever let it read."""
    through = select(Consent.via_company_id, func.count(Consent.profile_id.distinct()))
    through = through.where(Consent.via_company_id.in_(companies), ~_agreed().exists())
    return dict(session.execute(through.group_by(Consent.via_company_id)).all())


def _run(session: Session, _job: Job) -> None:
    renew(session)


JOBS = (JobKind(KIND, _run),)
