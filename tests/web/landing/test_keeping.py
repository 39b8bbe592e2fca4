"""続ける, 消去する, あとで: from the company's letter to the page, which acts by a button alone (C-16, A-24)."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.mail import compose, letters
from relay.models import Candidate, HoldReason, Message, OpeningsConsent, RetentionBasis, scopes
from relay.rights import record_ends
from tests.cast import Cast, browse, make_application, make_candidate
from tests.web.landing.phone import Phone, words

HANA = "hana@mail.example"
NAME = "花岡 葉"


@pytest.fixture
def person(session: Session, cast: Cast) -> Candidate:
    """Of the pool, merely informed, and kept for ten more days."""
    last = clock.today() + timedelta(days=10)
    made = make_candidate(session, cast.acme, NAME, email=HANA, basis=RetentionBasis.STATED, retain_until=last)
    session.commit()
    return made


@pytest.fixture
def path(session: Session, cast: Cast, person: Candidate) -> str:
    """The way to the page, as the letter brings it."""
    record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == record_ends.LETTER)).one()
        mint = letters.find(record_ends.LETTER).mint
        assert mint is not None
        text = compose.render(session, mail, preview=False, links=mint(session, mail)).text
    session.commit()
    found = re.search(r"https?://\S+/keep/\S+", text)
    assert found
    return urlsplit(found[0]).path


def shown(page: str) -> dict[str, str]:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    assert found
    return {"shown": found[1]}


def standing(session: Session, cast: Cast) -> Candidate:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate).execution_options(populate_existing=True)).one()


def written(day: object) -> str:
    return f"{day.year}年{day.month}月{day.day}日"  # type: ignore[attr-defined]


def test_the_page_shows_the_day_and_nothing_of_the_record(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    for query in ("", "?answer=later", "?answer=erase", "?answer=asked"):
        page = phone.get(path + query)
        assert page.status_code == 200
        assert not any(told in page.text for told in (NAME, HANA)), query
    assert written(person.retain_until) in words(phone.get(path))
    assert standing(session, cast).retain_until == person.retain_until


def test_going_on_keeps_the_record_once_and_the_company_sees_the_consent(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    last = person.retain_until
    assert last
    page = phone.get(path)
    longer = last + relativedelta(months=12)
    assert f"同意して、{written(longer)}まで続ける" in words(page)
    assert "紹介会社や学校には伝わりません" in words(page)
    for _twice in range(2):
        answer = phone.post(path, shown(page.text))
        assert answer.status_code == 303 and urlsplit(answer.location).path == path
    after = words(phone.get(path))
    assert f"{written(longer)}まで保管します" in after and "続けますか" not in after
    assert "応募の記録の消去へ進む" in after, "who changes their mind can erase"
    kept = standing(session, cast)
    assert (kept.basis, kept.retain_until) == (RetentionBasis.CONSENTED, longer)
    with scopes.company(session, cast.acme.id):
        (word,) = session.scalars(select(OpeningsConsent)).all()
    assert word.wording in words(page), "what is kept is what was shown"
    hr = words(browse(phone.app, cast.ada).get(f"/pool/{person.id}"))
    assert "次の募集のお知らせと、応募の記録の保管に同意されました" in hr


def test_words_that_changed_meanwhile_are_shown_again(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    answer = phone.post(path, {"shown": "0" * 64})
    assert answer.status_code == 422 and "まだ何も変わっていません" in words(answer)
    assert shown(answer.text)
    assert standing(session, cast).retain_until == person.retain_until


def test_later_changes_nothing_and_says_until_when(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    page = words(phone.get(f"{path}?answer=later"))
    assert f"{written(person.retain_until)}までは、このリンクから、いつでもお選びいただけます" in page
    assert standing(session, cast).retain_until == person.retain_until


def test_erasing_is_shown_first_and_the_link_then_answers_like_an_unknown_one(
    phone: Phone, session: Session, cast: Cast, path: str
) -> None:
    make_candidate(session, cast.acme, "別の 人", email="other@mail.example")
    session.commit()
    assert "元に戻すことはできません" in words(phone.get(f"{path}?answer=erase"))
    done = phone.post(f"{path}/erase")
    assert done.status_code == 200 and "応募の記録を消去しました" in words(done)
    assert standing(session, cast).name == "別の 人"
    unknown = phone.get(f"/keep/{'A' * 43}")
    assert "応募の記録が消去されたときも、この画面になります" in words(unknown)
    for again in (phone.get(path), phone.post(f"{path}/erase"), phone.post(path, {"shown": ""})):
        assert (again.status_code, again.text) == (404, unknown.text)


def test_a_held_record_is_asked_for_and_the_reason_stays_inside(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        until = clock.today() + timedelta(days=90)
        holds.set_hold(session, person, HoldReason.DISPUTE, until, owner_user_id=cast.ada.id)
    session.commit()
    answer = phone.post(f"{path}/erase")
    page = words(phone.get(answer.location))
    assert "消去のご請求を受け付けました" in page and str(HoldReason.DISPUTE.label) not in page
    with scopes.everyone(session, "test"):
        told = select(func.count(Message.id)).where(Message.letter == "request-received")
        assert session.scalar(told) == 1
    assert standing(session, cast).id == person.id


def test_whoever_applied_again_has_nothing_to_decide(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    make_application(session, person)
    with scopes.company(session, cast.acme.id):
        session.get_one(Candidate, person.id).retain_until = None
    session.commit()
    assert "いま、お選びいただくことはありません" in words(phone.get(path))
    assert phone.post(path, {"shown": ""}).status_code == 303
    assert standing(session, cast).retain_until is None


def test_a_link_that_went_to_another_address_opens_nothing(
    phone: Phone, session: Session, cast: Cast, person: Candidate, path: str
) -> None:
    with scopes.company(session, cast.acme.id):
        session.get_one(Candidate, person.id).email = "new@mail.example"
    session.commit()
    assert phone.get(path).text == phone.get(f"/keep/{'A' * 43}").text


def test_the_link_ends_with_the_day_it_names(phone: Phone, session: Session, person: Candidate, path: str) -> None:
    assert person.retain_until
    with clock.at(clock.end_of_day(person.retain_until) - timedelta(minutes=1)):
        assert phone.get(path).status_code == 200
    with clock.at(clock.end_of_day(person.retain_until) + timedelta(minutes=1)):
        assert phone.get(path).status_code == 404


def test_a_form_without_its_value_acts_on_nothing(phone: Phone, session: Session, cast: Cast, path: str) -> None:
    for there in (path, f"{path}/erase"):
        assert phone.bare_post(there, data={}).status_code == 400
    assert standing(session, cast).email == HANA
