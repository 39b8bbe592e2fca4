"""The list of 選考, the numbers of applications and the orders of people are kept by triggers, as counting finds."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    LAST,
    NO_DAY,
    NO_SCORE,
    Application,
    ApplicationCount,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    CandidateOrder,
    Company,
    ListedApplication,
    MatchCheck,
    NotifiedBy,
    Position,
    RejectionReason,
    RetentionBasis,
    scopes,
    triggers,
)
from relay.models.inserting import take_ids
from relay.search import application_search
from relay.search.candidate_search import Query
from relay.worker import upkeep
from tests.cast import make_application, make_candidate, make_company, make_position

STAGES = {"": LAST, "書類選考": "1書類選考", "最終面接": "4最終面接", "適性検査": "6適性検査"}
"""Steps by their name, and their place in an order: how far the selection came, then the word."""


@pytest.fixture
def companies(session: Session) -> list[Company]:
    made = [make_company(session, slug) for slug in ("acme", "other")]
    for company in made:
        for title in ("経理", "人事"):
            make_position(session, company, title)
        for number in range(4):
            basis = RetentionBasis.SELECTION if number % 2 else RetentionBasis.STATED
            make_candidate(session, company, f"候補 {number}", basis=basis)
    return made


def test_whatever_is_done_the_numbers_are_what_counting_finds(
    session: Session, companies: list[Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "MANY", 1)
    dice = Random(20261129)  # noqa: S311  (dice, not a secret)
    acts: tuple[Callable[[Session, Random, Company], None], ...] = (
        _apply, _apply_many, _apply_by_a_given_id, _end, _tell, _move, _change_basis, _remove, _undecide_all, _assess,
        _rename, _bring_many,
    )  # fmt: skip
    for _turn in range(70):
        company = dice.choice(companies)
        with scopes.company(session, company.id):
            dice.choice(acts)(session, dice, company)
            session.flush()
        if dice.random() < 1 / 6:
            upkeep.add_up(session)
        assert _kept(session) == _counted(session)
        assert _to_compare(session) == _people(session)
    with scopes.everyone(session, "test: the acts did something"):
        assert session.scalar(select(func.count()).select_from(ListedApplication))


def test_adding_up_leaves_one_row_for_each_cell(session: Session, companies: list[Company]) -> None:
    with scopes.company(session, companies[0].id):
        for _n in range(5):
            make_application(session, session.scalars(select(Candidate)).first())
    before = _kept(session)
    upkeep.add_up(session)
    with scopes.everyone(session, "test: cells of every company"):
        rows = session.scalar(select(func.count()).select_from(ApplicationCount).where(ApplicationCount.n != 0))
    assert _kept(session) == before
    assert rows == len(before["cells"])


def test_the_numbers_are_a_companys_own(session: Session, companies: list[Company]) -> None:
    acme, other = companies
    with scopes.company(session, acme.id):
        make_application(session, *(session.scalars(select(each)).first() for each in (Candidate, Position)))
        assert application_search.count(session, acme.id, Query()) == 1
        assert sum(row.total for row in application_search.positions(session, Query()).rows) == 1
    with scopes.company(session, other.id):
        assert application_search.count(session, other.id, Query()) == 0
        assert not application_search.applications(session, other.id, Query()).rows
        assert {row.total for row in application_search.positions(session, Query()).rows} == {0}
        assert sum(number for _stage, number in application_search.stages(session)) == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_error_among_many_rows_leaves_the_triggers_where_they_were(
    session: Session, companies: list[Company], monkeypatch: pytest.MonkeyPatch
) -> None:
    session.commit()
    monkeypatch.setattr(triggers, "MANY", 1)
    connection = session.connection()
    before = made(connection)
    with suppress(ZeroDivisionError), triggers.of_many_rows(connection, {"applications": range(1, 2)}):
        assert len(before - made(connection)) == 7
        raise ZeroDivisionError
    session.rollback()
    assert made(session.connection()) == before


def made(connection: Connection) -> set[tuple[str, str]]:
    """The triggers that are there, and what made them."""
    return set(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all())


def _to_compare(session: Session) -> set[int]:
    with scopes.everyone(session, "test: every company"):
        return set(session.scalars(select(MatchCheck.candidate_id)))


def _people(session: Session) -> set[int]:
    with scopes.everyone(session, "test: every company"):
        return set(session.scalars(select(Candidate.id)))


def _kept(session: Session) -> dict[str, Any]:
    """What the triggers keep."""
    cell = (
        ApplicationCount.company_id,
        ApplicationCount.position_id,
        ApplicationCount.stage,
        ApplicationCount.status,
        ApplicationCount.listed,
        ApplicationCount.pending,
    )
    number = func.sum(ApplicationCount.n)
    row = ListedApplication
    with scopes.everyone(session, "test: every company"):
        cells = session.execute(select(*cell, number).group_by(*cell).having(number != 0))
        listed = session.execute(
            select(
                row.company_id,
                row.application_id,
                row.candidate_id,
                row.position_id,
                row.stage,
                row.status,
                row.retain_until,
                row.applied_on,
                row.name_order,
                row.stage_order,
            )
        )
        order = CandidateOrder
        orders = session.execute(
            select(
                order.company_id,
                order.candidate_id,
                order.in_pool,
                order.applied_on,
                order.name_order,
                order.stage_order,
                order.score,
                order.retain_until,
                order.updated_at,
            )
        )
        return {
            "cells": {tuple(each[:-1]): each[-1] for each in cells},
            "listed": set(map(tuple, listed)),
            "orders": set(map(tuple, orders)),
        }


def _counted(session: Session) -> dict[str, Any]:
    """The same, found by walking all applications."""
    cells: Counter[tuple[Any, ...]] = Counter()
    listed = set()
    newest: dict[int, Application] = {}
    found = select(Application, Candidate).join(Candidate, Candidate.id == Application.candidate_id)
    with scopes.everyone(session, "test: every company"):
        fresh = found.order_by(Application.id).execution_options(populate_existing=True)
        for row, person in session.execute(fresh):
            newest[person.id] = row
            place = (row.company_id, row.position_id or 0, row.stage, row.status)
            pending = row.status is ApplicationResult.REJECTED and row.notified_at is None
            cells[(*place, False, pending)] += 1
            if row.status is ApplicationResult.OPEN or person.basis is RetentionBasis.SELECTION:
                cells[(*place, True, False)] += 1
                orders = (row.applied_on or NO_DAY, _name_order(person), STAGES[row.stage])
                listed.add((place[0], row.id, row.candidate_id, *place[1:], person.retain_until, *orders))
        scores = dict(
            session.execute(
                select(ApplicationStep.candidate_id, func.max(ApplicationStep.score))
                .group_by(ApplicationStep.candidate_id)
            ).all()
        )  # fmt: skip
        people = session.scalars(select(Candidate).execution_options(populate_existing=True)).all()
        placed = {_place(person, newest.get(person.id), scores.get(person.id)) for person in people}
    return {"cells": dict(cells), "listed": listed, "orders": placed}


def _place(person: Candidate, newest: Application | None, score: int | None) -> tuple[Any, ...]:
    return (
        person.company_id,
        person.id,
        person.basis is not RetentionBasis.SELECTION,
        newest.applied_on or NO_DAY if newest else NO_DAY,
        _name_order(person),
        STAGES[newest.stage] if newest else LAST,
        score or NO_SCORE,
        person.retain_until or NO_DAY,
        max(person.updated_at, newest.updated_at) if newest else person.updated_at,
    )


def _name_order(person: Candidate) -> str:
    return person.kana_key or LAST + person.name_key


def _one(session: Session, dice: Random, model: type[Any]) -> Any:
    return dice.choice(session.scalars(select(model).order_by(model.id)).all() or [None])


def _apply(session: Session, dice: Random, _company: Company) -> None:
    position = dice.choice([None, _one(session, dice, Position)])
    day = dice.choice([None, clock.today()])
    person = _one(session, dice, Candidate)
    make_application(session, person, position, stage=dice.choice(list(STAGES)), applied_on=day)


def _apply_many(session: Session, dice: Random, company: Company) -> None:
    """As an import writes: rows through the driver, several at once."""
    now = clock.now()
    rows = [
        {
            "company_id": company.id,
            "candidate_id": _one(session, dice, Candidate).id,
            "stage": dice.choice(list(STAGES)),
            "status": status,
            "decided_on": None if status is ApplicationResult.OPEN else now.date(),
            "created_at": now,
            "updated_at": now,
        }
        for status in dice.choices(list(ApplicationResult), k=5)
    ]
    session.execute(insert(Application), rows)


def _apply_by_a_given_id(session: Session, dice: Random, company: Company) -> None:
    """As an import writes whose ids were given out before somebody entered an application by hand."""
    (given,) = take_ids(session.connection(), {Application: 1})[Application]
    _apply_many(session, dice, company)
    make_application(session, _one(session, dice, Candidate), id=given, stage=dice.choice(list(STAGES)))


def _bring_many(session: Session, dice: Random, company: Company) -> None:
    """As an import writes that is followed at once: new people and known ones apply, some with steps."""
    now, connection = clock.now(), session.connection()
    known = session.scalars(select(Candidate.id)).all()
    ids = take_ids(connection, {Candidate: 3, Application: 6, ApplicationStep: 4})
    same = {"company_id": company.id, "created_at": now, "updated_at": now}
    with triggers.of_many_rows(connection, {model.__tablename__: given for model, given in ids.items()}):
        brought = {
            "basis": dice.choice(list(RetentionBasis)),
            "name_key": "伊藤",
            "kana_key": dice.choice(["", "イトウ"]),
        }
        people = [same | brought | {"id": one, "name": "伊藤", "erasure_key": f"{one:032}"} for one in ids[Candidate]]
        session.execute(insert(Candidate), people)
        applications = [
            {"id": one, "candidate_id": dice.choice([*known, *ids[Candidate]]), "stage": dice.choice(list(STAGES))}
            | {"status": ApplicationResult.OPEN, "applied_on": dice.choice([None, clock.today()])}
            for one in ids[Application]
        ]
        session.execute(insert(Application), [same | each for each in applications])
        of = dice.choices(applications, k=len(ids[ApplicationStep]))
        steps = [
            {
                "id": one,
                "candidate_id": each["candidate_id"],
                "application_id": each["id"],
                "place": place,
                "name": "面接",
            }
            | {"score": dice.choice([None, 2, 4])}
            for place, (one, each) in enumerate(zip(ids[ApplicationStep], of, strict=True), start=1)
        ]
        session.execute(insert(ApplicationStep), [same | each for each in steps])


def _end(session: Session, dice: Random, _company: Company) -> None:
    if (row := _one(session, dice, Application)) is not None:
        row.status = dice.choice([ApplicationResult.REJECTED, ApplicationResult.HIRED])
        row.decided_on, row.reason = clock.today(), None


def _tell(session: Session, dice: Random, _company: Company) -> None:
    if (row := _one(session, dice, Application)) is not None:
        row.notified_at, row.notified_by = clock.now(), NotifiedBy.ELSEWHERE


def _move(session: Session, dice: Random, _company: Company) -> None:
    """To another person, as a merge does, and another stage and position."""
    if (row := _one(session, dice, Application)) is not None:
        row.candidate_id, row.stage = _one(session, dice, Candidate).id, dice.choice(list(STAGES))
        row.position_id = _one(session, dice, Position).id


def _change_basis(session: Session, dice: Random, _company: Company) -> None:
    values = {"basis": dice.choice(list(RetentionBasis)), "retain_until": dice.choice([None, clock.today()])}
    session.execute(update(Candidate).where(Candidate.id % 3 == dice.randrange(3)).values(**values))


def _assess(session: Session, dice: Random, company: Company) -> None:
    if (row := _one(session, dice, Application)) is None:
        return
    now, score = clock.now(), dice.choice([None, 1, 5])
    step = ApplicationStep(candidate_id=row.candidate_id, application_id=row.id, place=1, name="面接", score=score)
    step.created_at = step.updated_at = now
    session.add(step)
    session.flush()
    session.execute(
        update(ApplicationStep).where(ApplicationStep.id % 3 == 0).values(score=dice.choice([None, 3]), updated_at=now)
    )
    session.execute(delete(ApplicationStep).where(ApplicationStep.id % 5 == dice.randrange(5)))


def _rename(session: Session, dice: Random, _company: Company) -> None:
    key = dice.choice(["", "タカハシ"])
    session.execute(update(Candidate).where(Candidate.id % 2 == dice.randrange(2)).values(kana_key=key))
    session.execute(update(Candidate).where(Candidate.id % 3 == 0).values(updated_at=clock.now()))


def _remove(session: Session, dice: Random, _company: Company) -> None:
    gone = select(Application.id).where(Application.id % 7 == (rest := dice.randrange(7)))
    session.execute(delete(ApplicationStep).where(ApplicationStep.application_id.in_(gone)))
    session.execute(delete(Application).where(Application.id % 7 == rest))
    session.expire_all()


def _undecide_all(session: Session, dice: Random, _company: Company) -> None:
    chosen = Application.status == dice.choice([ApplicationResult.REJECTED, ApplicationResult.HIRED])
    session.execute(
        update(Application).where(chosen).values(status=ApplicationResult.OPEN, decided_on=None, reason=None)
    )
    session.execute(
        update(Application)
        .where(Application.id % 3 == 0)
        .values(status=ApplicationResult.REJECTED, decided_on=clock.today(), reason=RejectionReason.FILLED)
    )
