"""Registering through the page: what is written, what is asked again, and that doing it twice is harmless."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.access.rate_limits import POSTS_PER_TOKEN
from relay.models import (
    Consent,
    Event,
    LinkState,
    Message,
    MessageState,
    PendingRegistration,
    Profile,
    Referral,
    RelayLink,
    Token,
    TokenPurpose,
    scopes,
)
from relay.network import partners
from relay.tokens import token_hash
from tests.cast import PIN, Cast
from tests.conftest import ON_ONE
from tests.db.network.build import confirming as confirming_row
from tests.db.network.build import mails, mint_confirmation, the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, confirm, mail_link, registered, words

BROWSER = {"User-Agent": "Mozilla/5.0 (iPhone)"}


def test_it_registers_and_keeps_the_evidence(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    data = answers(
        page,
        cast.tsumugi.id,
        name="中村 遥",
        kana="なかむら はるか",
        phone="０９０-1234-5678",
        desired_role="経理",
        experience="簿記2級",
    )
    response = phone.post(path, data, headers=BROWSER)
    assert (response.status_code, response.location[:4]) == (303, "/me/")
    assert "登録しました" in words(phone.get(response.location))
    session.expire_all()
    profile = the_profile(session, EMAIL)
    assert (profile.name, profile.kana, profile.phone, profile.desired_role) == (
        "中村 遥",
        "ナカムラ ハルカ",
        "09012345678",
        "経理",
    )
    (consent,) = _all(session, Consent)
    assert consent.partner_id == cast.tsumugi.id
    assert (consent.agent, consent.ip, consent.locale) == ("Mozilla/5.0 (iPhone)", "127.0.0.0", "ja")
    assert consent.via_token_id == _token_id(session, path)
    assert consent.wording_hash in page
    assert consent.items == ["name", "kana", "email", "phone", "desired_role", "experience"]
    assert _count(session, Referral) == 1
    assert _link_state(session, link) is LinkState.REGISTERED
    assert len(mails(session, "own-page")) == 1


@pytest.mark.parametrize(
    ("address", "kept"), [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::77", "2001:db8:1::"), ("unknown", "")]
)
def test_the_log_keeps_no_whole_address_of_a_candidate(
    phone: Phone, session: Session, cast: Cast, address: str, kept: str
) -> None:
    _link, path = mail_link(session, cast.acme)
    here = {"environ_overrides": {"REMOTE_ADDR": address}}
    assert phone.post(path, answers(phone.get(path).text, cast.tsumugi.id), **here).status_code == 303
    logged = session.scalars(select(Event.ip).where(Event.actor_kind == "candidate")).all()
    assert len(logged) > 2
    assert set(logged) == {kept}


def test_a_school_alone_completes_no_referral(phone: Phone, session: Session, cast: Cast) -> None:
    registered(phone, session, cast, EMAIL, cast.manabi.id)
    assert _count(session, Consent) == 1
    assert _count(session, Referral) == 0


def test_a_scanner_may_open_the_link_five_times_first(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    for _visit in range(5):
        page = phone.get(path)
        phone.get(f"{path}/done")
    assert _count(session, Profile) == 0
    assert phone.post(path, answers(page.text, cast.tsumugi.id)).status_code == 303
    assert _count(session, Referral) == 1


def test_a_double_click_registers_once(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, cast.manabi.id)
    first, second = (phone.post(path, data) for _click in range(2))
    assert first.location.startswith("/me/")
    assert second.location == f"{path}/done"
    assert (_count(session, Consent), _count(session, Referral), _count(session, Profile)) == (2, 1, 1)
    assert len(mails(session, "own-page")) == 1


def test_the_browser_that_registered_gets_the_own_page_at_once(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id)
    response = phone.post(path, data, headers={"HX-Request": "true"})
    assert response.status_code == 204
    own = response.headers["HX-Redirect"]
    assert cast.tsumugi.name in words(phone.get(own))
    assert cast.tsumugi.name not in words(Phone(phone.app).get(own))
    assert cast.tsumugi.name not in words(phone.get(f"{path}/done"))


@ON_ONE
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"partner": []}, "まだ、登録先が選ばれていません"),
        ({"name": "  "}, "氏名をご記入ください"),
        ({"of_age": []}, "16歳以上の方は、ここにチェックを入れてください"),
        ({"phone": "123"}, "電話番号の形ではないようです"),
        ({"address": "other", "other_address": ""}, "お使いになるメールアドレスをご記入ください"),
        ({"address": "other", "other_address": "haruka.mail.example"}, "@ がありません"),
        ({"experience": "うつ病で休職していました"}, "「うつ病」は、書かなくてよいことかもしれません"),
        ({"desired_role": "あ" * 101}, "100文字以内"),
        ({"partner": ["x"]}, "選ばれていません"),
    ],
)
def test_what_is_wrong_is_said_and_the_entries_stay(
    phone: Phone, session: Session, cast: Cast, wrong: dict[str, Any], sentence: str
) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, kana="ナカムラ", place="岡谷市") | wrong
    response = phone.post(path, data)
    assert response.status_code == 422
    assert sentence in words(response)
    assert "ご記入は残っています" in words(response)
    assert 'value="ナカムラ"' in response.text
    assert 'value="岡谷市"' in response.text
    assert (_count(session, Profile), _count(session, PendingRegistration)) == (0, 0)


def test_with_script_an_error_comes_as_the_part_of_the_page(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    response = phone.post(path, answers(phone.get(path).text), headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert response.text.lstrip().startswith('<div id="offer">')


def test_a_word_of_work_is_taken_after_asking(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, experience="障害のある方の就労を助けていました")
    assert "harmless" not in phone.get(path).text
    asked = phone.post(path, data)
    assert asked.status_code == 422
    assert 'name="harmless"' in asked.text
    assert phone.post(path, data | {"harmless": "y"}).status_code == 303


def test_a_partner_that_stopped_meanwhile_is_not_told(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, place="岡谷市")
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    response = phone.post(path, data)
    assert response.status_code == 422
    assert "受け付けを止めています" in words(response)
    assert 'value="岡谷市"' in response.text
    assert cast.tsumugi.name not in words(response)
    assert _count(session, Profile) == 0


def test_words_that_changed_are_shown_again_and_nothing_is_ticked(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id)
    partners.change_partner(session, cast.tsumugi, representative="新しい 代表")
    session.commit()
    response = phone.post(path, data)
    assert response.status_code == 422
    assert "説明の内容が変わりました" in words(response)
    assert "新しい 代表" in words(response)
    assert 'data-choice="1" checked' not in response.text
    assert _count(session, Profile) == 0


def test_a_form_without_the_shown_words_registers_nobody(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id)
    del data[f"shown-{cast.tsumugi.id}"]
    assert phone.post(path, data).status_code == 422
    assert _count(session, Profile) == 0


def test_another_address_is_proven_first(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, address="other", other_address="haruka@other.example")
    assert phone.post(path, data).location.startswith(f"{path}/done?again=")
    page = words(phone.get(f"{path}/done"))
    assert "確認のメールをお送りしました" in page
    assert "haruka@other.example" not in page
    assert "確認のメールをお送りしています" in words(phone.get(path))
    assert _count(session, Profile) == 0

    pending_id = confirming_row(session)
    confirming = f"/confirm/{mint_confirmation(session, pending_id, cast.acme)}"
    session.commit()
    for _scan in range(3):
        page = words(phone.get(confirming))
    assert cast.tsumugi.name not in page
    assert "お心当たりがないときは" in page
    assert _count(session, Profile) == 0
    assert phone.post(confirming).status_code == 422
    assert _count(session, Profile) == 0
    own = confirm(phone, confirming)
    assert cast.tsumugi.name in words(phone.get(own.location))
    assert "登録しました" in words(phone.get(confirming))
    assert phone.post(confirming).status_code == 303
    session.expire_all()
    assert the_profile(session, "haruka@other.example").name == "高橋 花子"
    assert (_count(session, Consent), _count(session, Referral)) == (1, 1)


def test_a_confirmation_takes_the_number_five_times_and_counts_before_it_compares(
    phone: Phone, session: Session, cast: Cast
) -> None:
    _link, path = mail_link(session, cast.acme)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, address="other", other_address="h@other.example"))
    confirming = f"/confirm/{mint_confirmation(session, confirming_row(session), cast.acme)}"
    session.commit()
    for _try in range(4):
        assert "暗証番号が違う" in words(phone.post(confirming, {"number": "8351"}))
    assert "5回違ったため" in words(phone.post(confirming, {"number": "8351"}))
    right = phone.post(confirming, {"number": PIN})
    assert right.status_code == 422
    assert "はじめのメールのリンクから、もう一度ご登録ください" in words(right)
    assert _count(session, Profile) == 0


def test_whoever_confirms_sees_first_what_is_agreed_to(phone: Phone, session: Session, cast: Cast) -> None:
    """Recipients, what was typed, and every sentence of the terms; the right number alone registers nobody."""
    _link, path = mail_link(session, cast.acme)
    typed = {"name": "中村 遥", "phone": "090-1234-5678", "experience": "簿記2級", "other_address": "h@other.example"}
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, address="other", **typed))
    pending_id = confirming_row(session)
    confirming = f"/confirm/{mint_confirmation(session, pending_id, cast.acme)}"
    session.commit()
    for _again in range(6):
        shown = phone.post(confirming, {"number": PIN})
        assert shown.status_code == 200, "the right number may be given as often as one likes"
    for told in (
        cast.tsumugi.name,
        cast.tsumugi.license_number or "-",
        "中村 遥",
        "09012345678",
        "簿記2級",
        "h@other.example",
    ):
        assert told in words(shown)
    kept = session.scalars(select(PendingRegistration.evidence)).one()["agreed"][0]["text"]
    for line in kept.split("\n"):
        assert line.partition(": ")[2] in words(shown)
    assert _count(session, Profile) == 0
    for proof in ("0" * 64, "あ"):
        assert phone.post(confirming, {"proof": proof}).status_code == 422
    assert _count(session, Profile) == 0
    assert confirm(phone, confirming).location.startswith("/me/")
    (consent,) = _all(session, Consent)
    assert consent.wording == kept


def test_another_address_typed_by_mistake_can_be_typed_again(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    for address in ("haruka@otherr.example", "haruka@other.example"):
        phone.post(path, answers(page, cast.tsumugi.id, address="other", other_address=address))
    with scopes.everyone(session, "test"):
        assert session.scalars(select(PendingRegistration.email)).all() == ["haruka@other.example"]


def test_confirming_after_every_partner_stopped_says_so(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, address="other", other_address="h@other.example"))
    pending_id = confirming_row(session)
    confirming = f"/confirm/{mint_confirmation(session, pending_id, cast.acme)}"
    partners.suspend(session, cast.tsumugi)
    session.commit()
    response = confirm(phone, confirming)
    assert response.status_code == 409
    assert "どこにも情報は伝わっていません" in words(response)
    assert _count(session, Profile) == 0


def test_a_used_link_says_only_that_it_was_used(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = registered(phone, session, cast)
    response = phone.get(path)
    assert "すでに登録に使われています" in words(response)
    for told in (cast.tsumugi.name, "高橋", EMAIL):
        assert told not in response.text
    assert "登録しました" in words(phone.get(f"{path}/done"))


def test_a_used_link_mails_the_own_page_to_the_registered_address(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = registered(phone, session, cast)
    _all_sent(session)
    for _visit in range(3):
        phone.get(path)
        phone.get(f"{path}?mailed=1")
    assert len(mails(session, "own-page")) == 1
    response = phone.post(f"{path}/own-page")
    assert "メールをお送りしています" in words(phone.get(response.location))
    assert [each.to_address for each in mails(session, "own-page")] == [EMAIL, EMAIL]


def test_a_used_link_does_not_fill_the_mailbox(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = registered(phone, session, cast)
    for _press in range(8):
        _all_sent(session)
        assert phone.post(f"{path}/own-page").status_code == 303
    assert len(mails(session, "own-page")) == 5
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        phone.post(f"{path}/own-page")
    assert len(mails(session, "own-page")) == 6


def test_an_open_link_mails_nobody(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    phone.post(f"{path}/own-page")
    assert mails(session, "own-page") == []


def test_done_before_any_answer_leads_back(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    assert phone.get(f"{path}/done").location == path


def test_a_wrong_or_missing_value_of_the_page_is_refused(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id)
    assert phone.bare_post(path, data=data).status_code == 400
    assert phone.bare_post(path, data=data | {"link_csrf": "0" * 64}).status_code == 400
    assert _count(session, Profile) == 0


def test_one_post_too_many_within_a_minute_waits(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    with clock.at(clock.now()):
        codes = [phone.post(path, {"name": ""}).status_code for _try in range(POSTS_PER_TOKEN + 1)]
    assert codes == [422] * POSTS_PER_TOKEN + [429]


def _all(session: Session, model: Any) -> list[Any]:
    session.rollback()
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(model)))


def _count(session: Session, model: Any) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def _link_state(session: Session, link: RelayLink) -> LinkState:
    session.rollback()
    with scopes.company(session, link.company_id):
        session.refresh(link)
    return link.state


def _token_id(session: Session, path: str) -> int | None:
    return session.scalar(
        select(Token.id).where(Token.hash == token_hash(path.removeprefix("/r/")), Token.purpose == TokenPurpose.RELAY)
    )


def _all_sent(session: Session) -> None:
    with scopes.everyone(session, "test"):
        session.execute(update(Message).where(Message.letter == "own-page").values(state=MessageState.SENT))
    session.commit()


# correcting an address


def test_whoever_corrects_an_address_finds_the_form_as_it_was_filled_in(
    phone: Phone, session: Session, cast: Cast
) -> None:
    _link, path = mail_link(session, cast.acme)
    typed = {"name": "中村 遥", "phone": "090-1234-5678", "desired_role": "経理", "other_address": "h@gmial.example"}
    data = answers(phone.get(path).text, cast.tsumugi.id, address="other", **typed)
    answered = phone.post(path, data)
    assert not [each for each in typed.values() if each in answered.location], "nothing personal is in an address"
    again = re.search(r'href="([^"]*)">もう一度', phone.get(answered.location).text)
    assert again is not None
    form = phone.get(again[1]).text
    for told in ("中村 遥", "09012345678", "経理", "h@gmial.example"):
        assert f'value="{told}"' in form
    assert re.search(rf'value="{cast.tsumugi.id}"[^>]* checked', form)
    assert PIN not in form


def test_whoever_holds_the_link_alone_finds_it_empty(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id, address="other", name="中村 遥", other_address="h@o.example")
    first = phone.post(path, data).location
    for tried in ("", "?again=", "?again=あ", f"?again={'0' * 64}", "/done"):
        shown = phone.get(f"{path}{tried}").text
        assert "中村 遥" not in shown and "h@o.example" not in shown, tried
    phone.post(path, data | {"name": "別の 方", "other_address": "b@o.example"})
    assert "別の 方" not in phone.get(first.replace("/done", "")).text, "the key of an earlier form opens no later one"


def test_an_address_nobody_asked_for_holds_nothing_up(phone: Phone, session: Session, cast: Cast) -> None:
    """Typed and then hidden again: neither the browser, by a field of type email, nor the server minds it."""
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    field = re.search(r'<input[^>]*name="other_address"[^>]*>', page)
    assert field is not None and 'type="text"' in field[0] and 'inputmode="email"' in field[0]
    assert phone.post(path, answers(page, cast.tsumugi.id, other_address="tanaka")).location.startswith("/me/")
