"""People the company may know already: found while one is being entered, and for the rows of a file.

Nothing is written. Besides the table of keys, which the worker fills within a minute, everybody with the same address,
number or name is looked at, so that a person entered a moment ago is found too.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay.candidates.duplicates import blocking
from relay.candidates.duplicates.blocking_keys import LARGEST_BLOCK, LARGEST_NAME_BLOCK
from relay.candidates.duplicates.comparison_record import ComparisonRecord, comparison_record
from relay.candidates.duplicates.match_score import NAMESAKE, MatchScore, match_score
from relay.candidates.duplicates.term_frequency import TermFrequencies
from relay.candidates.facts import Facts
from relay.models import Candidate
from relay.text import name_key

_CHUNK_SIZE = 500
_SHOWN = 5


@dataclass(frozen=True)
class PossibleMatch:
    """A known person who may be the one asked about."""

    candidate_id: int
    match_score: MatchScore


def matches(session: Session, company_id: int, facts: Facts, *, but: int | None = None) -> list[PossibleMatch]:
    """Return whom these facts may mean, the likeliest first; `but` is left out. In the company's scope."""
    return [each for each in matches_for(session, company_id, {0: facts})[0] if each.candidate_id != but]


def matches_for(session: Session, company_id: int, asked: Mapping[int, Facts]) -> dict[int, list[PossibleMatch]]:
    """Return the same for many at once, by a fixed number of queries per 500 people asked about."""
    found: dict[int, list[PossibleMatch]] = {}
    numbers = list(asked)
    for start in range(0, len(numbers), _CHUNK_SIZE):
        part = {number: asked[number] for number in numbers[start : start + _CHUNK_SIZE]}
        found |= _matches_for_some(session, company_id, part)
    return found


def _matches_for_some(session: Session, company_id: int, asked: Mapping[int, Facts]) -> dict[int, list[PossibleMatch]]:
    frequencies = TermFrequencies()
    people = {number: comparison_record(facts) for number, facts in asked.items()}
    meeting = _meeting(session, company_id, asked, people)
    known = blocking.load(session, sorted({one for met in meeting.values() for one in met}))
    return {number: _scored(person, meeting[number], known, frequencies) for number, person in people.items()}


def _scored(
    person: ComparisonRecord, met: set[int], known: Mapping[int, ComparisonRecord], frequencies: TermFrequencies
) -> list[PossibleMatch]:
    found = [PossibleMatch(one, match_score(person, known[one], frequencies)) for one in met if one in known]
    shown = [each for each in found if each.match_score.score >= NAMESAKE]
    shown.sort(key=lambda each: (-each.match_score.score, each.candidate_id))
    return shown[:_SHOWN]


def _meeting(
    session: Session, company_id: int, asked: Mapping[int, Facts], people: Mapping[int, ComparisonRecord]
) -> dict[int, set[int]]:
    """Return who shares a key with whom of those asked about."""
    keys = {number: blocking.numbers_of(person) for number, person in people.items()}
    sharing = blocking.sharing(session, {key for mine in keys.values() for key in mine})
    names = {number: name_key(facts.name) for number, facts in asked.items()}
    mails = {number: facts.columns["email_key"] for number, facts in asked.items()}
    phones = {number: facts.columns["phone_key"] for number, facts in asked.items()}
    met: dict[int, set[int]] = {number: set() for number in asked}
    for number, mine in keys.items():
        met[number].update(*(sharing[key] for key in mine if key in sharing))
    for column, wanted, most in (
        (Candidate.email_key, mails, LARGEST_BLOCK),
        (Candidate.phone_key, phones, LARGEST_BLOCK),
        (Candidate.name_key, names, LARGEST_NAME_BLOCK),
    ):
        holding = _holding(session, company_id, column, set(wanted.values()), most)
        for number, value in wanted.items():
            met[number].update(holding.get(value, ()))
    return met


def _holding(
    session: Session, company_id: int, column: InstrumentedAttribute[str], values: set[str], most: int
) -> dict[str, set[int]]:
    """Return who has one of these values, where no more than `most` people share it."""
    found: dict[str, set[int]] = defaultdict(set)
    wanted = select(column, Candidate.id).where(Candidate.company_id == company_id, column.in_(values - {""}))
    for value, candidate_id in session.execute(wanted.execution_options(yield_per=_CHUNK_SIZE)):
        if len(found[value]) <= most:
            found[value].add(candidate_id)
    return {value: ids for value, ids in found.items() if len(ids) <= most}
