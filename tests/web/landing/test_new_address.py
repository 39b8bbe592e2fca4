"""Another mail address, from the own page: proven by its mail, stopped by the old one, alike for every one (C-20)."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.mail import compose, letters
from relay.models import MessageState, Pin, scopes
from relay.network import new_address, own_pages, pins, sharing
from tests.cast import PIN, Cast
from tests.db.network.build import mailed_link, mails, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

NEW, TAKEN, WRONG = "hanako@new.example", "other@mail.example", "8351"


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with the agency; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def ask(phone: Phone, own: str, address: str = NEW) -> str:
    """Ask for an address on the own page; gives what the page says then."""
    return words(phone.get(phone.post(f"{own}/address", {"new_address": address}).location))


def prove(phone: Phone, link: str, number: str = PIN) -> TestResponse:
    """Send the form behind the link, with the number."""
    return phone.post(link, {"number": number})


def mail_of(session: Session, letter: str) -> tuple[str, str]:
    """The newest mail of a letter as it is sent: its words, and the path its link leads to."""
    session.rollback()
    mail = mails(session, letter)[-1]
    mint = letters.find(letter).mint
    assert mint is not None
    with scopes.everyone(session, "test"):
        text = compose.render(session, mail, preview=False, links=mint(session, mail)).text
    mail.state = MessageState.SENT
    session.commit()
    found = re.search(r"https?://\S+/(?:address|me)/\S+", text)
    assert found
    return text, urlsplit(found[0]).path


def at_the_partner(session: Session, cast: Cast, code: str) -> str:
    session.rollback()
    with scopes.partner(session, cast.tsumugi.id):
        return sharing.open_person(session, code, None).email


def test_from_the_page_to_the_new_mailbox(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    profile = the_profile(session, EMAIL)
    assert "確認のメールをお送りしています" in ask(phone, own)
    text, link = mail_of(session, new_address.LETTER)
    assert mails(session, new_address.LETTER)[-1].to_address == NEW and "高橋" not in text
    for _look in range(3):
        assert f"登録のメールアドレスを{NEW}に変更するお申し出" in words(phone.get(link))
        assert 'name="number"' in phone.get(link).text
    assert the_profile(session, EMAIL).id == profile.id, "looking changes nothing"
    assert "メールアドレスを変更しました" in words(phone.get(prove(phone, link).location))
    session.expire_all()
    assert the_profile(session, NEW).id == profile.id
    assert phone.get(own).status_code == 404, "links mailed to the old address open nothing any more"
    assert mails(session, "own-page")[-1].to_address == NEW
    assert {each.to_address for each in mails(session, "done-on-own-page")} == {NEW}
    assert prove(phone, link).status_code == 303, "twice changes nothing"
    assert at_the_partner(session, cast, profile.code) == EMAIL
    again = mail_own_page(session, profile.id)
    phone.enter(again)
    page = phone.get(again).text
    assert "いまの登録先1か所にも伝えますか" in page
    shown = dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', page))
    phone.post(f"{again}/contents", {**shown, "partner": str(cast.tsumugi.id), "answer": "all"})
    assert at_the_partner(session, cast, profile.code) == NEW


def test_who_reads_a_mistyped_mailbox_takes_nothing_over(phone: Phone, session: Session, own: str) -> None:
    """Tries of the number count as the own page's do, and none is left after five: then neither page takes one."""
    profile_id = the_profile(session, EMAIL).id
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    for wrong in ("", "12", "abcd"):
        refused = prove(phone, link, wrong)
        assert refused.status_code == 422 and "4桁の数字でご記入ください" in words(refused)
    for _try in range(pins.MAX_WRONG_IN_A_ROW - 1):
        refused = prove(phone, link, WRONG)
        assert refused.status_code == 422 and "暗証番号が違うようです" in words(refused)
    assert "アドレスは、変わっていません" in words(prove(phone, link, WRONG))
    assert "アドレスは、変わっていません" in words(prove(phone, link)), "the right one opens nothing now"
    assert "アドレスは、変わっていません" in words(phone.get(link))
    session.expire_all()
    assert the_profile(session, EMAIL).id == profile_id
    assert {mail.to_address for mail in mails(session, "own-page")} == {EMAIL}
    phone.post(f"{own}/leave")
    assert phone.enter(own).status_code == 422
    with clock.at(clock.now() + pins.LOCKED_FOR - timedelta(hours=1)):
        assert prove(phone, link).status_code == 422


def test_a_number_that_is_used_up_is_chosen_anew_from_the_old_address(phone: Phone, session: Session, own: str) -> None:
    profile_id = the_profile(session, EMAIL).id
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    with scopes.profile(session, profile_id):
        session.scalars(select(Pin)).one().wrong_in_all = pins.MAX_WRONG_IN_ALL - 1
    session.commit()
    assert "新しい番号をお選びください" in words(prove(phone, link, WRONG))
    assert "新しい番号をお選びください" in words(prove(phone, link)) and the_profile(session, EMAIL)


def test_a_right_number_takes_its_try_back(phone: Phone, session: Session, own: str) -> None:
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    prove(phone, link, WRONG)
    assert prove(phone, link).status_code == 303
    with scopes.profile(session, the_profile(session, NEW).id):
        pin = session.scalars(select(Pin)).one()
        assert (pin.wrong_in_a_row, pin.wrong_in_all) == (0, 1)


def test_the_old_address_is_told_and_stops_it_without_the_number(phone: Phone, session: Session, own: str) -> None:
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    text, way = mail_of(session, new_address.NOTICE)
    assert mails(session, new_address.NOTICE)[-1].to_address == EMAIL and NEW not in text
    assert "暗証番号は要りません" in text and "24時間" in text
    door = words(phone.get(way))
    assert "アドレスの変更を取り消す" in door and NEW not in door
    stopped = phone.post(f"{way}/address/cancel")
    assert "アドレスの変更を取り消しました" in words(phone.get(stopped.location))
    assert phone.get(link).status_code == 404 and prove(phone, link).status_code == 404
    assert the_profile(session, EMAIL)


def test_an_address_of_another_registration_is_answered_alike_and_told_to_its_mailbox_alone(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, TAKEN), cast.tsumugi)
    session.commit()
    said = [ask(phone, own, address).replace(address, "") for address in (NEW, TAKEN)]
    assert said[0] == said[1]
    text, link = mail_of(session, new_address.LETTER)
    assert "高橋" not in text and f"{TAKEN}に変更する" in words(phone.get(link))
    refused = prove(phone, link)
    assert refused.status_code == 422 and "このアドレスには、別の登録があります" in words(refused)
    assert the_profile(session, EMAIL).id != the_profile(session, TAKEN).id


@pytest.mark.parametrize(
    ("typed", "said"),
    [(EMAIL, "いま登録されているアドレスと同じです"), ("hanako", "hanako"), ("", "")],
)
def test_an_address_that_will_not_do_is_said_and_kept(
    phone: Phone, session: Session, own: str, typed: str, said: str
) -> None:
    refused = phone.post(f"{own}/address", {"new_address": typed})
    assert refused.status_code == 422 and said in words(refused)
    assert f'value="{typed}"' in refused.text and not mails(session, new_address.LETTER)


def test_a_day_has_three_and_the_newest_counts(phone: Phone, session: Session, own: str) -> None:
    links = []
    for place in range(3):
        ask(phone, own, f"{place}@new.example")
        links.append(mail_of(session, new_address.LETTER)[1])
    assert [phone.get(link).status_code for link in links] == [404, 404, 200]
    refused = phone.post(f"{own}/address", {"new_address": NEW})
    assert refused.status_code == 422 and "1日に3通まで" in words(refused)
    assert phone.get(links[2]).status_code == 200, "what waits goes on waiting"


def test_after_a_day_the_link_and_the_address_are_gone(phone: Phone, session: Session, own: str) -> None:
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    with clock.at(clock.now() + new_address.WAITS + timedelta(seconds=1)):
        assert phone.get(link).status_code == 404
        new_address.sweep(session)
        session.commit()
    assert [each.to_address for each in mails(session, new_address.LETTER)] == [""]


def test_without_the_number_and_before_an_erasure_nothing_is_asked(phone: Phone, session: Session, own: str) -> None:
    ask(phone, own)
    _text, link = mail_of(session, new_address.LETTER)
    own_pages.plan_erasure(session, the_profile(session, EMAIL).id)
    session.commit()
    assert "先に、消去の予定を取り消してください" in words(prove(phone, link))
    assert phone.post(f"{own}/address", {"new_address": "b@new.example"}).status_code == 422
    phone.post(f"{own}/leave")
    assert phone.post(f"{own}/address", {"new_address": "c@new.example"}).location.endswith("done=expired")
    assert len(mails(session, new_address.LETTER)) == 1
