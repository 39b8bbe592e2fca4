"""Whoever holds every mail that a person was sent reads no partner, no fact, and can give no consent (C-25).

The mails are written as the worker writes them; every link in them is followed, and every form behind it is sent.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock, worker
from relay.infra import jobs
from relay.mail import compose, letters
from relay.models import Consent, Installation, Message, MessageState, Partner, Profile, scopes
from relay.network import (
    confirmations,
    consents,
    mistaken,
    new_address,
    own_pages,
    partners,
    pins,
    registration,
    renewals,
)
from relay.network import letters as own_letters
from relay.rights import jobs as _erasing  # noqa: F401
from relay.rights import own_erasure
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, confirming, mailed_link, register, the_profile
from tests.web.landing.phone import csrf_of, words

assert worker.Worker, "importing the worker registers every letter"

EMAIL, WORK = "hanako@mail.example", "hanako@work.example"
WRITTEN = {
    "name": "勅使河原 花子", "kana": "テシガワラ ハナコ", "phone": "0357190028", "desired_role": "治具の設計",
    "place": "諏訪市上川", "experience": "量産の立ち上げ",
}  # fmt: skip
OPERATOR = "株式会社みずうみ"
MINTED_ELSEWHERE = {
    "result",
    "apology",
    "data-request-asked",
    "interview",
    "interview-invitation",
    "handed-link",
    "relay-link-asked",
    "record-ends",
    "rescout",
    "request-received",
    "request-answered",
}
"""They do not know what was chosen (test_relay_page, test_company_link, test_handed_page, test_data_request,
test_interview_page)."""


@pytest.fixture
def chosen(session: Session, cast: Cast) -> list[Partner]:
    """Three agencies and a school, each chosen through one link or another."""
    rival, heir = make_partner(session, "rival"), make_partner(session, "heir", corporate_number="7000012050002")
    for each in (rival, heir):
        make_partnership(session, cast.acme, each)
    return [cast.tsumugi, rival, cast.manabi, heir]


@pytest.fixture
def mailbox(session: Session, cast: Cast, chosen: list[Partner]) -> list[compose.Mail]:
    """Every letter that candidates get about their own page, as it leaves, in the order of what happened."""
    session.add(Installation(id=1, operator_name=OPERATOR, created_at=clock.now()))
    register(session, mailed_link(session, cast.acme, EMAIL), *chosen, **WRITTEN)
    register(session, mailed_link(session, cast.acme, "a@mail.example"), *chosen, address=WORK, **WRITTEN)
    written = _written(session)
    waiting = confirming(session)
    written += _written(session)
    registration.confirm(session, waiting, EVIDENCE)
    profile = the_profile(session, EMAIL)
    register(session, mailed_link(session, cast.acme, "b@mail.example"), chosen[0], address=EMAIL, **WRITTEN)
    partners.end_partnership(session, cast.acme.id, chosen[1].id)
    partners.describe_itself(session, chosen[3], sure=True, corporate_number="1180301018771")
    pins.mail_choice(session, profile.id)
    own_pages.tell_that_sharing_goes_on(session, profile.email_key)
    own_letters.send(session, renewals.LETTER, profile)
    own_letters.send(session, confirmations.LETTER, profile)
    new_address.ask(session, profile.id, "c@mail.example")
    own_pages.ask(session, EMAIL)
    while jobs.run_one(session, clock.now(), queues=[jobs.Queue.BULK_ACTIONS]):
        pass
    own_pages.plan_erasure(session, profile.id)
    own_pages.cancel_erasure(session, profile.id)
    register(session, mailed_link(session, cast.acme, EMAIL), chosen[0], chosen[2], **WRITTEN)
    consents.withdraw(session, profile.id, chosen[2].id)
    own_pages.stop_all(session, profile.id)
    last = mailed_link(session, cast.acme, EMAIL)
    register(session, last, chosen[0], chosen[2], **WRITTEN)
    mistaken.undo(session, cast.acme.id, last.application_id or 0, EMAIL, by_user_id=None)
    register(session, mailed_link(session, cast.acme, "b@mail.example"), chosen[0])
    written += _written(session)
    own_erasure.erase_now(session, the_profile(session, "b@mail.example").id)
    written += _written(session)
    session.commit()
    return written


def test_no_letter_to_candidates_names_a_partner_or_a_fact(
    session: Session, chosen: list[Partner], mailbox: list[compose.Mail]
) -> None:
    """Every letter whose reader is a candidate stands in the mailbox, so that a new one cannot be forgotten."""
    with scopes.everyone(session, "test"):
        sent = set(session.scalars(select(Message.letter).where(Message.company_id.is_(None))))
    wanted = {name for name in letters.names() if letters.find(name).audience == "candidate"} - MINTED_ELSEWHERE
    assert wanted <= sent, "cause this letter in the fixture"
    for mail in mailbox:
        for told in _secrets(chosen):
            assert told not in mail.subject + mail.text + mail.html, mail.subject


def test_every_mail_says_in_its_sender_and_subject_who_writes(mailbox: list[compose.Mail], cast: Cast) -> None:
    for mail in mailbox:
        assert mail.headers["From"].startswith(f"Relay（運営：{OPERATOR}） <"), mail.subject
        assert mail.subject.startswith(("【Relay】", f"【{cast.acme.name}】"))


def test_no_link_in_the_mailbox_shows_or_gives_anything(
    app: Flask, session: Session, chosen: list[Partner], mailbox: list[compose.Mail]
) -> None:
    before = _consents(session)
    paths = sorted({urlsplit(url).path for mail in mailbox for url in re.findall(r"https?://[^\s<\"）]+", mail.text)})
    assert {path.split("/")[1] for path in paths} == {"agree", "me", "pin", "confirm", "data-request"}
    client = app.test_client()
    # one that chooses a number comes last, so that what the others show is what an untouched registration shows
    for moment, path in enumerate(sorted(paths, key=lambda each: each.startswith("/pin/"))):
        with clock.at(clock.now() + (moment + 1) * pins.LOCKED_FOR):
            for answer in _followed(client, path):
                for told in _secrets(chosen):
                    assert told not in answer.text, f"{path}: {told}"
    assert _consents(session) == before, "nobody can consent by holding mails"


def _followed(client: object, path: str) -> Iterator[TestResponse]:
    """The page behind a link, and every page behind a form of it or of the page that follows, once each."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        page = client.get(waiting.pop(0))  # type: ignore[attr-defined]
        yield page
        for form in re.findall(r"<form\b.*?</form>", page.text, re.DOTALL):
            action = re.search(r'action="([^"]*)"', form)
            target = action[1] if action else page.request.path
            if target in seen:
                continue
            seen.add(target)
            typed = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
            answer = client.post(target, data=typed | {"number": "6038", "link_csrf": csrf_of(target)})  # type: ignore[attr-defined]
            assert answer.status_code in {303, 409, 422}, words(answer)
            yield answer
            if answer.location:
                waiting.append(answer.location)


def _written(session: Session) -> list[compose.Mail]:
    """Every mail to a candidate that has not left, as it would leave now."""
    with scopes.everyone(session, "test"):
        made = []
        waiting = select(Message).where(Message.company_id.is_(None), Message.state == MessageState.SCHEDULED)
        for message in session.scalars(waiting.order_by(Message.id)):
            letter = letters.find(message.letter)
            if letter.audience == "candidate" and message.to_address in {
                EMAIL,
                WORK,
                "a@mail.example",
                "b@mail.example",
            }:
                links = letter.mint(session, message) if letter.mint else {}
                made.append(compose.render(session, message, preview=False, links=links))
        return made


def _secrets(chosen: list[Partner]) -> list[str]:
    named = [(each.name, each.address, each.representative, each.license_number, each.contact) for each in chosen]
    return [told for each in named for told in each if told] + [*WRITTEN.values(), EMAIL, WORK]


def _consents(session: Session) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(Profile)) == 2
        return session.scalar(select(func.count()).select_from(Consent)) or 0
