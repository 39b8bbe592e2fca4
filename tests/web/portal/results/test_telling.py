"""Telling, stopping, and everything that could tell twice: a double click, two tabs, the Back button."""

from datetime import timedelta

from flask import Flask

from relay import clock
from relay.models import ApplicationResult, MessageState
from tests.cast import browse
from tests.db.outreach.conftest import Postbox
from tests.web.portal.conftest import HTMX
from tests.web.portal.desk import Desk


def test_fourteen_are_told_and_wait_for_ten_minutes(desk: Desk) -> None:
    people = desk.people(14)
    page = desk.begin(people)
    assert desk.save(page, go="confirm").location == f"{page}/confirm"
    confirm = desk.browser.get(f"{page}/confirm").text
    assert "14名に結果を伝えます" in confirm
    assert "10分後" in confirm

    assert desk.tell(page, 14).location == "/results/waiting"

    assert {message.state for message in desk.messages()} == {MessageState.SCHEDULED}
    assert desk.messages(MessageState.DRAFT) == []
    waiting = desk.browser.get("/results/waiting").text
    assert "14名に送信まで" in waiting
    assert "data-countdown-until=" in waiting
    assert "約10分" in waiting


def test_the_bar_stands_on_every_page_and_only_who_may_stops(desk: Desk, app: Flask) -> None:
    desk.told(desk.people(2))
    for path in ("/", "/pool", "/credits", "/templates"):
        page = desk.browser.get(path).text
        assert "2名に送信まで" in page, path
        assert 'action="/results/stop"' in page, path
    seen = browse(app, desk.cast.vic).get("/").text
    assert "2名に送信まで" in seen
    assert 'action="/results/stop"' not in seen
    assert "送信まで" not in browse(app, desk.cast.mona).get("/").text


def test_a_double_click_tells_once(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    desk.save(page)
    first, again = desk.tell(page, 2), desk.tell(page, 2)
    assert (first.status_code, again.status_code) == (303, 303)
    assert len(desk.messages()) == 2
    assert "二重には送りません" in desk.browser.get(again.location).text


def test_two_tabs_tell_once_and_the_second_names_who_was_told(desk: Desk) -> None:
    people = desk.people(2)
    one, two = desk.begin(people), desk.begin(people)
    desk.save(one)
    desk.save(two)
    desk.tell(one, 2)

    answer = desk.tell(two, 2)

    assert answer.location == two
    said = desk.browser.get(two).text
    assert "候補 0番さん、候補 1番さんには、ほかの画面から先に結果を伝えています" in said
    assert len(desk.messages()) == 2


def test_the_back_button_leads_on(desk: Desk) -> None:
    page = desk.told(desk.people(1))
    for path in (page, f"{page}/confirm"):
        answer = desk.browser.get(path)
        assert (answer.status_code, answer.location) == (303, "/results/waiting")
    assert desk.browser.post(page, data={"reason": "skills"}).location == "/results/waiting"


def test_a_number_that_no_longer_fits_sends_nothing(desk: Desk) -> None:
    page = desk.begin(desk.people(2))
    desk.save(page)
    desk.tell(page, 3)
    assert desk.messages() == []
    assert "確認のあとで宛先が変わりました" in desk.browser.get(page).text


def test_stopping_opens_the_selection_again_and_offers_the_words_anew(desk: Desk) -> None:
    people = desk.people(2)
    page = desk.begin(people)
    first, _second = desk.rows(page)
    desk.save(page, **{f"remark__{first}": "お話、楽しかったです。"})
    desk.tell(page, 2)
    batch = page.rsplit("/", 1)[1]

    answer = desk.browser.post("/results/stop", data={"batch": batch})

    assert [desk.again(each).status for each in people] == [ApplicationResult.OPEN, ApplicationResult.OPEN]
    shown = desk.browser.get(answer.location).text
    assert "2名への送信を停止しました。誰にも届いていません。" in shown
    assert "2名を選考中に戻しました" in shown
    anew = desk.browser.post("/results/drafts", data={"stopped": batch}).location
    text = desk.browser.get(anew).text
    assert "お話、楽しかったです。</textarea>" in text
    assert '<option value="skills" selected>' in text


def test_one_person_is_stopped_and_the_others_leave(desk: Desk, app: Flask) -> None:
    people = desk.people(3)
    page = desk.told(people)
    _first, second, _third = desk.messages()
    assert f'action="/results/messages/{second.id}/stop"' in desk.browser.get("/results/waiting").text

    answer = desk.browser.post(f"/results/messages/{second.id}/stop", follow_redirects=True)

    assert "この方への送信だけを停止しました。ほかの方には予定どおり送ります。" in answer.text
    assert "この方の見送りは取り消し、選考中に戻しました。" in answer.text
    assert [desk.again(each).status for each in people] == [
        ApplicationResult.REJECTED,
        ApplicationResult.OPEN,
        ApplicationResult.REJECTED,
    ]
    again = desk.browser.post(f"/results/messages/{second.id}/stop", follow_redirects=True)
    assert "このメールは止められませんでした" in again.text
    Postbox().collect(later=timedelta(minutes=11))
    assert [each.state for each in desk.messages()] == [
        MessageState.SENT,
        MessageState.CANCELLED,
        MessageState.SENT,
    ]
    assert desk.browser.post("/results/stop", data={"batch": page.rsplit("/", 1)[1]}).location == "/results/sent"


def test_who_was_stopped_alone_is_written_to_again_with_the_same_words(desk: Desk) -> None:
    people = desk.people(2)
    page = desk.begin(people)
    first, _second = desk.rows(page)
    desk.save(page, **{f"remark__{first}": "お話、楽しかったです。"})
    desk.tell(page, 2)
    stopped = desk.messages()[0]
    desk.browser.post(f"/results/messages/{stopped.id}/stop")
    form = {"id": str(stopped.subject_id), "stopped": page.rsplit("/", 1)[1]}
    assert form["stopped"] in desk.browser.get(f"/results/messages/{stopped.id}").text

    anew = desk.browser.post("/results/drafts", data=form).location

    assert len(desk.rows(anew)) == 1
    assert "お話、楽しかったです。</textarea>" in desk.browser.get(anew).text


def test_what_has_left_is_not_stopped(desk: Desk, app: Flask) -> None:
    page = desk.told(desk.people(1))
    Postbox().collect(later=timedelta(minutes=11))
    answer = desk.browser.post("/results/stop", data={"batch": page.rsplit("/", 1)[1]}, follow_redirects=True)
    assert "すでに送信中です" in answer.text
    assert desk.messages()[0].state is MessageState.SENT


def test_another_company_stops_nothing(desk: Desk, app: Flask) -> None:
    page = desk.told(desk.people(1))
    mona = browse(app, desk.cast.mona)
    mona.post("/results/stop", data={"batch": page.rsplit("/", 1)[1]})
    mona.post("/results/stop")
    assert mona.post(f"/results/messages/{desk.messages()[0].id}/stop").status_code == 404
    assert desk.messages()[0].state is MessageState.SCHEDULED


def test_without_a_delay_it_leaves_at_once(desk: Desk, app: Flask) -> None:
    desk.cast.acme.send_delay_minutes = 0
    desk.session.commit()
    page = desk.begin(desk.people(1))
    desk.save(page)
    assert desk.tell(page, 1).location == "/results/sent"
    Postbox().collect()
    assert desk.messages()[0].state is MessageState.SENT
    sent = desk.browser.get("/results/sent").text
    assert "候補 0番" in sent
    assert "案内済み" in sent


def test_who_could_not_be_reached_is_listed_until_told(desk: Desk, app: Flask) -> None:
    [person] = desk.people(1)
    desk.told([person])
    Postbox(unknown={"p0@mail.example"}).collect(later=timedelta(minutes=11))

    listed = desk.browser.get("/results/failed").text
    assert "候補 0番" in listed
    assert "不達" in listed
    assert "宛先に届かず、戻ってきました。" in listed
    assert "使われていません" not in listed, "a full mailbox or a blocked sender comes back too"
    form = {"id": person.id, "confirmed": "1", "reason": "skills"}
    assert desk.browser.post("/results/elsewhere", data=form).status_code == 303
    assert "候補 0番" not in desk.browser.get("/results/failed").text


def test_an_address_whose_form_was_refused_is_said_to_be_that_and_can_be_written_to_again(
    desk: Desk, app: Flask
) -> None:
    [person] = desk.people(1)
    desk.told([person])
    Postbox(malformed={"p0@mail.example"}).collect(later=timedelta(minutes=11))

    listed = desk.browser.get("/results/failed").text
    assert "アドレスの書き方を受け付けませんでした。使われていないアドレスとは限りません。" in listed
    assert "つづりを確認し、誤りがあれば修正してもう一度書いてください。" in listed
    assert "もう一度書く" in listed
    assert "戻ってきました" not in listed
    [message] = desk.messages()
    assert "アドレスの書き方" in desk.browser.get(f"/results/messages/{message.id}").text
    desk.told([person])
    Postbox().collect(later=timedelta(minutes=11))
    assert desk.messages()[-1].state is MessageState.SENT


def test_a_refused_mail_can_be_written_again(desk: Desk, app: Flask) -> None:
    [person] = desk.people(1)
    desk.told([person])
    Postbox(refuses=True).collect(later=timedelta(minutes=11))
    assert "もう一度書く" in desk.browser.get("/results/failed").text

    desk.told([person])

    assert [message.state for message in desk.messages()] == [MessageState.FAILED, MessageState.SCHEDULED]
    assert "候補 0番" not in desk.browser.get("/results/failed").text


def test_a_mail_is_shown_as_it_was_with_its_history(desk: Desk, app: Flask) -> None:
    desk.told(desk.people(1))
    Postbox().collect(later=timedelta(minutes=11))
    [message] = desk.messages()
    with clock.at(clock.now() + timedelta(days=40)):
        later = browse(app, desk.cast.ada)
        shown = later.get(f"/results/messages/{message.id}").text
        mail = later.get(f"/results/messages/{message.id}/mail")
    for words in ("送信済み", "結果連絡を書きました", "候補 0番さん", "<title>結果連絡のメール"):
        assert words in shown
    assert "href=" not in mail.text
    assert message.values["relay_until"][:4] in mail.text
    assert "任意" in mail.text


def test_a_mail_of_another_company_is_not_found(desk: Desk, app: Flask) -> None:
    desk.told(desk.people(1))
    [message] = desk.messages()
    mona = browse(app, desk.cast.mona)
    assert mona.get(f"/results/messages/{message.id}").status_code == 404
    assert mona.get(f"/results/messages/{message.id}/mail").status_code == 404


def test_a_draft_has_no_page_among_the_mails(desk: Desk) -> None:
    page = desk.begin(desk.people(1))
    [row] = desk.rows(page)
    assert desk.browser.get(f"/results/messages/{row}").status_code == 404


def test_the_bar_alone_answers_htmx(desk: Desk) -> None:
    assert "queue__text" not in desk.browser.get("/results/queue", headers=HTMX).text
    desk.told(desk.people(3))
    part = desk.browser.get("/results/queue", headers=HTMX).text
    assert part.lstrip().startswith('<div id="queue-bar"')
    assert "3名に送信まで" in part
