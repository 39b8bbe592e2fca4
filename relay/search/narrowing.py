"""The conditions of a search as SQL about one person.

Core tables, which the scope guard cannot bind: every condition carries the company itself
(tests/db/search/test_search_isolation.py).
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select

from relay.models import Application, ApplicationStep, Candidate, CandidateTag, Position, Tag
from relay.search.asked import Age, Condition, Day, Score
from relay.search.folding import holds
from relay.text import SearchOperator, name_key

Truth = ColumnElement[bool]

_candidates = Candidate.__table__
_applications = Application.__table__
_steps = ApplicationStep.__table__
_positions = Position.__table__
_carried = CandidateTag.__table__
_tags = Tag.__table__

OF_APPLICATIONS = (
    SearchOperator.STAGE,
    SearchOperator.CHANNEL,
    SearchOperator.POSITION,
    SearchOperator.REASON,
    SearchOperator.RESULT,
    SearchOperator.APPLIED,
)


def about_person(company_id: int, conditions: Sequence[Condition]) -> list[Truth]:
    """Return what must hold of the row of `candidates` in the statement, its applications aside."""
    return [
        _signed(each, or_(*(_OF_PEOPLE[each.operator](company_id, value) for value in each.values)))
        for each in conditions
        if each.operator in _OF_PEOPLE
    ]


def without_application(company_id: int, conditions: Sequence[Condition]) -> list[Truth]:
    """Return what no application of the person may be."""
    unwanted = _applications.alias("unwanted")
    return [
        ~exists().where(_theirs(company_id, unwanted, _candidates.c.id), _any(company_id, unwanted, each))
        for each in conditions
        if each.operator in OF_APPLICATIONS and each.negated
    ]


def about_application(company_id: int, application: Any, conditions: Sequence[Condition]) -> list[Truth]:
    """Return what must hold of one and the same application."""
    return [
        _any(company_id, application, each)
        for each in conditions
        if each.operator in OF_APPLICATIONS and not each.negated
    ]


def applied_on(company_id: int, conditions: Sequence[Condition]) -> Select[int] | None:
    """Select the people with an application of the first days asked for, once for each, along the index on the day.

    Told to name everybody once, SQLite would walk all applications of the company by their people.
    """
    for each in conditions:
        if each.operator is SearchOperator.APPLIED and not each.negated:
            applied = _applications.alias("applied")
            theirs = select(applied.c.candidate_id.label("id")).where(applied.c.company_id == company_id)
            return theirs.where(_any(company_id, applied, each))
    return None


def _theirs(company_id: int, table: Any, person: ColumnElement[int]) -> Truth:
    return and_(table.c.company_id == company_id, table.c.candidate_id == person)


def _any(company_id: int, application: Any, condition: Condition) -> Truth:
    test = _OF_APPLICATIONS[condition.operator]
    return or_(*(test(company_id, application, value) for value in condition.values))


def _signed(condition: Condition, truth: Truth) -> Truth:
    return not_(truth) if condition.negated else truth


def _carries(company_id: int, name: str) -> Truth:
    # one look-up, then one probe per person
    meant = select(_tags.c.id).where(_tags.c.company_id == company_id, _tags.c.name_key == name_key(name)[:60])
    return exists().where(_theirs(company_id, _carried, _candidates.c.id), _carried.c.tag_id == meant.scalar_subquery())


def _kept_for(_company_id: int, follow_up: Any) -> Truth:
    return and_(_candidates.c.follow_up.is_not(None), _candidates.c.follow_up == follow_up)


def _kept_because(_company_id: int, basis: Any) -> Truth:
    return and_(_candidates.c.basis == basis)


def _scored(company_id: int, asked: Score) -> Truth:
    """Return the condition that a step of the person's selections was given such a score."""
    compared = _COMPARED[asked.comparison](_steps.c.score, asked.number)
    return exists().where(_theirs(company_id, _steps, _candidates.c.id), compared)


def _updated(company_id: int, asked: Age | Day) -> Truth:
    after, until = asked.span()
    truths = [_touched_after(company_id, after)] if after else []
    return and_(*truths, *([not_(_touched_after(company_id, until))] if until else []))


def _touched_after(company_id: int, moment: Any) -> Truth:
    touched = _applications.alias("touched")
    theirs = _theirs(company_id, touched, _candidates.c.id)
    return or_(_candidates.c.updated_at > moment, exists().where(theirs, touched.c.updated_at > moment))


def _at_stage(_company_id: int, application: Any, name: str) -> Truth:
    return holds(application.c.stage, name)


def _came_by(_company_id: int, application: Any, name: str) -> Truth:
    return or_(holds(application.c.channel, name), holds(application.c.channel_detail, name))


def _for_position(company_id: int, application: Any, title: str) -> Truth:
    key = name_key(title)
    if not key:
        return false()
    meant = _positions.alias("meant")
    return exists().where(
        meant.c.company_id == company_id,
        meant.c.id == application.c.position_id,
        meant.c.title_key.contains(key, autoescape=True),
    )


def _for_reason(_company_id: int, application: Any, reason: Any) -> Truth:
    return and_(application.c.reason.is_not(None), application.c.reason == reason)


def _applied(_company_id: int, application: Any, asked: Age | Day) -> Truth:
    first, last = asked.days()
    since = [application.c.applied_on >= first] if first else []
    return and_(application.c.applied_on.is_not(None), *since, *([application.c.applied_on <= last] if last else []))


def _ended(_company_id: int, application: Any, result: Any) -> Truth:
    return and_(application.c.status == result)


_COMPARED: dict[str, Callable[[Any, int], Any]] = {
    "": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_PEOPLE: dict[SearchOperator, Callable[[int, Any], Truth]] = {
    SearchOperator.TAG: _carries,
    SearchOperator.FOLLOW_UP: _kept_for,
    SearchOperator.BASIS: _kept_because,
    SearchOperator.SCORE: _scored,
    SearchOperator.UPDATED: _updated,
}
_OF_APPLICATIONS: dict[SearchOperator, Callable[[int, Any, Any], Truth]] = {
    SearchOperator.STAGE: _at_stage,
    SearchOperator.CHANNEL: _came_by,
    SearchOperator.POSITION: _for_position,
    SearchOperator.REASON: _for_reason,
    SearchOperator.RESULT: _ended,
    SearchOperator.APPLIED: _applied,
}
