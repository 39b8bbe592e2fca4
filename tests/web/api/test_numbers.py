"""/messages, /referrals, /credits and /kpis: what a page of numbers shows, and nobody who is behind it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.kpis import feed_rows
from relay.models import ApiScope, ApplicationResult, RejectionReason, scopes
from relay.network import referrals
from relay.outreach import templates
from tests.cast import Cast, make_application, make_candidate
from tests.db.introductions import build
from tests.db.network.test_ledger import bare_link
from tests.db.outreach.conftest import Postbox
from tests.web.api.conftest import Keyed, Program

NUMBERS = ("/referrals", "/credits", "/kpis", "/introduction-requests")


def data(program: Program, path: str, **asked: Any) -> list[Any]:
    answer = program.get(path, **asked)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    found: list[Any] = answer.json["data"]
    return found


@pytest.fixture
def told(acme: Program, session: Session, cast: Cast) -> int:
    """Tell one application its result; gives its number."""
    templates.install_defaults(session, cast.acme.id)
    person = make_candidate(session, cast.acme, "見本 葵", email="aoi@person.example")
    number = make_application(session, person).id
    with scopes.company(session, cast.acme.id):
        name = templates.choices(session)[0].name
    session.commit()
    sent = {"template": name, "reason": "skills", "rejections": [{"application_id": str(number)}]}
    assert acme("POST", "/rejections", json=sent).status_code == 202
    return number


def test_a_mail_is_listed_with_what_became_of_it(acme: Program, told: int) -> None:
    [mail] = data(acme, "/messages")
    assert (mail["state"], mail["application_id"], mail["settled_at"]) == ("scheduled", str(told), None)
    Postbox().collect(later=timedelta(minutes=11))
    [mail] = data(acme, "/messages", application=told)
    assert (mail["state"], mail["failure"]) == ("sent", None)
    assert mail["settled_at"].endswith("Z")
    assert data(acme, "/messages", state="sent", candidate=mail["candidate_id"]) == [mail]
    assert data(acme, "/messages", state="bounced") == []
    assert "aoi" not in acme.get("/messages").get_data(as_text=True)


def test_a_referral_is_a_number_and_a_day(acme: Program, session: Session, cast: Cast) -> None:
    build.earn(session, cast.acme, 1)
    with scopes.company(session, cast.acme.id):
        second = referrals.of_number(session, cast.acme.id, 2)
        referrals.void(session, cast.acme.id, second.id, "二重の登録")
    session.commit()
    found = data(acme, "/referrals", limit=200)
    assert [each["number"] for each in found] == list(range(10, 0, -1))
    assert found[8] == {"number": 2, "completed_on": clock.today().isoformat(), "voided": True}
    first = acme.get("/referrals", limit=4).json
    assert first is not None
    assert [each["number"] for each in data(acme, "/referrals", cursor=first["next_cursor"])] == list(range(6, 0, -1))


def test_credits_are_the_meter_and_the_ledger(acme: Program, session: Session, cast: Cast) -> None:
    build.earn(session, cast.acme, 1)
    assert referrals.complete(session, bare_link(session, cast.acme), ["one more"]) is not None
    session.commit()
    answer = acme.get("/credits").json
    assert answer is not None
    [line] = answer.pop("data")
    assert answer == {"free": 1, "set_aside": 0, "referrals": 11, "to_next": 9, "next_cursor": None}
    assert (line["number"], line["kind"], line["amount"], line["free"]) == (1, "earned", 1, 1)
    assert line["referrals"] == list(range(1, 11))


def test_numbers_are_those_of_the_feed(acme: Program, session: Session, cast: Cast) -> None:
    person = make_candidate(session, cast.acme, "見本 葵")
    make_application(
        session,
        person,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        reason=RejectionReason.SKILLS,
        applied_on=clock.today(),
    )
    session.commit()
    found = data(acme, "/kpis")
    with scopes.company(session, cast.acme.id):
        rows = feed_rows.read_back(session).rows
    assert found == [row.as_json() for row in rows]
    [rejected] = [each for each in found if each["kind"] == "rejected"]
    assert (rejected["count"], rejected["key"]) == (1, "10件未満のため内訳なし")


def test_what_is_not_counted_yet_is_said(acme: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def awaited(*_asked: Any) -> Any:
        raise feed_rows.NotCountedYet

    monkeypatch.setattr(feed_rows, "read_back", awaited)
    answer = acme.get("/kpis")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")
    assert answer.json is not None
    assert answer.json["code"] == "numbers-not-counted-yet"


def test_another_companys_are_not_there(other: Program, session: Session, cast: Cast, told: int) -> None:
    build.earn(session, cast.acme, 1)
    session.commit()
    assert [data(other, path) for path in ("/messages", "/referrals", "/credits")] == [[], [], []]
    assert [each for each in data(other, "/kpis") if each["count"]] == []


def test_each_needs_its_scope(keyed: Keyed, cast: Cast) -> None:
    reader = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_PEOPLE)
    assert {reader.get(path).status_code for path in NUMBERS} == {403}
    numbers = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_NUMBERS)
    assert {numbers.get(path).status_code for path in NUMBERS} == {200}
    assert numbers.get("/messages").status_code == 403


@pytest.mark.parametrize("path", ["/messages", "/referrals", "/credits", "/introduction-requests"])
def test_what_cannot_be_asked_is_said(acme: Program, path: str) -> None:
    assert acme.get(path, limit=201).status_code == 422
    assert acme.get(path, unknown=1).status_code == 422
    assert acme.get(path, cursor="x").status_code == 400
