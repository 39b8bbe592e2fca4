"""What HR sees of a result that came back after it left: on home, in the list, on the mail and on the record."""

from datetime import timedelta

import pytest
from flask import Flask

from relay import clock
from relay.mail import bounces
from relay.models import Application, Message, MessageState
from tests import bouncing
from tests.cast import browse
from tests.db.outreach.conftest import Postbox
from tests.web.portal.desk import Desk

SAID = {
    "postfix-nobody": "「そのアドレスはない」という返事のため、このアドレスにはもう送りません。",
    "postfix-full": "宛先の受信箱がいっぱいで、届きませんでした。",
    "gmail-inactive": "宛先の受信箱の利用が止められていて、届きませんでした。",
    "postfix-spam": "宛先の迷惑メール対策や受信の設定により、受け取られませんでした。",
    "sendmail-docomo": "携帯電話会社は、受信を断る設定のときも、宛先がないと返事をします。",
    "exim-dmarc": "送信する側の設定（SPF・DKIM・逆引きなど）が原因で、受け取られませんでした。",
    "exim-later": "宛先のサーバーが、期限までに受け取りませんでした。",
    "sendmail-guessed": "使われていないアドレスとは限りません。",
}

WRONG_ADDRESS = ("postfix-nobody",)
"""Where another address helps, and not another try."""


def came_back(desk: Desk, name: str, person: Application | None = None) -> Message:
    """A result that left, and what a server wrote about it."""
    desk.told([person or desk.people(1)[0]])
    with clock.at(clock.now() + timedelta(minutes=11)):
        Postbox().collect()
        [message] = desk.messages(MessageState.SENT)
        report = bounces.read(bouncing.about(message, name))
        assert report is not None
        bounces.note(desk.session, report)
        desk.session.commit()
    return message


@pytest.mark.parametrize(("name", "sentence"), SAID.items())
def test_home_tells_of_it_and_the_list_says_why_and_what_to_do(
    desk: Desk, app: Flask, name: str, sentence: str
) -> None:
    message = came_back(desk, name)
    home = desk.browser.get("/").text
    assert "届いていない結果連絡" in home
    listed = desk.browser.get("/results/failed").text
    assert sentence in listed
    assert "電話などで" in listed or "直ってからもう一度書いてください" in listed
    assert ("アドレスを修正して、もう一度書く" in listed) == (name in WRONG_ADDRESS)
    assert ">もう一度書く" in listed or name in WRONG_ADDRESS
    assert "候補 0番" not in desk.browser.get("/results/sent").text
    shown = desk.browser.get(f"/results/messages/{message.id}").text
    assert sentence in shown
    assert "宛先のメールサーバーからの返事：" in shown
    assert "候補 0番" in desk.browser.get("/results").text, "nobody has told this person yet"


def test_after_a_full_box_the_same_person_is_written_to_again(desk: Desk, app: Flask) -> None:
    [person] = desk.people(1)
    came_back(desk, "postfix-full", person)
    desk.told([person])
    Postbox().collect(later=timedelta(minutes=11))
    assert [each.state for each in desk.messages()] == [MessageState.FAILED, MessageState.SENT]
    assert "候補 0番" not in desk.browser.get("/results/failed").text


def test_an_address_that_does_not_exist_is_said_so_before_the_next_mail(desk: Desk, app: Flask) -> None:
    came_back(desk, "exim-nobody")
    missing = desk.browser.get("/pool/missing?kind=bounced")
    assert missing.status_code == 200
    assert "候補 0番" in missing.text


def test_the_address_is_put_right_and_the_same_words_wait_to_be_sent(desk: Desk, app: Flask) -> None:
    [person] = desk.people(1)
    page = desk.begin([person])
    [row] = desk.rows(page)
    desk.save(page, **{f"remark__{row}": "お話、楽しかったです。"})
    desk.tell(page, 1)
    with clock.at(clock.now() + timedelta(minutes=11)):
        Postbox().collect()
        [message] = desk.messages(MessageState.SENT)
        report = bounces.read(bouncing.about(message, "postfix-nobody"))
        assert report is not None
        bounces.note(desk.session, report)
        desk.session.commit()
    address = f"/results/messages/{message.id}/address"
    assert f'href="{address}"' in desk.browser.get("/results/failed").text

    same = desk.browser.post(address, data={"email": message.to_address})
    assert same.status_code == 422
    assert "このアドレスからはメールが戻ってきています" in same.text
    nothing = desk.browser.post(address, data={"email": " "})
    assert nothing.status_code == 422
    assert "メールアドレスを入力してください。" in nothing.text
    slip = desk.browser.post(address, data={"email": "p0@gmial.com"})
    assert slip.status_code == 422
    assert "gmail.comの打ち間違いかもしれません" in slip.text

    saved = desk.browser.post(address, data={"email": "ｐ０＠gmail.com"})

    shown = desk.browser.get(saved.location).text
    assert "お話、楽しかったです。</textarea>" in shown
    assert "p0@gmail.com" in shown
    assert "まだ送っていません" in shown
    desk.tell(saved.location, 1)
    Postbox().collect(later=timedelta(minutes=11))
    assert [each.to_address for each in desk.messages(MessageState.SENT)] == ["p0@gmail.com"]
    assert "候補 0番" not in desk.browser.get("/results/failed").text


def test_only_a_mail_that_did_not_arrive_has_such_a_page(desk: Desk, app: Flask) -> None:
    desk.told(desk.people(1))
    [message] = desk.messages()
    assert desk.browser.get(f"/results/messages/{message.id}/address").status_code == 404
    Postbox().collect(later=timedelta(minutes=11))
    assert desk.browser.get(f"/results/messages/{message.id}/address").status_code == 404
    assert browse(app, desk.cast.mona).get(f"/results/messages/{message.id}/address").status_code == 404
