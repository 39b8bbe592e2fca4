"""/introduction-requests: a credit is set aside for a position and an agency, once, with the refusals of the page."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay.connect.keys import KeyOwner
from relay.models import ApiScope
from tests.cast import Cast
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.web.api.conftest import Keyed, Program

GUARANTEE = {"kind": "casual", "meets_with": "採用担当者", "minutes": 30, "form": "online"}


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


def ask(program: Program, desk: Desk, **more: Any) -> Any:
    sent = {"position_id": str(desk.position.id), "guarantee": GUARANTEE} | more
    return program("POST", "/introduction-requests", json=sent)


def test_a_request_sets_one_credit_aside_however_often_it_comes(acme: Program, session: Session, desk: Desk) -> None:
    sent = {"position_id": str(desk.position.id), "guarantee": GUARANTEE}
    answers = [
        acme("POST", "/introduction-requests", json=sent, headers={"Idempotency-Key": "i"}) for _time in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert answers[0].json is not None
    session.rollback()
    assert (desk.free(), desk.ledger()) == (0, ["earned", "reserved"])
    listed = acme.get("/introduction-requests").json
    assert listed is not None
    [shown] = listed["data"]
    assert (shown["id"], shown["state"], shown["partner"]) == (answers[0].json["id"], "open", desk.partner.name)
    assert shown["guarantee"] == GUARANTEE
    assert desk.partner.name in shown["turn"]


@pytest.mark.parametrize(
    ("more", "status", "where"),
    [
        ({"partner_id": "1000000"}, 409, "partner-may-not-introduce"),
        ({"position_id": "1000000"}, 409, "introduction-position-not-ready"),
        ({"guarantee": GUARANTEE | {"minutes": 45}}, 409, "introduction-no-times-so-long"),
        ({"guarantee": GUARANTEE | {"minutes": 1}}, 409, "guarantee-refused"),
        ({"guarantee": GUARANTEE | {"kind": "party"}}, 422, "/guarantee/kind"),
        ({"guarantee": {}}, 422, "/guarantee/kind"),
        ({"position_id": None}, 422, "/position_id"),
        ({"candidate": "1"}, 422, "/candidate"),
    ],
)
def test_what_the_page_refuses_is_refused(
    acme: Program, session: Session, desk: Desk, more: dict[str, Any], status: int, where: str
) -> None:
    answer = ask(acme, desk, **more)
    assert answer.status_code == status
    pointers = [each["pointer"] for each in answer.json.get("errors", [])]
    assert where in (pointers if status == 422 else [answer.json["code"]])
    session.rollback()
    assert desk.free() == 1


def test_without_a_credit_nobody_is_asked(acme: Program, desk: Desk) -> None:
    assert ask(acme, desk).status_code == 201
    answer = ask(acme, desk)
    assert answer.status_code == 409
    assert answer.json["code"] == "no-free-credit"


def test_another_companys_requests_and_positions_are_not_there(
    acme: Program, other: Program, session: Session, desk: Desk
) -> None:
    assert ask(acme, desk).status_code == 201
    assert other.get("/introduction-requests").json == {"data": [], "next_cursor": None}
    assert ask(other, desk, partner_id=str(desk.partner.id)).status_code == 409


def test_a_key_that_reads_asks_nobody(keyed: Keyed, cast: Cast, desk: Desk) -> None:
    reader = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_NUMBERS)
    assert ask(reader, desk).status_code == 403
    asker = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.REQUEST_INTRODUCTIONS)
    assert asker.get("/introduction-requests").status_code == 403
    assert desk.free() == 1
