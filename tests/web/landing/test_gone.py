"""Expired, revoked and unknown links give one same page, whatever they once opened (C-20)."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import LinkState, RelayLink, Token, TokenPurpose, scopes
from tests.cast import Cast
from tests.web.landing.phone import Phone, mail_link, words

UNKNOWN = "A" * 43
PURPOSES = {
    "/r/": TokenPurpose.RELAY,
    "/me/": TokenPurpose.OWN_PAGE,
    "/confirm/": TokenPurpose.CONFIRM_ADDRESS,
    "/agree/": TokenPurpose.AGREE_ADDRESS,
    "/address/": TokenPurpose.NEW_ADDRESS,
    "/f/": TokenPurpose.HANDED_LINK,
    "/u/": TokenPurpose.UNSUBSCRIBE,
    "/practice/": TokenPurpose.PRACTICE,
    "/pin/": TokenPurpose.CHOOSE_PIN,
    "/data-request/": TokenPurpose.CHOOSE_REQUESTS,
    "/my-request/": TokenPurpose.DATA_REQUEST,
    "/keep/": TokenPurpose.RECORD_ENDS,
    "/object/": TokenPurpose.OBJECTION,
    "/again/": TokenPurpose.RESCOUT,
    "/interview/": TokenPurpose.INTERVIEW,
}


@pytest.mark.parametrize("path", PURPOSES)
def test_expired_revoked_foreign_and_unknown_look_the_same(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    link, _path = mail_link(session, cast.acme)
    gone = [_mint(session, cast, path, link.id) for _each in range(2)]
    session.execute(update(Token).where(Token.purpose == PURPOSES[path]).values(revoked_at=clock.now()))
    expired = _mint(session, cast, path, link.id, lifetime=timedelta(seconds=1))
    foreign = _mint(session, cast, next(each for each in PURPOSES if each != path), link.id)
    session.commit()
    with clock.at(clock.now() + timedelta(seconds=2)):
        pages = [phone.get(f"{path}{token}") for token in (UNKNOWN, *gone, expired, foreign)]
    assert {each.status_code for each in pages} == {404}
    assert len({each.text for each in pages}) == 1
    assert "このリンクは、いまは使えません" in words(pages[0])
    assert "連絡先へお問い合わせください" in words(pages[0])


def test_a_link_that_expired_looks_unknown(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        session.execute(update(RelayLink).where(RelayLink.id == link.id).values(state=LinkState.EXPIRED))
    session.commit()
    assert phone.get(path).text == phone.get(f"/r/{UNKNOWN}").text


def test_posts_to_unknown_links_tell_nothing_either(phone: Phone, session: Session, cast: Cast) -> None:
    paths = (
        "/r/{}",
        "/r/{}/stop",
        "/r/{}/own-page",
        "/me/{}/withdrawal",
        "/me/{}/consent",
        "/me/{}/earlier",
        "/me/{}/erasure",
        "/me/{}/erasure/cancel",
        "/me/{}/forgotten",
        "/me/{}/leave",
        "/me/{}/number",
        "/me/{}/requests",
        "/me/{}/stop",
        "/pin/{}",
        "/confirm/{}",
        "/agree/{}",
        "/address/{}",
        "/f/{}",
        "/u/{}",
    )
    for number, path in enumerate(paths):
        whole = path.format(f"{number}{UNKNOWN[1:]}")
        assert phone.post(whole).status_code == 404
        assert phone.bare_post(whole).status_code == 400


def test_with_script_a_link_that_ended_is_told_beside_the_form(phone: Phone, session: Session, cast: Cast) -> None:
    response = phone.post(f"/r/{UNKNOWN}", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert "data-trouble" in response.text


def _mint(session: Session, cast: Cast, path: str, subject: int, lifetime: timedelta | None = None) -> str:
    return tokens.mint(
        session, PURPOSES[path], subject, company_id=cast.acme.id, address_hash="h" * 64, lifetime=lifetime
    )
