"""The receipt: behind the number alone, to print, and as a file that anybody can check by the published keys."""

import json
from datetime import timedelta

import pytest
import rfc8785
from flask import Flask
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import TokenPurpose
from relay.network import pins
from relay.trust import receipt_keys
from tests.cast import Cast
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, registered, words

NEW_NUMBER = "7391"


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with the agency; the phone has given the number."""
    registered(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    assert phone.enter(path).status_code == 303
    return path


def test_the_page_says_what_was_given_to_whom_and_when_it_was_taken_back(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    assert f'href="{own}/receipt"' in phone.get(own).text
    assert "取り消した日時" not in words(phone.get(f"{own}/receipt"))
    phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)})
    page = words(phone.get(f"{own}/receipt"))
    for said in (
        cast.tsumugi.name,
        cast.tsumugi.address,
        cast.tsumugi.representative,
        cast.acme.name,
        "高橋 花子",
        EMAIL,
        "取り消した日時",
    ):
        assert said in page
    assert the_profile(session, EMAIL).code in page


def test_the_file_verifies_by_the_published_keys_alone(phone: Phone, own: str, cast: Cast) -> None:
    phone.post(f"{own}/withdrawal", {"partner": str(cast.tsumugi.id)})
    answer = phone.get(f"{own}/receipt.json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=relay-receipt-")
    file, signature = json.loads(answer.data), JWS()
    keys = phone.get(receipt_keys.PATH)
    assert keys.headers["Cache-Control"] == "public, max-age=3600"
    assert '"d"' not in keys.text
    signature.deserialize(file["signature"])
    key = JWKSet.from_json(keys.text).get_key(json.loads(signature.objects["protected"])["kid"])
    signature.verify(key, detached_payload=rfc8785.dumps(file["receipt"]))
    [record] = file["receipt"]["dpv:hasRecordOfActivity"]
    assert record["dpv:hasRecipient"]["dpv:hasName"] == cast.tsumugi.name
    assert [each["@type"] for each in record["dpv:hasConsentStatus"]] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]


@pytest.mark.parametrize("part", ["receipt", "receipt.json"])
def test_without_the_number_and_by_another_persons_link_there_is_only_the_door(
    app: Flask, phone: Phone, session: Session, own: str, cast: Cast, part: str
) -> None:
    registered(phone, session, cast, "other@mail.example")
    foreign = mail_own_page(session, the_profile(session, "other@mail.example").id)
    held = phone.client.get_cookie("own-page", path=own)
    assert held is not None
    carried = {"Cookie": f"own-page={held.value}"}
    for answer in (
        phone.get(f"{foreign}/{part}"),
        phone.get(f"{foreign}/{part}", headers=carried),
        Phone(app).get(f"{own}/{part}"),
    ):
        assert (answer.status_code, answer.data.count(EMAIL.encode())) == (303, 0)
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert phone.get(f"{own}/{part}").status_code == 303
    assert phone.get(f"{own}/{part}").status_code == 200


def test_consents_of_before_a_replaced_number_are_not_on_it(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    profile_id = the_profile(session, EMAIL).id
    pins.choose(session, tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile_id, profile_id=profile_id), NEW_NUMBER)
    session.commit()
    assert phone.enter(own, NEW_NUMBER).status_code == 303
    page = words(phone.get(f"{own}/receipt"))
    assert "この番号で確認できる同意は、まだありません。" in page
    assert cast.tsumugi.name not in page
    register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi, number=NEW_NUMBER)
    session.commit()
    page = words(phone.get(f"{own}/receipt"))
    assert cast.manabi.name in page
    assert cast.tsumugi.name not in page
