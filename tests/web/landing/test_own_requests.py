"""Requests from the own page: received as the public page's are where the address is proven, else by mail (A-34)."""

import re
from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from relay.mail import optouts
from relay.models import (
    Candidate,
    Company,
    DataRequest,
    Event,
    MailClass,
    RequestKind,
    RequestState,
    scopes,
)
from relay.rights import asking, data_requests, request_letters
from relay.rights.erasure import erase_candidates
from relay.text import mail_key
from tests.cast import Cast, browse
from tests.db.network.build import mailed_link, mails, register, the_profile
from tests.web.landing import test_data_request
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words
from tests.web.landing.test_finding import work

ELSEWHERE = "hanako@work.example"
ITSELF = {"id", "candidate_id", "address", "created_at", "proven_at"}
"""The columns that differ between the requests of two people."""


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered by a link of Acme; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    session.commit()
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def ask(phone: Phone, own: str, company: Company, *kinds: str, text: str = "") -> str:
    """Send the form; gives what the page says then."""
    answer = phone.post(f"{own}/requests", {"keeper": str(company.id), "kind": list(kinds), "text": text})
    return words(phone.get(answer.location)) if answer.status_code == 303 else words(answer)


def asked_of(session: Session, company: Company) -> list[DataRequest]:
    session.rollback()
    with scopes.company(session, company.id):
        return list(session.scalars(select(DataRequest).order_by(DataRequest.id)))


def as_hr_has_it(request: DataRequest) -> dict[str, Any]:
    """All that a request holds but for whose it is, and when."""
    names = {each.key for each in inspect(DataRequest).column_attrs} - ITSELF
    return {name: getattr(request, name) for name in names}


def test_every_kind_reaches_the_company_and_is_proven(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    page = words(phone.get(own))
    assert "企業が2週間以内にお答えします" in page and cast.other.name not in page
    said = ask(phone, own, cast.acme, *(each.value for each in RequestKind), text="勤務先は松本です")
    assert "請求を届けました" in said
    made = asked_of(session, cast.acme)
    assert [each.kind for each in made] == list(RequestKind)
    for each in made:
        assert (each.address, each.text, each.state) == (EMAIL, "勤務先は松本です", RequestState.OPEN)
        assert each.proven_at and each.proven_by_user_id is None and each.candidate_id
        assert (each.due_on - each.received_on).days == 14
    assert [mail.to_address for mail in mails(session, request_letters.RECEIVED)] == [EMAIL]
    assert optouts.is_opted_out(session, cast.acme.id, EMAIL, MailClass.RELAY), "a stop takes effect at once"
    ask(phone, own, cast.acme, "disclosure")
    assert len(asked_of(session, cast.acme)) == len(made), "what is open is not opened twice"


def test_the_company_cannot_tell_it_from_one_of_the_public_page(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    """Nothing of it says that the person registered, or with whom (A-45)."""
    ask(phone, own, cast.acme, "disclosure")
    mailed_link(session, cast.acme, ELSEWHERE)
    session.commit()
    test_data_request.ask(phone, ELSEWHERE)
    passed_on = phone.post(test_data_request.mailed(session), {"kind": "disclosure", "company": str(cast.acme.id)})
    assert passed_on.status_code == 303, words(passed_on)
    ours, public = asked_of(session, cast.acme)
    assert as_hr_has_it(ours) == as_hr_has_it(public) and bool(ours.proven_at) == bool(public.proven_at)
    with scopes.company(session, cast.acme.id):
        told = select(Event).where(Event.subject_kind == "data-request").order_by(Event.id)
        first, second = session.scalars(told).all()
    assert (first.tag, first.data, first.profile_id) == (second.tag, second.data, second.profile_id)
    assert (first.profile_id, first.actor_id, first.ip) == (None, None, second.ip)
    hr = browse(phone.app, cast.ada)
    register_of = hr.get("/requests").text
    assert register_of.count("請求のページから") == 2 and cast.tsumugi.name not in register_of


def test_where_the_record_has_another_address_its_mailbox_proves_it(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    with scopes.company(session, cast.acme.id):
        record = session.scalars(select(Candidate)).one()
        record.email, record.email_key = ELSEWHERE, mail_key(ELSEWHERE)
        session.flush()
    session.commit()
    page = phone.get(own)
    assert "ご登録とは別のアドレスで応募されています" in words(page) and ELSEWHERE not in page.text
    assert 'type="checkbox" name="kind"' not in page.text
    assert "企業には、まだ何も伝わっていません" in ask(phone, own, cast.acme, "erasure")
    assert asked_of(session, cast.acme) == []
    work(session)
    (mail,) = mails(session, asking.LETTER)
    assert (mail.to_address, mail.company_id) == (ELSEWHERE, None)
    assert asking.addressees(session, mail.id) == (ELSEWHERE, [asking.Addressee(cast.acme.id, cast.acme.name)])


def test_what_is_missing_is_said_and_what_was_typed_stays(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    assert "一つ以上選んでください" in ask(phone, own, cast.acme, text="松本")
    refused = phone.post(f"{own}/requests", {"keeper": str(cast.acme.id), "text": "松本です"})
    assert refused.status_code == 422 and ">松本です</textarea>" in refused.text
    long = "あ" * (data_requests.MAX_TEXT + 1)
    assert "文字までで入力してください" in ask(phone, own, cast.acme, "complaint", text=long)
    assert asked_of(session, cast.acme) == []


def test_only_a_company_whose_link_was_used_and_that_keeps_a_record_is_asked(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    assert "何も届けていません" in ask(phone, own, cast.other, "disclosure")
    assert "何も届けていません" in words(phone.post(f"{own}/requests", {"keeper": "x", "kind": "stop"}))
    with scopes.company(session, cast.acme.id):
        person = session.scalars(select(Candidate.id)).one()
    erase_candidates(session, cast.acme.id, [person])
    session.commit()
    assert "応募先の企業の記録について</h2>" not in phone.get(own).text
    assert "何も届けていません" in ask(phone, own, cast.acme, "disclosure")
    assert asked_of(session, cast.other) == [] and asked_of(session, cast.acme) == []


def test_without_the_number_nothing_is_asked(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    phone.post(f"{own}/leave")
    assert "30分たったため" in ask(phone, own, cast.acme, "stop")
    assert asked_of(session, cast.acme) == []
    assert not optouts.is_opted_out(session, cast.acme.id, EMAIL, MailClass.RELAY)
    assert re.search(r"/me/", phone.get(f"{own}/requests").location)
