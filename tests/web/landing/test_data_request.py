"""/data-request: the same answer for every address, then a link that chooses what is asked of whom."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra.keyed_hash import address_hash
from relay.mail import compose, letters, optouts
from relay.models import (
    Company,
    DataRequest,
    MailClass,
    Message,
    MessageState,
    RequestKind,
    RequestSource,
    scopes,
)
from relay.rights import asking, data_requests, request_letters
from relay.rights.data_requests import RequestInput
from tests.cast import Cast, make_candidate
from tests.conftest import ON_ONE
from tests.db.network.build import mailed_link, mails, register
from tests.statements import counted
from tests.web.landing.phone import Phone, words
from tests.web.landing.test_finding import work

HANA = "hana@mail.example"


def ask(phone: Phone, address: str = HANA, company: Company | None = None) -> tuple[int, str, str]:
    """Send the form; gives status, where it leads, and the page there."""
    path = "/data-request" + (f"?company={company.slug}" if company else "")
    answer = phone.post(path, {"address": address})
    return answer.status_code, answer.location, phone.get(answer.location).text


def mailed(session: Session) -> str:
    """The way to the page of choices, from the newest mail as it is sent."""
    work(session)
    mail = mails(session, asking.LETTER)[-1]
    mint = letters.find(asking.LETTER).mint
    assert mint is not None
    with scopes.everyone(session, "test"):
        text = compose.render(session, mail, preview=False, links=mint(session, mail)).text
    session.commit()
    found = re.search(r"https?://\S+/data-request/\S+", text)
    assert found
    return urlsplit(found[0]).path


def asked_of(session: Session, company: Company) -> list[DataRequest]:
    with scopes.company(session, company.id):
        return list(session.scalars(select(DataRequest).order_by(DataRequest.id)))


def wrote(session: Session, company: Company, address: str = HANA) -> None:
    """A company tells its candidate a result; the mail has left."""
    link = mailed_link(session, company, address)
    with scopes.company(session, company.id):
        mail = session.scalars(select(Message).where(Message.subject_id == link.application_id)).one()
        mail.state = MessageState.SENT
    session.commit()


def test_every_address_gets_the_same_answer_and_the_same_work(phone: Phone, session: Session, cast: Cast) -> None:
    known, opted_out, written_to, registered = (f"{n}@mail.example" for n in ("known", "stopped", "today", "own"))
    for each in (known, opted_out, written_to):
        make_candidate(session, cast.acme, email=each)
    optouts.opt_out(session, cast.acme.id, address_hash(opted_out), MailClass.RELAY, "page")
    register(session, mailed_link(session, cast.acme, registered), cast.tsumugi)
    session.commit()
    ask(phone, written_to)
    work(session)
    said = {}
    for address in (known, opted_out, written_to, registered, HANA):
        ask(phone, f"warm.{address}")
        with counted(db.engine) as statements:
            answer = ask(phone, address)
        said[address] = (answer, [each.partition("VALUES")[0] for each in statements])
    assert all(each == said[HANA] for each in said.values())
    assert "どのアドレスについても、この画面の表示は同じです" in said[HANA][0][2]
    work(session)
    sent = sorted(each.to_address for each in mails(session, asking.LETTER))
    assert sent == sorted((written_to, known, opted_out, registered))


def test_the_link_opens_requests_at_the_chosen_companies_and_stops_mail_at_once(
    phone: Phone, session: Session, cast: Cast
) -> None:
    wrote(session, cast.acme)
    wrote(session, cast.other)
    ask(phone)
    path = mailed(session)
    page = words(phone.get(path))
    assert cast.acme.name in page and cast.other.name in page
    assert asked_of(session, cast.acme) == []
    form = {"kind": ["stop", "correction"], "company": str(cast.acme.id), "text": "電話番号が違います"}
    answer = phone.post(path, form)
    assert "請求を届けました" in words(phone.get(answer.location))
    made = asked_of(session, cast.acme)
    assert [each.kind for each in made] == [RequestKind.CORRECTION, RequestKind.STOP]
    assert all(each.proven_at and each.candidate_id and each.text == "電話番号が違います" for each in made)
    assert asked_of(session, cast.other) == []
    assert optouts.is_opted_out(session, cast.acme.id, HANA)
    with scopes.company(session, cast.acme.id):
        received = session.scalars(select(Message).where(Message.letter == request_letters.RECEIVED)).one()
    assert received.to_address == HANA
    phone.post(path, form)
    assert len(asked_of(session, cast.acme)) == 2


def test_a_company_that_never_wrote_is_reached_and_not_named(phone: Phone, session: Session, cast: Cast) -> None:
    """Whoever reads the mailbox learns of no company that it does not know."""
    wrote(session, cast.acme)
    make_candidate(session, cast.other, "高橋 花子", email=HANA)
    session.commit()
    ask(phone)
    path = mailed(session)
    assert cast.other.name not in phone.get(path).text
    phone.post(path, {"kind": "disclosure", "company": str(cast.other.id)})
    assert asked_of(session, cast.other) == [], "an id that was not offered"
    answer = phone.post(path, {"kind": "disclosure", "others": "y"})
    assert cast.other.name not in phone.get(answer.location).text
    assert [each.kind for each in asked_of(session, cast.other)] == [RequestKind.DISCLOSURE]
    assert asked_of(session, cast.acme) == []


def test_the_company_whose_mail_led_there_is_named(phone: Phone, session: Session, cast: Cast) -> None:
    make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    session.commit()
    ask(phone, company=cast.acme)
    page = phone.get(mailed(session)).text
    assert cast.acme.name in page
    offered = re.findall(r'name="kind" value="([^"]+)"', page)
    assert set(offered) == set(RequestKind), "each kind can be asked for"
    assert "高橋" not in page


@ON_ONE
@pytest.mark.parametrize(
    ("form", "said"),
    [({"others": "y"}, "請求する内容を、一つ以上"), ({"kind": "erasure", "text": "母の記録"}, "届ける企業を選んで")],
)
def test_what_is_missing_is_said_and_the_rest_stays(
    phone: Phone, session: Session, cast: Cast, form: dict[str, str], said: str
) -> None:
    make_candidate(session, cast.acme, email=HANA)
    session.commit()
    ask(phone)
    answer = phone.post(mailed(session), form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert form.get("text", "") in answer.text
    assert answer.text.count(" checked") == 1


def test_the_mail_names_nobody_and_is_forgotten_when_its_link_ran_out(
    phone: Phone, session: Session, cast: Cast
) -> None:
    wrote(session, cast.acme)
    ask(phone)
    path = mailed(session)
    (mail,) = mails(session, asking.LETTER)
    with scopes.everyone(session, "test"):
        written = compose.render(session, mail, preview=True)
        for text in (written.text, written.html):
            assert "お心当たりのない方へ" in text
            assert cast.acme.name not in text
    with clock.at(clock.now() + timedelta(hours=49)):
        assert phone.get(path).status_code == 404
        asking.sweep(session)
        session.commit()
        session.refresh(mail)
        assert mail.to_address == ""


def test_every_mail_to_candidates_leads_there_and_no_other(phone: Phone, session: Session, cast: Cast) -> None:
    """The footer of a company's mail names the company; that of a mail about the own page does not."""
    register(session, mailed_link(session, cast.acme, HANA), cast.tsumugi)
    source = RequestSource.TYPED
    data_requests.receive(session, cast.acme.id, RequestInput(HANA), [RequestKind.CORRECTION], source=source)
    session.commit()
    with scopes.everyone(session, "test"):
        for mail in session.scalars(select(Message)):
            audience = letters.find(mail.letter).audience
            wanted = f"/data-request?company={cast.acme.slug}" if mail.company_id else "/data-request\n"
            text = compose.render(session, mail, preview=True).text
            assert (wanted in text) is (audience == "candidate"), mail.letter
    answer = phone.get(f"/data-request?company={cast.acme.slug}")
    assert cast.acme.name in words(answer)
