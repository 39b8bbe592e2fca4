"""What somebody tried and had no permission for: told to their administrators, named without ids, and no flood."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.identity.refused_acts import MAX_A_MINUTE
from relay.models import Event, EventTag
from tests.cast import Cast, browse, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def refusals(session: Session) -> list[Event]:
    session.rollback()
    wanted = select(Event).where(Event.tag == EventTag.ACT_REFUSED).order_by(Event.id)
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def test_a_refused_act_is_recorded_by_who_which_route_and_role(app: Flask, session: Session, cast: Cast) -> None:
    candidate = make_candidate(session, cast.acme)
    session.commit()
    assert browse(app, cast.vic).post(f"/pool/{candidate.id}/files").status_code == 403
    (refused,) = refusals(session)
    assert (refused.actor_kind, refused.actor_id, refused.company_id) == ("user", cast.vic.id, cast.acme.id)
    assert refused.data == {"endpoint": "portal.record_file_create", "permission": "pool:write", "role": "viewer"}


def test_reading_what_one_may_not_is_recorded_too(app: Flask, session: Session, cast: Cast) -> None:
    assert browse(app, cast.vic).get("/settings/company").status_code == 403
    assert [event.data["endpoint"] for event in refusals(session)] == ["portal.settings_company"]


def test_strangers_and_what_is_not_there_are_not(app: Flask, session: Session, cast: Cast) -> None:
    app.test_client().get("/settings/company")
    browse(app, cast.vic).get("/pool/987654")
    browse(app, cast.agnes).get("/settings/company")
    assert refusals(session) == []


def test_a_flood_of_refusals_leaves_a_few_rows_for_each_session(app: Flask, session: Session, cast: Cast) -> None:
    vic = browse(app, cast.vic)
    for _ in range(4 * MAX_A_MINUTE):
        assert vic.get("/settings/company").status_code == 403
    assert 1 <= len(refusals(session)) <= 2 * MAX_A_MINUTE, "the clock may step into a second minute"


def test_administrators_read_it_in_the_record_of_acts_and_nobody_else(app: Flask, session: Session, cast: Cast) -> None:
    browse(app, cast.vic).get("/settings/company")
    page = browse(app, cast.adam).get("/pool/activity").text
    assert "権限がなく、お断りした操作" in page
    assert "設定を見る" in page
    assert f"{cast.vic.name}（閲覧のみ）" in page
    for other in (cast.ada, cast.vic, cast.mona):
        assert "お断りした操作" not in browse(app, other).get("/pool/activity").text
