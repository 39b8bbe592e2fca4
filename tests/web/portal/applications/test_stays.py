"""Whether people who were hired are still there: asked on home, answered with one tap, read in the record."""

from dateutil.relativedelta import relativedelta
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Application, ApplicationResult, Candidate
from tests.conftest import ON_ONE


def hire(session: Session, application: Application, months: int) -> None:
    application.status, application.decided_in_relay = ApplicationResult.HIRED, True
    application.applied_on, application.decided_on = None, clock.today() - relativedelta(months=months)
    session.commit()


@ON_ONE
def test_from_home_one_tap_says_it_and_the_record_says_who(
    session: Session, ada: FlaskClient, vic: FlaskClient, hanako: Candidate, application: Application
) -> None:
    hire(session, application, 6)
    home = ada.get("/").text
    assert "入社した方の在籍の記録" in home and 'href="/applications/stays"' in home
    assert "入社した方の在籍の記録" not in vic.get("/").text
    assert "在籍している" in ada.get("/applications/stays").text
    assert "在籍している" not in vic.get("/applications/stays").text
    assert vic.post(f"/applications/{application.id}/stay", data={"months": "6", "there": "1"}).status_code == 403
    for _tap in range(2):
        answer = ada.post(f"/applications/{application.id}/stay", data={"months": "6", "there": "1", "from": "list"})
        assert (answer.status_code, answer.location) == (303, "/applications/stays")
    after = ada.get("/applications/stays").text
    assert "髙橋 花子さんの入社から6か月の「在籍」を記録しました" in after
    assert "在籍の記録を待っている方はいません" in after
    assert "入社した方の在籍の記録" not in ada.get("/").text
    record = ada.get(f"/pool/{hanako.id}").text
    assert "入社から6か月：在籍" in record and "Adaが" in record and "「退職した」に変更する" in record
    ada.post(f"/applications/{application.id}/stay", data={"months": "6", "there": "0"})
    record = ada.get(f"/pool/{hanako.id}").text
    assert "入社から6か月：退職" in record
    assert record.count("入社から6か月の「") == 3, "the log keeps both words, and one is told just now"


@ON_ONE
def test_a_mark_that_has_not_come_changes_nothing(
    session: Session, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    hire(session, application, 5)
    assert ada.post(f"/applications/{application.id}/stay", data={"months": "x"}).status_code == 303
    assert "いま在籍を記録できる区切りがありません" in ada.get(f"/pool/{hanako.id}").text
