"""The interview of an application on HR's side: asking, seeing whose turn it is, calling off, home and record."""

from datetime import time, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interview_letters, interviews, slots
from relay.models import Application, InterviewInvitation, Message, scopes
from relay.rights.erasure import erase_candidates
from relay.text.times import TypedTime
from tests.cast import Cast, browse, make_application, make_candidate, make_position


@pytest.fixture
def path(application: Application) -> str:
    return f"/applications/{application.id}/interview"


def offer(session: Session, cast: Cast, application: Application, *hours: int, days: int = 2) -> None:
    times = [TypedTime(clock.today() + timedelta(days=days), time(hour)) for hour in hours]
    with scopes.company(session, cast.acme.id):
        slots.offer(session, cast.acme.id, application.position_id or 0, times, minutes=60, place="", by_user_id=None)
    session.commit()


def pick(session: Session, cast: Cast, application: Application) -> None:
    """Let the person pick the first time."""
    with scopes.company(session, cast.acme.id):
        invitation = session.scalars(select(InterviewInvitation)).one()
        interviews.pick(session, invitation.id, slots.free(session, application.position_id)[0].id)
    session.commit()


def mails(session: Session, cast: Cast, letter: str) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).where(Message.letter == letter)) or 0


def test_without_times_it_leads_to_them(ada: FlaskClient, application: Application, path: str) -> None:
    page = ada.get(path).text
    assert "先に求人の候補日時を追加してください" in page
    assert f"/positions/{application.position_id}/times" in page
    refused = ada.post(path)
    assert refused.status_code == 409 and "ご案内は送っていません" in refused.text


def test_one_press_asks_the_person_and_a_second_asks_no_second_time(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10, 11)
    record = f"/pool/{application.candidate_id}"
    assert "面談の日時を選んでいただく" in ada.get(record).text
    assert "髙橋 花子さんに、面談の日時をご案内します" in ada.post(path, follow_redirects=True).text
    again = ada.post(path)
    assert again.status_code == 409 and "すでに面談のご案内を送っています" in again.text
    assert mails(session, cast, interview_letters.INVITATION) == 1
    assert "ご本人が日時を選べます。まだ選んでいません" in ada.get(path).text
    assert "日時の選択を待っています（ご本人の番）" in ada.get(record).text
    stage = application.stage
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        assert session.get_one(Application, application.id).stage == stage, "the step is not moved by it"


def test_its_mail_names_its_person_and_stops_no_other_mail(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    """The invitation's number is another application's, and the mail belongs to no act that could be stopped."""
    other = make_application(
        session, make_candidate(session, cast.acme, "別の 人"), make_position(session, cast.acme, "営業")
    )
    offer(session, cast, other, 10)
    with scopes.company(session, cast.acme.id):
        interviews.open_for(session, other.id, by_user_id=None)
    offer(session, cast, application, 10, 11)
    ada.post(path)
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == interview_letters.INVITATION)).one()
    page = unescape(ada.get(f"/results/messages/{mail.id}").text)
    assert "髙橋 花子さん" in page and "別の 人" not in page and "消去されました" not in page
    assert "送信を停止する</button>" not in page.split("<main", 1)[1]
    assert "何も止めていません" in ada.post("/results/stop", data={"batch": ""}, follow_redirects=True).text
    assert "髙橋 花子" in ada.get("/results/waiting").text


def test_who_came_by_a_yes_and_picked_nothing_can_be_written_to(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10)
    with scopes.company(session, cast.acme.id):
        interviews.open_for(session, application.id, by_user_id=None)
    session.commit()
    assert "面談の日時を選んでいただく" in ada.get(path).text
    assert "髙橋 花子さんに、面談の日時をご案内します" in ada.post(path, follow_redirects=True).text
    assert ada.post(path).status_code == 409
    assert mails(session, cast, interview_letters.INVITATION) == 1


def test_what_was_picked_is_seen_and_can_be_called_off_once(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10, 11)
    ada.post(path)
    pick(session, cast, application)
    for page in (ada.get(path), ada.get(f"/pool/{application.candidate_id}")):
        assert "10:00〜11:00" in page.text
    assert "残りの候補日時から選び直していただく（空き1件）" in ada.get(path).text
    assert "面談を取り消しました。メールでお知らせします" in ada.post(f"{path}/call-off", follow_redirects=True).text
    assert "すでに取り消されています" in ada.post(f"{path}/call-off", follow_redirects=True).text
    assert mails(session, cast, interview_letters.NEWS) == 2
    assert "まだ選んでいません" in ada.get(path).text
    ada.post(f"{path}/closing")
    assert "面談の日時を選んでいただく" in ada.get(path).text, "it can begin once more"


def test_calling_off_can_end_it(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10, 11)
    ada.post(path)
    pick(session, cast, application)
    ada.post(f"{path}/call-off", data={"then": "end"})
    with scopes.company(session, cast.acme.id):
        session.expire_all()
        assert session.scalars(select(InterviewInvitation)).one().closed_at is not None


def test_home_says_who_waits_for_new_times_and_whom_one_meets_today(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    assert "今日の面談" not in ada.get("/").text
    offer(session, cast, application, 10)
    ada.post(path)
    with scopes.company(session, cast.acme.id):
        interviews.want_times(session, session.scalars(select(InterviewInvitation.id)).one())
    session.commit()
    home = unescape(ada.get("/").text)
    assert "面談の新しい候補日時をお待ちの方" in home and "髙橋 花子さん（経理）" in home and "自社の番" in home
    assert "候補日時を追加してください" in ada.get(path).text
    assert "新しい候補日時が要ります（自社の番）" in ada.get(f"/pool/{application.candidate_id}").text
    pick(session, cast, application)
    day = clock.start_of_day(clock.today() + timedelta(days=2))
    assert "お待ちの方" not in ada.get("/").text and "今日の面談" not in ada.get("/").text
    with clock.at(day + timedelta(hours=8)):
        met = unescape(browse(app, cast.ada).get("/").text)
        assert "今日の面談" in met and "次は10:00〜11:00、髙橋 花子さん（経理）" in met and path in met
    with clock.at(day + timedelta(hours=12)):
        over = browse(app, cast.ada).get("/").text
        assert "今日の面談は終わりました。結果や段階を記録してください" in over


def test_a_viewer_sees_and_acts_on_nothing(
    session: Session, cast: Cast, vic: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10)
    assert "面談の日時を選んでいただく" not in vic.get(path).text
    for act in (path, f"{path}/call-off", f"{path}/closing"):
        assert vic.post(act).status_code == 403


def test_home_says_without_a_name_that_nobody_comes_once_the_record_was_erased(
    session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10)
    ada.post(path, follow_redirects=True)
    pick(session, cast, application)
    make_application(session, make_candidate(session, cast.acme, "森 実"))
    erase_candidates(session, cast.acme.id, [application.candidate_id])
    session.commit()
    home = unescape(ada.get("/").text)
    assert "取り消しになった面談" in home and "候補者の記録が消去されたため" in home and "花子" not in home
    with clock.at(clock.now() + timedelta(days=3)):
        assert "取り消しになった面談" not in ada.get("/").text


def test_the_same_invitation_is_mailed_again_a_day_later_once_and_three_times_in_all(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, application: Application, path: str
) -> None:
    offer(session, cast, application, 10, days=9)
    button = "同じご案内をもう一度送る"
    assert ada.post(f"{path}/again").status_code == 409, "nobody was invited"
    ada.post(path)
    assert button not in ada.get(path).text
    refused = ada.post(f"{path}/again")
    assert refused.status_code == 409 and "今回は送っていません" in refused.text
    for days, sent in ((1, 2), (3, 3)):
        with clock.at(clock.now() + timedelta(days=days, minutes=1)):
            ada = browse(app, cast.ada)
            assert button in ada.get(path).text
            assert [ada.post(f"{path}/again").status_code for _twice in range(2)] == [303, 409]
            assert mails(session, cast, interview_letters.INVITATION) == sent
    with clock.at(clock.now() + timedelta(days=5)):
        ada = browse(app, cast.ada)
        assert button not in ada.get(path).text and ada.post(f"{path}/again").status_code == 409
        pick(session, cast, application)
        assert button not in ada.get(path).text and ada.post(f"{path}/again").status_code == 409
