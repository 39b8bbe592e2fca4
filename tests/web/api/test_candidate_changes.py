"""PATCH and DELETE /candidates/{id} and its tags: the acts of a record's page, with its questions and refusals."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds, tags
from relay.connect.keys import KeyOwner
from relay.models import ApiScope, Candidate, Event, EventTag, FollowUp, HoldReason, JournalEntry, scopes
from tests.cast import Cast, make_candidate
from tests.web.api.conftest import Keyed, Program


@pytest.fixture
def aoi(session: Session, cast: Cast) -> Candidate:
    person = make_candidate(session, cast.acme, "見本 葵", email="aoi@person.example")
    session.commit()
    return person


def now(session: Session, cast: Cast, person: Candidate) -> Candidate | None:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        wanted = select(Candidate).where(Candidate.id == person.id)
        return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def carried(session: Session, cast: Cast, person: Candidate) -> list[str]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return [each.name for each in tags.tags_of(session, [person.id])[person.id]]


def test_facts_are_put_right_and_can_be_taken_back(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    sent = {"phone": "090-1234-5678", "kana": "みほん あおい", "reapply": "yes", "follow_up": "scout"}
    answer = acme("PATCH", f"/candidates/{aoi.id}", json=sent)
    assert (answer.status_code, answer.json) == (200, {"id": str(aoi.id), "changed": [
        "kana", "phone", "reapply", "follow_up",
    ]})  # fmt: skip
    person = now(session, cast, aoi)
    assert person is not None
    assert (person.name, person.kana, person.phone, person.follow_up) == (
        "見本 葵",
        "ミホン アオイ",
        "09012345678",
        FollowUp.SCOUT,
    )
    with scopes.company(session, cast.acme.id):
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
    assert [entry.by_user_id for entry in entries] == [cast.adam.id, cast.adam.id]
    again = acme("PATCH", f"/candidates/{aoi.id}", json=sent)
    assert again.json is not None
    assert again.json["changed"] == []


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"name": " "}, 422, "/name"),
        ({"name": "あ" * 101}, 422, "/name"),
        ({"email": "aoi"}, 422, "/email"),
        ({"phone": "電話"}, 422, "/phone"),
        ({"birth_date": "2000-01-01"}, 422, "/birth_date"),
        ({"follow_up": "gone"}, 422, "/follow_up"),
        ({"basis": "consented"}, 422, "/basis"),
        ({"qualifications": "妊娠中"}, 409, "sensitive-words"),
        ({"email": "aoi@gmial.com"}, 409, "address-doubtful"),
    ],
)
def test_what_the_page_asks_about_is_refused(
    acme: Program, session: Session, cast: Cast, aoi: Candidate, sent: dict[str, Any], status: int, told: str
) -> None:
    answer = acme("PATCH", f"/candidates/{aoi.id}", json=sent)
    assert answer.status_code == status
    assert answer.json is not None
    assert told == (answer.json["errors"][0]["pointer"] if status == 422 else answer.json["code"])
    person = now(session, cast, aoi)
    assert person is not None
    assert (person.name, person.email, person.phone) == ("見本 葵", "aoi@person.example", "")


def test_what_was_checked_is_taken(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    sent = {"email": "aoi@gmial.com", "email_checked": True, "qualifications": "妊娠相談員", "words_checked": True}
    answer = acme("PATCH", f"/candidates/{aoi.id}", json=sent)
    assert answer.json is not None
    assert answer.json["changed"] == ["email", "qualifications"]


def test_erased_is_erased_and_said_again(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    there = f"/candidates/{aoi.id}"
    for _time in range(2):
        answer = acme("DELETE", f"{there}?reason=asked&asked_on={clock.today()}")
        assert (answer.status_code, answer.data) == (204, b"")
    with scopes.company(session, cast.acme.id):
        [event] = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATE_ERASED)).all()
    assert (event.actor_kind, event.data["reason"]) == ("api-key", "asked")
    assert acme.get(there).status_code == 404


def test_who_is_held_stays(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    with scopes.company(session, cast.acme.id):
        until = clock.today() + timedelta(days=30)
        holds.set_hold(session, aoi, next(iter(HoldReason)), until, owner_user_id=cast.ada.id)
    session.commit()
    answer = acme("DELETE", f"/candidates/{aoi.id}?reason=mistaken")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "erasure-held"
    assert now(session, cast, aoi) is not None


def test_an_erasure_says_why_and_since_when(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    for asked, pointer in (("", "?reason"), (f"?reason=asked&asked_on={tomorrow}", "?asked_on")):
        answer = acme("DELETE", f"/candidates/{aoi.id}{asked}")
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["errors"][0]["pointer"] == pointer
    assert now(session, cast, aoi) is not None


def test_a_tag_is_put_on_once_and_taken_off(acme: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    again = {"Idempotency-Key": "tag-1"}
    answers = [acme("POST", f"/candidates/{aoi.id}/tags", json={"name": "営業"}, headers=again) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert carried(session, cast, aoi) == ["営業"]
    for _time in range(2):
        assert acme("DELETE", f"/candidates/{aoi.id}/tags?name=営業").status_code == 204
    assert carried(session, cast, aoi) == []
    with scopes.company(session, cast.acme.id):
        events = session.scalars(select(Event.tag).where(Event.tag.in_([EventTag.TAG_ADDED, EventTag.TAG_REMOVED])))
        assert sorted(events) == ["tag:added", "tag:removed"]


def test_a_tag_the_law_keeps_out_is_asked_about(acme: Program, aoi: Candidate) -> None:
    answer = acme("POST", f"/candidates/{aoi.id}/tags", json={"name": "妊娠中"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "sensitive-words")


def test_another_companys_person_is_not_there(other: Program, session: Session, cast: Cast, aoi: Candidate) -> None:
    there = f"/candidates/{aoi.id}"
    assert other("PATCH", there, json={"phone": "0266000000"}).status_code == 404
    assert other("DELETE", f"{there}?reason=asked").status_code == 404
    assert other("POST", f"{there}/tags", json={"name": "営業"}).status_code == 404
    assert other("DELETE", f"{there}/tags?name=営業").status_code == 404
    assert now(session, cast, aoi) is not None


def test_a_key_that_reads_changes_nothing(keyed: Keyed, cast: Cast, aoi: Candidate) -> None:
    reader = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_PEOPLE)
    there = f"/candidates/{aoi.id}"
    assert reader("PATCH", there, json={}).status_code == 403
    assert reader("DELETE", f"{there}?reason=asked").status_code == 403
    assert reader("POST", f"{there}/tags", json={"name": "営業"}).status_code == 403
    assert reader("DELETE", f"{there}/tags?name=営業").status_code == 403
