"""People of the pool who fit an open position (合いそうな方): some ruled out by facts, the rest put in order.

The purpose of the pool as published covers experience, skills and qualifications. What the selection says of a person
(the stage reached, an assessment, why they were turned down) counts only while purpose ②-b is in force (A-42).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice

from dateutil.relativedelta import relativedelta
from sqlalchemy import Select, String, bindparam, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.age import latest_birth_date
from relay.candidates.contact import STOPPABLE
from relay.indexing import own_words
from relay.infra.keyed_hash import address_hash
from relay.insight import reasons, scoring, selection_record, weights
from relay.insight.reasons import FittingPerson
from relay.insight.scoring import Fit, Weights
from relay.insight.wanted import PositionText, Wanted, wanted
from relay.insight.weights import InForce
from relay.mail import optouts
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CandidateSearch,
    Company,
    FollowUp,
    Job,
    JobState,
    Position,
    PositionState,
    RetentionBasis,
)
from relay.outreach import rescout_people

SHOWN = 20
_IN_A_ROW = 256
_LOOKED_AT_FIRST, _LOOKED_AT_ONCE = 200, 5_000
IN_POOL = (RetentionBasis.STATED, RetentionBasis.CONSENTED)
_NOT_CALLED_ON = (ApplicationResult.OPEN, ApplicationResult.HIRED)


@dataclass(frozen=True)
class Fits:
    """The first people for a position, best first."""

    people: Sequence[FittingPerson]
    has_more: bool
    is_incomplete: bool
    """Whether the worker has not written everybody's words of work yet."""
    since: date | None = None
    """The first day of application whose selection record counts; None where none does (A-42)."""
    months: int | None = None
    """The company's 再応募の目安."""
    by: InForce = weights.AS_STATED
    """The points they were put in order by."""


def of_position(session: Session, company_id: int, position: Position) -> Fits | None:
    """Return the first people of the company's pool who fit the position; None for one that is not open."""
    if position.state is not PositionState.OPEN:
        return None
    asked = looked_for(session, position)
    since, months = _rules(session, company_id)
    by = weights.in_force(session)
    ranked = _ranked(session, asked, since, by.weights)
    found = list(islice(_open_to_it(session, company_id, position, ranked, months), SHOWN + 1))
    records = selection_record.of(session, found[:SHOWN], since) if since else {}
    people = reasons.of(session, asked, position, found[:SHOWN], records)
    return Fits(people, len(found) > SHOWN, _is_incomplete(session, company_id), since, months, by)


def looked_for(session: Session, position: Position) -> Wanted:
    """Return whom the position asks for, also in the words of the company in scope."""
    return wanted(text_of(position), own_words.in_scope(session))


def writable(session: Session, company_id: int, position_id: int, candidate_ids: Sequence[int]) -> set[int]:
    """Return those of some people whom the company may write to about the position (A-4, A-47, C-2)."""
    _since, months = _rules(session, company_id)
    addresses = dict(session.execute(_eligible(position_id, candidate_ids, months)).all())
    stopped: set[str] = set()
    for mail_class in STOPPABLE:
        stopped |= optouts.opted_out(session, company_id, addresses.values(), mail_class)
    return {each for each, address in addresses.items() if address not in stopped}


_RULES = select(Company.record_use_since, Company.reapply_months).where(Company.id == bindparam("company"))


def _rules(session: Session, company_id: int) -> tuple[date | None, int | None]:
    """Return from applications of which day on selection records count (A-42), and the company's 再応募の目安."""
    since, months = session.execute(_RULES, {"company": company_id}).one()
    return since, months


def _ranked(session: Session, asked: Wanted, since: date | None, by: Weights) -> Iterator[Fit]:
    """Yield the pool in order: by the first layer, and by the second where that is in force."""
    ranked = scoring.ordered(asked, pool(session), by)
    return ranked if since is None else scoring.with_records(ranked, partial(_record_points, session, since, by), by)


def _open_to_it(
    session: Session, company_id: int, position: Position, ranked: Iterator[Fit], months: int | None
) -> Iterator[int]:
    """Yield whom the company may write to, in the order given: some at a time are looked at.

    Whether an address stopped mails is told by a keyed hash alone, so one is made of each, until no more are taken.
    """
    numbers = (fit.candidate_id for fit in ranked)
    stopped = optouts.stopped_hashes(session, company_id, STOPPABLE)
    some = list(islice(numbers, _LOOKED_AT_FIRST))
    while some:
        addresses = dict(session.execute(_eligible(position.id, some, months)).all())
        yield from (each for each in some if each in addresses and address_hash(addresses[each]) not in stopped)
        some = list(islice(numbers, _LOOKED_AT_ONCE))


def _record_points(session: Session, since: date, by: Weights, candidate_ids: Sequence[int]) -> dict[int, int]:
    records = selection_record.of(session, candidate_ids, since)
    return {number: record.points(by) for number, record in records.items()}


def pool(session: Session) -> Iterator[tuple[int, str]]:
    """Yield everybody of the pool with their terms; a row holds many people, for rows cost more than what is in them.

    Who is kept for a selection alone is not among them (A-4).
    """
    outside = exists().where(
        Candidate.company_id == CandidateSearch.company_id,
        Candidate.id == CandidateSearch.candidate_id,
        Candidate.basis.not_in(IN_POOL),
    )
    one = cast(CandidateSearch.candidate_id, String) + " " + CandidateSearch.terms
    many = select(func.aggregate_strings(one, "\n")).where(CandidateSearch.terms != "", ~outside)
    for joined in session.scalars(many.group_by(CandidateSearch.candidate_id // _IN_A_ROW)):
        for line in joined.split("\n"):
            number, _, terms = line.partition(" ")
            yield int(number), terms


def _eligible(position_id: int, candidate_ids: Sequence[int], months: int | None) -> Select[int, str]:
    """Select of these people whom the company may write to about a position, with their addresses (A-4, A-47, C-2).

    Whose last result is nearer than the company's months (再応募の目安) is none of them.
    """
    rules = [Application.status.in_(_NOT_CALLED_ON), Application.position_id == position_id]
    if months is not None:
        rules.append(Application.decided_on > clock.today() - relativedelta(months=months))
    engaged = exists().where(
        Application.company_id == Candidate.company_id, Application.candidate_id == Candidate.id, or_(*rules)
    )
    return select(Candidate.id, Candidate.email).where(
        Candidate.id.in_(candidate_ids),
        or_(Candidate.retain_until.is_(None), Candidate.retain_until >= clock.today()),
        or_(Candidate.birth_date.is_(None), Candidate.birth_date <= latest_birth_date()),
        Candidate.contact_stopped_at.is_(None),
        Candidate.email != "",
        or_(Candidate.follow_up.is_(None), Candidate.follow_up != FollowUp.RELAY),
        ~engaged,
        ~rescout_people.waits(),
    )


def text_of(position: Position) -> PositionText:
    """Return the parts of a position that say whom it is for."""
    return PositionText(
        title=position.title,
        occupation_id=position.occupation_id,
        description=position.description,
        skills="\n".join((position.required_skills, position.welcome_skills)),
        required=_names(position.required_qualifications),
        welcome=_names(position.welcome_qualifications),
    )


def _names(typed: str) -> tuple[str, ...]:
    """Return the qualifications that were typed, a line or an entry each."""
    entries = typed.replace("、", "\n").splitlines()
    return tuple(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))


_WAITING_WORDS = (
    select(Job.id)
    .where(
        Job.kind == "search-words",
        Job.company_id == bindparam("company"),
        Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
    )
    .limit(1)
)


def _is_incomplete(session: Session, company_id: int) -> bool:
    return session.scalars(_WAITING_WORDS, {"company": company_id}).first() is not None
