"""What a partner's program writes: outcomes, introduction links and answers to a request to delete."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.introductions import endings, links
from relay.models import (
    ApiScope,
    EndedReference,
    Event,
    EventTag,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    KeptAnswer,
    Partner,
    Profile,
    scopes,
)
from relay.network import consents, outcomes
from tests.cast import Cast, browse
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.web.agency.people import consented
from tests.web.api.conftest import Keyed, Program
from tests.web.landing.phone import words


@pytest.fixture
def manabi(keyed: Keyed, cast: Cast) -> Program:
    return keyed(KeyOwner(partner_id=cast.manabi.id), by_user_id=cast.sho.id)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, name="中村 遥")


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def asked(desk: Desk) -> IntroductionRequest:
    """A request of Acme to Tsumugi."""
    return desk.ask()


def told(session: Session, cast: Cast, person: Profile) -> list[tuple[str, bool]]:
    session.rollback()
    found = outcomes.of_partner(session, cast.tsumugi.id, person.id)
    return [(each.kind.value, each.so) for each in found.told]


def test_an_outcome_is_told_and_taken_back_as_on_the_page(
    app: Flask, session: Session, cast: Cast, tsumugi: Program, haruka: Profile
) -> None:
    word = {"code": haruka.code, "kind": "interview"}
    answer = tsumugi("POST", "/partner/outcomes", json=word)
    assert (answer.status_code, answer.json) == (200, word | {"so": True, "new": True})
    assert told(session, cast, haruka) == [("interview", True)]
    assert "面談・面接" in words(browse(app, cast.agnes).get(f"/account/people/{haruka.code}/outcomes"))
    again = tsumugi("POST", "/partner/outcomes", json=word)
    assert again.json == word | {"so": True, "new": False}
    back = tsumugi("POST", "/partner/outcomes", json=word | {"so": False})
    assert back.json == word | {"so": False, "new": True}
    assert told(session, cast, haruka) == [("interview", False)]


def test_what_is_not_the_partners_to_tell_is_refused(
    session: Session, cast: Cast, tsumugi: Program, manabi: Program, haruka: Profile
) -> None:
    for kind, status in (("course-finished", 409), ("hired-here", 409), ("", 409)):
        answer = tsumugi("POST", "/partner/outcomes", json={"code": haruka.code, "kind": kind})
        assert answer.status_code == status, kind
        assert answer.json is not None
        assert answer.json["code"] == "outcome-unknown"
    course = {"code": haruka.code, "kind": "course-finished"}
    assert manabi("POST", "/partner/outcomes", json=course).status_code == 404
    assert tsumugi("POST", "/partner/outcomes", json=course | {"code": "x"}).status_code == 404
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    gone = tsumugi("POST", "/partner/outcomes", json={"code": haruka.code, "kind": "interview"})
    assert gone.status_code == 410
    assert told(session, cast, haruka) == []


def test_a_link_is_told_to_the_request_that_made_it_and_kept_nowhere(
    app: Flask, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest, tsumugi: Program
) -> None:
    sent = {"json": {"request_id": str(asked.id)}, "headers": {"Idempotency-Key": "link-1"}}
    answer = tsumugi("POST", "/partner/introduction-links", **sent)
    assert answer.status_code == 201
    assert answer.json is not None
    token = answer.json["url"].rpartition("/introductions/")[2]
    assert links.find(session, token) is not None
    with scopes.company(session, desk.company.id):
        link = session.scalars(select(IntroductionLink)).one()
    assert (link.made_by_user_id, link.until.isoformat()) == (cast.agnes.id, answer.json["until"])
    assert desk.now(asked).state is IntroductionState.OFFERED
    again = tsumugi("POST", "/partner/introduction-links", **sent)
    assert (again.status_code, again.json) == (201, answer.json | {"url": None})
    kept = session.scalars(select(KeptAnswer.body)).one()
    assert token not in kept
    out = tsumugi("POST", "/partner/introduction-links", json=sent["json"])
    assert out.status_code == 409
    assert out.json is not None
    assert out.json["code"] == "introduction-link-is-out"
    made = session.scalars(select(Event).where(Event.tag == EventTag.INTRODUCTION_LINK_MADE)).one()
    assert made.actor_kind == "api-key"
    assert "紹介リンク" in words(browse(app, cast.agnes).get(f"/agency/requests/{asked.id}"))


def test_a_link_is_taken_back(session: Session, desk: Desk, asked: IntroductionRequest, tsumugi: Program) -> None:
    path = f"/partner/introduction-links/{asked.id}"
    made = tsumugi("POST", "/partner/introduction-links", json={"request_id": str(asked.id)}).json
    assert made is not None
    for _again in range(2):
        assert tsumugi("DELETE", path).status_code == 204
        session.rollback()
        assert links.find(session, made["url"].rpartition("/")[2]) is None
    assert desk.now(asked).state is IntroductionState.OPEN
    endings.cancel(session, desk.company.id, asked.id)
    session.commit()
    answer = tsumugi("DELETE", path)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


def test_a_link_needs_a_request_to_this_agency_in_order(
    session: Session, cast: Cast, asked: IntroductionRequest, tsumugi: Program, manabi: Program
) -> None:
    wanted = {"request_id": str(asked.id)}
    assert manabi("POST", "/partner/introduction-links", json=wanted).status_code == 404
    assert manabi("DELETE", f"/partner/introduction-links/{asked.id}").status_code == 404
    assert tsumugi("POST", "/partner/introduction-links", json={"request_id": "987654321"}).status_code == 404
    session.get_one(Partner, cast.tsumugi.id).license_until = clock.today() - timedelta(days=1)
    session.commit()
    answer = tsumugi("POST", "/partner/introduction-links", json=wanted)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "partner-may-not-introduce"
    assert answer.json["detail"].startswith("貴社の許可または提携")


def test_a_deletion_is_answered_once(
    session: Session, cast: Cast, tsumugi: Program, manabi: Program, haruka: Profile
) -> None:
    sent = {"code": haruka.code}
    early = tsumugi("POST", "/partner/deletions", json=sent)
    assert early.json == sent | {"answered": 0}, "there is nothing to answer while the person is shown"
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    assert manabi("POST", "/partner/deletions", json=sent).json == sent | {"answered": 0}
    assert tsumugi("POST", "/partner/deletions", json=sent).json == sent | {"answered": 1}
    assert tsumugi("POST", "/partner/deletions", json=sent).json == sent | {"answered": 0}
    with scopes.partner(session, cast.tsumugi.id):
        line = session.scalars(select(EndedReference)).one()
    assert line.deleted_at is not None and line.deleted_by_user_id == cast.agnes.id
    assert tsumugi("POST", "/partner/deletions", json={"code": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["outcomes", "introduction-links", "deletions"])
def test_each_act_needs_a_key_of_its_own_and_the_scope(
    keyed: Keyed, cast: Cast, acme: Program, tsumugi: Program, path: str
) -> None:
    reading = keyed(KeyOwner(partner_id=cast.tsumugi.id), ApiScope.READ_SHARED, by_user_id=cast.agnes.id)
    for program in (reading, acme):
        assert program("POST", f"/partner/{path}", json={}).status_code == 403
    missing = tsumugi("POST", f"/partner/{path}", json={}, headers={"Idempotency-Key": ""})
    assert (missing.status_code, (missing.json or {})["code"]) == (400, "idempotency-key-missing")
    assert tsumugi("POST", f"/partner/{path}", json={}).status_code == 422
