"""A person's requests at a company, behind the mailed link: confirmed, taken back, and nothing of the record shown."""

import re
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail import compose, letters
from relay.models import Candidate, DataRequest, Message, RequestKind, RequestSource, RequestState, scopes
from relay.rights import data_requests, request_letters
from relay.rights.data_requests import RequestInput
from tests.cast import Cast, browse, make_candidate
from tests.web.landing.phone import Phone, words

HANA = "hana@mail.example"


def called(session: Session, cast: Cast, kind: RequestKind, address: str = HANA) -> DataRequest:
    """Ada types what she heard on the telephone."""
    asked, source = RequestInput(address), RequestSource.TYPED
    (made,) = data_requests.receive(session, cast.acme.id, asked, [kind], source=source, by_user_id=cast.ada.id)
    session.commit()
    return made


def mailed(session: Session, cast: Cast, letter: str = request_letters.RECEIVED) -> tuple[str, str]:
    """The text of the newest mail of a letter as it is sent, and the way to the page."""
    with scopes.company(session, cast.acme.id):
        newest = select(Message).where(Message.letter == letter).order_by(Message.id.desc())
        mail = session.scalars(newest).first()
        assert mail is not None
        mint = letters.find(letter).mint
        assert mint is not None
        text = compose.render(session, mail, preview=False, links=mint(session, mail)).text
    session.commit()
    found = re.search(r"https?://\S+/my-request/\S+", text)
    assert found
    return text, urlsplit(found[0]).path


def test_nothing_is_answered_before_the_person_confirmed(phone: Phone, session: Session, cast: Cast) -> None:
    make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    asked = called(session, cast, RequestKind.DISCLOSURE)
    text, path = mailed(session, cast)
    assert "ご本人のご請求かどうかを" in text
    ada, there = browse(phone.app, cast.ada), f"/requests/{asked.id}"
    assert ada.post(f"{there}/answer", data={"answer": "お知らせします。"}).status_code == 409
    assert "自分の請求であることを確認する" in words(phone.get(path))
    answer = phone.post(f"{path}/confirm")
    assert "確認しました" in words(phone.get(answer.location))
    assert ada.post(f"{there}/answer", data={"answer": "お知らせします。"}).status_code == 303
    text, path = mailed(session, cast, request_letters.ANSWERED)
    assert "お知らせします。" in text
    assert "回答済み" in words(phone.get(path))


def test_whoever_did_not_ask_takes_it_back(phone: Phone, session: Session, cast: Cast) -> None:
    asked = called(session, cast, RequestKind.ERASURE)
    _text, path = mailed(session, cast)
    answer = phone.post(f"{path}/withdraw", {"request": str(asked.id)})
    assert "取り下げました" in words(phone.get(answer.location))
    session.refresh(asked)
    assert asked.state is RequestState.WITHDRAWN


def test_the_page_shows_nothing_of_the_record(phone: Phone, session: Session, cast: Cast) -> None:
    make_candidate(session, cast.acme, "高橋 花子", email=HANA, phone="0266555555")
    called(session, cast, RequestKind.CORRECTION)
    text, path = mailed(session, cast)
    for said in (text, words(phone.get(path))):
        assert not [each for each in ("高橋", HANA, "0266555555", "0266-55-5555") if each in said]


def test_the_link_of_a_wrong_address_ends_when_the_record_is_found(phone: Phone, session: Session, cast: Cast) -> None:
    """A stranger's address was typed: what the record's owner is asked must not be confirmed by the stranger."""
    person = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    asked = called(session, cast, RequestKind.DISCLOSURE, address="stranger@mail.example")
    _text, strangers = mailed(session, cast)
    phone.post(f"{strangers}/confirm")
    ada = browse(phone.app, cast.ada)
    assert ada.post(f"/requests/{asked.id}/record", data={"address": HANA}).status_code == 303
    session.refresh(asked)
    assert (asked.candidate_id, asked.address, asked.proven_at) == (person.id, HANA, None)
    assert phone.get(strangers).status_code == 404
    assert phone.post(f"{strangers}/confirm").status_code == 404
    _text, theirs = mailed(session, cast)
    assert phone.get(theirs).status_code == 200
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate)).one().id == person.id
