"""Settings: the operator's answer, by the company that runs the installation alone."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.identity.installation import Answer, Operator
from tests.cast import Cast, browse, make_cast

TYPED = {"operator_name": "株式会社アクメ", "operator_contact": "0266-11-1111"}


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    made.acme.runs_installation = True
    session.commit()
    return made


def test_the_administrator_answers(app: Flask, session: Session, cast: Cast) -> None:
    adam = browse(app, cast.adam)
    assert "要確認" in adam.get("/settings/operator").text
    answer = adam.post("/settings/operator", data=TYPED | {"answer": "number", "notification_number": "51-募-001733"})
    assert (answer.status_code, answer.location) == (303, "/settings/operator")
    assert "回答済み" in adam.get("/settings/operator").text
    row = installation.get(session)
    assert row is not None
    assert row.answered_by_user_id == cast.adam.id


def test_nothing_of_a_refused_form_is_kept(app: Flask, session: Session, cast: Cast) -> None:
    answer = browse(app, cast.adam).post(
        "/settings/operator",
        data=TYPED | {"answer": "waiver", "waiver_with": "労働局", "waiver_on": "2199-01-01"},
    )
    assert answer.status_code == 422
    assert installation.get(session) is None


def test_another_company_reads_who_it_is_and_answers_nothing(app: Flask, session: Session, cast: Cast) -> None:
    installation.describe(session, cast.acme, Operator("株式会社アクメ運営", "", "0266-11-1111"))
    session.commit()
    mona = browse(app, cast.mona)
    page = mona.get("/settings/operator").text
    assert "株式会社アクメ運営" in page
    assert 'name="answer"' not in page
    assert mona.post("/settings/operator", data=TYPED | {"answer": "open"}).status_code == 409
    assert mona.post("/settings/operator/report").status_code == 409


def test_a_report_is_marked_as_handed_in(app: Flask, session: Session, cast: Cast) -> None:
    with clock.at(datetime(2027, 5, 1, tzinfo=UTC)):
        installation.answer(session, cast.acme, Answer("51-募-001733"))
        session.commit()
    with clock.at(datetime(2027, 8, 1, tzinfo=UTC)):
        adam = browse(app, cast.adam)
        assert "2027年の分を提出した" in adam.get("/settings/operator").text
        assert adam.post("/settings/operator/report").status_code == 303
        assert "2027年の分を提出した" not in adam.get("/settings/operator").text
    row = installation.get(session)
    assert row is not None
    assert row.report_year == 2027
