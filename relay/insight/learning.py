"""Learning from what came of 再スカウト: the stated points are the prior mean of a logistic regression of each company.

How well a person fitted is noted with the mail: afterwards their answer is part of their record. Each step that the
contact came to, or did not come to, is one outcome: an answer, an interview, a hire, half a year. All share the
points; how often a step succeeds at all is no merit of a part, so each has a base of its own. No other company's
outcomes count, and nothing but the parts that order people anyway (A-22, B-1, B-2). Parts of the selection record, and
what came after the answer, count only while purpose ②-b is in force, and of nobody who objected (A-42). It is reckoned
again each day from who is there, so an erased person goes out of it, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from sqlalchemy import Select, and_, case, delete, exists, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring.stays import HALF_A_YEAR
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.insight import fits, scoring, selection_record
from relay.insight.scoring import OF_RECORD, PER_THOUSAND, POINTS, STATED, Shares
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    EventTag,
    InterviewInvitation,
    Job,
    LearnedWeight,
    Message,
    MessageState,
    Position,
    Rescout,
    RescoutAnswer,
    Slot,
    Stay,
    event_data,
    record,
    scopes,
)
from relay.models.hiring import NO_DAY
from relay.models.locking import lock_company
from relay.outreach.rescouts import SHARES_JOB

KIND = "learning"
PATIENCE = timedelta(days=30)
"""After so long without an answer, a mail has come to nothing."""
MAX_CASES = 5_000
"""How many mails of a company count, the newest."""
ODDS_PER_POINT = 0.03
"""What a stated point is worth in log-odds, before anything is known."""
FIRMNESS = 80.0
"""How firmly the stated points are believed in: 1 / FIRMNESS is the variance of the factor of each part.

Chosen in simulation (tests/soak/test_learning.py): no order loses more than 0.01 nDCG, whatever the answers follow.
"""
OPENNESS = 0.1
"""The precision of the base of each step: nothing is known of how often people answer."""
LEAST, MOST = 2 / 3, 4 / 3
"""How far the points of a part move, as factors of the stated ones: no part counts against anybody."""
_HALF = PER_THOUSAND // 2


class Came(IntEnum):
    """The steps that a contact comes to, each after the one before."""

    ANSWERED = 0
    MET = 1
    HIRED = 2
    STAYED = 3


@dataclass(frozen=True)
class RescoutCase:
    """One mail to a person that has had its answer or its time: how well they fitted, and what came of it."""

    candidate_id: int
    shares: Shares
    outcomes: Sequence[tuple[Came, bool]]

    @property
    def agreed(self) -> bool:
        """Return whether the person wanted to hear more."""
        return (Came.ANSWERED, True) in self.outcomes


def note(session: Session, position: Position, rescouts: Sequence[Rescout], since: date | None) -> None:
    """Write down how well people fit whom the company in scope has just written to; who has answered is left out."""
    fresh = [each for each in rescouts if each.answer is None and each.shares is None]
    people = {each.candidate_id for each in fresh}
    if not people:
        return
    found = scoring.shares(fits.looked_for(session, position), fits.pool(session), people)
    records = selection_record.of(session, sorted(people), since) if since else {}
    for each in fresh:
        told = records.get(each.candidate_id)
        each.shares = found[each.candidate_id] | dict.fromkeys(told.parts if told else (), PER_THOUSAND)
        each.record_since = since if told else None
    session.flush()


def cases(session: Session, since: date | None) -> list[RescoutCase]:
    """Return the cases of the company in scope that have had their answer or their time, the newest first."""
    rows = session.execute(_cases(since)).all()
    steps = selection_record.steps_of(session, [row.application_id for row in rows if row.status is not None])
    found = []
    for row in rows:
        counted = row.record_since is not None and row.record_since == since and row.readable
        shares = {part: share for part, share in row.shares.items() if counted or part not in OF_RECORD}
        met = row.met or any(map(selection_record.is_interview, steps.get(row.application_id, ())))
        came = _outcomes(agreed=row.answer is RescoutAnswer.YES, met=met, status=row.status, stayed=row.stayed)
        found.append(RescoutCase(row.candidate_id, shares, list(came)))
    return found


def learned(known: Sequence[RescoutCase]) -> dict[str, int]:
    """Return the thousandths of points of each part after these cases; the stated ones after none."""
    from relay.insight import map_fit  # numpy takes 16 MB: the worker alone pays for it

    rows, agreed = [], []
    for each_case in known:
        fit = [ODDS_PER_POINT * POINTS[part] * each_case.shares.get(part, 0) / PER_THOUSAND for part in POINTS]
        for step, succeeded in each_case.outcomes:
            rows.append([float(step is each) for each in Came] + fit)
            agreed.append(succeeded)
    means = [0.0] * len(Came) + [1.0] * len(POINTS)
    firmness = [OPENNESS] * len(Came) + [FIRMNESS] * len(POINTS)
    factors = map_fit.fitted(rows, agreed, means, firmness)[len(Came) :]
    return {
        part: round(STATED[part] * min(max(factor, LEAST), MOST)) for part, factor in zip(POINTS, factors, strict=True)
    }


@scopes.in_company
def learn(session: Session, company_id: int) -> None:
    """Reckon the points of the company; without an outcome, or where learning was stopped, none are kept."""
    lock_company(session, company_id)
    rules = select(Company.record_use_since, Company.learning_stopped_at).where(Company.id == company_id)
    since, stopped = session.execute(rules).one()
    known = [] if stopped else cases(session, since)
    there = {each.part: each for each in session.scalars(select(LearnedWeight))}
    if not known:
        session.execute(delete(LearnedWeight))
        return
    for part, thousandths in learned(known).items():
        with_it = [each for each in known if each.shares.get(part, 0) >= _HALF]
        row = there.get(part) or LearnedWeight(part=part)
        row.thousandths, row.fitted_at = thousandths, clock.now()
        row.people, row.agreed = _people(with_it), _people(each for each in with_it if each.agreed)
        session.add(row)
    session.flush()


@scopes.in_company
def switch(session: Session, company_id: int, *, on: bool) -> None:
    """Stop learning, so that the stated points are in force at once, or begin again; twice changes nothing."""
    company = session.scalars(select(Company).where(Company.id == company_id).with_for_update()).one()
    if (company.learning_stopped_at is None) == on:
        return
    company.learning_stopped_at = None if on else clock.now()
    session.execute(delete(LearnedWeight))
    data = event_data.LearningSwitched(on=on)
    record(session, EventTag.LEARNING_SWITCHED, company_id=company_id, subject=("company", company_id), data=data)


def _people(known: Iterable[RescoutCase]) -> int:
    return len({each.candidate_id for each in known})


def _outcomes(
    *, agreed: bool, met: bool, status: ApplicationResult | None, stayed: bool | None
) -> Iterator[tuple[Came, bool]]:
    """Yield each step whose end is known; a selection that runs has not ended."""
    yield Came.ANSWERED, agreed
    ended = status in (ApplicationResult.REJECTED, ApplicationResult.WITHDREW)
    hired = status is ApplicationResult.HIRED
    if not agreed or not (met or hired or ended):
        return
    yield Came.MET, met or hired
    if hired or (met and ended):
        yield Came.HIRED, hired
    if hired and stayed is not None:
        yield Came.STAYED, stayed


def _cases(since: date | None) -> Select[*tuple[object, ...]]:
    """Select them, with the selection that came of each where it may be read: made since that day, of no objector."""
    readable = selection_record.may_be_read()
    theirs = and_(Application.id == Rescout.application_id, Application.applied_on >= (since or NO_DAY), readable)
    had_time = or_(Rescout.answer.is_not(None), Message.settled_at <= clock.now() - PATIENCE)
    met = exists().where(
        InterviewInvitation.company_id == Application.company_id,
        InterviewInvitation.application_id == Application.id,
        InterviewInvitation.closed_at.is_(None),
        InterviewInvitation.slot_id == Slot.id,
        Slot.company_id == Application.company_id,
        Slot.starts_at <= clock.now(),
    )
    word = select(Stay.there).where(
        Stay.company_id == Application.company_id,
        Stay.application_id == Application.id,
        Stay.hired_on == Application.decided_on,
        Stay.months == HALF_A_YEAR,
    )
    return (
        select(
            Rescout.candidate_id,
            Rescout.shares,
            Rescout.record_since,
            Rescout.answer,
            Application.id.label("application_id"),
            Application.status,
            met.label("met"),
            word.order_by(Stay.id.desc()).limit(1).scalar_subquery().label("stayed"),
            case((readable, True), else_=False).label("readable"),
        )
        .join(Candidate, Candidate.id == Rescout.candidate_id)
        .join(Message, Message.id == Rescout.message_id)
        .outerjoin(Application, theirs)
        .where(Rescout.shares.is_not(None), Message.state == MessageState.SENT, had_time)
        .order_by(Rescout.id.desc())
        .limit(MAX_CASES)
    )


def _companies(session: Session) -> Sequence[int]:
    """Return the companies that wrote to anybody whose fit was noted, or that have points to give up."""
    noted = select(Rescout.company_id).where(Rescout.shares.is_not(None))
    with scopes.everyone(session, "worker: which companies have outcomes to learn from, then enters each"):
        return sorted(set(session.scalars(noted.union(select(LearnedWeight.company_id)))))


def _learn_everywhere(session: Session, job: Job) -> None:
    for company_id in _companies(session):
        learn(session, company_id)
        jobs.go_on(session, job)


def _note(session: Session, job: Job) -> None:
    company_id = scopes.required(job.company_id)
    wanted: Mapping[str, object] = job.payload
    with scopes.company(session, company_id):
        rules = select(Company.record_use_since, Company.learning_stopped_at).where(Company.id == company_id)
        since, stopped = session.execute(rules).one()
        position = session.scalars(select(Position).where(Position.id == wanted["position_id"])).one_or_none()
        rows = session.scalars(select(Rescout).where(Rescout.id.in_(job.payload["rescout_ids"]))).all()
        if position is not None and stopped is None:
            note(session, position, rows, since)


JOBS = (JobKind(KIND, _learn_everywhere), JobKind(SHARES_JOB, _note))
