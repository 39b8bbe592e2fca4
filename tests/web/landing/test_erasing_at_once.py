"""With the number everything is erased at once; the last page tells its three parts, and a mail says so (A-33)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail.final_state import mark_final
from relay.models import Candidate, MessageState, Profile, ProvisionRecord, RelayLink, scopes
from relay.network import next_openings, sharing
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words


@pytest.fixture
def link(session: Session, cast: Cast) -> RelayLink:
    return mailed_link(session, cast.acme, EMAIL)


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast, link: RelayLink) -> str:
    """The own page of a person who registered with the agency and lets the company write; the number is given."""
    register(session, link, cast.tsumugi, phone="09012345678")
    next_openings.give(session, the_profile(session, EMAIL).id, cast.acme.id, EVIDENCE)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def test_the_page_says_before_and_after_what_becomes_of_each_part(
    phone: Phone, session: Session, own: str, cast: Cast, link: RelayLink
) -> None:
    before = words(phone.get(own))
    assert "すぐに、すべて消去します" in before
    erased = phone.post(f"{own}/erasure/now")
    page = words(erased)
    assert erased.status_code == 200
    assert "いま、すべて消去しました" in page
    assert "今日、次の登録先に消去を求めました" in page
    with scopes.company(session, cast.acme.id):
        until = session.scalars(select(Candidate.retain_until).where(Candidate.id == link.candidate_id)).one()
    assert until is not None
    day = f"{until.year}年{until.month}月{until.day}日まで保管"
    for told in (cast.tsumugi.name, cast.tsumugi.contact, cast.acme.name, cast.acme.contact, day):
        assert told in page
        assert told in before or told == day, "the company's day is earlier once its openings are taken back"
    assert "法律により3年間保管し" in page
    assert phone.get(own).status_code == 404


def test_nothing_is_left_but_the_record_of_provision_and_the_mail_that_says_so(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    code = the_profile(session, EMAIL).code
    phone.post(f"{own}/erasure/now")
    session.rollback()
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Profile)).all() == []
        assert {each.person_code for each in session.scalars(select(ProvisionRecord))} == {code}
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.open_person(session, code, cast.agnes.id)
    (mail,) = mails(session, "registration-erased")
    assert (mail.to_address, mail.company_id, mail.profile_id) == (EMAIL, None, None)
    with scopes.everyone(session, "test"):
        mark_final(session, mail, MessageState.SENT)
    session.commit()
    (sent,) = mails(session, "registration-erased")
    assert sent.to_address == "", "the address goes when the mail has left"


def test_without_the_number_nothing_is_erased_at_once(phone: Phone, session: Session, own: str) -> None:
    phone.post(f"{own}/leave")
    assert phone.post(f"{own}/erasure/now").location.endswith("done=expired")
    assert the_profile(session, EMAIL).erase_at is None


def test_a_planned_erasure_needs_no_waiting_behind_the_number(phone: Phone, session: Session, own: str) -> None:
    phone.post(f"{own}/erasure")
    assert "いますぐ、すべて消去する" in words(phone.get(own))
    assert phone.post(f"{own}/erasure/now").status_code == 200
    assert len(mails(session, "registration-erased")) == 1
