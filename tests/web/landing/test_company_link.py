"""A company's link for the mails it sends from elsewhere: the same answer for every address, then one's own link."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra.keyed_hash import address_hash
from relay.mail import compose, optouts
from relay.models import ApplicationResult, Consent, MailClass, Message, Profile, Referral, scopes
from relay.network import company_links, partnerships
from tests.cast import Cast, browse, make_application, make_candidate
from tests.conftest import ON_ONE
from tests.db.network.build import mails
from tests.db.network.test_company_links import work
from tests.statements import counted
from tests.web.landing.phone import Phone, answers, words
from tests.web.landing.test_finding import own_page_letter_links

HANA = "hana@mail.example"


def path_of(cast: Cast) -> str:
    """Acme's page."""
    return f"/careers/{cast.acme.slug}/relay"


def ask(phone: Phone, cast: Cast, address: str = HANA) -> tuple[int, str, str]:
    """Send the form; gives status, where it leads, and the page there."""
    answer = phone.post(path_of(cast), {"address": address})
    return answer.status_code, answer.location, phone.get(answer.location).text


def mailed(session: Session) -> str:
    """The way to the relay page, from the newest mail as it is sent."""
    work(session)
    mail = mails(session, company_links.LETTER)[-1]
    minted = own_page_letter_links(session, mail)
    session.commit()
    with scopes.everyone(session, "test"):
        text = compose.render(session, mail, preview=False, links=minted).text
    found = re.search(r"/r/[\w-]+", text)
    assert found
    return found[0]


def test_every_address_gets_the_same_answer_and_the_same_work(phone: Phone, session: Session, cast: Cast) -> None:
    known, opted_out, written_to = "known@mail.example", "stopped@mail.example", "today@mail.example"
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=known)
    make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    optouts.opt_out(session, cast.acme.id, address_hash(opted_out), MailClass.RELAY, "page")
    session.commit()
    ask(phone, cast, written_to)
    work(session)
    said = {}
    for address in (known, opted_out, written_to, HANA):
        ask(phone, cast, f"warm.{address}")
        with counted(db.engine) as statements:
            answer = ask(phone, cast, address)
        said[address] = (answer, [each.partition("VALUES")[0] for each in statements])
    assert all(each == said[HANA] for each in said.values())
    assert "どのアドレスについても、この画面の表示は同じです" in said[HANA][0][2]
    work(session)
    sent = {each.to_address for each in mails(session, company_links.LETTER)}
    assert sent == {written_to, known, HANA, *(f"warm.{each}" for each in (known, opted_out, written_to, HANA))}


def test_the_mail_names_no_application_and_tells_whoever_did_not_ask(
    phone: Phone, session: Session, cast: Cast
) -> None:
    candidate = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    session.commit()
    ask(phone, cast)
    work(session)
    (mail,) = mails(session, company_links.LETTER)
    with scopes.everyone(session, "test"):
        written = compose.render(session, mail, preview=True)
    for text in (written.text, written.html):
        assert "お心当たりのない方へ" in text
        assert not any(word in text for word in ("高橋", "見送り", "不採用", "選考"))


def test_from_the_page_to_the_registration(phone: Phone, session: Session, cast: Cast) -> None:
    ask(phone, cast)
    path = mailed(session)
    page = phone.get(path)
    text = words(page)
    assert "選考の結果は、このページからは分かりません" in text
    assert "選考中か、採用か、見送りか、また職種・評価・理由は伝わりません" in text
    assert "採用に至らなかった" not in text
    assert 'name="openings"' not in page.text
    answer = phone.post(path, answers(page.text, cast.tsumugi.id))
    assert cast.tsumugi.name in words(phone.get(answer.location))
    with scopes.everyone(session, "test"):
        consent = session.scalars(select(Consent)).one()
        assert "採用に至らなかった" not in consent.wording
        assert consent.wording_hash in page.text
        assert session.scalar(select(func.count(Referral.id))) == 0
        mail = session.scalars(select(Message).where(Message.letter == company_links.LETTER)).one()
        assert mail.profile_id == session.scalars(select(Profile.id)).one()


def test_an_agency_sees_where_the_person_came_from_and_nothing_of_the_selection(
    phone: Phone, session: Session, cast: Cast
) -> None:
    ask(phone, cast)
    path = mailed(session)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    with scopes.everyone(session, "test"):
        code = session.scalars(select(Profile.code)).one()
    page = words(browse(phone.app, cast.agnes).get(f"/agency/people/{code}"))
    today = clock.today()
    assert cast.acme.name in page
    assert f"{today.year}年{today.month}月{today.day}日" in page
    for everybodys in partnerships.NOT_HIRED:
        page = page.replace(str(everybodys), "")
    assert not re.search("見送り|不採用|選考中|至らなかった", page)


def test_asking_for_the_openings_alone_registers_nobody(phone: Phone, session: Session, cast: Cast) -> None:
    ask(phone, cast)
    path = mailed(session)
    answer = phone.post(path, answers(phone.get(path).text, openings="y"))
    assert answer.status_code == 422
    assert "登録先が選ばれていません" in words(answer)


def test_a_stop_on_the_page_ends_such_mail(phone: Phone, session: Session, cast: Cast) -> None:
    ask(phone, cast)
    path = mailed(session)
    assert "今後受け取らない" in words(phone.get(path))
    phone.post(f"{path}/stop")
    assert optouts.is_opted_out(session, cast.acme.id, HANA)


@ON_ONE
def test_what_is_no_address_is_said_and_stays(phone: Phone, session: Session, cast: Cast) -> None:
    answer = phone.post(path_of(cast), {"address": "hana.mail.example"})
    assert answer.status_code == 422
    assert "@ がありません" in words(answer)
    assert 'value="hana.mail.example"' in answer.text


@ON_ONE
@pytest.mark.parametrize("closed", [{"relay_enabled": False}, {"live_since": None}])
def test_a_closed_page_says_so_and_takes_nothing(
    phone: Phone, session: Session, cast: Cast, closed: dict[str, None]
) -> None:
    for name, value in closed.items():
        setattr(cast.acme, name, value)
    session.commit()
    for answer in (phone.get(path_of(cast)), phone.post(path_of(cast), {"address": HANA})):
        assert answer.status_code == 200
        assert "いまは受け付けていません" in words(answer)
    assert mails(session, company_links.LETTER) == []


@ON_ONE
def test_a_company_that_is_not_there(phone: Phone) -> None:
    assert phone.get("/careers/nobody/relay").status_code == 404
    assert phone.post("/careers/nobody/relay", {"address": HANA}).status_code == 404
