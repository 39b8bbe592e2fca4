"""/positions: the jobs of the key's company, written as the page writes them, and who fits an open one."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.hiring import positions
from relay.indexing.search_rows import index
from relay.models import ApiScope, EmploymentType, Position, PositionState, SalaryPeriod, scopes
from tests.cast import Cast, make_application, make_candidate
from tests.web.api.conftest import Keyed, Program

SALES: dict[str, Any] = {
    "title": "法人営業",
    "description": "既存のお客様への提案",
    "required_skills": "法人営業の経験",
    "employment": "regular",
    "salary_per": "year",
    "salary_from": 4_000_000,
    "salary_to": 6_000_000,
    "headcount": 2,
    "apply_at": "https://acme.example/jobs",
    "smoking": "屋内禁煙",
}


def made(program: Program, **told: Any) -> str:
    answer = program("POST", "/positions", json=SALES | told)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    number: str = answer.json["id"]
    return number


def stored(session: Session, cast: Cast) -> list[Position]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        wanted = select(Position).order_by(Position.id).execution_options(populate_existing=True)
        return list(session.scalars(wanted))


def test_a_position_is_written_and_read_back(acme: Program, session: Session, cast: Cast) -> None:
    number = made(acme)
    shown = acme.get(f"/positions/{number}").json
    assert shown is not None
    assert {name: shown[name] for name in SALES} == SALES
    assert (shown["state"], shown["confirmed_on"]) == ("open", clock.today().isoformat())
    [position] = stored(session, cast)
    assert (position.employment, position.salary_per) == (EmploymentType.REGULAR, SalaryPeriod.YEAR)
    assert position.posting == {"smoking": "屋内禁煙"}


def test_sent_twice_it_is_made_once(acme: Program, session: Session, cast: Cast) -> None:
    sent = [acme("POST", "/positions", json=SALES, headers={"Idempotency-Key": "one"}) for _time in range(2)]
    assert sent[0].json == sent[1].json
    assert len(stored(session, cast)) == 1


def test_the_list_goes_by_state_and_page(acme: Program) -> None:
    numbers = [made(acme, title=f"営業{place}") for place in range(3)]
    acme("PATCH", f"/positions/{numbers[1]}", json={"state": "closed"})
    first = acme.get("/positions", limit=2).json
    assert first is not None
    assert [each["id"] for each in first["data"]] == [numbers[2], numbers[1]]
    rest = acme.get("/positions", limit=2, cursor=first["next_cursor"]).json
    assert rest is not None
    assert ([each["id"] for each in rest["data"]], rest["next_cursor"]) == ([numbers[0]], None)
    closed = acme.get("/positions", state="closed").json
    assert closed is not None
    assert [each["id"] for each in closed["data"]] == [numbers[1]]
    assert closed["data"][0]["closed_at"].endswith("Z")


def test_what_is_sent_changes_and_the_rest_stays(acme: Program, session: Session, cast: Cast) -> None:
    number = made(acme)
    answer = acme("PATCH", f"/positions/{number}", json={"title": "営業", "headcount": None, "state": "paused"})
    assert answer.json == {"id": number, "changed": ["title", "headcount", "state"]}
    [position] = stored(session, cast)
    assert (position.title, position.headcount, position.state) == ("営業", None, PositionState.PAUSED)
    assert position.description == SALES["description"]
    with scopes.company(session, cast.acme.id):
        assert positions.former_titles(session, position.id) == ["法人営業"]


@pytest.mark.parametrize(
    ("told", "status", "where"),
    [
        ({"title": "　"}, 422, "/title"),
        ({"salary_per": None}, 422, "/salary_per"),
        ({"salary_to": 1}, 422, "/salary_to"),
        ({"salary_from": 0}, 422, "/salary_from"),
        ({"headcount": 10_000}, 422, "/headcount"),
        ({"occupation_id": 999_999}, 422, "/occupation_id"),
        ({"apply_at": "窓口"}, 422, "/apply_at"),
        ({"employment": "slave"}, 422, "/employment"),
        ({"description": "a" * 5_001}, 422, "/description"),
        ({"unknown": 1}, 422, "/unknown"),
        ({"title": "総務"}, 409, "position-title-taken"),
    ],
)
def test_what_the_page_refuses_is_refused(
    acme: Program, session: Session, cast: Cast, told: dict[str, Any], status: int, where: str
) -> None:
    made(acme, title="総務")
    number = made(acme)
    for answer in (
        acme("POST", "/positions", json=SALES | told),
        acme("PATCH", f"/positions/{number}", json=told),
    ):
        assert answer.status_code == status
        assert answer.json is not None
        assert where == (answer.json["errors"][0]["pointer"] if status == 422 else answer.json["code"])
    assert [each.title for each in stored(session, cast)] == ["総務", "法人営業"]


def test_numbers_of_applications_stand_beside_it(acme: Program, session: Session, cast: Cast) -> None:
    number = made(acme)
    [position] = stored(session, cast)
    person = make_candidate(session, cast.acme, "見本 葵")
    make_application(session, person, position=position)
    session.commit()
    shown = acme.get(f"/positions/{number}").json
    assert shown is not None
    assert sum(shown["applications"].values()) == 1


def test_who_fits_is_told_with_why_and_of_a_closed_one_nobody(acme: Program, session: Session, cast: Cast) -> None:
    number = made(acme)
    fitting = make_candidate(session, cast.acme, "見本 葵", email="a@person.example", desired_role="法人営業")
    stopped = make_candidate(session, cast.acme, "見本 蓮", email="", desired_role="法人営業")
    with scopes.company(session, cast.acme.id):
        index(session, [fitting.id, stopped.id])
    session.commit()
    found = acme.get(f"/positions/{number}/matches").json
    assert found is not None
    assert [each["candidate_id"] for each in found["data"]] == [str(fitting.id)]
    assert "法人営業" in found["data"][0]["why"]
    assert found["data"][0]["check_first"]
    acme("PATCH", f"/positions/{number}", json={"state": "closed"})
    gone = acme.get(f"/positions/{number}/matches").json
    assert gone == {"data": [], "has_more": False, "is_incomplete": False}


def test_another_companys_position_is_not_there(acme: Program, other: Program) -> None:
    number = made(acme)
    assert other.get(f"/positions/{number}").status_code == 404
    assert other.get(f"/positions/{number}/matches").status_code == 404
    assert other("PATCH", f"/positions/{number}", json={"state": "closed"}).status_code == 404
    assert other.get("/positions").json == {"data": [], "next_cursor": None}


def test_a_key_of_numbers_sees_and_changes_no_position(keyed: Keyed, cast: Cast, acme: Program) -> None:
    number, program = made(acme), keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_NUMBERS)
    asked = [
        program.get("/positions"),
        program.get(f"/positions/{number}"),
        program.get(f"/positions/{number}/matches"),
    ]
    asked += [program("POST", "/positions", json=SALES), program("PATCH", f"/positions/{number}", json={})]
    assert {answer.status_code for answer in asked} == {403}
