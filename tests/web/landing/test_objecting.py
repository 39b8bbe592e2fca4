"""選考の記録を見ないでほしい: each mail of a company that uses selection records says so and links to it (A-42)."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates.merging import merge
from relay.infra.turns import Turns
from relay.mail import compose, delivery, letters, outbox
from relay.models import Candidate, Event, EventTag, Message, MessageState, Token, TokenPurpose, scopes
from relay.rights import erasure, request_letters
from tests.cast import Cast, make_candidate
from tests.web.landing.phone import Phone, words

MAIL = "hana@mail.example"
SENTENCE = "選考の記録（進んだ段階、評価、見送りの理由）を見て、ご連絡する方を考えることがあります"


@pytest.fixture
def person(session: Session, cast: Cast) -> Candidate:
    made = make_candidate(session, cast.acme, "花岡 葉", email=MAIL)
    session.commit()
    return made


def switch(session: Session, cast: Cast, *, on: bool = True) -> None:
    cast.acme.record_use_since = clock.today() if on else None
    session.commit()


def queued(session: Session, cast: Cast, candidate_id: int | None) -> Message:
    """An answer to a request: a mail of the company's own."""
    values = {"kind": "erasure", "text": "お答えします。"}
    about = {"subject": (request_letters.SUBJECT, 1), "candidate_id": candidate_id, "values": values}
    made = outbox.queue(session, request_letters.ANSWERED, company_id=cast.acme.id, to=MAIL, **about)  # type: ignore[arg-type]
    session.commit()
    return made


def mailed(session: Session, cast: Cast, candidate_id: int | None) -> dict[str, str]:
    """Both parts of that mail, as it leaves."""
    queued(session, cast, candidate_id)
    taken = delivery.take(session, now=clock.now(), turns=Turns())
    assert taken is not None and taken.envelope is not None
    taken.message.state = MessageState.SENT
    session.commit()
    mail = message_from_bytes(taken.envelope.data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    bodies = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    return {kind: str(body.get_content()) for kind, body in bodies.items() if body is not None}


def path_of(text: str) -> str:
    found = re.search(r"https?://\S+/object/[\w-]+", text)
    assert found, text
    return urlsplit(found[0]).path


def objected(session: Session, cast: Cast) -> bool:
    with scopes.company(session, cast.acme.id):
        person = session.scalars(select(Candidate).execution_options(populate_existing=True)).one()
        return person.record_objected_at is not None


def test_every_mail_of_the_company_says_it_while_it_is_on_and_none_before(
    session: Session, cast: Cast, person: Candidate
) -> None:
    before = mailed(session, cast, person.id)
    assert not any("/object/" in part or SENTENCE in part for part in before.values())
    switch(session, cast)
    for part in mailed(session, cast, person.id).values():
        assert SENTENCE in part and "/object/" in part
    switch(session, cast, on=False)
    assert not any("/object/" in part for part in mailed(session, cast, person.id).values())


def test_the_declaration_of_letters_says_whose_mails_carry_it(session: Session, cast: Cast) -> None:
    """What the company writes to candidates, by whatever letter; no login, partner, or operator's mail."""
    carrying = {name for name in letters.names() if letters.OBJECTION_LINK in letters.find(name).links}
    assert {"result", "apology", "record-ends", request_letters.RECEIVED, request_letters.ANSWERED} <= carrying
    assert not carrying & {"mail-test", "own-page", "sharing-ends", "invite-member", "partner-joined", "password"}


def test_a_preview_says_the_same_and_leads_nowhere(session: Session, cast: Cast, person: Candidate) -> None:
    switch(session, cast)
    text = compose.render(session, queued(session, cast, person.id), preview=True).text
    assert SENTENCE in text and "送信時に作られます" in text
    assert session.scalar(select(func.count()).select_from(Token)) == 0


def test_somebody_the_company_keeps_no_record_of_is_told_nothing(session: Session, cast: Cast) -> None:
    switch(session, cast)
    assert SENTENCE not in mailed(session, cast, None)["plain"]


def test_looking_changes_nothing_and_the_button_objects_once(
    phone: Phone, session: Session, cast: Cast, person: Candidate
) -> None:
    switch(session, cast)
    path = path_of(mailed(session, cast, person.id)["plain"])
    page = phone.get(path)
    assert SENTENCE in words(page) and not objected(session, cast)
    assert "花岡" not in page.text and MAIL not in page.text
    assert "選考の結果や、今後のご応募には影響しません" in words(page)
    for _ in range(2):
        assert phone.post(path).status_code == 303
    assert objected(session, cast)
    assert "あなたの選考の記録を使いません" in words(phone.get(path))
    with scopes.company(session, cast.acme.id):
        made = select(func.count()).select_from(Event).where(Event.tag == EventTag.RECORD_OBJECTED)
        assert session.scalar(made) == 1


def test_an_objection_goes_with_a_merge_and_the_link_of_either_record_opens(
    phone: Phone, session: Session, cast: Cast, person: Candidate
) -> None:
    switch(session, cast)
    other = make_candidate(session, cast.acme, "花岡 葉", email="second@mail.example")
    first, second = (path_of(mailed(session, cast, each.id)["plain"]) for each in (person, other))
    phone.post(second)
    with scopes.company(session, cast.acme.id):
        merge(session, cast.acme.id, (person.id, other.id), {}, by_user_id=None)
    session.commit()
    assert objected(session, cast)
    for path in (first, second):
        assert "あなたの選考の記録を使いません" in words(phone.get(path))


def test_with_the_person_their_word_and_their_link_are_gone(
    phone: Phone, session: Session, cast: Cast, person: Candidate
) -> None:
    switch(session, cast)
    path = path_of(mailed(session, cast, person.id)["plain"])
    phone.post(path)
    erasure.erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    assert phone.get(path).status_code == 404
    assert session.scalar(select(func.count()).where(Token.purpose == TokenPurpose.OBJECTION)) == 0
