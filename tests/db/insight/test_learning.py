"""A company learns from what came of its own mails, and from nothing else; without anything, the order is as stated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.infra import jobs
from relay.insight import fits, learning, scoring, weights
from relay.insight.learning import Came
from relay.insight.scoring import OF_RECORD, PER_THOUSAND, POINTS, STATED
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    Event,
    EventTag,
    LearnedWeight,
    MailClass,
    Message,
    MessageState,
    Position,
    RejectionReason,
    Rescout,
    RescoutAnswer,
    RetentionBasis,
    Stay,
    StepKind,
    scopes,
)
from relay.outreach import templates
from relay.outreach.rescouts import SHARES_JOB
from relay.rights import erasure, objections
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.outreach.rescouting import pooled, rescout

YES, LATER = RescoutAnswer.YES, RescoutAnswer.LATER
_numbers = count()


@dataclass
class Learner:
    """A company that looks for welders, and writes to people of its pool."""

    session: Session
    company: Company
    position: Position
    people: list[Candidate] = field(default_factory=list)

    def person(self, role: str = "溶接工", **values: Any) -> Candidate:
        """Somebody of the pool with a search row."""
        values = {"email": f"p{next(_numbers)}@mail.example", "basis": RetentionBasis.CONSENTED} | values
        made = make_candidate(self.session, self.company, desired_role=role, **values)
        with scopes.company(self.session, self.company.id):
            search_rows.index(self.session, [made.id])
        self.people.append(made)
        return made

    def wrote_to(
        self, person: Candidate, answer: RescoutAnswer | None = YES, *, ago: timedelta = timedelta(days=40)
    ) -> Rescout:
        """A mail that was sent so long ago, noted with how well the person fits, and the answer."""
        moment = clock.now() - ago
        with scopes.company(self.session, self.company.id):
            mail = Message(
                company_id=self.company.id,
                letter="rescout",
                mail_class=MailClass.PROMO,
                candidate_id=person.id,
                to_address=person.email,
                state=MessageState.SENT,
                message_id=f"<{next(_numbers)}@relay.example>",
                due_at=moment,
                created_at=moment,
                settled_at=moment,
            )
            self.session.add(mail)
            self.session.flush()
            row = Rescout(candidate_id=person.id, position_id=self.position.id, message_id=mail.id, created_at=moment)
            self.session.add(row)
            self.session.flush()
            learning.note(self.session, self.position, [row], self.company.record_use_since)
            row.answer, row.answered_at = answer, moment if answer else None
            self.session.flush()
        return row

    def wrote_to_many(self, role: str = "溶接工", *, yes: int = 0, no: int = 0) -> None:
        for number in range(yes + no):
            self.wrote_to(self.person(role), YES if number < yes else LATER)

    def came(self, row: Rescout, **values: Any) -> Application:
        """The application a yes has made."""
        person = next(each for each in self.people if each.id == row.candidate_id)
        made = make_application(self.session, person, self.position, **({"applied_on": clock.today()} | values))
        row.application_id = made.id
        self.session.flush()
        return made

    def learn(self) -> dict[str, int]:
        """What the worker of the day makes of it."""
        learning.learn(self.session, self.company.id)
        self.session.commit()
        return self.points()

    def points(self) -> dict[str, int]:
        with scopes.company(self.session, self.company.id):
            return dict(weights.in_force(self.session).weights)

    def outcomes(self) -> list[list[tuple[Came, bool]]]:
        with scopes.company(self.session, self.company.id):
            found = learning.cases(self.session, self.company.record_use_since)
        return [list(each.outcomes) for each in found]

    def order(self) -> list[int]:
        with scopes.company(self.session, self.company.id):
            found = fits.of_position(self.session, self.company.id, self.position)
        assert found is not None
        return [each.id for each in found.people]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def acme(session: Session, cast: Cast) -> Learner:
    return Learner(session, cast.acme, make_position(session, cast.acme, "溶接工"))


@pytest.fixture
def other(session: Session, cast: Cast) -> Learner:
    return Learner(session, cast.other, make_position(session, cast.other, "溶接工"))


def work_off(session: Session) -> None:
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass


def long_ago() -> date:
    return clock.today() - relativedelta(years=5)


def lines(learner: Learner, *, with_record: bool = False) -> list[str]:
    with scopes.company(learner.session, learner.company.id):
        return weights.in_force(learner.session).lines(with_record=with_record)


def test_without_an_outcome_every_point_and_every_order_is_as_stated(acme: Learner, session: Session) -> None:
    for role in ("溶接工", "鉄骨工", "電気溶接工", "溶接に興味") * 3:
        acme.person(role)
    fresh = [acme.person(), acme.person("鉄骨工")]
    before = acme.order()
    for person in fresh:
        acme.wrote_to(person, None, ago=timedelta(days=2))
    assert acme.learn() == STATED
    assert acme.order() == before
    with scopes.company(session, acme.company.id):
        assert session.scalars(select(LearnedWeight)).all() == []
        asked, pool = fits.looked_for(session, acme.position), list(fits.pool(session))
        assert list(scoring.ordered(asked, pool, acme.points())) == list(scoring.ordered(asked, pool))


def test_how_well_they_fit_is_noted_with_the_mail_and_not_after_the_answer(session: Session, cast: Cast) -> None:
    templates.install_defaults(session, cast.acme.id)
    position = make_position(session, cast.acme, "溶接工")
    welder, clerk = (
        pooled(session, cast.acme, f"p{number}@mail.example", desired_role=role)
        for number, role in enumerate(("溶接工", "経理"))
    )
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [welder.id, clerk.id])
    rescout(session, cast.acme, position, [welder.id, clerk.id], cast.ada.id)
    work_off(session)
    with scopes.company(session, cast.acme.id):
        rows = session.scalars(select(Rescout).order_by(Rescout.candidate_id)).all()
        assert [each.shares for each in rows] == [{"text": 1_000, "role": 1_000}, {}]
        rows[0].shares, rows[0].answer, rows[0].answered_at = None, YES, clock.now()
        rows[1].shares = {"text": 7}
        session.flush()
        learning.note(session, position, rows, None)
        assert [each.shares for each in rows] == [None, {"text": 7}], "what was noted once stays"


def test_answers_move_points_and_points_move_people(acme: Learner) -> None:
    kindred = acme.person("鉄骨工")
    welder = acme.person("溶接工")
    acme.wrote_to_many(no=40)
    acme.wrote_to_many("鉄骨工", yes=40)
    assert acme.order()[0] == max(each.id for each in acme.people if each.desired_role == "溶接工")
    found = acme.learn()
    assert found["role"] < STATED["role"] and found["kindred"] > STATED["kindred"]
    with scopes.company(acme.session, acme.company.id):
        asked, pool = fits.looked_for(acme.session, acme.position), list(fits.pool(acme.session))
        points = {each.candidate_id: each.points for each in scoring.ordered(asked, pool, found)}
        before = {each.candidate_id: each.points for each in scoring.ordered(asked, pool)}
    assert points[welder.id] - points[kindred.id] < before[welder.id] - before[kindred.id]


def test_people_are_put_in_order_by_the_points_in_force_in_both_layers(acme: Learner, session: Session) -> None:
    acme.position.required_qualifications, acme.position.welcome_qualifications = "ガス溶接技能者", "普通自動車免許"
    required, welcome = acme.person(qualifications="ガス溶接技能者"), acme.person(qualifications="普通自動車免許")
    acme.company.record_use_since = long_ago()
    day = clock.today() - relativedelta(months=30)
    ended: dict[str, Any] = {"status": ApplicationResult.REJECTED, "applied_on": day, "decided_on": day}
    far, spoken_to = acme.person(), acme.person()
    make_application(session, far, stage="最終面接", reason=RejectionReason.SKILLS, **ended)
    make_application(session, spoken_to, stage="二次面接", reason=RejectionReason.SKILLS, **ended)

    def order(**moved: int) -> list[int]:
        """The order by these points, those of the text being nought."""
        with scopes.company(session, acme.company.id):
            session.execute(delete(LearnedWeight))
            for part, thousandths in ({"text": 0} | moved).items():
                row = LearnedWeight(part=part, thousandths=thousandths, people=9, agreed=3, fitted_at=clock.now())
                session.add(row)
            session.flush()
        return acme.order()

    by_first = order(required=9_000, welcome=1_000, final=30_000, second=2_000)
    assert by_first == [far.id, required.id, spoken_to.id, welcome.id]
    by_other = order(required=1_000, welcome=9_000, final=2_000, second=30_000)
    assert by_other == [spoken_to.id, welcome.id, far.id, required.id]


def test_what_moved_is_said_with_how_many_of_how_many_and_of_four_nothing(acme: Learner) -> None:
    acme.wrote_to_many(yes=3, no=4)
    acme.wrote_to_many("鉄骨工", yes=4)
    found = acme.learn()
    assert found["kindred"] != STATED["kindred"]
    role, now = next(each for each in lines(acme) if "同じ職種" in each), weights.shown(found["role"])
    assert role == f"同じ職種の7名中3名が応じました（50点から{now}点へ）。"
    assert not any("近い職種" in each for each in lines(acme))
    acme.wrote_to_many("鉄骨工", yes=1)
    acme.learn()
    assert any("近い職種の5名中5名が応じました" in each for each in lines(acme))


def test_a_person_who_was_written_to_twice_is_one_of_them(acme: Learner) -> None:
    acme.wrote_to_many(yes=5)
    acme.wrote_to(acme.people[0], LATER)
    acme.learn()
    assert any("同じ職種の5名中5名" in each for each in lines(acme))


def test_silence_counts_after_a_month_and_a_mail_that_came_back_never(acme: Learner, session: Session) -> None:
    acme.wrote_to(acme.person(), None, ago=learning.PATIENCE - timedelta(hours=1))
    assert acme.outcomes() == []
    row = acme.wrote_to(acme.person(), None, ago=learning.PATIENCE + timedelta(hours=1))
    assert acme.outcomes() == [[(Came.ANSWERED, False)]]
    with scopes.company(session, acme.company.id):
        session.scalars(select(Message).where(Message.id == row.message_id)).one().state = MessageState.BOUNCED
        session.flush()
    assert acme.outcomes() == []


@pytest.mark.parametrize("since", [None, long_ago()])
def test_what_came_after_the_answer_counts_where_selection_records_may(
    acme: Learner, session: Session, since: date | None
) -> None:
    """Each step once its end is known; without purpose ②-b the answer alone (A-42)."""
    acme.company.record_use_since = since
    day = clock.today() - timedelta(days=300)
    ended: dict[str, Any] = {"decided_on": day, "applied_on": day}
    runs, turned, met, hired = (acme.wrote_to(acme.person()) for _ in range(4))
    acme.came(runs)
    acme.came(turned, status=ApplicationResult.REJECTED, **ended)
    application = acme.came(met, status=ApplicationResult.WITHDREW, **ended)
    hire = acme.came(hired, status=ApplicationResult.HIRED, **ended)
    moment = {"created_at": clock.now(), "updated_at": clock.now()}
    with scopes.company(session, acme.company.id):
        about = {"candidate_id": met.candidate_id, "application_id": application.id}
        session.add(ApplicationStep(**about, **moment, place=1, name="一次", kind=StepKind.FIRST))
        about = {"candidate_id": hired.candidate_id, "application_id": hire.id, "hired_on": day, "months": 6}
        for there in (True, False):
            session.add(Stay(**about, there=there, at=clock.now()))
            session.flush()
    yes = (Came.ANSWERED, True)
    further: list[list[tuple[Came, bool]]] = [
        [(Came.MET, True), (Came.HIRED, True), (Came.STAYED, False)],
        [(Came.MET, True), (Came.HIRED, False)],
        [(Came.MET, False)],
        [],
    ]
    assert acme.outcomes() == [[yes, *(each if since else [])] for each in further]
    with scopes.company(session, acme.company.id):
        objections.object_to_record(session, acme.company.id, hired.candidate_id)
    assert acme.outcomes()[0] == [yes]


def test_parts_of_the_record_are_learned_while_they_may_order_people_and_of_no_objector(
    acme: Learner, session: Session
) -> None:
    acme.company.record_use_since = long_ago()
    for number in range(10):
        person = acme.person()
        day = clock.today() - timedelta(days=400)
        make_application(
            session,
            person,
            status=ApplicationResult.REJECTED,
            reason=RejectionReason.FILLED if number < 6 else RejectionReason.SKILLS,
            applied_on=day,
            decided_on=day,
            stage="最終面接" if number < 6 else "書類",
        )
        acme.wrote_to(person, YES if number < 6 else LATER)
    found = acme.learn()
    assert found["final"] > STATED["final"] and found["filled"] > STATED["filled"]
    assert any("最終か内定まで進んだ6名中6名が応じました（15点から" in each for each in lines(acme, with_record=True))
    assert not any("最終" in each for each in lines(acme)), "nothing is said of it while it orders nobody"
    objections.object_to_record(session, acme.company.id, acme.people[0].id)
    with_an_objector = acme.learn()
    assert STATED["final"] < with_an_objector["final"] < found["final"]
    for since in (None, long_ago() + timedelta(days=1)):
        acme.company.record_use_since = since
        later = acme.learn()
        assert {part: later[part] for part in OF_RECORD} == {part: STATED[part] for part in OF_RECORD}
        assert later["role"] != STATED["role"]


def test_one_companys_outcomes_are_none_of_anothers(acme: Learner, other: Learner) -> None:
    other.wrote_to_many(yes=1)
    alone = other.learn()
    acme.wrote_to_many(no=30)
    acme.wrote_to_many("鉄骨工", yes=30)
    found = acme.learn()
    assert other.learn() == alone != found
    assert acme.points() == found


def test_an_erased_person_goes_out_of_the_points_with_the_day(acme: Learner, session: Session) -> None:
    acme.wrote_to_many(yes=2, no=5)
    before = acme.learn()
    gone = acme.person("鉄骨工")
    acme.wrote_to(gone)
    assert acme.learn() != before
    erasure.erase_candidates(session, acme.company.id, [gone.id])
    assert acme.learn() == before
    erasure.erase_candidates(session, acme.company.id, [each.id for each in acme.people if each is not gone])
    assert acme.learn() == STATED
    with scopes.company(session, acme.company.id):
        assert session.scalars(select(LearnedWeight)).all() == []


def test_stopped_the_stated_points_are_in_force_at_once_and_nothing_is_noted(acme: Learner, session: Session) -> None:
    acme.wrote_to_many(yes=5)
    learned = acme.learn()
    for _twice in range(2):
        learning.switch(session, acme.company.id, on=False)
    assert acme.points() == STATED and acme.learn() == STATED
    with scopes.company(session, acme.company.id):
        row = acme.wrote_to(acme.person(), None)
        row.shares = None
        payload = {"position_id": acme.position.id, "rescout_ids": [row.id]}
        jobs.enqueue(session, SHARES_JOB, key="noted", payload=payload, company_id=acme.company.id)
        work_off(session)
        session.refresh(row)
        assert row.shares is None
    learning.switch(session, acme.company.id, on=True)
    assert acme.points() == STATED, "the worker of the next day learns"
    assert acme.learn() == learned
    with scopes.company(session, acme.company.id):
        told = session.scalars(select(Event).where(Event.tag == EventTag.LEARNING_SWITCHED).order_by(Event.id)).all()
    assert [each.data["on"] for each in told] == [False, True]


def test_a_job_that_was_killed_goes_on_and_twice_is_as_once(
    acme: Learner, other: Learner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.wrote_to_many(yes=5)
    other.wrote_to_many(no=5)
    jobs.enqueue(session, learning.KIND, key="learning:today")
    session.commit()
    go_on: Callable[..., None] = jobs.go_on

    def killed(*_job: object) -> None:
        go_on(*_job)
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "go_on", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_one(session, clock.now())
    session.rollback()
    assert (acme.points() == STATED) is False and other.points() == STATED
    monkeypatch.setattr(jobs, "go_on", go_on)
    first = acme.points()
    later = clock.now() + jobs.LEASE + timedelta(minutes=1)
    with clock.at(later):
        assert jobs.run_one(session, later)
        assert acme.points() == first and other.points() != STATED
        jobs.enqueue(session, learning.KIND, key="learning:again")
        work_off(session)
    assert acme.points() == first
    with scopes.company(session, acme.company.id):
        assert sorted(session.scalars(select(LearnedWeight.part))) == sorted(POINTS)


def test_points_stay_whole_and_in_their_bounds_in_the_database(acme: Learner) -> None:
    acme.wrote_to_many(no=60)
    acme.wrote_to_many("鉄骨工", yes=60)
    for part, thousandths in acme.learn().items():
        assert isinstance(thousandths, int)
        assert 2 / 3 * STATED[part] - 1 < thousandths < 4 / 3 * STATED[part] + 1
    assert PER_THOUSAND * POINTS["text"] == STATED["text"]
