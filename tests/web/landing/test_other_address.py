"""A link forwarded, or a result gone astray: nobody registers elsewhere without whom it was sent to.

Mitsuki was mailed the link; her friend types another address, as she might herself.
"""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.mail import compose, letters
from relay.models import Consent, HintKind, LinkState, Message, Profile, Referral, ReferralHint, RelayLink, scopes
from relay.outreach import practice, templates
from tests.cast import Cast
from tests.db.network.build import mails, the_profile
from tests.web.landing.phone import Phone, answers, confirm, mail_link

MITSUKI, FRIEND = "mitsuki@mail.example", "tomo@other.example"
TYPED = {"name": "友人 太郎", "phone": "090-9876-5432", "experience": "友人の経験", "other_address": FRIEND}


@pytest.fixture
def forwarded(phone: Phone, session: Session, cast: Cast) -> tuple[RelayLink, str]:
    """The friend filled the form in."""
    link, path = mail_link(session, cast.acme, MITSUKI)
    answer = phone.post(path, answers(phone.get(path).text, cast.tsumugi.id, address="other", **TYPED))
    assert answer.status_code == 303
    return link, path


def letter(session: Session, name: str) -> tuple[compose.Mail, str]:
    """The newest mail of a letter as it leaves, and the path of its link."""
    message = mails(session, name)[-1]
    with scopes.everyone(session, "test"):
        mint = letters.find(name).mint
        assert mint is not None
        links = mint(session, message)
        mail = compose.render(session, message, preview=False, links=links)
    session.commit()
    return mail, "/" + next(iter(links.values())).split("/", 3)[3]


def test_she_is_asked_first_and_neither_learns_what_the_other_typed(
    phone: Phone, session: Session, cast: Cast, forwarded: tuple[RelayLink, str]
) -> None:
    assert [each.to_address for each in mails(session, "other-address-asked")] == [MITSUKI]
    assert mails(session, "confirm-address") == []
    question, agreeing = letter(session, "other-address-asked")
    assert "お心当たりのない方へ" in question.text
    for _scan in range(3):
        page = phone.get(agreeing)
        phone.head(agreeing)
    for told in (*TYPED.values(), cast.tsumugi.name):
        assert told not in question.text + question.html + page.text
    assert mails(session, "confirm-address") == [], "a scanner agrees to nothing"
    for _click in range(2):
        assert phone.post(agreeing).status_code == 303
    assert [each.to_address for each in mails(session, "confirm-address")] == [FRIEND]
    proof, confirming = letter(session, "confirm-address")
    assert MITSUKI not in proof.text + phone.get(confirming).text + confirm(phone, confirming, "8351").text
    assert _count(session, Profile) == 0
    assert confirm(phone, confirming).location.startswith("/me/")
    session.expire_all()
    assert the_profile(session, FRIEND).name == "友人 太郎"
    assert _hinted(session, forwarded[0]), "a hint for whoever looks for farmed registrations"
    assert [each.to_address for each in mails(session, "other-address-asked")] == [""]


def test_without_her_nothing_comes_of_it_and_the_link_stays_hers(
    phone: Phone, session: Session, cast: Cast, forwarded: tuple[RelayLink, str]
) -> None:
    link, path = forwarded
    _question, agreeing = letter(session, "other-address-asked")
    assert phone.post(path, answers(phone.get(path).text, cast.tsumugi.id)).location.startswith("/me/")
    assert phone.get(agreeing).status_code == 404
    assert mails(session, "confirm-address") == []
    session.expire_all()
    assert the_profile(session, MITSUKI).name == "高橋 花子"
    assert (_count(session, Profile), _count(session, Consent)) == (1, 1)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(RelayLink.state).where(RelayLink.id == link.id)).one() is LinkState.REGISTERED
    assert not _hinted(session, link)


def test_the_result_mail_says_whose_the_link_is(app: Flask, session: Session, cast: Cast) -> None:
    templates.install_defaults(session, cast.acme.id)
    with scopes.company(session, cast.acme.id), scopes.practice(session):
        practice.send_to_myself(session, cast.acme, by_user_id=cast.ada.id)
        message = session.scalars(select(Message)).one()
        mail = compose.render(session, message, preview=True)
    for written in (mail.text, words_of(mail.html)):
        assert "様ご本人専用です" in written
        assert "お心当たりのない方へ" in written


def words_of(html: str) -> str:
    """A mail's text out of its HTML."""
    return re.sub(r"<[^>]*>", "", html)


def _hinted(session: Session, link: RelayLink) -> bool:
    with scopes.company(session, link.company_id):
        hint = select(ReferralHint.id).join(Referral, Referral.id == ReferralHint.referral_id)
        other = hint.where(Referral.relay_link_id == link.id, ReferralHint.kind == HintKind.OTHER_ADDRESS)
        return session.scalar(other) is not None


def _count(session: Session, model: type) -> int:
    session.rollback()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0
