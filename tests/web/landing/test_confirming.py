"""いまもこのとおりですか: asked on the own page, answered by a form, and the partner's page meanwhile (B-22)."""

import re
from datetime import datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose
from relay.models import scopes
from relay.network import confirmations, own_pages
from relay.rights import coming_mails
from tests.cast import Cast, browse
from tests.db.network.build import mailed_link, mails, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words

ASKING = "登録された内容は、いまもこのとおりですか"


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with the agency."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, place="松本市")
    return mail_own_page(session, the_profile(session, EMAIL).id)


def in_months(months: int, days: int = 0) -> datetime:
    return clock.now() + relativedelta(months=months) + timedelta(days=days)


def ask(session: Session) -> None:
    """The daily job of month 6."""
    assert confirmations.write_to(session).rows
    session.commit()


def said(moment: datetime) -> str:
    day = moment.astimezone(clock.JAPAN).date()
    return f"{day.year}年{day.month}月{day.day}日"


def test_from_the_mail_to_the_answer(phone: Phone, session: Session, own: str, app: Flask, cast: Cast) -> None:
    code, first = the_profile(session, EMAIL).code, said(clock.now())
    with clock.at(in_months(6, 3)):
        ask(session)
        by = said(in_months(1))
        phone.enter(own)
        for _look in range(3):
            page = words(phone.get(own))
            assert ASKING in page and f"{by}までにお答えがないとき" in page
        assert f"{first}時点" in page, "looking confirms nothing"
        opened = phone.get(own).text
        assert re.search(r"<details open>\s*<summary>その後のことを伝える", opened), (
            "told with one tap, as the mail says"
        )
        assert phone.post(f"{own}/outcomes", {"kind": "interview"}).status_code == 303
        assert "面談・面接 ご本人が" in words(phone.get(own))
    with clock.at(in_months(7, 5)):
        agnes = browse(app, cast.agnes)
        refused = agnes.get(f"/agency/people/{code}")
        assert refused.status_code == 410 and "内容の確認をご本人にお願いしているあいだも" in words(refused)
        assert "まだ、同意された方はいません" in words(agnes.get("/agency/people"))
        assert phone.get(f"{own}/confirmation").status_code == 303, "a GET only leads to the page"
        phone.enter(own)
        page = words(phone.get(own))
        assert "いまは登録先の画面に表示されていません" in page
        answered = phone.post(f"{own}/confirmation")
        page = words(phone.get(answered.location))
        assert "いまもこのとおりと、お答えいただきました" in page and ASKING not in page
        assert f"{said(clock.now())}時点" in page
        assert f"{said(clock.now())}時点の内容です" in words(agnes.get(f"/agency/people/{code}"))
        day = clock.today()
        assert f"{day.year}/{day.month}/{day.day}時点" in words(agnes.get("/agency/people"))
        assert phone.post(f"{own}/confirmation").location.endswith(own), "sent twice, nothing more is said"
        about = words(agnes.get("/agency"))
        assert "6か月たった方には確認をお願いし、1か月お答えがないと、お答えがあるまで表示しません" in about


def test_saving_a_correction_is_an_answer(phone: Phone, session: Session, own: str) -> None:
    with clock.at(in_months(6, 3)):
        ask(session)
        phone.enter(own)
        saved = phone.post(f"{own}/facts", {"name": "高橋 花子", "place": "長野市"})
        assert ASKING not in words(phone.get(saved.location))


def test_without_the_number_and_before_an_erasure_nothing_is_confirmed(
    phone: Phone, session: Session, own: str
) -> None:
    profile_id = the_profile(session, EMAIL).id
    with clock.at(in_months(6, 3)):
        ask(session)
        assert phone.post(f"{own}/confirmation").location.endswith("done=expired")
        own_pages.plan_erasure(session, profile_id)
        session.commit()
        phone.enter(own)
        assert ASKING not in words(phone.get(own))
        refused = phone.post(f"{own}/confirmation")
        assert refused.status_code == 422 and "先に、消去の予定を取り消してください" in words(refused)


def test_what_was_hidden_by_a_new_number_is_not_shown_in_the_question(phone: Phone, session: Session, own: str) -> None:
    profile = the_profile(session, EMAIL)
    profile.hidden_items = ["place"]
    session.commit()
    with clock.at(in_months(6, 3)):
        ask(session)
        phone.enter(own)
        page = words(phone.get(own))
        assert ASKING in page and "松本市" not in page.partition(ASKING)[2].partition("違うところを訂正する")[0]


def test_the_mail_says_what_silence_does_and_that_it_is_the_only_one(session: Session, own: str, cast: Cast) -> None:
    with clock.at(in_months(6, 3)):
        ask(session)
        (mail,) = mails(session, confirmations.LETTER)
        with scopes.everyone(session, "test"):
            text = compose.render(session, mail, preview=False, links={"own_url": "https://relay.example/me/x"}).text
        assert f"{said(in_months(1))}までにお答えがないときは" in text and "この1通だけです" in text
        assert "6か月がたちました" in text and "何も変わりません" in text
        assert not any(each in text for each in (cast.tsumugi.name, cast.acme.name, "高橋", "松本"))


def test_the_page_lists_the_months_of_the_mails_to_come(phone: Phone, session: Session, own: str) -> None:
    phone.enter(own)
    coming = coming_mails.of_profile(session, the_profile(session, EMAIL).id)
    assert len(coming) == 2
    listed = words(phone.get(own)).partition("これから届くメール")[2]
    for each in coming:
        assert f"{each.on.year}年{each.on.month}月{each.subject}" in listed
    phone.post(f"{own}/stop")
    assert "お送りするメールはありません" in words(phone.get(own))
