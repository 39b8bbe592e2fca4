"""On a record the erasure is put off, shown with reason, day and owner, and released (A-28)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, Hold, scopes
from tests.cast import Cast, browse, make_candidate

SURE = {"reason": "asked", "sure": "y"}


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    candidate = make_candidate(session, cast.acme)
    session.commit()
    return candidate


@pytest.fixture
def ada(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.ada)


def press(browser: FlaskClient, hanako: Candidate, reason: str = "dispute", days: int = 30) -> str:
    typed = {"reason": reason, "until": f"{clock.today() + timedelta(days=days):%Y/%m/%d}"}
    return browser.post(f"/pool/{hanako.id}/holds", data=typed, follow_redirects=True).text


def test_it_is_set_shown_keeps_the_record_and_is_released(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    page = press(ada, hanako)
    assert "まで消去を保留しています。争いに備えて、記録が必要なため（担当：Ada）" in page
    adam = browse(app, cast.adam)
    refused = adam.post(f"/pool/{hanako.id}/erasure", data=SURE)
    assert (refused.status_code, "消去が保留されています" in refused.text) == (422, True)
    with scopes.company(session, cast.acme.id):
        number = session.scalars(select(Hold.id)).one()
    released = ada.post(f"/pool/{hanako.id}/holds/{number}/release", follow_redirects=True).text
    assert "消去の保留を解除しました" in released
    assert "まで消去を保留しています" not in released
    adam.post(f"/pool/{hanako.id}/erasure", data=SURE)
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate)).all() == []


@pytest.mark.parametrize(
    ("reason", "days", "sentence"),
    [
        ("dispute", 400, "保留の最終日は、今日から"),
        ("dispute", -1, "保留の最終日は、今日から"),
        ("", 3, "保留する理由を選んでください"),
    ],
)
def test_what_is_lacking_is_said_and_nothing_is_set(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, reason: str, days: int, sentence: str
) -> None:
    assert sentence in press(ada, hanako, reason, days)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Hold)).all() == []
