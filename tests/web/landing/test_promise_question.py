"""After an introduced interview its page asks once whether it was as promised, and says what comes of it (B-26)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interview_letters, interviews, slots
from relay.hiring.interviews import CalledOffBy
from relay.introductions import endings, promises
from relay.introductions.endings import Fault
from relay.models import Introduction, IntroductionRequest, Message, scopes
from tests.cast import Cast, browse, make_application, make_candidate, make_partner, make_partnership
from tests.db.introductions import build
from tests.db.introductions.build import Desk, first_time
from tests.web.landing.phone import Phone, words
from tests.web.landing.test_interview_page import mailed

QUESTION = "約束どおり面談がありましたか"


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def request_(desk: Desk) -> IntroductionRequest:
    """A request to which a person said yes."""
    asked = desk.ask()
    desk.yes(desk.link(asked))
    return asked


@pytest.fixture
def path(session: Session, desk: Desk, request_: IntroductionRequest) -> str:
    """The way to the page of the interview, as the mail that booked it brings it."""
    with scopes.company(session, desk.company.id):
        return mailed(session, interview_letters.NEWS)


@pytest.fixture
def after(desk: Desk) -> datetime:
    """When the interview is over: half an hour after it began."""
    return first_time(desk.session, desk.position) + timedelta(minutes=30)


def the_introduction(desk: Desk) -> Introduction:
    desk.session.rollback()
    desk.session.expire_all()
    with scopes.company(desk.session, desk.company.id):
        return desk.session.scalars(select(Introduction)).one()


def complaints(desk: Desk) -> int:
    """How many mails told the company of a no."""
    with scopes.everyone(desk.session, "test: the outbox"):
        told = desk.session.scalars(select(Message).where(Message.letter == "introduction-news")).all()
    return sum(each.values.get("what") == "promise-broken" for each in told)


def test_it_asks_once_the_time_is_over_and_looking_changes_nothing(
    phone: Phone, desk: Desk, path: str, after: datetime
) -> None:
    before = words(phone.get(path))
    assert QUESTION not in before
    assert "面談の時間が終わると、約束どおりの面談だったかどうかを、このページでうかがいます。" in before
    early = phone.post(f"{path}/promise", {"kept": "no"})
    assert early.status_code == 409 and "まだ何も伝えていません" in words(early)
    with clock.at(after - timedelta(minutes=1)):
        assert QUESTION not in words(phone.get(path)), "it is being held"
    with clock.at(after):
        for _look in range(3):
            page = phone.get(path)
        shown = words(page)
    assert QUESTION in shown
    for each in ("カジュアル面談（オンラインで、30分）", "採用担当者と配属先の課長"):
        assert each in shown, "what was promised"
    assert f"お答えは{desk.company.name}の採用担当者に伝わります。お答えは任意で、一度だけです。" in shown
    assert "7日以内に説明を添えられ、その説明はこのページに表示されます" in shown
    assert "説明があっても「約束どおりでなかった面談」の1件と数えます" in shown
    assert "件数だけが" in shown
    assert re.findall(r'type="submit" name="kept" value="(\w+)"', page.text) == ["yes", "no"], "no script is needed"
    assert the_introduction(desk).promise_kept is None


def test_the_link_of_the_mail_opens_for_months_after_the_interview(
    phone: Phone, desk: Desk, path: str, after: datetime
) -> None:
    with clock.at(after + timedelta(days=150)):
        assert QUESTION in words(phone.get(path))
        assert phone.post(f"{path}/promise", {"kept": "yes"}).status_code == 303
    assert the_introduction(desk).promise_kept is True


@pytest.mark.parametrize(("first", "other"), [("yes", "no"), ("no", "yes")])
def test_the_first_word_counts_and_the_company_reads_it(
    app: Flask,
    phone: Phone,
    cast: Cast,
    desk: Desk,
    request_: IntroductionRequest,
    path: str,
    after: datetime,
    first: str,
    other: str,
) -> None:
    with clock.at(after):
        for _twice in range(2):
            answer = phone.post(f"{path}/promise", {"kept": first})
            assert answer.status_code == 303 and answer.location.endswith(path)
        changed = phone.post(f"{path}/promise", {"kept": other})
        assert changed.status_code == 409 and "先のお答えのままで、何も変わっていません" in words(changed)
        page = phone.get(path)
        ada = words(browse(app, cast.ada).get(f"/introductions/requests/{request_.id}"))
    assert the_introduction(desk).promise_kept is (first == "yes")
    assert 'name="kept"' not in page.text
    if first == "yes":
        assert "あなたのお答えはい" in words(page) and "採用担当者に伝わっています" in words(page)
        assert "約束どおりの面談だった、という返事がありました" in ada and complaints(desk) == 0
    else:
        assert "あなたのお答えいいえ" in words(page) and "までに説明を添えられます" in words(page)
        assert "約束どおりの面談ではなかった、という返事がありました" in ada and complaints(desk) == 1


def test_an_odd_answer_and_a_form_of_another_site_say_nothing(
    phone: Phone, desk: Desk, path: str, after: datetime
) -> None:
    with clock.at(after):
        for odd in ({}, {"kept": ""}, {"kept": "maybe"}):
            answer = phone.post(f"{path}/promise", odd)
            assert answer.status_code == 422 and "「はい」か「いいえ」を押してください" in words(answer)
            assert QUESTION in words(answer)
        assert phone.bare_post(f"{path}/promise", data={"kept": "no"}).status_code == 400
    assert the_introduction(desk).promise_kept is None


def test_the_company_explains_within_seven_days_and_the_person_reads_it(
    app: Flask, phone: Phone, cast: Cast, desk: Desk, request_: IntroductionRequest, path: str, after: datetime
) -> None:
    hers = f"/introductions/requests/{request_.id}"
    with clock.at(after):
        phone.post(f"{path}/promise", {"kept": "no"})
        ada = browse(app, cast.ada)
        until = after + promises.ANSWER_WITHIN
        day = f"{until.astimezone(clock.JAPAN).day}日"
        shown = words(ada.get(hers))
        assert day in shown and "10:30まで、一度だけ添えられます。ご本人が面談のページで読みます。" in shown
        assert "説明を添えたかどうかによらず、「約束どおりでなかった面談」の1件と数えます" in shown
        assert ada.post(f"{hers}/answer", data={"answer": "会議が長引き、10分遅れました。"}).status_code == 303
        page = words(phone.get(path))
    assert "会社の説明会議が長引き、10分遅れました。" in page and "会社が説明を添えました" in page


def test_unexplained_it_says_so_after_seven_days(phone: Phone, path: str, after: datetime) -> None:
    with clock.at(after):
        phone.post(f"{path}/promise", {"kept": "no"})
    with clock.at(after + promises.ANSWER_WITHIN):
        assert "会社からの説明は、期間のうちにはありませんでした" in words(phone.get(path))


def agencys(app: Flask, cast: Cast, request: IntroductionRequest) -> str:
    agnes: FlaskClient = browse(app, cast.agnes)
    return words(agnes.get(f"/agency/requests/{request.id}"))


@pytest.mark.parametrize("explained", [False, True])
def test_after_seven_days_every_agency_that_is_asked_reads_the_count_and_nothing_else(
    app: Flask, phone: Phone, session: Session, cast: Cast, desk: Desk, path: str, after: datetime, explained: bool
) -> None:
    """Also one that introduced nobody, and whose page is behind its mail; a yes is counted nowhere."""
    other = make_partner(session, "other-agency")
    make_partnership(session, desk.company, other).free_introductions_per_year = 2
    build.earn(session, desk.company, 1)
    session.commit()
    with scopes.company(session, desk.company.id):
        first = session.scalars(select(IntroductionRequest)).one()
    with clock.at(after):
        phone.post(f"{path}/promise", {"kept": "no"})
        if explained:
            promises.company_answers(session, desk.company.id, first.id, "会議が長引きました。")
            session.commit()
        assert "約束どおりでなかった面談" not in agencys(app, cast, first)
    with clock.at(after + promises.ANSWER_WITHIN):
        shown = agencys(app, cast, first)
        with scopes.partner(session, other.id):
            assert promises.broken(session, desk.company.id) == 1
            assert promises.broken(session, cast.mona.company_id) == 0
    assert f"約束どおりでなかった面談これまでに1件。{desk.company.name}の面談確約で" in shown
    for each in ("花野", "saki@", "会議が長引き"):
        assert each not in shown


def test_a_yes_counts_against_nobody(
    app: Flask, phone: Phone, cast: Cast, desk: Desk, path: str, after: datetime
) -> None:
    with clock.at(after):
        phone.post(f"{path}/promise", {"kept": "yes"})
    with clock.at(after + promises.ANSWER_WITHIN):
        with scopes.company(desk.session, desk.company.id):
            first = desk.session.scalars(select(IntroductionRequest)).one()
        assert "約束どおりでなかった面談" not in agencys(app, cast, first)


RECORDED: list[Any] = ["held", Fault.COMPANY, Fault.PERSON, Fault.NOBODY]


def record(desk: Desk, request: IntroductionRequest, what: Any) -> None:
    if what == "held":
        endings.interview_held(desk.session, desk.company.id, request.id)
    else:
        endings.interview_failed(desk.session, desk.company.id, request.id, by=what)
    desk.session.commit()


@pytest.mark.parametrize("what", RECORDED)
@pytest.mark.parametrize("company_first", [True, False])
def test_the_person_is_asked_whatever_the_company_records_of_a_time_that_passed(
    phone: Phone,
    desk: Desk,
    request_: IntroductionRequest,
    path: str,
    after: datetime,
    what: Any,
    company_first: bool,
) -> None:
    """In either order: the two words stay beside each other, and the credit follows the company's."""
    with clock.at(after):
        if company_first:
            record(desk, request_, what)
        assert QUESTION in words(phone.get(path))
        assert phone.post(f"{path}/promise", {"kept": "no"}).status_code == 303
        if not company_first:
            record(desk, request_, what)
        assert "あなたのお答えいいえ" in words(phone.get(path))
    assert the_introduction(desk).promise_kept is False
    assert (desk.ledger()[-1] == "restored") is (what in (Fault.PERSON, Fault.NOBODY))
    assert complaints(desk) == 1


@pytest.mark.parametrize(("fault", "is_asked"), [(Fault.COMPANY, True), (Fault.NOBODY, True), (Fault.PERSON, False)])
def test_an_interview_that_is_off_beforehand_is_asked_about_unless_by_the_person(
    phone: Phone, desk: Desk, request_: IntroductionRequest, path: str, fault: Fault, is_asked: bool
) -> None:
    if fault is Fault.PERSON:
        with scopes.company(desk.session, desk.company.id):
            interviews.call_off(desk.session, the_introduction(desk).invitation_id or 0, CalledOffBy.PERSON)
    record(desk, request_, fault)
    assert (QUESTION in words(phone.get(path))) is is_asked
    assert phone.post(f"{path}/promise", {"kept": "no"}).status_code == (303 if is_asked else 409)


def test_one_that_is_to_be_picked_anew_is_not_asked_about_yet(
    phone: Phone, session: Session, desk: Desk, path: str
) -> None:
    with scopes.company(session, desk.company.id):
        interviews.call_off(session, the_introduction(desk).invitation_id or 0, CalledOffBy.COMPANY)
        session.commit()
    assert QUESTION not in words(phone.get(path))


def test_an_interview_that_no_partner_introduced_is_not_asked_about(
    phone: Phone, session: Session, cast: Cast, desk: Desk
) -> None:
    person = make_candidate(session, cast.acme, "別の 人", email="other@mail.example")
    application = make_application(session, person, desk.position)
    with scopes.company(session, cast.acme.id):
        invitation = interviews.open_for(session, application.id, by_user_id=None)
        interviews.pick(session, invitation.id, slots.free(session, desk.position.id)[0].id)
        path = f"/interview/{interviews.way_in(session, invitation)}"
    session.commit()
    assert "約束どおり" not in words(phone.get(path))
    with clock.at(clock.now() + timedelta(days=30)):
        assert QUESTION not in words(phone.get(path))
        gone = phone.post(f"{path}/promise", {"kept": "no"})
    assert gone.status_code == 404 and gone.text == phone.get("/interview/" + "A" * 43).text
