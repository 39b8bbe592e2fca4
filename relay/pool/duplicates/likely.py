"""Whom the company may know already: found while somebody is being entered, and for the rows of a file.

Nothing is written. Besides the table of keys, which the worker fills within a minute, everybody with the same address,
number or name is looked at, so that somebody entered a moment ago is found too.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay.models import Candidate
from relay.pool.duplicates import blocks
from relay.pool.duplicates.commonness import NameBook
from relay.pool.duplicates.keys import LARGEST_BLOCK, LARGEST_NAME_BLOCK
from relay.pool.duplicates.likeness import NAMESAKE, Likeness, likeness
from relay.pool.duplicates.traits import Traits, traits
from relay.pool.record.facts import Facts
from relay.text import name_key

_AT_ONCE = 500
_SHOWN = 5


@dataclass(frozen=True)
class Likely:
    """Somebody known who may be the person asked about."""

    candidate_id: int
    likeness: Likeness


def likely(session: Session, company_id: int, facts: Facts, *, but: int | None = None) -> list[Likely]:
    """Return whom these facts may mean, the likeliest first; `but` is left out. In the company's scope."""
    return [each for each in likely_for(session, company_id, {0: facts})[0] if each.candidate_id != but]


def likely_for(session: Session, company_id: int, asked: Mapping[int, Facts]) -> dict[int, list[Likely]]:
    """Return the same for many at once, by a fixed number of queries per 500 people asked about."""
    found: dict[int, list[Likely]] = {}
    numbers = list(asked)
    for start in range(0, len(numbers), _AT_ONCE):
        part = {number: asked[number] for number in numbers[start : start + _AT_ONCE]}
        found |= _likely_for_some(session, company_id, part)
    return found


def _likely_for_some(session: Session, company_id: int, asked: Mapping[int, Facts]) -> dict[int, list[Likely]]:
    book = NameBook()
    people = {number: traits(facts) for number, facts in asked.items()}
    meeting = _meeting(session, company_id, asked, people)
    known = blocks.load(session, sorted({one for met in meeting.values() for one in met}))
    return {number: _scored(person, meeting[number], known, book) for number, person in people.items()}


def _scored(person: Traits, met: set[int], known: Mapping[int, Traits], book: NameBook) -> list[Likely]:
    found = [Likely(one, likeness(person, known[one], book)) for one in met if one in known]
    shown = [each for each in found if each.likeness.score >= NAMESAKE]
    shown.sort(key=lambda each: (-each.likeness.score, each.candidate_id))
    return shown[:_SHOWN]


def _meeting(
    session: Session, company_id: int, asked: Mapping[int, Facts], people: Mapping[int, Traits]
) -> dict[int, set[int]]:
    """Return who shares a key with whom of those asked about."""
    keys = {number: blocks.numbers_of(person) for number, person in people.items()}
    sharing = blocks.sharing(session, {key for mine in keys.values() for key in mine})
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
    for value, candidate_id in session.execute(wanted.execution_options(yield_per=_AT_ONCE)):
        if len(found[value]) <= most:
            found[value].add(candidate_id)
    return {value: ids for value, ids in found.items() if len(ids) <= most}
