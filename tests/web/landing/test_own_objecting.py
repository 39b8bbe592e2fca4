"""Objecting to the use of the selection record on the own page: the same word as by the link below a mail (A-42)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import Candidate, Event, EventTag, TokenPurpose, scopes
from tests.cast import Cast, make_candidate
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

OFFER = "選考の記録を使わないよう申し出る"
KEPT = "お申し出により、ご連絡する方の順番を決めるときに、選考の記録を使いません"


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered by a link of Acme; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    session.commit()
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def switch(session: Session, cast: Cast) -> None:
    cast.acme.record_use_since = clock.today()
    session.commit()


def people(session: Session, cast: Cast) -> list[Candidate]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Candidate).order_by(Candidate.id)))


def test_it_is_offered_where_the_record_is_used_and_kept_once(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    form = {"company": str(cast.acme.id)}
    assert OFFER not in words(phone.get(own))
    refused = phone.post(f"{own}/objection", form)
    assert refused.status_code == 422 and people(session, cast)[0].record_objected_at is None
    switch(session, cast)
    assert OFFER in words(phone.get(own))
    for _twice in range(2):
        assert phone.post(f"{own}/objection", form).status_code == 303
    page = words(phone.get(own))
    assert KEPT in page and OFFER not in page
    assert people(session, cast)[0].record_objected_at is not None
    with scopes.company(session, cast.acme.id):
        assert len(session.scalars(select(Event).where(Event.tag == EventTag.RECORD_OBJECTED)).all()) == 1


def test_it_is_the_same_word_as_that_of_the_mail_s_link_and_says_nothing_of_the_registration(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    switch(session, cast)
    other = make_candidate(session, cast.acme, email="other@mail.example")
    about = {"company_id": cast.acme.id, "candidate_id": other.id}
    by_mail = tokens.mint(session, TokenPurpose.OBJECTION, other.id, **about)  # type: ignore[arg-type]
    session.commit()
    phone.post(f"{own}/objection", {"company": str(cast.acme.id)})
    phone.post(f"/object/{by_mail}")
    with scopes.company(session, cast.acme.id):
        events = session.scalars(select(Event).where(Event.tag == EventTag.RECORD_OBJECTED)).all()
    told = {(each.actor_kind, each.actor_id, each.profile_id, each.subject_kind, str(each.data)) for each in events}
    assert len(events) == 2 and len(told) == 1, "HR cannot tell which of them registered (A-45)"


def test_another_address_a_foreign_company_and_no_number_do_nothing(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    switch(session, cast)
    assert phone.post(f"{own}/objection", {"company": str(cast.other.id)}).status_code == 422
    (person,) = people(session, cast)
    person.email, person.email_key = "elsewhere@mail.example", "elsewhere@mail.example"
    session.commit()
    assert OFFER not in words(phone.get(own))
    assert phone.post(f"{own}/objection", {"company": str(cast.acme.id)}).status_code == 422
    phone.post(f"{own}/leave")
    phone.post(f"{own}/objection", {"company": str(cast.acme.id)})
    assert people(session, cast)[0].record_objected_at is None
