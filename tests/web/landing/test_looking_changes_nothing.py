"""GET and HEAD of every mailed address leave every table as it was, but for the first visit's time (invariant 7, C-16).

The addresses come from the URL map, so a new page behind a link cannot be forgotten.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import Base
from relay.hiring import interviews, slots
from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.models import Message, RequestKind, RequestSource, TokenPurpose, scopes
from relay.network import new_address
from relay.outreach import practice, templates
from relay.rights import asking, data_requests
from relay.rights.data_requests import RequestInput
from relay.text.times import TypedTime
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.db.introductions import build as introducing
from tests.db.network.build import confirming as confirm_row
from tests.db.network.build import mails, mint_confirmation, the_profile
from tests.db.outreach.rescouting import mailed_path, pooled, rescout, sent_rescouts
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, registered


@pytest.fixture
def living(phone: Phone, session: Session, cast: Cast) -> dict[str, list[str]]:
    """A living token for every kind of mailed address, the used and the unanswered relay link among them."""
    _link, used = registered(phone, session, cast)
    _link, open_path = mail_link(session, cast.acme, "open@mail.example")
    _link, waiting = mail_link(session, cast.acme, "waiting@mail.example")
    form = answers(phone.get(waiting).text, cast.tsumugi.id, address="other", other_address="w@other.example")
    phone.post(waiting, form)
    pending_id = confirm_row(session)
    handed_on, _path = mail_link(session, cast.acme, "handed@mail.example")
    handed = tokens.mint(session, TokenPurpose.HANDED_LINK, handed_on.application_id or 0, company_id=cast.acme.id)
    agreeing = tokens.mint(session, TokenPurpose.AGREE_ADDRESS, pending_id, company_id=cast.acme.id)
    confirming = mint_confirmation(session, pending_id, cast.acme)
    stop = tokens.mint(session, TokenPurpose.UNSUBSCRIBE, 1, company_id=cast.acme.id, address_hash=address_hash(EMAIL))
    profile_id = the_profile(session, EMAIL).id
    choosing = tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile_id, profile_id=profile_id)
    new_address.ask(session, profile_id, "new@mail.example")
    proof = mails(session, new_address.LETTER)[-1].id
    proving = tokens.mint(session, TokenPurpose.NEW_ADDRESS, proof, profile_id=profile_id)
    session.commit()
    practising = _practice_link(session, cast)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    return {
        "r": [each.removeprefix("/r/") for each in (used, open_path, waiting)],
        "me": [own.removeprefix("/me/")],
        "confirm": [confirming],
        "agree": [agreeing],
        "address": [proving],
        "f": [handed],
        "pin": [choosing],
        "u": [stop],
        "practice": [practising],
        "data-request": [_choosing_link(session, cast)],
        "my-request": [_request_link(session, cast)],
        "keep": [_keeping_link(session, cast)],
        "object": [_objecting_link(session, cast)],
        "again": [_again_link(session, cast)],
        "interview": [_interview_link(session, cast)],
        "introductions": [_introduction_link(session, cast)],
    }


def _request_link(session: Session, cast: Cast) -> str:
    """What somebody was mailed after HR typed what they asked for."""
    asked, kinds = RequestInput(EMAIL), [RequestKind.ERASURE]
    (made,) = data_requests.receive(session, cast.acme.id, asked, kinds, source=RequestSource.TYPED)
    token = tokens.mint(
        session,
        TokenPurpose.DATA_REQUEST,
        made.id,
        company_id=cast.acme.id,
        address_hash=address_hash(EMAIL),
    )
    session.commit()
    return token


def _keeping_link(session: Session, cast: Cast) -> str:
    """What somebody was mailed whose record ends within the month."""
    last, email = clock.today() + timedelta(days=9), "ends@mail.example"
    person = make_candidate(session, cast.acme, email=email, retain_until=last)
    token = tokens.mint(
        session,
        TokenPurpose.RECORD_ENDS,
        person.id,
        company_id=cast.acme.id,
        candidate_id=person.id,
        address_hash=address_hash(email),
    )
    session.commit()
    return token


def _objecting_link(session: Session, cast: Cast) -> str:
    """What stands below the mails of a company that uses selection records."""
    person = make_candidate(session, cast.acme, email="objects@mail.example")
    token = tokens.mint(session, TokenPurpose.OBJECTION, person.id, company_id=cast.acme.id, candidate_id=person.id)
    session.commit()
    return token


def _interview_link(session: Session, cast: Cast) -> str:
    """What somebody was mailed who is to pick a time, and who has picked one."""
    position = make_position(session, cast.acme)
    application = make_application(session, make_candidate(session, cast.acme), position)
    times = [TypedTime(clock.today() + timedelta(days=days), time(10)) for days in (3, 4)]
    with scopes.company(session, cast.acme.id):
        slots.offer(session, cast.acme.id, position.id, times, minutes=60, place="", by_user_id=None)
        invitation = interviews.invite(session, application.id, by_user_id=None)
        interviews.pick(session, invitation.id, slots.free(session, position.id)[0].id)
        token = interviews.way_in(session, invitation)
    session.commit()
    return token


def _introduction_link(session: Session, cast: Cast) -> str:
    """What an agency sent in its own mail."""
    here = introducing.desk(session, cast)
    return here.link(here.ask())


def _again_link(session: Session, cast: Cast) -> str:
    """What somebody of the pool was mailed about a position."""
    templates.install_defaults(session, cast.acme.id)
    person = pooled(session, cast.acme, "again@mail.example")
    rescout(session, cast.acme, make_position(session, cast.acme, "購買"), [person.id], cast.ada.id)
    return mailed_path(session, sent_rescouts(session)[-1]).rpartition("/")[2]


def _choosing_link(session: Session, cast: Cast) -> str:
    """What somebody was mailed who typed an address at /data-request."""
    asking.ask(session, EMAIL, cast.acme.id)
    with scopes.everyone(session, "test"):
        mail = session.scalars(select(Message.id).where(Message.letter == asking.LETTER)).one()
    token = tokens.mint(session, TokenPurpose.CHOOSE_REQUESTS, mail)
    session.commit()
    return token


def _practice_link(session: Session, cast: Cast) -> str:
    """What Ada mailed herself to try it."""
    templates.install_defaults(session, cast.acme.id)
    with scopes.company(session, cast.acme.id):
        practice.send_to_myself(session, cast.acme, by_user_id=cast.ada.id)
        with scopes.practice(session):
            message = session.scalars(select(Message)).one()
    token = tokens.mint(session, TokenPurpose.PRACTICE, message.id, company_id=cast.acme.id)
    session.commit()
    return token


def test_every_mailed_address(app: Flask, phone: Phone, session: Session, living: dict[str, list[str]]) -> None:
    paths = list(_paths(app, living))
    assert len(paths) >= 3 * 3 + 3
    before = _everything(session)
    for path in paths:
        assert phone.head(path).status_code in {200, 303}
    assert _everything(session) == before
    for _time in range(2):
        for path in paths:
            assert phone.get(path).status_code in {200, 303}
            everything = f"{path}?mailed=1&done=withdrawn&decline=1&partner=1&answer=erase"
            assert phone.get(everything).status_code in {200, 303}
    assert _but_visits(_everything(session)) == _but_visits(before)


def test_a_signed_in_visitor_gets_no_cookie_and_no_session_row_is_touched(
    app: Flask, phone: Phone, session: Session, cast: Cast, living: dict[str, list[str]]
) -> None:
    from tests.cast import browse

    phone.client = browse(app, cast.ada)
    before = _everything(session)
    for path in _paths(app, living):
        phone.get(path)
    assert _everything(session)["user_sessions"] == before["user_sessions"]


def _paths(app: Flask, living: dict[str, list[str]]) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        mailed = rule.endpoint.startswith("landing.") and "token" in rule.arguments
        if mailed and "GET" in (rule.methods or set()):
            for token in living[rule.rule.split("/")[1]]:
                yield rule.rule.replace("<token>", token)


def _everything(session: Session) -> dict[str, list[Any]]:
    session.rollback()
    return {
        table.name: sorted((tuple(row) for row in session.connection().execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def _but_visits(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    visited = [column.name for column in Base.metadata.tables["relay_links"].columns].index("visited_at")
    links = [row[:visited] + row[visited + 1 :] for row in tables["relay_links"]]
    return tables | {"relay_links": links}
