"""The list of 選考 and the numbers of applications are kept by triggers: they are what counting finds."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    Application,
    ApplicationCount,
    ApplicationResult,
    Candidate,
    Company,
    ListedApplication,
    NotifiedBy,
    Position,
    RejectionReason,
    RetentionBasis,
    scopes,
)
from relay.search import application_search
from relay.search.candidate_search import Query
from relay.worker import upkeep
from tests.cast import make_application, make_candidate, make_company, make_position

STAGES = ("", "書類選考", "最終面接")


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


def test_whatever_is_done_the_numbers_are_what_counting_finds(session: Session, companies: list[Company]) -> None:
    dice = Random(20261129)  # noqa: S311  (dice, not a secret)
    acts: tuple[Callable[[Session, Random, Company], None], ...] = (
        _apply, _apply_many, _end, _tell, _move, _change_basis, _remove, _undecide_all,
    )  # fmt: skip
    for _turn in range(60):
        company = dice.choice(companies)
        with scopes.company(session, company.id):
            dice.choice(acts)(session, dice, company)
            session.flush()
        if dice.random() < 1 / 6:
            upkeep.add_up(session)
        assert _kept(session) == _counted(session)
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
            )
        )
        return {"cells": {tuple(each[:-1]): each[-1] for each in cells}, "listed": set(map(tuple, listed))}


def _counted(session: Session) -> dict[str, Any]:
    """The same, found by walking all applications."""
    cells: Counter[tuple[Any, ...]] = Counter()
    listed = set()
    found = select(Application, Candidate.basis, Candidate.retain_until).join(
        Candidate, Candidate.id == Application.candidate_id
    )
    with scopes.everyone(session, "test: every company"):
        for row, basis, last_day in session.execute(found.execution_options(populate_existing=True)):
            place = (row.company_id, row.position_id or 0, row.stage, row.status)
            pending = row.status is ApplicationResult.REJECTED and row.notified_at is None
            cells[(*place, False, pending)] += 1
            if row.status is ApplicationResult.OPEN or basis is RetentionBasis.SELECTION:
                cells[(*place, True, False)] += 1
                listed.add((place[0], row.id, row.candidate_id, *place[1:], last_day))
    return {"cells": dict(cells), "listed": listed}


def _one(session: Session, dice: Random, model: type[Any]) -> Any:
    return dice.choice(session.scalars(select(model).order_by(model.id)).all() or [None])


def _apply(session: Session, dice: Random, _company: Company) -> None:
    position = dice.choice([None, _one(session, dice, Position)])
    make_application(session, _one(session, dice, Candidate), position, stage=dice.choice(STAGES))


def _apply_many(session: Session, dice: Random, company: Company) -> None:
    """As an import writes: rows through the driver, several at once."""
    now = clock.now()
    rows = [
        {
            "company_id": company.id,
            "candidate_id": _one(session, dice, Candidate).id,
            "stage": dice.choice(STAGES),
            "status": status,
            "decided_on": None if status is ApplicationResult.OPEN else now.date(),
            "created_at": now,
            "updated_at": now,
        }
        for status in dice.choices(list(ApplicationResult), k=5)
    ]
    session.execute(insert(Application), rows)


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
        row.candidate_id, row.stage = _one(session, dice, Candidate).id, dice.choice(STAGES)
        row.position_id = _one(session, dice, Position).id


def _change_basis(session: Session, dice: Random, _company: Company) -> None:
    values = {"basis": dice.choice(list(RetentionBasis)), "retain_until": dice.choice([None, clock.today()])}
    session.execute(update(Candidate).where(Candidate.id % 3 == dice.randrange(3)).values(**values))


def _remove(session: Session, dice: Random, _company: Company) -> None:
    session.execute(delete(Application).where(Application.id % 7 == dice.randrange(7)))
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
