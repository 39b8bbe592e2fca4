"""PUT /candidates/{external_id}: people as another system tells of them, found again and compared as an import does."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.candidates import facts, tags
from relay.connect.keys import KeyOwner
from relay.models import (
    ApiScope,
    Application,
    ApplicationResult,
    Candidate,
    Event,
    EventTag,
    Import,
    JournalEntry,
    Note,
    NotifiedBy,
    Position,
    RejectionReason,
    RetentionBasis,
    SourceRecord,
    scopes,
)
from relay.rights import erasure
from tests.cast import Cast, make_candidate
from tests.web.api.conftest import Keyed, Program

AOI: dict[str, Any] = {
    "basis": "stated",
    "name": "見本 葵",
    "kana": "みほん　あおい",
    "email": "aoi@person.example",
    "phone": "090-1234-5678",
    "qualifications": "簿記2級",
    "position": "経理",
    "channel": "自社サイト",
    "stage": "一次面接",
    "applied_on": "2026-06-01",
    "tags": ["経験者"],
    "memo": "静かな方です。",
}


def put(program: Program, external_id: str, **told: Any) -> Any:
    return program("PUT", f"/candidates/{external_id}", json=told)


def only(session: Session, company_id: int, model: Any) -> list[Any]:
    session.rollback()
    with scopes.company(session, company_id):
        return list(session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True)))


def test_a_new_person_is_there_with_all_that_was_told(acme: Program, session: Session, cast: Cast) -> None:
    answer = put(acme, "A-1", **AOI)
    assert answer.status_code == 201
    [person] = only(session, cast.acme.id, Candidate)
    assert answer.json == {"id": str(person.id), "external_id": "A-1", "state": "created", "notes": []}
    assert (person.name, person.kana, person.phone) == ("見本 葵", "ミホン アオイ", "09012345678")
    assert person.basis is RetentionBasis.STATED
    [application] = only(session, cast.acme.id, Application)
    [position] = only(session, cast.acme.id, Position)
    assert (application.position_id, position.title, application.stage) == (position.id, "経理", "一次面接")
    assert application.status is ApplicationResult.OPEN
    [memo] = only(session, cast.acme.id, Note)
    assert memo.body == "静かな方です。"
    [record] = only(session, cast.acme.id, SourceRecord)
    assert (record.source, record.source_id, record.person_id, record.import_id) == ("api", "A-1", "A-1", None)
    found = acme.get("/candidates", q="簿記").json
    assert found is not None
    assert [each["tags"] for each in found["data"]] == [["経験者"]]


def test_told_again_nothing_changes(acme: Program, session: Session, cast: Cast) -> None:
    first = put(acme, "A-1", **AOI).json
    before = session.scalar(select(func.count()).select_from(Event))
    again = put(acme, "A-1", **AOI)
    assert (again.status_code, again.json) == (200, first | {"state": "same"})
    assert session.scalar(select(func.count()).select_from(Event)) == before
    for model in (Candidate, Application, Note, SourceRecord):
        assert len(only(session, cast.acme.id, model)) == 1
    assert only(session, cast.acme.id, Import) == []
    assert only(session, cast.acme.id, JournalEntry) == []


def test_a_later_value_changes_what_nobody_changed_since(acme: Program, session: Session, cast: Cast) -> None:
    put(acme, "A-1", **AOI)
    [person] = only(session, cast.acme.id, Candidate)
    with scopes.company(session, cast.acme.id):
        facts.change(session, person, {"phone": "0266000000"})
    session.commit()
    answer = put(acme, "A-1", **(AOI | {"phone": "080-1111-2222", "email": "new@person.example", "stage": "最終面接"}))
    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, "changed")
    [person] = only(session, cast.acme.id, Candidate)
    assert (person.phone, person.email) == ("0266000000", "new@person.example")
    [application] = only(session, cast.acme.id, Application)
    assert application.stage == "最終面接"
    with scopes.company(session, cast.acme.id):
        changes = select(Event).where(Event.tag == EventTag.CANDIDATE_CHANGED).order_by(Event.id)
        changed = session.scalars(changes).all()
    assert [event.actor_kind for event in changed][-1] == "api-key"
    assert changed[-1].data["fields"] == ["email"]


def test_what_is_not_said_says_nothing(acme: Program, session: Session, cast: Cast) -> None:
    put(acme, "A-1", **AOI)
    answer = put(acme, "A-1", basis="stated", name="見本 葵", email="", birth_date=None, reapply=None)
    assert answer.json is not None
    assert answer.json["state"] == "same"
    [person] = only(session, cast.acme.id, Candidate)
    assert person.email == "aoi@person.example"


def test_a_person_of_a_page_is_found_by_mail_and_name(acme: Program, session: Session, cast: Cast) -> None:
    known = make_candidate(session, cast.acme, "見本 葵", email="aoi@person.example")
    session.commit()
    answer = put(acme, "A-1", **AOI)
    assert answer.json is not None
    assert (answer.json["id"], answer.json["state"]) == (str(known.id), "changed")


def test_an_equal_mail_under_another_name_is_another_person_and_said(
    acme: Program, session: Session, cast: Cast
) -> None:
    known = make_candidate(session, cast.acme, "見本 蓮", email="aoi@person.example")
    session.commit()
    answer = put(acme, "A-1", **AOI)
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["id"] != str(known.id)
    assert "同じメールアドレス" in answer.json["notes"][0]["detail"]


def test_a_second_application_has_an_id_of_its_own(acme: Program, session: Session, cast: Cast) -> None:
    put(acme, "A-1", **AOI)
    told = AOI | {"application_id": "X-2", "position": "総務", "applied_on": "2026-09-01"}
    assert put(acme, "A-1", **told).json["state"] == "changed"
    assert put(acme, "A-1", **told).json["state"] == "same"
    assert put(acme, "A-1", **(told | {"stage": "最終面接"})).json["state"] == "changed"
    assert [one.stage for one in only(session, cast.acme.id, Application)] == ["一次面接", "最終面接"]
    assert len(only(session, cast.acme.id, Candidate)) == 1


def test_an_id_of_an_application_is_no_persons(acme: Program, session: Session, cast: Cast) -> None:
    put(acme, "2", basis="stated", name="見本 蓮", position="経理")
    put(acme, "1", basis="stated", name="見本 葵", position="経理", application_id="2")
    put(acme, "3", basis="stated", name="見本 湊", position="経理", application_id="2")
    assert [each.name for each in only(session, cast.acme.id, Candidate)] == ["見本 蓮", "見本 葵", "見本 湊"]
    assert len({each.candidate_id for each in only(session, cast.acme.id, Application)}) == 3


def test_an_id_told_later_is_of_the_application_that_is_there(acme: Program, session: Session, cast: Cast) -> None:
    told = {name: value for name, value in AOI.items() if name != "memo"}
    put(acme, "A-1", **told)
    assert put(acme, "A-1", **told, application_id="X-1").json["state"] == "same"
    assert put(acme, "A-1", **(told | {"stage": "二次面接"}), application_id="X-1").json["state"] == "changed"
    [application] = only(session, cast.acme.id, Application)
    assert application.stage == "二次面接"


def test_a_rejection_was_told_elsewhere_unless_it_says_no(acme: Program, session: Session, cast: Cast) -> None:
    ended = {"result": "rejected", "reason": "skills", "decided_on": "2026-07-01"}
    put(acme, "A-1", **AOI, **ended)
    put(acme, "A-2", basis="stated", name="見本 湊", told=False, **ended)
    first, second = only(session, cast.acme.id, Application)
    assert (first.status, first.reason) == (ApplicationResult.REJECTED, RejectionReason.SKILLS)
    assert (first.notified_by, second.notified_by) == (NotifiedBy.ELSEWHERE, None)
    assert put(acme, "A-1", **AOI, result="open").json["state"] == "changed"
    first, _second = only(session, cast.acme.id, Application)
    assert (first.status, first.notified_at) == (ApplicationResult.OPEN, None)


def test_words_the_law_keeps_out_stay_behind_unless_they_were_looked_at(
    acme: Program, session: Session, cast: Cast
) -> None:
    told = {"basis": "stated", "name": "見本 葵", "memo": "妊娠中とのこと。"}
    answer = put(acme, "A-1", **told)
    assert [note["pointer"] for note in answer.json["notes"]] == ["/memo"]
    assert only(session, cast.acme.id, Note) == []
    put(acme, "A-1", **told, words_checked=True)
    assert len(only(session, cast.acme.id, Note)) == 1


def test_what_is_odd_is_taken_and_noted(acme: Program) -> None:
    answer = put(acme, "A-1", basis="stated", name="見本 葵", email="aoi@gmial.com", phone="123")
    assert answer.status_code == 201
    assert answer.json is not None
    assert [note["pointer"] for note in answer.json["notes"]] == ["/email", "/phone"]


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"basis": "stated"}, "/name"),
        ({"basis": "stated", "name": "　"}, "/name"),
        ({"name": "見本 葵"}, "/basis"),
        ({"basis": "ever", "name": "見本 葵"}, "/basis"),
        ({"basis": "stated", "name": "見本 葵", "email": "aoi.person.example"}, "/email"),
        ({"basis": "stated", "name": "見本 葵", "applied_on": "2026-02-30"}, "/applied_on"),
        ({"basis": "stated", "name": "見本 葵", "gender": "女"}, "/gender"),
        ({"basis": "stated", "name": "見本\0葵"}, "/name"),
    ],
)
def test_what_cannot_be_taken_is_said_with_its_place(
    acme: Program, session: Session, cast: Cast, told: dict[str, Any], pointer: str
) -> None:
    answer = put(acme, "A-1", **told)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json is not None
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert only(session, cast.acme.id, Candidate) == []


def test_an_id_that_no_system_has_leads_nowhere(acme: Program) -> None:
    assert put(acme, "x" * 101, **AOI).status_code == 404
    assert put(acme, "%00", **AOI).status_code == 404
    assert put(acme, "%ff", **AOI).status_code == 404


def test_the_ids_of_one_company_say_nothing_at_another(
    acme: Program, other: Program, session: Session, cast: Cast
) -> None:
    put(acme, "A-1", **AOI)
    assert put(other, "A-1", **AOI).status_code == 201
    assert len(only(session, cast.acme.id, Candidate)) == len(only(session, cast.other.id, Candidate)) == 1


def test_who_was_erased_is_new_again(acme: Program, session: Session, cast: Cast) -> None:
    first = put(acme, "A-1", **AOI).json
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [int(first["id"])])
    session.commit()
    assert only(session, cast.acme.id, SourceRecord) == []
    again = put(acme, "A-1", **AOI)
    assert again.status_code == 201
    assert again.json["id"] != first["id"]


def test_a_key_that_reads_cannot_bring_anybody(keyed: Keyed, cast: Cast) -> None:
    reader = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_PEOPLE)
    assert put(reader, "A-1", **AOI).status_code == 403
    assert reader("PUT", "/candidates", json={}).status_code == 403


def test_several_come_in_one_request_or_none(acme: Program, session: Session, cast: Cast) -> None:
    def send(*people: dict[str, Any]) -> Any:
        return acme("PUT", "/candidates", json={"basis": "stated", "candidates": list(people)})

    aoi = {"external_id": "1", "name": "見本 葵", "email": "aoi@person.example"}
    ren = {"external_id": "2", "name": "見本 蓮", "phone": "123"}
    wrong = send(aoi, ren, {"external_id": "3", "name": "見本 湊", "email": "minato"})
    assert wrong.status_code == 422
    assert [each["pointer"] for each in wrong.json["errors"]] == ["/candidates/2/email"]
    assert only(session, cast.acme.id, Candidate) == []
    done = send(aoi, ren)
    assert done.status_code == 200
    assert [(each["external_id"], each["state"]) for each in done.json["data"]] == [("1", "created"), ("2", "created")]
    assert [each["pointer"] for each in done.json["data"][1]["notes"]] == ["/candidates/1/phone"]
    again = send(ren, aoi | {"name": "見本 葵", "email": "other@person.example"})
    assert [each["state"] for each in again.json["data"]] == ["same", "changed"]
    assert send(*[aoi] * 101).status_code == 422
    twice = send(aoi, ren, aoi | {"email": "third@person.example"})
    assert [each["pointer"] for each in twice.json["errors"]] == [
        "/candidates/0/external_id",
        "/candidates/2/external_id",
    ]
    assert send(aoi | {"external_id": "a\n"}).json["errors"][0]["pointer"] == "/candidates/0/external_id"


def test_tags_of_a_company_are_used_again(acme: Program, session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        there = tags.find_or_make(session, "経験者", confirmed=True)
    session.commit()
    answer = put(acme, "A-1", **AOI)
    with scopes.company(session, cast.acme.id):
        carried = tags.tags_of(session, [int(answer.json["id"])])
    assert [[each.id for each in found] for found in carried.values()] == [[there.id]]
