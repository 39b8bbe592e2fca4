"""見送りにする前に: other open positions that fit the person come first, on both pages, and are in nobody's way."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.indexing import search_rows
from relay.models import Application, Candidate, Position, scopes
from tests.cast import Cast, make_position
from tests.web.landing.phone import words
from tests.web.portal.conftest import HTMX

WHY = "希望職種に「溶接工」とあり、この職種です"


@pytest.fixture
def kindred(session: Session, cast: Cast, hanako: Candidate) -> Position:
    """An open position of the occupation that Hanako names, who applied for another."""
    position = make_position(session, cast.acme, "電気溶接工（松本）")
    with scopes.company(session, cast.acme.id):
        hanako.desired_role = "溶接工"
        search_rows.index(session, [hanako.id])
    session.commit()
    return position


def test_the_form_of_a_result_shows_them_first(ada: FlaskClient, application: Application, kindred: Position) -> None:
    for headers in ({}, HTMX):
        page = ada.get(f"/applications/{application.id}/progress", headers=headers)
        shown = words(page)
        assert shown.index("ほかの募集中の求人に合いそうです") < shown.index("この内容で記録する")
        assert f'href="/positions/{kindred.id}"' in page.text and WHY in shown
    form = page.text.split('name="application-')[1:]
    seen = next(each for each in form if each.startswith(f"{application.id}-seen")).split('value="')[1].split('"')[0]
    typed = {"seen": seen, "what": "rejected", "reason": "filled"}
    answer = ada.post(
        f"/applications/{application.id}/progress",
        data={f"application-{application.id}-{name}": value for name, value in typed.items()},
    )
    assert answer.status_code == 303, "it is no barrier"


def test_the_page_that_rejects_many_names_who_fits_elsewhere(
    ada: FlaskClient, application: Application, kindred: Position
) -> None:
    page = ada.get(ada.post("/applications/reject", data={"id": [str(application.id)]}).location)
    shown = words(page)
    assert "ほかの募集中の求人に合いそうな方" in shown and WHY in shown and kindred.title in shown
    assert "見送りは、このまま進められます" in shown


def test_without_any_there_is_no_block(ada: FlaskClient, application: Application) -> None:
    assert "ほかの募集中の求人" not in words(ada.get(f"/applications/{application.id}/progress"))
    location = ada.post("/applications/reject", data={"id": [str(application.id)]}).location
    assert "ほかの募集中の求人" not in words(ada.get(location))
