"""An agency answers a request: signed in or from its mail alone, with a link shown once, or with a reason (B-25)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import second_factor, users
from relay.introductions import asked_mails, endings, for_partners, links
from relay.introductions.standing import PartnerMayNotIntroduce
from relay.models import (
    DeclineReason,
    Event,
    EventTag,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    Message,
    Role,
    scopes,
)
from relay.network import partners
from tests.cast import Cast, browse, make_cast, make_partner, make_partnership, make_user
from tests.db.introductions import build
from tests.db.introductions.build import Desk
from tests.web.landing.phone import Phone, words

LIST, MADE = "/agency/requests", re.compile(r"https?://[^/\s]+(/introductions/[\w-]{43})")
DECLINED = {"reason": DeclineReason.NOBODY_FITS.value, "advice": "通勤手当の上限を書くと、探しやすくなります。"}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return build.desk(session, cast)


@pytest.fixture
def asked(desk: Desk) -> IntroductionRequest:
    """A request of Acme to Tsumugi."""
    return desk.ask()


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)


def act(asked: IntroductionRequest, which: str) -> str:
    return f"/account/requests/{asked.id}/{which}"


def mailed(session: Session, to: str) -> str:
    """The path of the page that the mail about the newest request brought to this address."""
    with scopes.everyone(session, "test: the outbox"):
        sent = select(Message).where(Message.letter == "introduction-request", Message.to_address == to)
        message = session.scalars(sent.order_by(Message.id.desc())).first()
    assert message is not None
    path = asked_mails.mint(session, message)[asked_mails.PAGE.key].partition("/asked/")
    session.commit()
    return f"/asked/{path[2]}"


def the_link(session: Session, desk: Desk) -> IntroductionLink:
    session.rollback()
    with scopes.company(session, desk.company.id):
        return session.scalars(select(IntroductionLink).order_by(IntroductionLink.id.desc())).first()


def test_the_list_says_whose_turn_it_is_until_when_and_the_page_everything_asked(
    agnes: FlaskClient, desk: Desk, asked: IntroductionRequest
) -> None:
    listed = words(agnes.get(LIST))
    due = asked.due_on
    assert due is not None
    for each in (asked.title, desk.company.name, f"貴社の番です（{due.month}/{due.day}まで）", "貴社の番のもの 1件"):
        assert each in listed
    shown = words(agnes.get(f"{LIST}/{asked.id}"))
    for label, text in asked.posting:
        assert label in shown and text.split("\n")[0] in shown
    for each in (
        "カジュアル面談",
        "採用担当者と配属先の課長",
        "オンラインで、30分",
        "採用が決まっても紹介手数料は0円です",
    ):
        assert each in shown
    assert f"貴社の番です（{due.month}/{due.day}まで）" in shown and "貴社に1名の紹介を依頼しています" in shown
    assert "ご本人が面談を希望するまで、この依頼についてRelayから候補者に連絡することはありません" in shown
    assert "希望のあとは、面談についてのメールが届きます" in shown
    assert agnes.get(f"{LIST}/987654321").status_code == 404


def test_the_agencys_turns_come_first_the_soonest_day_before_the_others(
    agnes: FlaskClient, session: Session, desk: Desk, asked: IntroductionRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.earn(session, desk.company, 3)
    soonest, sent, answered = (desk.ask() for _each in range(3))
    desk.link(sent)
    act_on = {"partner_id": desk.partner.id, "reason": DeclineReason.FIELD, "advice": ""}
    endings.decline(session, desk.company.id, answered.id, **act_on)
    with scopes.company(session, desk.company.id):
        desk.now(soonest).due_on = clock.today() + timedelta(days=1)
    session.commit()
    order = [soonest.id, asked.id, answered.id, sent.id]
    assert shown_on(agnes.get(LIST).text) == order
    monkeypatch.setattr(for_partners, "A_PAGE", 1)
    page, walked = agnes.get(LIST).text, []
    while True:
        walked += shown_on(page)
        further = re.search(r'href="(/agency/requests\?after=[^"]+)"', page)
        if further is None:
            break
        page = agnes.get(further[1]).text
    assert walked == order, "page by page, too"
    back = re.search(r'href="(/agency/requests\?before=[^"]+)"', page)
    assert back is not None and shown_on(agnes.get(back[1]).text) == [answered.id]


def shown_on(page: str) -> list[int]:
    """The requests of the list, in their order."""
    return [int(each) for each in re.findall(r'href="/agency/requests/(\d+)"', page)]


def test_the_link_is_shown_in_one_answer_and_its_maker_licence_and_day_are_kept(
    agnes: FlaskClient, phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    answer = agnes.post(act(asked, "link"))
    assert answer.status_code == 200
    assert "このリンクを表示するのは、いま一度だけです" in words(answer)
    made = MADE.search(answer.text)
    assert made is not None
    path = made[1]
    assert phone.get(path).status_code == 200
    kept = the_link(session, desk)
    assert (kept.made_by_user_id, kept.licence_number) == (cast.agnes.id, cast.tsumugi.license_number)
    assert kept.made_at.astimezone(clock.JAPAN).date() == clock.today()
    assert path.rpartition("/")[2] not in kept.token_hash
    assert "リンクが分からなくなったときは、取り消して、もう一度作成してください" in words(
        agnes.get(f"{LIST}/{asked.id}")
    )

    later = agnes.get(f"{LIST}/{asked.id}")
    assert path not in later.text
    assert f"{cast.agnes.name}が作成しました（許可番号：{cast.tsumugi.license_number}）" in words(later)
    again = agnes.post(act(asked, "link"))
    assert again.status_code == 409 and "すでに有効な紹介リンクがあります" in words(again)
    assert not MADE.search(again.text)
    assert phone.get(path).status_code == 200, "pressed twice, the one that was sent still opens"


def test_taken_back_it_closes_at_once_and_another_person_can_be_introduced(
    agnes: FlaskClient, phone: Phone, session: Session, desk: Desk, asked: IntroductionRequest
) -> None:
    first = MADE.search(agnes.post(act(asked, "link")).text)
    assert first is not None
    answer = agnes.post(act(asked, "take-back"), follow_redirects=True)
    assert "リンクは、もう使えません" in words(answer)
    assert phone.get(first[1]).status_code == 410
    second = MADE.search(agnes.post(act(asked, "link")).text)
    assert second is not None and second[1] != first[1]
    assert phone.get(second[1]).status_code == 200 and phone.get(first[1]).status_code == 410


def test_declined_with_a_reason_and_one_line_the_credit_comes_back(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    assert desk.free() == 0
    without = agnes.post(act(asked, "decline"), data={"advice": "ひとこと"})
    assert without.status_code == 422 and "理由を選んでください" in words(without) and "ひとこと" in without.text
    long = agnes.post(act(asked, "decline"), data=DECLINED | {"advice": "長" * 201})
    assert long.status_code == 409 and "200文字まで" in words(long)
    answer = agnes.post(act(asked, "decline"), data=DECLINED, follow_redirects=True)
    shown = words(answer)
    assert "貴社に1名の紹介を依頼しました" in shown, "it is over"
    assert "見合わせました" in shown and "いまご紹介できる方がいない" in shown and DECLINED["advice"] in shown
    assert desk.free() == 1
    now = desk.now(asked)
    assert (now.state, now.declined_for, now.advice) == (
        IntroductionState.DECLINED,
        DeclineReason.NOBODY_FITS,
        DECLINED["advice"],
    )
    assert agnes.post(act(asked, "decline"), data=DECLINED).status_code == 409
    assert desk.free() == 1, "a second press gives nothing more back"
    assert told(session) == [("ada@acme.example", "declined")], "once, to the member who asked"


def told(session: Session) -> list[tuple[str, str]]:
    """To whom of the company a letter about a request went, and what it says."""
    with scopes.everyone(session, "test: the outbox"):
        sent = select(Message).where(Message.letter == "introduction-news").order_by(Message.id)
        return [(each.to_address, each.values["what"]) for each in session.scalars(sent)]


def test_a_decline_of_an_agent_reaches_the_administrators_where_the_member_left(
    agnes: FlaskClient, session: Session, cast: Cast, asked: IntroductionRequest
) -> None:
    cast.ada.disabled_at = clock.now()
    session.commit()
    assert agnes.post(act(asked, "decline"), data=DECLINED).status_code == 303
    assert told(session) == [(cast.adam.email, "declined")]


def test_taking_back_says_so_only_where_nothing_was_first(
    agnes: FlaskClient, phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    token = desk.link(asked)
    for _press in range(2):
        pressed = agnes.post(act(asked, "take-back"), follow_redirects=True)
        assert "リンクは、もう使えません" in words(pressed), "pressed twice, the link is closed all the same"
    token = desk.link(desk.now(asked))
    desk.yes(token)
    path = mailed(session, cast.agnes.email)
    for late in (agnes.post(act(asked, "take-back")), phone.post(f"{path}/take-back")):
        assert late.status_code == 409 and "今回の操作では何も変わっていません" in words(late)
        assert "リンクは、もう使えません" not in words(late)


def test_the_link_is_shown_though_the_request_ended_in_between(
    agnes: FlaskClient, session: Session, desk: Desk, asked: IntroductionRequest
) -> None:
    """The company takes the request back right after the link was kept, before the answer is written."""
    done: list[bool] = []

    def cancel(_committed: Session) -> None:
        if done:
            return
        with Session(session.get_bind()) as other:
            if the_link(other, desk) is not None:
                done.append(True)
                endings.cancel(other, desk.company.id, asked.id)
                other.commit()

    event.listen(Session, "after_commit", cancel)
    try:
        answer = agnes.post(act(asked, "link"))
    finally:
        event.remove(Session, "after_commit", cancel)
    assert done and answer.status_code == 200 and MADE.search(answer.text)


def test_the_mail_alone_opens_one_page_and_acts_there_as_its_reader(
    app: Flask, phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    """Without a login and a cookie; looking changes nothing (C-16), and the log names the agent."""
    path = mailed(session, cast.agnes.email)
    for _look in range(3):
        shown = phone.get(path)
        assert shown.status_code == 200 and asked.title in words(shown)
    assert desk.now(asked).state is IntroductionState.OPEN
    assert phone.bare_post(f"{path}/link").status_code == 400, "a form of another site"
    made = MADE.search(phone.post(f"{path}/link").text)
    assert made is not None and phone.get(made[1]).status_code == 200
    assert the_link(session, desk).made_by_user_id == cast.agnes.id
    with scopes.company(session, desk.company.id):
        made_event = session.scalars(select(Event).where(Event.tag == EventTag.INTRODUCTION_LINK_MADE)).one()
    assert (made_event.actor_kind, made_event.actor_id) == ("user", cast.agnes.id)
    assert phone.post(f"{path}/take-back").status_code == 303
    assert phone.get(made[1]).status_code == 410
    assert phone.post(f"{path}/decline", DECLINED).status_code == 303
    assert "見合わせました" in words(phone.get(path))
    assert desk.free() == 1


def test_the_mailed_page_closes_with_the_login_and_opens_no_other(
    phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    path = mailed(session, cast.agnes.email)
    assert phone.get(path.replace("/asked/", "/introductions/")).status_code == 410
    cast.agnes.disabled_at = clock.now()
    session.commit()
    gone = phone.get(path)
    assert gone.status_code == 404 and gone.text == phone.get("/asked/" + "A" * 43).text
    assert phone.post(f"{path}/link").status_code == 404
    assert desk.now(asked).state is IntroductionState.OPEN


def new_password(session: Session, cast: Cast) -> None:
    users.set_password(session, users.by_id(session, cast.agnes.id), "ocean-Lantern-47-quiet")


def factor_taken_away(session: Session, cast: Cast) -> None:
    agnes = users.by_id(session, cast.agnes.id)
    agnes.totp_secret = "sealed"
    assert second_factor.take_away(session, agnes)


def shut_and_opened(session: Session, cast: Cast) -> None:
    make_user(session, "amy", cast.tsumugi, Role.LEAD)
    users.disable(session, users.by_id(session, cast.agnes.id))
    users.enable(session, users.by_id(session, cast.agnes.id))


def partnership_ended(session: Session, cast: Cast) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)


@pytest.mark.parametrize("how", [new_password, factor_taken_away, shut_and_opened, partnership_ended])
def test_the_mailed_page_closes_at_once(
    phone: Phone,
    session: Session,
    cast: Cast,
    asked: IntroductionRequest,
    how: Callable[[Session, Cast], None],
) -> None:
    path = mailed(session, cast.agnes.email)
    assert phone.get(path).status_code == 200
    how(session, cast)
    session.commit()
    assert phone.get(path).status_code == 404
    assert phone.post(f"{path}/link").status_code == 404


def test_the_mailed_page_opens_until_two_weeks_past_the_turn_or_the_end(
    phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    path, due = mailed(session, cast.agnes.email), asked.due_on
    assert due is not None
    for days, status in ((14, 200), (15, 404)):
        with clock.at(clock.end_of_day(due + timedelta(days=days)) - timedelta(hours=1)):
            assert phone.get(path).status_code == status
    endings.cancel(session, desk.company.id, asked.id)
    session.commit()
    for days, status in ((13, 200), (14, 404)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert phone.get(path).status_code == status


def test_it_shows_no_persons_data_when_somebody_said_yes(
    agnes: FlaskClient, phone: Phone, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    path = mailed(session, cast.agnes.email)
    desk.yes(desk.link(asked))
    for page in (phone.get(path), agnes.get(f"{LIST}/{asked.id}"), agnes.get(LIST)):
        assert "面談の予定があります" in words(page)
        for each in ("花野", "ハナノ", "saki@", "1111"):
            assert each not in page.text


def test_before_a_yes_nobody_is_written_to_and_afterwards_of_the_interview_alone(
    agnes: FlaskClient, session: Session, desk: Desk, asked: IntroductionRequest
) -> None:
    def written() -> list[str]:
        with scopes.everyone(session, "test: the outbox"):
            return list(session.scalars(select(Message.letter).where(Message.to_address == build.HANA["email"])))

    token = desk.link(asked)
    assert written() == []
    desk.yes(token)
    assert written() == ["interview"]


def test_set_to_none_no_request_comes_and_the_one_that_came_stays(
    agnes: FlaskClient, phone: Phone, session: Session, desk: Desk, asked: IntroductionRequest
) -> None:
    build.earn(session, desk.company, 1)
    page = f"/account/companies/{desk.company.id}/introductions"
    assert "すでに届いている依頼は、そのまま残ります" in words(agnes.get(page))
    assert agnes.post(page, data={"free_introductions": "0"}).status_code == 303
    with pytest.raises(PartnerMayNotIntroduce):
        desk.ask()
    session.rollback()
    assert desk.now(asked).state is IntroductionState.OPEN
    made = MADE.search(agnes.post(act(asked, "link")).text)
    assert made is not None and phone.get(made[1]).status_code == 200


@pytest.mark.parametrize("how", ["licence", "ended", "suspended"])
def test_whoever_may_not_introduce_makes_no_link(
    agnes: FlaskClient, session: Session, desk: Desk, asked: IntroductionRequest, how: str
) -> None:
    if how == "licence":
        desk.partner.license_until = clock.today() - timedelta(days=1)
    elif how == "ended":
        partners.end_partnership(session, desk.company.id, desk.partner.id)
    else:
        desk.partner.suspended_at = clock.now()
    session.commit()
    answer = agnes.post(act(asked, "link"))
    assert answer.status_code == 409 and not MADE.search(answer.text)
    assert the_link(session, desk) is None


def test_another_agency_a_school_and_a_company_find_nothing(
    app: Flask, session: Session, cast: Cast, desk: Desk, asked: IntroductionRequest
) -> None:
    elsewhere = make_partner(session, "elsewhere")
    make_partnership(session, cast.acme, elsewhere)
    erin = make_user(session, "erin", elsewhere, Role.LEAD)
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    session.commit()
    for who in (erin, cast.sho):
        client = browse(app, who)
        assert asked.title not in client.get(LIST).text
        assert client.get(f"{LIST}/{asked.id}").status_code == 404
        for which in ("link", "take-back", "decline"):
            assert client.post(act(asked, which), data=DECLINED).status_code == 404
    assert browse(app, cast.ada).post(act(asked, "link")).status_code == 403
    assert desk.now(asked).state is IntroductionState.OPEN
    assert browse(app, amy).post(act(asked, "link")).status_code == 200, "everybody who works there answers"
    assert links.take_back(session, desk.company.id, asked.id, partner_id=cast.tsumugi.id)
