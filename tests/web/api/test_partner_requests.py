"""/partner/introduction-requests: what an agency's desk shows of requests, and nothing beyond."""

from collections import defaultdict

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay.connect.keys import KeyOwner
from relay.introductions import endings
from relay.introductions.for_partners import STATE_NAMES, STATE_WORDS
from relay.models import ApiScope, DeclineReason, IntroductionState
from tests.cast import Cast, browse
from tests.db.introductions import build
from tests.db.introductions.build import GUARANTEE, Desk
from tests.web.api.conftest import Keyed, Program
from tests.web.landing.phone import words

LIST = "/partner/introduction-requests"


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast, earned=3)


def test_a_program_learns_for_which_request_to_make_a_link(tsumugi: Program, desk: Desk) -> None:
    asked = desk.ask()
    [line] = (tsumugi.get(LIST).json or {})["data"]
    assert line == {
        "id": str(asked.id),
        "company": desk.company.name,
        "title": desk.position.title,
        "state": "open",
        "due_on": str(asked.due_on),
        "made_at": line["made_at"],
    }
    assert tsumugi("POST", "/partner/introduction-links", json={"request_id": line["id"]}).status_code == 201
    [line] = (tsumugi.get(LIST).json or {})["data"]
    assert line["state"] == "offered"


def test_one_request_is_told_as_its_page_tells_it(app: Flask, cast: Cast, tsumugi: Program, desk: Desk) -> None:
    asked = desk.ask()
    desk.link(asked)
    found = tsumugi.get(f"{LIST}/{asked.id}").json
    assert found is not None
    page = words(browse(app, cast.agnes).get(f"/agency/requests/{asked.id}"))
    assert found["posting"] and all(each["label"] in page for each in found["posting"])
    guarantee = {"kind": "casual", "meets_with": GUARANTEE.meets_with, "minutes": 30, "form": "online"}
    assert (found["guarantee"], found["promises_broken"]) == (guarantee, 0)
    assert (found["declined_for"], found["advice"]) == ("", "")
    assert found["link"].keys() == {"made_at", "made_by", "licence_number", "until"}
    assert found["link"]["made_by"] == cast.agnes.name and found["link"]["licence_number"] in page
    reason = DeclineReason.NOBODY_FITS
    other = desk.ask()
    endings.decline(
        desk.session, desk.company.id, other.id, partner_id=desk.partner.id, reason=reason, advice="手当の上限"
    )
    desk.session.commit()
    declined = tsumugi.get(f"{LIST}/{other.id}").json
    assert declined is not None
    assert (declined["state"], declined["link"], declined["due_on"]) == ("declined", None, None)
    assert (declined["declined_for"], declined["advice"]) == (str(reason.label), "手当の上限")


def test_pages_go_the_newest_first_while_answers_come(tsumugi: Program, desk: Desk) -> None:
    made = [desk.ask() for _each in range(3)]
    first = tsumugi.get(LIST, limit=2).json
    assert first is not None
    assert [each["id"] for each in first["data"]] == [str(made[2].id), str(made[1].id)]
    desk.link(made[0])
    second = tsumugi.get(LIST, limit=2, cursor=first["next_cursor"]).json
    assert second is not None
    assert ([each["id"] for each in second["data"]], second["next_cursor"]) == ([str(made[0].id)], None)
    assert tsumugi.get(LIST, cursor="x").status_code == 400


def test_a_name_of_a_state_says_no_more_than_its_sentence() -> None:
    """How a selection ended is the person's to say, and why a request ended the company's."""
    names, sentences = defaultdict(set), defaultdict(set)
    for state in IntroductionState:
        names[STATE_NAMES[state]].add(state)
        sentences[str(STATE_WORDS[state])].add(state)
    assert sorted(map(sorted, names.values())) == sorted(map(sorted, sentences.values()))


def test_an_ended_request_does_not_tell_why(session: Session, tsumugi: Program, desk: Desk) -> None:
    asked = desk.ask()
    endings.cancel(session, desk.company.id, asked.id)
    session.commit()
    for found in ((tsumugi.get(LIST).json or {})["data"][0], tsumugi.get(f"{LIST}/{asked.id}").json):
        assert (found or {})["state"] == "ended"
        assert "cancel" not in str(found)


def test_a_yes_has_no_day_any_more(session: Session, tsumugi: Program, desk: Desk) -> None:
    asked = desk.ask()
    desk.yes(desk.link(asked))
    assert desk.now(asked).due_on is not None
    found = tsumugi.get(f"{LIST}/{asked.id}").json
    assert found is not None
    assert (found["state"], found["due_on"]) == ("accepted", None)
    assert "花野" not in str(found)


def test_another_agencys_requests_are_not_there(
    keyed: Keyed, cast: Cast, acme: Program, tsumugi: Program, desk: Desk
) -> None:
    asked = desk.ask()
    manabi = keyed(KeyOwner(partner_id=cast.manabi.id), by_user_id=cast.sho.id)
    assert manabi.get(LIST).json == {"data": [], "next_cursor": None}
    assert manabi.get(f"{LIST}/{asked.id}").status_code == 404
    reading = keyed(KeyOwner(partner_id=cast.tsumugi.id), ApiScope.READ_SHARED, by_user_id=cast.agnes.id)
    for program in (reading, acme):
        assert program.get(LIST).status_code == 403
        assert program.get(f"{LIST}/{asked.id}").status_code == 403
