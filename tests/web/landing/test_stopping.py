"""Stopping relay mails: one click of a mail program, the page for people, the way from the relay page (C-5, C-8)."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.access import rate_limits
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts, tokens
from relay.models import Event, EventTag, MailClass, OptOut, RateCount, TokenPurpose, scopes
from tests.cast import Cast
from tests.web.landing.phone import EMAIL, Phone, mail_link, words


@pytest.fixture
def unsubscribe(session: Session, cast: Cast) -> str:
    """The stop link of a mail of Acme to EMAIL."""
    token = tokens.mint(session, TokenPurpose.UNSUBSCRIBE, 1, company_id=cast.acme.id, address_hash=address_hash(EMAIL))
    session.commit()
    return f"/u/{token}"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_stops_at_once(
    phone: Phone, session: Session, cast: Cast, unsubscribe: str, content_type: str
) -> None:
    response = phone.bare_post(unsubscribe, data={"List-Unsubscribe": "One-Click"}, content_type=content_type)
    assert response.status_code == 200
    assert "Location" not in response.headers
    assert response.mimetype == "text/plain"
    assert len(response.text) < 50
    assert _stopped(session, cast)
    (event,) = session.scalars(
        select(Event).where(
            Event.tag == EventTag.OPTED_OUT,
            Event.company_id == cast.acme.id,
            Event.data["class"].as_string() == "relay",
        )
    )
    assert event.data["via"] == "one-click"


def test_a_mail_provider_stops_for_many_people_from_one_address(
    phone: Phone, session: Session, cast: Cast, unsubscribe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "POSTS_PER_ADDRESS", 2)
    monkeypatch.setattr(rate_limits, "ONE_CLICKS_PER_TOKEN", 4)
    one_click = {"List-Unsubscribe": "One-Click"}
    with clock.at(clock.now()):
        assert [phone.bare_post(unsubscribe, data=one_click).status_code for _ in range(5)] == [200] * 4 + [429]
    counted = session.scalar(select(func.count()).select_from(RateCount))
    assert [phone.bare_post(f"/u/unknown{n}", data=one_click).status_code for n in range(5)] == [404] * 5
    assert session.scalar(select(func.count()).select_from(RateCount)) == counted
    assert phone.bare_post(unsubscribe, data={}).status_code == 400, "people are counted by address, apart from that"


def test_another_post_needs_the_value_of_the_page(phone: Phone, session: Session, cast: Cast, unsubscribe: str) -> None:
    assert phone.bare_post(unsubscribe, data={}).status_code == 400
    assert phone.bare_post(unsubscribe, data={"List-Unsubscribe": "Other"}).status_code == 400
    assert not _stopped(session, cast)


def test_one_click_opens_no_other_door(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    one_click = {"List-Unsubscribe": "One-Click"}
    assert phone.bare_post(path, data=one_click | {"decline": "1"}).status_code == 400
    assert phone.bare_post(f"{path}/stop", data=one_click).status_code == 400


def test_the_page_changes_nothing_until_the_button(
    phone: Phone, session: Session, cast: Cast, unsubscribe: str
) -> None:
    for _scan in range(3):
        page = words(phone.get(unsubscribe))
        phone.head(unsubscribe)
    assert "ご案内のメールを止めますか" in page
    assert "選考の結果など、ご応募に必要なご連絡は、これからも届きます" in page
    assert EMAIL not in page
    assert not _stopped(session, cast)
    response = phone.post(unsubscribe)
    assert response.status_code == 303
    assert "ご案内のメールは、止まっています" in words(phone.get(response.location))
    assert _stopped(session, cast)


def test_asking_again_is_answered_kindly(phone: Phone, session: Session, cast: Cast, unsubscribe: str) -> None:
    for _click in range(3):
        assert phone.bare_post(unsubscribe, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "止まっています" in words(phone.get(unsubscribe))
    with scopes.company(session, cast.acme.id):
        assert len(session.scalars(select(OptOut)).all()) == 2


def test_another_company_goes_on(phone: Phone, session: Session, cast: Cast, unsubscribe: str) -> None:
    phone.post(unsubscribe)
    with scopes.company(session, cast.other.id):
        assert not optouts.is_opted_out(session, cast.other.id, EMAIL)


def test_from_the_relay_page_without_registering(phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    assert f'href="{path}/stop"' in phone.get(path).text
    phone.get(f"{path}/stop")
    assert not _stopped(session, cast)
    response = phone.post(f"{path}/stop")
    assert "止まっています" in words(phone.get(response.location))
    assert _stopped(session, cast)
    assert phone.get(path).status_code == 200


def _stopped(session: Session, cast: Cast) -> bool:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        kinds: set[Any] = set(
            session.scalars(select(OptOut.mail_class).where(OptOut.address_hash == address_hash(EMAIL)))
        )
    assert kinds in (set(), {MailClass.RELAY, MailClass.PROMO})
    return bool(kinds)
