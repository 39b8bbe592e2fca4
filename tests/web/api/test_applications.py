"""/applications: how each stands, a new one, and recording how it goes on or ends, which mails nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.extensions import db
from relay.models import (
    ApiScope,
    Application,
    ApplicationResult,
    Candidate,
    JournalEntry,
    Message,
    NotifiedBy,
    Position,
    RejectionReason,
    scopes,
)
from tests.bench import plans
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.statements import said
from tests.web.api.conftest import Keyed, Program


@pytest.fixture
def aoi(session: Session, cast: Cast) -> Candidate:
    person = make_candidate(session, cast.acme, "見本 葵", email="aoi@person.example")
    session.commit()
    return person


@pytest.fixture
def sales(session: Session, cast: Cast) -> Position:
    position = make_position(session, cast.acme, "営業")
    session.commit()
    return position


@pytest.fixture
def running(session: Session, aoi: Candidate, sales: Position) -> Application:
    application = make_application(session, aoi, position=sales)
    session.commit()
    return application


def now(session: Session, cast: Cast, application: Application) -> Application:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        wanted = select(Application).where(Application.id == application.id)
        return session.scalars(wanted.execution_options(populate_existing=True)).one()


def record(program: Program, application: Application, **sent: Any) -> Any:
    return program("PATCH", f"/applications/{application.id}", json=sent)


def test_the_list_is_narrowed_by_position_candidate_and_status(
    acme: Program, session: Session, cast: Cast, running: Application
) -> None:
    ren = make_candidate(session, cast.acme, "見本 蓮")
    ended = make_application(
        session, ren, status=ApplicationResult.REJECTED, decided_on=clock.today(), reason=RejectionReason.SKILLS
    )
    session.commit()

    def ids(**asked: Any) -> list[str]:
        answer = acme.get("/applications", **asked)
        assert answer.json is not None
        return [each["id"] for each in answer.json["data"]]

    assert ids() == [str(ended.id), str(running.id)]
    assert ids(position=running.position_id) == ids(candidate=running.candidate_id) == [str(running.id)]
    assert ids(status="rejected") == [str(ended.id)]
    assert ids(status="hired") == []
    first = acme.get("/applications", limit=1).json
    assert first is not None
    assert ids(cursor=first["next_cursor"]) == [str(running.id)]


def test_those_of_a_position_are_read_along_its_own_index(
    acme: Program, session: Session, cast: Cast, running: Application
) -> None:
    with said(db.engine) as statements:
        assert acme.get("/applications", position=running.position_id, limit=1).status_code == 200
    listed = [each for each in statements if "ORDER BY applications.id DESC" in each[0]]
    (plan,) = plans.explained(db.engine, listed, small=False, sorting=False)
    assert "ix_applications_newest_of_position" in plan, "else as many rows are read as lie between two of a position"
    assert "Sort" not in plan and "TEMP B-TREE" not in plan


def test_one_is_shown_with_all_that_is_known_of_it(acme: Program, running: Application) -> None:
    shown = acme.get(f"/applications/{running.id}").json
    assert shown is not None
    assert (shown["candidate_id"], shown["position_id"]) == (str(running.candidate_id), str(running.position_id))
    assert (shown["status"], shown["stage"], shown["reason"], shown["notified_at"]) == ("open", "一次選考", None, None)


def test_a_known_person_applies_once_for_a_request_sent_twice(
    acme: Program, session: Session, cast: Cast, aoi: Candidate, sales: Position
) -> None:
    sent = {"candidate_id": str(aoi.id), "position_id": str(sales.id), "channel": "自社サイト"}
    answers = [acme("POST", "/applications", json=sent, headers={"Idempotency-Key": "a"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    with scopes.company(session, cast.acme.id):
        [application] = session.scalars(select(Application)).all()
    assert (application.position_id, application.channel) == (sales.id, "自社サイト")


def test_a_step_and_a_result_are_recorded_and_mail_nobody(
    acme: Program, session: Session, cast: Cast, running: Application
) -> None:
    step = record(acme, running, step="second", stage="役員面接")
    assert step.json == {"id": str(running.id), "status": "open", "stage": "役員面接", "changed": True}
    assert record(acme, running, step="second", stage="役員面接").json["changed"] is False
    ended = record(acme, running, result="rejected", reason="skills", on=clock.today().isoformat())
    assert ended.json == {"id": str(running.id), "status": "rejected", "stage": "役員面接", "changed": True}
    application = now(session, cast, running)
    assert (application.reason, application.decided_in_relay) == (RejectionReason.SKILLS, True)
    assert application.notified_at is None
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).select_from(Message)) == 0
        assert session.scalar(select(func.count()).select_from(JournalEntry)) == 2


@pytest.mark.parametrize(
    ("sent", "status", "where"),
    [
        ({}, 422, "/step"),
        ({"step": "first", "result": "hired"}, 422, "/step"),
        ({"result": "step"}, 422, "/result"),
        ({"result": "hired", "stage": "最終"}, 422, "/stage"),
        ({"result": "hired", "reason": "skills"}, 422, "/reason"),
        ({"result": "rejected"}, 409, "rejection-reason-missing"),
        ({"result": "withdrew", "on": (clock.today() + timedelta(days=1)).isoformat()}, 409, "day-impossible"),
    ],
)
def test_what_cannot_be_recorded_is_said(
    acme: Program,
    session: Session,
    cast: Cast,
    running: Application,
    sent: dict[str, Any],
    status: int,
    where: str,
) -> None:
    answer = record(acme, running, **sent)
    assert answer.status_code == status
    assert where == (answer.json["errors"][0]["pointer"] if status == 422 else answer.json["code"])
    assert now(session, cast, running).status is ApplicationResult.OPEN


def test_who_was_told_stays_as_they_were_told(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    told = make_application(
        session,
        aoi,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        notified_at=clock.now(),
        notified_by=NotifiedBy.ELSEWHERE,
    )
    session.commit()
    answer = record(acme, told, result="hired")
    assert (answer.status_code, answer.json["code"]) == (409, "result-already-notified")


def test_what_is_another_companys_is_not_there(
    acme: Program, other: Program, session: Session, cast: Cast, running: Application
) -> None:
    assert other.get(f"/applications/{running.id}").status_code == 404
    assert record(other, running, result="withdrew").status_code == 404
    assert other.get("/applications").json == {"data": [], "next_cursor": None}
    sent = {"candidate_id": str(running.candidate_id), "position_id": str(running.position_id)}
    answer = other("POST", "/applications", json=sent)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["pointer"] for each in answer.json["errors"]] == ["/candidate_id", "/position_id"]


def test_a_key_that_reads_records_nothing(keyed: Keyed, cast: Cast, running: Application) -> None:
    reader = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_PEOPLE)
    assert record(reader, running, result="withdrew").status_code == 403
    assert reader("POST", "/applications", json={}).status_code == 403
    numbers = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_NUMBERS)
    assert numbers.get("/applications").status_code == 403
    assert numbers.get(f"/applications/{running.id}").status_code == 403
