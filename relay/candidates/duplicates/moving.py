"""Moving rows when two records become one: every row declared to go with a candidate (the erasure declaration).

So a table that is new needs nothing here. Rows that two people may not both have (the same tag) are dropped.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import UniqueConstraint, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from relay.models import AlertHit, Candidate, DifferentPeople, DuplicatePair, Referral, scopes
from relay.models.base import Practisable
from relay.models.journal import Recorder

_BY_THEMSELVES = (Candidate, AlertHit, Referral, DifferentPeople, DuplicatePair)


def move(session: Session, company_id: int, recorder: Recorder, *, kept_id: int, gone_id: int) -> None:
    """Let everything about one person be about the other, under the journal and in the company's scope."""
    _drop_pairs(session, recorder, kept_id, gone_id)
    for model, column in _tables():
        if model.__derived__:
            session.execute(delete(model).where(getattr(model, column) == gone_id))
            continue
        _move_rows(session, company_id, recorder, model, column, kept_id, gone_id)
        if issubclass(model, Practisable):
            with scopes.practice(session):
                _move_rows(session, company_id, recorder, model, column, kept_id, gone_id)
    session.expire_all()


def _tables() -> Iterator[tuple[Any, str]]:
    for model in scopes.models_by_table().values():
        if model not in _BY_THEMSELVES:
            for rule in model.__erasure__:  # type: ignore[attr-defined]
                if rule.person == "candidate" and rule.act != "keep":
                    yield model, rule.by


def _move_rows(
    session: Session, company_id: int, recorder: Recorder, model: Any, column: str, kept_id: int, gone_id: int
) -> None:
    about = getattr(model, column)
    mine = (about == gone_id, model.company_id == company_id)
    ids = session.scalars(select(model.id).where(*mine)).all()
    if not ids:
        return
    recorder.will_change(model, ids, person=kept_id)
    twice = _had_by_both(session, model, column, kept_id, mine)
    if twice:
        session.execute(delete(model).where(model.id.in_(twice)))
    session.execute(update(model).where(*mine).values({column: kept_id}))


def _had_by_both(session: Session, model: Any, column: str, kept_id: int, mine: Sequence[Any]) -> list[int]:
    """Return the rows whose like the other person has already, where only one of a kind may be."""
    found: list[int] = []
    for constraint in model.__table__.constraints:
        names = [each.name for each in constraint.columns]
        if isinstance(constraint, UniqueConstraint) and column in names:
            theirs = aliased(model)
            same = [getattr(theirs, name) == getattr(model, name) for name in names if name != column]
            like = exists().where(and_(getattr(theirs, column) == kept_id, *same))
            found += session.scalars(select(model.id).where(*mine, like))
    return found


def _drop_pairs(session: Session, recorder: Recorder, kept_id: int, gone_id: int) -> None:
    """Drop what was thought or said about the record that goes; the one that stays is compared again."""
    for model in (DuplicatePair, DifferentPeople):
        theirs = or_(model.one_id == gone_id, model.other_id == gone_id)
        ids = session.scalars(select(model.id).where(theirs)).all()
        recorder.will_change(model, ids, person=kept_id)
        if model is DifferentPeople:
            _say_of_the_other(session, recorder, kept_id, gone_id)
        session.execute(delete(model).where(model.id.in_(ids)))


def _say_of_the_other(session: Session, recorder: Recorder, kept_id: int, gone_id: int) -> None:
    """Carry over to the remaining person whom the other one was told apart from."""
    known = set(session.scalars(_others_of(kept_id)))
    wanted = select(DifferentPeople).where(or_(DifferentPeople.one_id == gone_id, DifferentPeople.other_id == gone_id))
    for row in session.scalars(wanted).all():
        other = row.other_id if row.one_id == gone_id else row.one_id
        if other != kept_id and other not in known:
            one, two = sorted((kept_id, other))
            said = DifferentPeople(one_id=one, other_id=two, by_file=False, by_user_id=row.by_user_id, at=row.at)
            session.add(said)
            session.flush()
            recorder.made(DifferentPeople, [said.id], person=kept_id)


def _others_of(candidate_id: int) -> Any:
    first = select(DifferentPeople.other_id).where(DifferentPeople.one_id == candidate_id)
    return first.union_all(select(DifferentPeople.one_id).where(DifferentPeople.other_id == candidate_id))
