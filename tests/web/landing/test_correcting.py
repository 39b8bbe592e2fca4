"""A person corrects what they wrote on their own page; partners get it by a new yes, or not at all (A-35, A-43)."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Event, Partner, scopes
from relay.network import pins, sharing
from tests.cast import Cast
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

BEFORE = {
    "name": "高橋 花子",
    "kana": "",
    "phone": "0266-00-0000",
    "desired_role": "経理",
    "place": "",
    "experience": "",
}


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with agency and school; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, **BEFORE)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def marks(page: str) -> str:
    return page.partition('name="opened" value="')[2].partition('"')[0]


def phone_seen_by(session: Session, partner: Partner) -> str:
    session.rollback()
    with scopes.partner(session, partner.id):
        return sharing.open_person(session, the_profile(session, EMAIL).code, None).phone


def test_a_corrected_number_reaches_whom_the_answer_names(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    page = phone.get(own).text
    assert 'value="0266-00-0000"' in page
    saved = phone.post(f"{own}/facts", BEFORE | {"phone": "０９０−１２３４−５６７８", "opened": marks(page)})
    asked = phone.get(saved.location)
    assert "訂正しました" in words(asked)
    assert "登録先には、まだ伝わっていません" in words(asked)
    assert "新しい内容を、いまの登録先2か所にも伝えますか" in words(asked)
    assert "090-1234-5678" in words(asked)
    assert {phone_seen_by(session, each) for each in (cast.tsumugi, cast.manabi)} == {"0266000000"}
    hashes = dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', asked.text))
    told = {"answer": "chosen", "partner": str(cast.manabi.id)} | hashes
    phone.post(f"{own}/contents", told)
    assert phone_seen_by(session, cast.tsumugi) == "0266000000"
    assert phone_seen_by(session, cast.manabi) == "09012345678"
    kept = session.scalars(select(Event).where(Event.tag == "profile:corrected")).one()
    assert (kept.company_id, kept.data) == (None, {"fields": ["phone"]}), "which field, and no value"


def test_nothing_changed_asks_nothing(phone: Phone, session: Session, own: str) -> None:
    answer = phone.post(f"{own}/facts", BEFORE)
    page = words(phone.get(answer.location))
    assert "変わったところはありませんでした" in page
    assert "か所にも伝えますか" not in page


def test_what_is_wrong_is_said_and_the_entries_stay(phone: Phone, session: Session, own: str) -> None:
    for typed, said in (
        ({"name": " "}, "氏名をご記入ください"),
        ({"phone": "12"}, "電話番号の形ではないようです"),
        ({"experience": "腰痛の持病があります"}, "書かなくてよいことかもしれません"),
    ):
        answer = phone.post(f"{own}/facts", BEFORE | {"place": "岡谷市"} | typed)
        assert answer.status_code == 422
        assert said in words(answer)
        assert 'value="岡谷市"' in answer.text
    assert the_profile(session, EMAIL).place == ""


def test_a_form_of_before_another_correction_shows_both_values_and_asks(
    phone: Phone, session: Session, own: str
) -> None:
    opened = marks(phone.get(own).text)
    phone.post(f"{own}/facts", BEFORE | {"desired_role": "人事", "opened": opened})
    late = BEFORE | {"desired_role": "総務", "place": "岡谷市", "opened": opened}
    answer = phone.post(f"{own}/facts", late)
    assert answer.status_code == 409
    assert "別の画面で訂正されています" in words(answer)
    for value in ("人事", "総務", "岡谷市"):
        assert value in answer.text
    kept = answer.text.partition('name="keep-desired_role" value="saved:')[2].partition('"')[0]
    phone.post(f"{own}/facts", late | {"keep-desired_role": f"saved:{kept}"})
    session.expire_all()
    profile = the_profile(session, EMAIL)
    assert (profile.desired_role, profile.place) == ("人事", "岡谷市")


def test_after_a_replaced_number_only_what_is_written_again_is_shown(phone: Phone, session: Session, own: str) -> None:
    pins.adopt(session, the_profile(session, EMAIL), pins.hash_of("6038"))
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path, "6038")
    page = phone.get(path)
    assert not [each for each in ("高橋", "0266", "経理") if each in page.text]
    assert "いまの暗証番号を決める前にご記入の項目は、表示していません" in words(page)
    empty = dict.fromkeys(BEFORE, "")
    assert phone.post(f"{path}/facts", empty | {"phone": "090-1234-5678"}).location.endswith("done=corrected")
    session.expire_all()
    profile = the_profile(session, EMAIL)
    assert (profile.name, profile.desired_role, profile.phone) == ("高橋 花子", "経理", "09012345678")
    assert "090-1234-5678" in words(phone.get(path))


def test_without_the_number_nothing_is_corrected(phone: Phone, session: Session, own: str) -> None:
    phone.post(f"{own}/leave")
    assert phone.post(f"{own}/facts", BEFORE | {"phone": ""}).location.endswith("done=expired")
    assert the_profile(session, EMAIL).phone == "0266000000"
