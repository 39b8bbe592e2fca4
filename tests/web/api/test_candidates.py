"""/candidates: the pool of the key's company, page by page, and one record whose opening is logged."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.indexing.search_rows import index
from relay.models import Candidate, Event, EventTag, RetentionBasis, scopes
from relay.rights import erasure
from tests.cast import Cast, make_candidate
from tests.web.api.conftest import Program


@pytest.fixture
def people(session: Session, cast: Cast) -> list[Candidate]:
    """Five in Acme's pool, one whose selection runs, and one at another company."""
    found = [
        make_candidate(session, cast.acme, f"見本 {number}子", email=f"{number}@person.example") for number in range(5)
    ]
    make_candidate(session, cast.acme, "選考 中", basis=RetentionBasis.SELECTION)
    make_candidate(session, cast.other, "よその 太郎")
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "営業", confirmed=True)
        tags.add_tag(session, tag, [found[0].id, found[3].id], by_user_id=cast.ada.id)
        index(session, [each.id for each in found])
    session.commit()
    return found


def test_the_pool_goes_page_by_page(acme: Program, people: list[Candidate]) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        answer = acme.get("/candidates", limit=2, cursor=cursor) if cursor else acme.get("/candidates", limit=2)
        assert answer.json is not None
        seen += [each["id"] for each in answer.json["data"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
    assert seen == [str(each.id) for each in reversed(people)]


def test_who_comes_and_goes_meanwhile_moves_nobody(
    acme: Program, session: Session, cast: Cast, people: list[Candidate]
) -> None:
    first = acme.get("/candidates", limit=2).json
    assert first is not None
    make_candidate(session, cast.acme, "あとから 来た")
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [people[3].id])
    session.commit()
    rest = acme.get("/candidates", limit=200, cursor=first["next_cursor"]).json
    assert rest is not None
    assert [each["id"] for each in rest["data"]] == [str(people[place].id) for place in (2, 1, 0)]


def test_a_search_narrows_by_words_tag_and_result(acme: Program, people: list[Candidate]) -> None:
    def ids(**asked: str) -> list[str]:
        answer = acme.get("/candidates", **asked)
        assert answer.json is not None
        return [each["id"] for each in answer.json["data"]]

    assert ids(q="見本 3子") == [str(people[3].id)]
    assert ids(tag="営業") == [str(people[3].id), str(people[0].id)]
    assert ids(tag="ない") == []
    assert ids(status="hired") == []


def test_a_record_holds_what_the_company_knows(acme: Program, people: list[Candidate]) -> None:
    answer = acme.get(f"/candidates/{people[0].id}")
    assert answer.json is not None
    assert answer.json["name"] == "見本 0子"
    assert answer.json["email"] == "0@person.example"
    assert answer.json["tags"] == ["営業"]
    assert answer.json["created_at"].endswith("Z")


def test_opening_a_record_is_logged_once_in_ten_minutes(
    acme: Program, session: Session, cast: Cast, people: list[Candidate]
) -> None:
    def openings() -> int:
        asked = select(Event).where(Event.tag == EventTag.CANDIDATE_VIEWED, Event.subject_id == people[0].id)
        with scopes.company(session, cast.acme.id):
            events = session.scalars(asked.execution_options(populate_existing=True)).all()
        session.rollback()
        assert all(event.actor_kind == "api-key" for event in events)
        return len(events)

    acme.get(f"/candidates/{people[0].id}")
    acme.get(f"/candidates/{people[0].id}")
    assert openings() == 1
    with clock.at(clock.now() + timedelta(minutes=11)):
        acme.get(f"/candidates/{people[0].id}")
    assert openings() == 2


def test_another_companys_record_is_not_there(acme: Program, other: Program, people: list[Candidate]) -> None:
    answer = other.get(f"/candidates/{people[0].id}")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "not-found"
    assert "見本" not in other.get("/candidates").get_data(as_text=True)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"limit": "0"}, 422, "not-valid"),
        ({"limit": "201"}, 422, "not-valid"),
        ({"limit": "x"}, 422, "not-valid"),
        ({"unknown": "1"}, 422, "not-valid"),
        ({"status": "gone"}, 422, "not-valid"),
        ({"cursor": "x"}, 400, "cursor-unreadable"),
        ({"q": "状態:ない"}, 409, "query-not-understood"),
        ({"q": "a\0b"}, 422, "not-valid"),
    ],
)
def test_what_cannot_be_asked_is_said(acme: Program, asked: dict[str, str], status: int, code: str) -> None:
    answer = acme.get("/candidates", **asked)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == code
    if code == "not-valid":
        assert answer.json["errors"][0]["pointer"] == f"?{next(iter(asked))}"


def test_no_such_address_and_method_are_problems_too(acme: Program) -> None:
    assert acme.get("/nothing").mimetype == "application/problem+json"
    answer = acme("DELETE", "/candidates")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]
