"""The downloads of the own page hold all that is stored, behind the number, and change nothing (A-31, C-16, C-25)."""

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.models import scopes
from relay.network import consents, pins, sharing
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

WRITTEN = {"name": "高橋 花子", "phone": "09012345678", "experience": "経理 5年"}


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """A person with a standing and a withdrawn yes, whom the agency has looked at 45 times."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, **WRITTEN)
    profile = the_profile(session, EMAIL)
    consents.withdraw(session, profile.id, cast.manabi.id)
    for each in range(45):
        with clock.at(clock.now() + timedelta(minutes=11 * each)), scopes.partner(session, cast.tsumugi.id):
            sharing.open_person(session, profile.code, cast.agnes.id)
    path = mail_own_page(session, profile.id)
    phone.enter(path)
    return path


def test_the_json_holds_profile_consents_records_and_mails(phone: Phone, own: str, cast: Cast) -> None:
    answer = phone.get(f"{own}/copy-json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Cache-Control"] == "no-store"
    told = json.loads(answer.text)
    assert {**told["profiles"][0], **WRITTEN} == told["profiles"][0]
    assert [each["partner_name"] for each in told["consents"]] == [cast.tsumugi.name, cast.manabi.name]
    assert {each["company"] for each in told["consents"]} == {cast.acme.name}
    assert all(each["wording"] and each["facts"]["name"] == "高橋 花子" for each in told["consents"])
    assert [(each["partner_name"], each["way"]) for each in told["consent_withdrawals"]] == [
        (cast.manabi.name, "own-page")
    ]
    assert len(told["provision_records"]) == 2 + 45
    assert {each["to_address"] for each in told["messages"]} == {EMAIL}
    assert "ご本人専用ページ" in told["messages"][0]["subject"]


def test_the_page_says_the_same_in_words_and_asks_the_network_for_nothing(phone: Phone, own: str, cast: Cast) -> None:
    answer = phone.get(f"{own}/copy")
    page = words(answer)
    for told in (cast.tsumugi.name, cast.manabi.name, cast.acme.name, *WRITTEN.values(), EMAIL, "登録先が開いた"):
        assert told in page
    assert page.count("登録先が開いた") == 45
    assert not [each for each in ("src=", "href=", "<script", "url(") if each in answer.text]


def test_without_the_number_nothing_leaves(phone: Phone, own: str) -> None:
    phone.post(f"{own}/leave")
    for ending in ("copy", "copy-json"):
        assert phone.get(f"{own}/{ending}").location.endswith("done=expired")


def test_after_a_replaced_number_it_begins_with_it(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        pins.adopt(session, the_profile(session, EMAIL), pins.hash_of("6038"))
        path = mail_own_page(session, the_profile(session, EMAIL).id)
        phone.enter(path, "6038")
        for ending in ("copy", "copy-json"):
            copied = phone.get(f"{path}/{ending}").text
            for told in (cast.tsumugi.name, cast.manabi.name, cast.acme.name, *WRITTEN.values()):
                assert told not in copied
        assert EVIDENCE.network not in copied
