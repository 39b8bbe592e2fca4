"""The page behind 再スカウト: it acts by a button alone, and a later answer replaces an earlier one (C-16)."""

import re
from datetime import time, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import retention
from relay.hiring import positions, progress, slots
from relay.mail import optouts
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EmploymentType,
    InterviewInvitation,
    MailClass,
    OpeningsConsent,
    Position,
    PositionState,
    Referral,
    Rescout,
    RescoutAnswer,
    RetentionBasis,
    SalaryPeriod,
    StepKind,
    scopes,
)
from relay.outreach import templates
from relay.rights.erasure import erase_candidates
from relay.text.times import TypedTime
from tests.cast import Cast, browse, make_application, make_position
from tests.db.outreach.rescouting import STATED, mailed_path, only, pooled, rescout, sent_rescouts
from tests.web.landing.phone import Phone, words

HANA, NAME = "hana@mail.example", "花岡 葉"


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    made = make_position(session, cast.acme, "生産技術")
    made.place, made.employment, made.description = "長野県岡谷市", EmploymentType.REGULAR, "治具の設計と立ち上げ"
    made.salary_per, made.salary_from, made.salary_to = SalaryPeriod.YEAR, 4_000_000, 6_000_000
    made.posting = {"working_hours": "9:00〜18:00", "smoking": "敷地内禁煙"}
    session.commit()
    return made


@pytest.fixture
def person(session: Session, cast: Cast) -> Candidate:
    """Turned down for another position a year ago, and merely informed of the pool."""
    templates.install_defaults(session, cast.acme.id)
    return pooled(session, cast.acme, HANA, name=NAME, basis=STATED, position=make_position(session, cast.acme))


@pytest.fixture
def path(session: Session, cast: Cast, person: Candidate, position: Position) -> str:
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    return mailed_path(session, sent_rescouts(session)[0])


def standing(session: Session, cast: Cast) -> Candidate:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate).execution_options(populate_existing=True)).one()


def made(session: Session, cast: Cast) -> list[Application]:
    """The applications that came after the first."""
    with scopes.company(session, cast.acme.id):
        every = select(Application).order_by(Application.id).execution_options(populate_existing=True)
        return list(session.scalars(every))[1:]


def invitations(session: Session, cast: Cast) -> list[InterviewInvitation]:
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(InterviewInvitation)))


def waiting(page: str, months: int) -> dict[str, str]:
    found = re.search(
        rf'name="months" value="{months}"><input type="hidden" name="shown" value="([0-9a-f]{{64}})"', page
    )
    assert found
    return {"months": str(months), "shown": found[1]}


def written(day: object) -> str:
    return f"{day.year}年{day.month}月{day.day}日"  # type: ignore[attr-defined]


def test_the_page_says_what_the_position_is_and_nothing_of_the_record(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    page = phone.get(path)
    told = (
        "生産技術",
        "長野県岡谷市",
        "正社員",
        "年収400万円〜600万円",
        "治具の設計と立ち上げ",
        "9:00〜18:00",
        "敷地内禁煙",
    )
    for said in (*told, "はい、話を聞きたい", "何もなさらなければ、応募したことにはならず"):
        assert said in words(page), said
    assert not any(mine in page.text for mine in (NAME, HANA, "経理"))
    phone.head(path)
    assert only(session, cast.acme).answer is None and made(session, cast) == []


def test_a_yes_is_an_application_that_is_marked_and_made_once(
    phone: Phone, session: Session, cast: Cast, person: Candidate, position: Position, path: str
) -> None:
    for _twice in range(2):
        assert phone.post(f"{path}/yes").status_code == 303
    page = words(phone.get(path))
    assert "応募を受け付けました" in page and written(clock.today()) in page and "はい、話を聞きたい" not in page
    (application,) = made(session, cast)
    assert (application.position_id, application.status) == (position.id, ApplicationResult.OPEN)
    assert (application.channel, application.applied_on) == ("再スカウト", clock.today())
    assert only(session, cast.acme).application_id == application.id
    assert standing(session, cast).retain_until is None, "while a selection runs there is no last day"
    ada = browse(phone.app, cast.ada)
    home = words(ada.get("/"))
    assert "再スカウトに「話を聞きたい」と返事のあった方" in home and "自社の番" in home
    for there in (f"/pool/{person.id}", f"/positions/{position.id}", "/applications"):
        shown = words(ada.get(there))
        assert "再応募" in shown and "以前：経理・一次選考・見送り" in shown, there
    assert "再スカウトへの返事：話を聞きたい" in words(ada.get(f"/pool/{person.id}"))


def test_after_a_yes_a_time_is_picked_at_once_where_hr_offers_some(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    """Looking opens no invitation; the member who wrote is told of the time."""
    phone.post(f"{path}/yes")
    assert "企業からの連絡をお待ちください" in words(phone.get(path))
    assert phone.post(f"{path}/times").headers["Location"] == path, "HR offers none yet"
    with scopes.company(session, cast.acme.id):
        times = [TypedTime(clock.today() + timedelta(days=days), time(10)) for days in (3, 4)]
        slots.offer(session, cast.acme.id, position.id, times, minutes=60, place="本社", by_user_id=cast.ada.id)
    session.commit()
    page = words(phone.get(path))
    assert "続けて、面談の日時をお選びいただけます" in page and "お待ちください" not in page
    assert invitations(session, cast) == []
    there = [phone.post(f"{path}/times").headers["Location"] for _twice in range(2)]
    (invitation,) = invitations(session, cast)
    assert invitation.by_user_id == cast.ada.id
    assert "返事のあった方" in words(browse(phone.app, cast.ada).get("/")), "until a time is picked"
    offered = re.findall(r'name="slot" value="(\d+)"', phone.get(there[0]).text)
    assert len(offered) == 2
    assert phone.post(there[1], {"slot": offered[0]}).status_code == 303
    assert "面談の日時が決まっています" in words(phone.get(there[0]))
    assert "面談の日時が決まっています。" in words(phone.get(path))
    with clock.at(clock.now() + timedelta(days=5)):
        assert "面談の日時へ進む" not in words(phone.get(path)), "HR asks again, if at all"
        assert phone.post(f"{path}/times").headers["Location"] == path
    home = words(browse(phone.app, cast.ada).get("/"))
    assert "返事のあった方" not in home and "これからの面談" in home and f"{NAME}さん（生産技術）" in home


def test_nobody_picks_a_time_before_a_yes_or_after_taking_it_back(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        times = [TypedTime(clock.today() + timedelta(days=3), time(10))]
        slots.offer(session, cast.acme.id, position.id, times, minutes=60, place="", by_user_id=None)
    session.commit()
    assert "面談の日時へ進む" not in words(phone.get(path))
    assert phone.post(f"{path}/times").headers["Location"] == path
    phone.post(f"{path}/yes")
    phone.post(f"{path}/later", waiting(phone.get(path).text, 3))
    assert "面談の日時へ進む" not in words(phone.get(path))
    assert phone.post(f"{path}/times").headers["Location"] == path
    assert invitations(session, cast) == []


def test_home_says_whose_turn_it_is_until_hr_has_gone_on(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    phone.post(f"{path}/yes")
    ada = browse(phone.app, cast.ada)
    assert "返事のあった方" in words(ada.get("/"))
    (application,) = made(session, cast)
    with scopes.company(session, cast.acme.id):
        entry = progress.ProgressEntry(progress.Progress.STEP, clock.today(), StepKind.FIRST)
        seen = progress.version(session, application)
        progress.enter(session, application.id, entry, seen=seen, by_user_id=cast.ada.id)
    session.commit()
    assert "返事のあった方" not in words(ada.get("/"))
    page = phone.get(path)
    assert "ここからは応募を取り消せません" in words(page) and "決まったことを知らせる" not in words(page)
    refused = phone.post(f"{path}/placed", {"line": "内定"})
    assert refused.status_code == 422 and "企業で手続きが始まっている" in words(refused)
    assert made(session, cast)[0].status is ApplicationResult.OPEN


@pytest.mark.parametrize("months", [3, 6, 12])
def test_later_is_a_word_for_the_record_until_then_and_says_so(
    phone: Phone, session: Session, cast: Cast, path: str, months: int
) -> None:
    page = phone.get(path)
    until = clock.today() + relativedelta(months=months)
    before = standing(session, cast).retain_until
    assert before
    kept = max(until + relativedelta(months=1), before)
    assert f"{written(until)}まで、" in words(page) and f"応募の記録を{written(kept)}まで保管し" in words(page)
    for _twice in range(2):
        assert phone.post(f"{path}/later", waiting(page.text, months)).status_code == 303
    after = standing(session, cast)
    assert (after.basis, after.retain_until) == (RetentionBasis.CONSENTED, kept)
    assert kept <= clock.today() + relativedelta(months=24)
    assert only(session, cast.acme).waits_until == until
    with scopes.company(session, cast.acme.id):
        (word,) = session.scalars(select(OpeningsConsent)).all()
    assert word.wording in words(page), "what is kept is what was shown"
    told = words(phone.get(path))
    assert f"{written(until)}まで、ご案内をお送りしません" in told and f"{written(kept)}まで" in told
    hr = words(browse(phone.app, cast.ada).get(f"/pool/{after.id}"))
    assert "いまではない" in hr and "次の募集のお知らせと、応募の記録の保管に同意されました" in hr


def test_words_that_changed_meanwhile_are_shown_again(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    for sent in ({"months": "3", "shown": "0" * 64}, {"months": "36"}, {}):
        answer = phone.post(f"{path}/later", sent)
        assert answer.status_code == 422 and "お返事は、まだ変わっていません" in words(answer)
    assert only(session, cast.acme).answer is None


def test_a_place_found_stands_on_home_for_a_week_with_its_line(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    phone.post(f"{path}/placed", {"line": "地元の工場で働きます"})
    assert "お仕事が決まったことを" in words(phone.get(path))
    for days, there in ((0, True), (6, True), (8, False)):
        with clock.at(clock.now() + timedelta(days=days)):
            home = words(browse(phone.app, cast.ada).get("/"))
            assert ("「地元の工場で働きます」" in home) is there, days
            assert (f"{NAME}さんから、お仕事が決まったと返事がありました" in home) is there
    assert "ご本人のひとこと「地元の工場で働きます」" in words(browse(phone.app, cast.ada).get(f"/pool/{person.id}"))
    assert made(session, cast) == []


def test_a_line_with_words_the_law_keeps_out_is_asked_about_and_a_long_one_refused(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    for line, said in (("宗教の関係です", "採用に関わらないこと"), ("あ" * 201, "200文字まで")):
        answer = phone.post(f"{path}/placed", {"line": line})
        assert answer.status_code == 422 and said in words(answer) and line in answer.text
        assert only(session, cast.acme).answer is None
    phone.post(f"{path}/placed", {"line": "宗教の関係です", "confirmed": "1"})
    assert only(session, cast.acme).line == "宗教の関係です"


def test_stopping_stops_what_can_be_stopped_and_lets_a_selection_go_on(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    phone.post(f"{path}/yes")
    phone.post(f"{path}/stop")
    for mail_class in (MailClass.PROMO, MailClass.RELAY):
        assert optouts.is_opted_out(session, cast.acme.id, HANA, mail_class)
    assert not optouts.is_opted_out(session, cast.other.id, HANA, MailClass.PROMO)
    assert "ご案内を止めました" in words(phone.get(path))
    assert made(session, cast)[0].status is ApplicationResult.OPEN


def test_mails_that_were_stopped_are_not_put_off(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    """Else a person would agree to be told by a mail that can never leave; so says a page that was open already."""
    open_already = waiting(phone.get(path).text, 3)
    phone.post(f"{path}/stop")
    page = words(phone.get(path))
    assert "このページからは再開できません" in page and "か月待つ" not in page
    refused = phone.post(f"{path}/later", open_already)
    assert refused.status_code == 422 and "ご案内を止めているため、待つ期間は選べません" in words(refused)
    assert only(session, cast.acme).answer is RescoutAnswer.STOP
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(OpeningsConsent.id))) == 0


def test_a_later_answer_takes_the_place_of_an_earlier_one(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    phone.post(f"{path}/yes")
    assert "さきほどの応募は、取り消しになります" in words(phone.get(path))
    phone.post(f"{path}/placed", {"line": ""})
    (application,) = made(session, cast)
    assert (application.status, application.decided_by_user_id) == (ApplicationResult.WITHDREW, None)
    assert standing(session, cast).retain_until is not None
    phone.post(f"{path}/later", waiting(phone.get(path).text, 3))
    assert only(session, cast.acme).answer is RescoutAnswer.LATER
    phone.post(f"{path}/yes")
    (application,) = made(session, cast)
    row = only(session, cast.acme)
    assert (application.status, row.answer, row.waits_until) == (ApplicationResult.OPEN, RescoutAnswer.YES, None)
    assert "返事のあった方" in words(browse(phone.app, cast.ada).get("/"))


@pytest.mark.parametrize("answer", ["yes", "placed", "stop"])
def test_another_answer_ends_what_later_agreed_to(
    phone: Phone, session: Session, cast: Cast, path: str, answer: str
) -> None:
    phone.post(f"{path}/later", waiting(phone.get(path).text, 12))
    agreed = standing(session, cast)
    assert (agreed.basis, agreed.retain_until) == (RetentionBasis.CONSENTED, clock.today() + relativedelta(months=13))
    assert "待つ期間のためにいただいた同意は終わり" in words(phone.get(path))
    phone.post(f"{path}/{answer}")
    after = standing(session, cast)
    assert after.basis is STATED
    reckoned = clock.today() + retention.GRACE  # the result is long ago, and nobody leaves overnight
    assert after.retain_until == (None if answer == "yes" else reckoned)
    assert consents(session, cast) == [False]
    page = words(phone.get(path))
    assert "お待ちするあいだ記録を保管するための同意は、終わりました" in page
    assert (f"応募の記録は、{written(reckoned)}まで" in page) is (answer != "yes")


def test_of_two_answers_later_the_last_holds_and_an_older_mail_s_other_answer_leaves_it(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    with clock.at(clock.now() + timedelta(days=3)):
        again = make_position(session, cast.acme, "品質保証")
        rescout(session, cast.acme, again, [person.id], cast.ada.id)
        second = mailed_path(session, sent_rescouts(session)[-1])
        phone.post(f"{path}/later", waiting(phone.get(path).text, 3))
        phone.post(f"{second}/later", waiting(phone.get(second).text, 12))
        assert consents(session, cast) == [False, True], "one in force at most"
        phone.post(f"{path}/placed", {"line": ""})
        assert consents(session, cast) == [False, True]
        phone.post(f"{path}/stop")
        assert consents(session, cast) == [False, False]
        assert standing(session, cast).basis is STATED


def consents(session: Session, cast: Cast) -> list[bool]:
    """Whether each is in force, oldest first."""
    with scopes.company(session, cast.acme.id):
        ended = session.scalars(select(OpeningsConsent.ended_at).order_by(OpeningsConsent.id))
        return [each is None for each in ended]


def test_whoever_applied_meanwhile_has_no_second_application(
    phone: Phone, session: Session, cast: Cast, person: Candidate, position: Position, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        session.add(
            Application(
                candidate_id=person.id,
                position_id=position.id,
                status=ApplicationResult.OPEN,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
    session.commit()
    phone.post(f"{path}/yes")
    assert len(made(session, cast)) == 1 and only(session, cast.acme).answer is RescoutAnswer.YES


def test_a_position_that_closed_meanwhile_says_so_and_the_other_answers_stay(
    phone: Phone, session: Session, cast: Cast, position: Position, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, session.get_one(Position, position.id), PositionState.CLOSED)
    session.commit()
    page = words(phone.get(path))
    assert "この募集は、いまは受け付けていません" in page and "はい、話を聞きたい" not in page
    refused = phone.post(f"{path}/yes")
    assert refused.status_code == 422 and "いまは受け付けていません" in words(refused)
    assert made(session, cast) == []
    assert phone.post(f"{path}/stop").status_code == 303


def test_no_answer_reaches_anybody_but_the_company(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    """Neither another company that knows the person nor a partner reads of it, and nothing is counted."""
    pooled(session, cast.other, HANA, name=NAME)
    mona, agnes = (browse(phone.app, each) for each in (cast.mona, cast.agnes))
    before = [words(mona.get(there)) for there in ("/", "/pool", "/applications")]
    for answer, data in (("placed", {"line": "地元の工場で働きます"}), ("yes", {})):
        assert phone.post(f"{path}/{answer}", data).status_code == 303
        assert [words(mona.get(there)) for there in ("/", "/pool", "/applications")] == before
        assert NAME not in agnes.get("/people").text
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Referral.id))) == 0


def test_later_while_another_selection_runs_sets_no_last_day(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        session.get_one(Candidate, person.id).retain_until = None
    make_application(session, person)
    session.commit()
    phone.post(f"{path}/later", waiting(phone.get(path).text, 6))
    assert standing(session, cast).retain_until is None
    assert "保管の期限は、いまは決まっていません" in words(phone.get(path))


def test_an_expired_link_and_one_of_somebody_erased_or_moved_open_nothing(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    with clock.at(clock.now() + timedelta(days=59)):
        assert phone.get(path).status_code == 200
    with clock.at(clock.now() + timedelta(days=61)):
        assert phone.get(path).status_code == 404
    with scopes.company(session, cast.acme.id):
        moved = session.get_one(Candidate, person.id)
        moved.email = moved.email_key = "elsewhere@mail.example"
    session.commit()
    assert phone.get(path).status_code == 404 and phone.post(f"{path}/yes").status_code == 404
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    assert phone.post(f"{path}/stop").status_code == 404


def test_erasing_takes_mail_answer_and_application_along(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    phone.post(f"{path}/yes")
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Rescout.id))) == 0
        assert session.scalar(select(func.count(Application.id))) == 0
    assert sent_rescouts(session)[0].to_address == ""


def test_a_foreign_form_and_one_without_its_value_change_nothing(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    for answer in ("yes", "later", "placed", "stop"):
        assert phone.bare_post(f"{path}/{answer}").status_code in (400, 403)
    assert only(session, cast.acme).answer is None
    assert not optouts.is_opted_out(session, cast.acme.id, HANA, MailClass.PROMO)
