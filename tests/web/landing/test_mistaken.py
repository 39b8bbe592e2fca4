"""Behind a link that was sent by mistake: an honest page for everybody, and a question for who had registered."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import Application, LinkState, Message, MistakeKind, RelayLink, Share, scopes
from relay.network import consents, links
from relay.network.mistaken import Contact
from relay.outreach import mistakes
from tests.cast import Cast, browse
from tests.db.network.build import the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, registered, words

HEADING = "このご案内は、誤って送られたものでした"
QUESTION = "からのご案内は、誤って送られたものでした"


def declare(session: Session, cast: Cast, link: RelayLink, kind: MistakeKind = MistakeKind.TEXT) -> None:
    """Acme says that the mail with this link was sent by mistake."""
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message.id).where(Message.subject_id == link.application_id)).one()
    contact = Contact("中村 恵", "0266-12-3456")
    mistakes.declare(session, cast.acme.id, mail, kind, contact, by_user_id=cast.ada.id)
    session.commit()


def shares(session: Session) -> int:
    """How many partners see the person."""
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count(Share.id))) or 0


def asked(page: str) -> str:
    """The number of the question on an own page."""
    found = re.search(r'name="question" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_the_page_says_so_and_names_whom_to_call(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    declare(session, cast, link)

    page = phone.get(path)

    assert page.status_code == 410
    assert HEADING in words(page)
    assert f"{cast.acme.name}が、誤ってお送りしました" in words(page)
    assert "担当の中村 恵（電話：0266-12-3456）へお問い合わせください" in words(page)
    assert "<form" not in page.text


def test_it_looks_alike_before_and_after_the_person_opened_registered_or_asked_for_no_more(
    phone: Phone, session: Session, cast: Cast
) -> None:
    silent, opened, stopped = (mail_link(session, cast.acme, f"p{number}@mail.example") for number in range(3))
    phone.get(opened[1])
    phone.post(f"{stopped[1]}/stop")
    done = registered(phone, session, cast)
    everybody = (silent, opened, stopped, done)
    for link, _path in everybody:
        declare(session, cast, link)

    pages = [phone.get(path) for _link, path in everybody]

    assert {page.status_code for page in pages} == {410}
    assert len({page.text for page in pages}) == 1


@pytest.mark.parametrize("path", ["{}", "{}/own-page", "{}/stop"])
def test_nothing_behind_the_link_acts_any_more(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    link, mailed = mail_link(session, cast.acme)
    declare(session, cast, link)
    assert phone.post(path.format(mailed)).status_code == 410


def test_nothing_is_registered_from_an_open_page_and_no_visit_is_kept(
    phone: Phone, session: Session, cast: Cast
) -> None:
    link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    declare(session, cast, link)

    refused = phone.post(path, answers(page, cast.tsumugi.id), headers={"HX-Request": "true"})

    assert refused.status_code == 410
    assert "まだどこにも伝わっていません" in refused.text
    assert shares(session) == 0
    phone.get(path)
    with scopes.company(session, cast.acme.id):
        assert links.statuses(session, [link.candidate_id or 0]) == {}


def test_who_had_registered_is_asked_on_the_own_page_and_goes_on(phone: Phone, session: Session, cast: Cast) -> None:
    link, _path = registered(phone, session, cast)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(own)
    assert QUESTION not in words(phone.get(own))
    declare(session, cast, link)

    page = phone.get(own)
    assert f"{cast.acme.name}{QUESTION}" in words(page)
    assert f"登録先：{cast.tsumugi.name}" in words(page)
    answered = phone.post(f"{own}/mistaken", {"question": asked(page.text), "answer": "go-on"})

    assert answered.status_code == 303
    shown = words(phone.get(answered.location))
    assert "登録を続けます" in shown
    assert QUESTION not in shown
    assert shares(session) == 1


def test_who_had_registered_ends_it_for_all_partners_of_that_invitation(
    phone: Phone, session: Session, cast: Cast
) -> None:
    link, _path = registered(phone, session, cast, EMAIL, cast.tsumugi.id, cast.manabi.id)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(own)
    declare(session, cast, link)

    ended = phone.post(f"{own}/mistaken", {"question": asked(phone.get(own).text), "answer": "end"})

    assert "登録を取り消しました" in words(phone.get(ended.location))
    assert consents.standing(session, the_profile(session, EMAIL).id) == []
    assert shares(session) == 0


def test_without_the_number_nothing_is_asked_and_no_company_is_named(
    phone: Phone, session: Session, cast: Cast
) -> None:
    link, _path = registered(phone, session, cast)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    declare(session, cast, link)
    stranger = Phone(phone.app)

    assert cast.acme.name not in stranger.get(own).text
    refused = stranger.post(f"{own}/mistaken", {"question": "1", "answer": "end"})
    assert refused.location.endswith("done=expired")
    assert shares(session) == 1


@pytest.mark.parametrize("answer", ["go-on", "end"])
def test_the_company_sees_the_same_whatever_is_answered(
    phone: Phone, session: Session, cast: Cast, answer: str
) -> None:
    link, _path = registered(phone, session, cast)
    own = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(own)
    declare(session, cast, link)
    ada = browse(phone.app, cast.ada)
    before = _screens(ada, link)

    phone.post(f"{own}/mistaken", {"question": asked(phone.get(own).text), "answer": answer})

    assert _screens(ada, link) == before


def _screens(browser: FlaskClient, link: RelayLink) -> list[str]:
    """What HR reads of the person and of the numbers."""
    return [words(browser.get(path)) for path in (f"/pool/{link.candidate_id}", "/credits", "/results/sent")]


def test_a_frozen_link_stays_frozen_when_the_right_mail_was_sent(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        application = session.scalars(select(Application).where(Application.id == link.application_id)).one()
    declare(session, cast, link)
    with scopes.company(session, cast.acme.id):
        right = links.issue(session, application=application, address=EMAIL)
        newer = f"/r/{links.mint(session, right, None)}"
    session.commit()

    assert right.state is LinkState.ISSUED
    assert phone.get(newer).status_code == 200
    assert phone.get(path).status_code == 410
