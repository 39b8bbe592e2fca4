"""誤って送った on HR's pages: asked first, done once, and what is left to do stands on one page."""

import html
import re
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from relay import clock
from relay.extensions import db
from relay.mail import batches
from relay.mail.delivery import deliver_one
from relay.models import Application, ApplicationResult, Message, MessageState, Mistake, MistakeKind, scopes
from relay.network import links
from tests.cast import browse
from tests.db.network.build import register
from tests.db.outreach.conftest import Postbox, text_of
from tests.web.landing.phone import words
from tests.web.portal.desk import Desk

FORM = {"kind": "result", "contact_name": "中村 恵", "contact_phone": "０２６６－１２－３４５６"}


@pytest.fixture
def postbox(app: Flask) -> Postbox:
    return Postbox()


def send(desk: Desk, postbox: Postbox, count: int) -> list[Message]:
    """So many people of one act whose mails were delivered."""
    people = desk.people(count)
    desk.told(people)
    postbox.collect(later=timedelta(hours=1))
    desk.session.expire_all()
    with scopes.company(desk.session, desk.cast.acme.id):
        return list(
            desk.session.scalars(select(Message).where(Message.state == MessageState.SENT).order_by(Message.id))
        )


def page_of(mail: Message) -> str:
    return f"/results/messages/{mail.id}/mistake"


def application(desk: Desk, mail: Message) -> Application:
    desk.session.expire_all()
    with scopes.company(desk.session, desk.cast.acme.id):
        return desk.session.scalars(select(Application).where(Application.id == mail.subject_id)).one()


def declared(desk: Desk) -> list[Mistake]:
    with scopes.company(desk.session, desk.cast.acme.id):
        return list(desk.session.scalars(select(Mistake).order_by(Mistake.id)))


class TestAsking:
    """Before anything is done, the page says what will be."""

    def test_the_mail_leads_there_and_the_page_says_what_happens_and_what_stays(
        self, desk: Desk, postbox: Postbox
    ) -> None:
        [mail] = send(desk, postbox, 1)
        shown = desk.browser.get(f"/results/messages/{mail.id}").text
        assert f'href="{page_of(mail)}"' in shown

        asked = words(desk.browser.get(page_of(mail)))

        assert "届いたメールは、取り戻せません" in asked
        assert "登録はご本人のものとして残ります" in asked
        assert "選考中に戻ります" in asked
        assert 'value="Ada"' in desk.browser.get(page_of(mail)).text
        assert 'value="0266-00-0000"' in desk.browser.get(page_of(mail)).text
        assert declared(desk) == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"kind": ""}, "何が誤りだったかを選んでください"),
            ({"contact_name": " "}, "お電話を受ける方の名前を入力してください"),
            ({"contact_phone": "人事まで"}, "電話番号として読めません"),
        ],
    )
    def test_what_lacks_is_said_and_what_was_typed_stays(
        self, desk: Desk, postbox: Postbox, change: dict[str, str], said: str
    ) -> None:
        [mail] = send(desk, postbox, 1)
        answer = desk.browser.post(page_of(mail), data=FORM | change)
        assert answer.status_code == 422
        assert said in words(answer)
        assert ("中村 恵" in answer.text) is ("contact_name" not in change)
        assert declared(desk) == []

    def test_a_mail_that_waits_has_no_such_page(self, desk: Desk) -> None:
        desk.told(desk.people(1))
        with scopes.company(desk.session, desk.cast.acme.id):
            mail = desk.session.scalars(select(Message).where(Message.state == MessageState.SCHEDULED)).one()
        assert desk.browser.get(page_of(mail)).status_code == 404
        assert desk.browser.post(page_of(mail), data=FORM).status_code == 409
        assert "/mistake" not in desk.browser.get(f"/results/messages/{mail.id}").text

    def test_who_may_only_look_cannot(self, app: Flask, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        vic = browse(app, desk.cast.vic)
        assert "/mistake" not in vic.get(f"/results/messages/{mail.id}").text
        assert vic.post(page_of(mail), data=FORM).status_code == 403


class TestDeclaring:
    """One press does it, a second does nothing more."""

    def test_it_is_done_and_every_page_says_so(self, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        answer = desk.browser.post(page_of(mail), data=FORM)

        assert (answer.status_code, answer.location) == (303, page_of(mail))
        assert application(desk, mail).status is ApplicationResult.OPEN
        [mistake] = declared(desk)
        assert (mistake.contact_name, mistake.contact_phone) == ("中村 恵", "0266-12-3456")
        after = words(desk.browser.get(page_of(mail)))
        assert "選考中に戻しました" in after and "お詫びのメールを書く" in after
        assert "誤って送った" in words(desk.browser.get("/results/sent"))
        assert "誤って送ったあとの対応" in words(desk.browser.get(f"/results/messages/{mail.id}"))
        record = words(desk.browser.get(f"/pool/{mail.candidate_id}"))
        assert "結果連絡を、誤って送ったと記録しました" in record
        assert "見送りを取り消しました" in record

    def test_two_tabs_do_it_once(self, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM)
        again = desk.browser.post(page_of(mail), data=FORM | {"kind": "text"})
        assert "すでに誤って送ったものと記録されています" in words(desk.browser.get(again.location))
        assert [each.kind for each in declared(desk)] == [MistakeKind.RESULT]

    def test_a_person_who_is_not_told_any_more_is_in_the_list_of_those_to_tell(
        self, desk: Desk, postbox: Postbox
    ) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM | {"kind": "address"})
        assert "候補 0番" in desk.browser.get("/results").text
        assert "見送り（未連絡）に戻っています" in words(desk.browser.get(page_of(mail)))

    def test_the_whole_page_is_the_same_whether_the_person_did_something_or_not(
        self, desk: Desk, postbox: Postbox
    ) -> None:
        """Visits and registrations with a school are not HR's to know (A-45)."""
        silent, registered = send(desk, postbox, 2)
        _register_with_the_school(desk, postbox, registered)
        for mail in (silent, registered):
            desk.browser.post(page_of(mail), data=FORM, follow_redirects=True)
        pages = [words(desk.browser.get(page_of(mail))) for mail in (silent, registered)]
        assert _without_names(pages[0]) == _without_names(pages[1])


class TestNeighbours:
    """The mails of the same act stand below it, twenty at first."""

    def test_twenty_are_listed_and_the_rest_by_one_click(self, desk: Desk, postbox: Postbox) -> None:
        mails = send(desk, postbox, 25)
        desk.browser.post(page_of(mails[12]), data=FORM)
        shown = desk.browser.get(page_of(mails[12])).text
        ids = [int(each) for each in re.findall(r'name="id" value="(\d+)"', shown)]
        assert ids == [each.id for each in mails[2:23] if each is not mails[12]]
        assert "ほか4名も表示する" in shown
        everybody = desk.browser.get(f"{page_of(mails[12])}?all=1").text
        assert len(re.findall(r'name="id" value="(\d+)"', everybody)) == 24

    def test_those_ticked_are_declared_alike(self, desk: Desk, postbox: Postbox) -> None:
        mails = send(desk, postbox, 4)
        desk.browser.post(page_of(mails[0]), data=FORM)
        answer = desk.browser.post(f"{page_of(mails[0])}/others", data={"id": [mails[1].id, mails[3].id]})

        assert "2名にも、同じことを行いました" in words(desk.browser.get(answer.location))
        assert [each.message_id for each in declared(desk)] == [mails[0].id, mails[1].id, mails[3].id]
        assert {each.contact_name for each in declared(desk)} == {"中村 恵"}
        assert application(desk, mails[2]).status is ApplicationResult.REJECTED
        assert application(desk, mails[3]).status is ApplicationResult.OPEN

    def test_fifty_are_declared_by_one_press_and_the_rest_is_said(self, desk: Desk, postbox: Postbox) -> None:
        mails = send(desk, postbox, 53)
        desk.browser.post(page_of(mails[0]), data=FORM)
        answer = desk.browser.post(f"{page_of(mails[0])}/others", data={"id": [each.id for each in mails]})
        assert "残りの2名は、もう一度押してください" in words(desk.browser.get(answer.location))
        assert len(declared(desk)) == 51

    def test_a_mail_of_another_act_is_not_touched(self, desk: Desk, postbox: Postbox) -> None:
        [first] = send(desk, postbox, 1)
        others = [each for each in send(desk, postbox, 1) if each.id != first.id]
        desk.browser.post(page_of(first), data=FORM)
        answer = desk.browser.post(f"{page_of(first)}/others", data={"id": [others[0].id]})
        assert "チェックを入れてから押してください" in words(desk.browser.get(answer.location))
        assert len(declared(desk)) == 1

    def test_those_that_wait_can_be_stopped_from_there(self, desk: Desk, postbox: Postbox) -> None:
        desk.told(desk.people(3))
        _deliver_one(postbox)
        with scopes.company(desk.session, desk.cast.acme.id):
            mail = desk.session.scalars(select(Message).where(Message.state == MessageState.SENT)).one()
        desk.browser.post(page_of(mail), data=FORM)
        shown = desk.browser.get(page_of(mail)).text
        assert "同じ送信の2名が、まだ送信を待っています" in shown
        batch = re.search(r'name="batch" value="(\w+)"', shown)
        assert batch is not None
        desk.browser.post("/results/stop", data={"batch": batch[1]})
        assert "まだ送信を待っています" not in desk.browser.get(page_of(mail)).text


class TestApology:
    """A text is ready; a person reads it, and sends it."""

    def test_it_leaves_with_name_and_number_and_without_a_link(self, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM)
        form = apology_form(desk.browser, mail)
        assert "候補" not in form["body"] and "選考は、いまも続いています" in form["body"]

        answer = desk.browser.post(f"/results/messages/{mail.id}/apology", data=form)
        assert answer.location == page_of(mail)
        assert "送信待ち" in words(desk.browser.get(page_of(mail)))
        postbox.collect(later=timedelta(hours=1))

        sent = text_of(postbox.mails[-1])
        assert sent.startswith("候補 0番様")
        assert "中村 恵（電話：0266-12-3456）" in sent
        assert "見送りのご連絡は取り消します" in sent
        assert "/r/" not in sent and "/me/" not in sent
        assert "お詫びのメールを送りました" in words(desk.browser.get(f"/pool/{mail.candidate_id}"))
        assert application(desk, mail).notified_at is None

    def test_it_leaves_at_night_too(self, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        desk.cast.acme.daytime_only = True
        desk.session.commit()
        desk.browser.post(page_of(mail), data=FORM)
        desk.browser.post(f"/results/messages/{mail.id}/apology", data=apology_form(desk.browser, mail))
        before, tomorrow = len(postbox.mails), clock.today() + timedelta(days=1)
        night = datetime.combine(tomorrow, time(2), tzinfo=clock.JAPAN)
        with clock.at(night):
            while deliver_one(db.session(), now=night, transport=postbox):
                pass
        assert len(postbox.mails) == before + 1

    def test_pressed_twice_it_is_sent_once_and_once_stopped_it_can_be_written_again(
        self, desk: Desk, postbox: Postbox
    ) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM)
        form = apology_form(desk.browser, mail)
        for _each in range(2):
            desk.browser.post(f"/results/messages/{mail.id}/apology", data=form)
        [waiting] = _apologies(desk)

        stopped = desk.browser.post("/results/stop", data={"batch": _batch(desk, waiting)})

        assert stopped.location == "/results"
        assert "1名への送信を停止しました" in words(desk.browser.get(stopped.location))
        desk.browser.post(f"/results/messages/{mail.id}/apology", data=form)
        assert [each.state for each in _apologies(desk)] == [MessageState.CANCELLED, MessageState.SCHEDULED]

    def test_one_text_goes_to_everybody_with_the_same_fault(self, desk: Desk, postbox: Postbox) -> None:
        mails = send(desk, postbox, 3)
        desk.browser.post(page_of(mails[0]), data=FORM)
        desk.browser.post(f"{page_of(mails[0])}/others", data={"id": [each.id for each in mails[1:]]})
        form = apology_form(desk.browser, mails[0])
        assert len(form["to"]) == 3
        desk.browser.post(f"/results/messages/{mails[0].id}/apology", data=form | {"to": form["to"][:2]})
        assert [each.to_address for each in _apologies(desk)] == ["p0@mail.example", "p1@mail.example"]
        assert len(apology_form(desk.browser, mails[2])["to"]) == 1

    def test_a_stranger_is_not_told_the_name_again(self, desk: Desk, postbox: Postbox) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM | {"kind": "address"})
        desk.browser.post(f"/results/messages/{mail.id}/apology", data=apology_form(desk.browser, mail))
        postbox.collect(later=timedelta(hours=1))
        assert "候補 0番" not in text_of(postbox.mails[-1])
        assert "先日のメールは削除してください" in text_of(postbox.mails[-1])

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"body": "{{ひとこと}}"}, "お詫びに使える差し込みは"),
            ({"body": "お詫びにギフト券を差し上げます。"}, "「ギフト券」は使えません"),
            ({"subject": ""}, "件名を入力してください"),
            ({"contact_phone": ""}, "担当者につながる電話番号を入力してください"),
        ],
    )
    def test_a_text_that_cannot_go_is_refused_and_kept(
        self, desk: Desk, postbox: Postbox, change: dict[str, str], said: str
    ) -> None:
        [mail] = send(desk, postbox, 1)
        desk.browser.post(page_of(mail), data=FORM)
        form = apology_form(desk.browser, mail) | change
        answer = desk.browser.post(f"/results/messages/{mail.id}/apology", data=form)
        assert answer.status_code == 422
        assert said in words(answer)
        assert form["contact_name"] in answer.text
        assert _apologies(desk) == []


def apology_form(browser: FlaskClient, mail: Message) -> dict[str, str | list[str]]:
    """The form as it is shown, everybody ticked."""
    page = browser.get(f"/results/messages/{mail.id}/apology").text
    body = re.search(r'<textarea[^>]*name="body"[^>]*>(.*?)</textarea>', page, re.S)
    assert body is not None
    fields = dict(re.findall(r'name="(subject|contact_name|contact_phone)"[^>]*value="([^"]*)"', page))
    return {name: html.unescape(value) for name, value in fields.items()} | {
        "body": html.unescape(body[1]).strip(),
        "to": re.findall(r'name="to"[^>]*value="(\d+)"', page),
    }


def _apologies(desk: Desk) -> list[Message]:
    desk.session.expire_all()
    with scopes.company(desk.session, desk.cast.acme.id):
        return list(desk.session.scalars(select(Message).where(Message.letter == "apology").order_by(Message.id)))


def _batch(desk: Desk, mail: Message) -> str:
    with scopes.company(desk.session, desk.cast.acme.id):
        return batches.code_of(desk.session, mail)


def _deliver_one(postbox: Postbox) -> None:
    moment = clock.now() + timedelta(hours=1)
    with clock.at(moment):
        deliver_one(db.session(), now=moment, transport=postbox)


def _register_with_the_school(desk: Desk, postbox: Postbox, mail: Message) -> None:
    link = links.of_application(desk.session, desk.cast.acme.id, mail.subject_id or 0)
    assert link is not None
    register(desk.session, link, desk.cast.manabi)
    desk.session.commit()


def _without_names(page: str) -> str:
    return re.sub(r"候補 \d番", "候補", page)
