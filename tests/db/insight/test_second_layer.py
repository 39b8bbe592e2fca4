"""The second layer (A-42): off it changes nothing; on it counts records of people who were told, and of no objector."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.insight import fits, selection_record
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Position,
    RejectionReason,
    StepKind,
    scopes,
)
from relay.rights import objections
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position

A_MONTH = relativedelta(months=1)
STEPS = (StepKind.DOCUMENTS, StepKind.FIRST, StepKind.SECOND, StepKind.FINAL)


@dataclass
class Pool:
    """Welders of Acme who are alike but for how their selection went."""

    session: Session
    cast: Cast
    position: Position

    def person(self, number: int = 0, **values: object) -> Candidate:
        made = make_candidate(
            self.session, self.cast.acme, desired_role="溶接工", email=f"p{number}@mail.example", **values
        )
        with scopes.company(self.session, self.cast.acme.id):
            search_rows.index(self.session, [made.id])
        return made

    def went(
        self,
        person: Candidate,
        *,
        steps: int = 1,
        scores: tuple[int, ...] = (),
        reason: RejectionReason | None = RejectionReason.SKILLS,
        ago: relativedelta = A_MONTH,
        applied_on: date | None = None,
        names: tuple[str, ...] = (),
    ) -> Application:
        """How the person's selection went: so many steps, with these scores."""
        decided = clock.today() - ago
        application = make_application(
            self.session,
            person,
            status=ApplicationResult.REJECTED,
            reason=reason,
            decided_on=decided,
            applied_on=applied_on or decided - timedelta(days=20),
            stage="",
        )
        moment = {"created_at": clock.now(), "updated_at": clock.now()}
        with scopes.company(self.session, person.company_id):
            for place, kind in enumerate(STEPS[:steps]):
                name = names[place] if names else kind.value
                self.session.add(
                    ApplicationStep(
                        candidate_id=person.id,
                        application_id=application.id,
                        place=place,
                        name=name,
                        kind=None if names else kind,
                        score=scores[place] if place < len(scores) else None,
                        **moment,
                    )
                )
            self.session.flush()
        return application

    def switch(self, since: date | None) -> None:
        self.cast.acme.record_use_since = since
        self.session.flush()

    def listed(self) -> list[tuple[int, str]]:
        with scopes.company(self.session, self.cast.acme.id):
            found = fits.of_position(self.session, self.cast.acme.id, self.position)
        assert found is not None
        return [(each.id, each.why) for each in found.people]

    def order(self) -> list[int]:
        return [number for number, _why in self.listed()]


@pytest.fixture
def pool(session: Session) -> Pool:
    cast = make_cast(session)
    return Pool(session, cast, make_position(session, cast.acme, "溶接工"))


def long_ago() -> date:
    return clock.today() - relativedelta(years=5)


def test_off_the_record_moves_nobody_and_no_line_tells_of_it(pool: Pool) -> None:
    best, plain = pool.person(1), pool.person(2)
    pool.went(best, steps=4, scores=(5, 5, 5, 5), reason=RejectionReason.FILLED)
    assert pool.order() == [plain.id, best.id]
    assert not any("採用人数" in why or "まで進み" in why for _id, why in pool.listed())


def test_on_each_part_counts_and_a_missing_skill_is_no_plus(pool: Pool) -> None:
    pool.switch(long_ago())
    old = relativedelta(months=30)
    went = {
        "nothing": {"steps": 1, "ago": old},
        "skills": {"steps": 1, "reason": RejectionReason.SKILLS, "ago": old},
        "recent": {"steps": 1},
        "filled": {"steps": 1, "reason": RejectionReason.FILLED, "ago": old},
        "final": {"steps": 4, "ago": old},
        "all of it": {"steps": 4, "scores": (4, 4, 5, 5), "reason": RejectionReason.FILLED},
    }
    people = {name: pool.person(number) for number, name in enumerate(went)}
    for name, how in went.items():
        pool.went(people[name], **how)  # type: ignore[arg-type]
    names = {person.id: name for name, person in people.items()}
    assert [names[number] for number in pool.order()] == ["all of it", "final", "filled", "recent", "skills", "nothing"]


def test_the_line_says_how_far_why_how_well_and_when(pool: Pool) -> None:
    pool.switch(long_ago())
    person = pool.person()
    pool.went(
        person,
        steps=3,
        scores=(4, 5),
        reason=RejectionReason.FILLED,
        ago=relativedelta(months=13),
        names=("書類選考", "一次面接", "最終面接"),
    )
    ((_id, why),) = pool.listed()
    expected = "「最終面接」まで進み、当時の理由は「採用人数の都合」。評価の平均は4.5。結果は1年前。"
    assert why.startswith(expected) and "希望職種に「溶接工」とあり、この職種です" in why


def test_only_applications_made_after_people_were_told_count(pool: Pool) -> None:
    before, after, newest = (pool.person(number) for number in range(3))
    day = clock.today() - timedelta(days=100)
    for person, applied in ((before, day - timedelta(days=1)), (after, day)):
        pool.went(person, steps=4, reason=RejectionReason.FILLED, applied_on=applied)
    pool.switch(day)
    assert pool.order() == [after.id, newest.id, before.id]
    assert "まで進み" not in dict(pool.listed())[before.id]


def test_an_objector_is_ordered_by_the_first_layer_alone_and_nothing_says_so(pool: Pool, session: Session) -> None:
    pool.switch(long_ago())
    objector, newest = pool.person(1), pool.person(2)
    pool.went(objector, steps=4, reason=RejectionReason.FILLED)
    assert pool.order() == [objector.id, newest.id]
    objections.object_to_record(session, objector.company_id, objector.id)
    assert pool.order() == [newest.id, objector.id]
    assert dict(pool.listed())[objector.id] == dict(pool.listed())[newest.id]


def test_an_objection_holds_for_a_second_record_of_the_same_address(pool: Pool, session: Session) -> None:
    """A file made the person anew, and nobody has merged the two."""
    pool.switch(long_ago())
    objector = pool.person(1)
    objections.object_to_record(session, objector.company_id, objector.id)
    again, newest = pool.person(1), pool.person(2)
    pool.went(again, steps=4, reason=RejectionReason.FILLED)
    assert pool.order() == [newest.id, again.id, objector.id]


def test_the_switch_of_one_company_is_none_of_anothers(pool: Pool, session: Session) -> None:
    pool.cast.other.record_use_since = long_ago()
    best, plain = pool.person(1), pool.person(2)
    pool.went(best, steps=4, reason=RejectionReason.FILLED)
    assert pool.order() == [plain.id, best.id]


def test_whose_last_result_is_nearer_than_the_months_is_not_listed(pool: Pool, session: Session) -> None:
    near, far, never = (pool.person(number) for number in range(3))
    pool.went(near, ago=relativedelta(months=6, days=-1))
    pool.went(far, ago=relativedelta(months=6, days=1))
    assert pool.order() == [never.id, far.id, near.id]
    pool.cast.acme.reapply_months = 6
    session.flush()
    assert pool.order() == [never.id, far.id]


def test_the_best_by_both_layers_come_first_however_far_behind_they_were(pool: Pool, session: Session) -> None:
    """Asked for lazily, the order is that of everybody put in order at once."""
    pool.switch(long_ago())
    people = [pool.person(number) for number in range(60)]
    for place, person in enumerate(people):
        pool.went(person, steps=1 + place % 4, reason=list(RejectionReason)[place % 6], ago=relativedelta(months=place))
    with scopes.company(session, pool.cast.acme.id):
        records = selection_record.of(session, [each.id for each in people], long_ago())
    best = sorted(people, key=lambda each: (-records[each.id].points(), -each.id))
    assert pool.order() == [each.id for each in best[: fits.SHOWN]]


def test_what_lines_state_of_a_selection_is_in_its_rows(pool: Pool, session: Session) -> None:
    """Read back by a checker that shares nothing with what wrote them."""
    dice = Random(17)  # noqa: S311
    pool.switch(long_ago())
    names = ("書類選考", "一次面接", "二次面接", "最終面接")
    for number in range(fits.SHOWN):
        person = pool.person(number)
        for _ in range(dice.randrange(3)):
            steps = dice.randrange(5)
            pool.went(
                person,
                steps=steps,
                scores=tuple(dice.randrange(1, 6) for _ in range(dice.randrange(steps + 1))),
                reason=dice.choice((None, *RejectionReason)),
                ago=relativedelta(months=dice.randrange(40), days=1),
                names=names if dice.random() < 1 / 2 else (),
            )
    told = 0
    for number, why in pool.listed():
        with scopes.company(session, pool.cast.acme.id):
            told += _checked(session, number, why)
    assert told > fits.SHOWN / 2


def _checked(session: Session, number: int, why: str) -> bool:
    """Find each stated fact in the rows of the last selection; return whether anything was stated."""
    ended = select(Application).where(Application.candidate_id == number)
    last = session.scalars(ended.order_by(Application.decided_on.desc(), Application.id.desc())).first()
    if last is None:
        assert "結果は" not in why and "まで進み" not in why and "当時の理由" not in why
        return False
    rows = select(ApplicationStep).where(ApplicationStep.application_id == last.id).order_by(ApplicationStep.place)
    steps = session.scalars(rows).all()
    reached = re.match("「(.+?)」まで進み", why)
    assert (reached[1] if reached else None) == (steps[-1].name if steps else None)
    reason = re.search("当時の理由は「(.+?)」", why)
    assert (reason[1] if reason else None) == (str(last.reason.label) if last.reason else None)
    scores = [step.score for step in steps if step.score is not None]
    average = re.search(r"評価の平均は(\d\.\d)", why)
    assert (average[1] if average else None) == (f"{sum(scores) / len(scores):.1f}" if scores else None)
    assert last.decided_on is not None
    days = (clock.today() - last.decided_on).days
    if years := re.search(r"結果は(\d+)年前", why):
        assert 365 * int(years[1]) <= days < 366 * (int(years[1]) + 1)
    elif months := re.search(r"結果は(\d+)か月前", why):
        assert 28 * int(months[1]) <= days <= 31 * (int(months[1]) + 1)
    else:
        assert "結果は1か月以内" in why and days <= 31
    return True
