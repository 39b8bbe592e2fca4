"""The one voluntary question after a registration: one tap, once, and what it promises."""

import re

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import RelayLink, RelayRating, scopes
from relay.network import ratings
from tests.cast import Cast, browse
from tests.db.network.build import the_profile
from tests.db.network.test_ratings import NO, YES, answered
from tests.db.network.test_ratings import person as somebody
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, words

QUESTION = "からのご案内は、役に立ちましたか"


def kept(session: Session) -> dict[str, int]:
    session.rollback()
    with scopes.everyone(session, "test"):
        return {each.answer.value: each.waiting for each in session.scalars(select(RelayRating))}


def registering(phone: Phone, session: Session, cast: Cast) -> str:
    """Somebody registers; the address of the own page to which that leads."""
    _link, path = mail_link(session, cast.acme, EMAIL)
    response = phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    assert response.status_code == 303 and response.location.endswith("?done=registered")
    return str(response.location)


def test_after_registering_one_tap_answers_and_there_is_no_second_time(
    phone: Phone, session: Session, cast: Cast
) -> None:
    own = registering(phone, session, cast)
    page = phone.get(own)
    assert f"{cast.acme.name}{QUESTION}" in words(page) and "※任意" in words(page)
    assert re.findall(r'name="answer" value="(\w+)"', page.text) == ["yes", "partly", "no"]
    path = own.partition("?")[0]
    answer = phone.post(f"{path}/rating", {"answer": "no"})
    assert (answer.status_code, answer.location) == (303, f"{path}?done=rated")
    assert "どなたのお答えかは記録していません" in words(phone.get(answer.location))
    assert QUESTION not in words(phone.get(own))
    assert phone.post(f"{path}/rating", {"answer": "yes"}).location == path
    assert kept(session) == {"no": 1}
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(RelayLink.rated)).all() == [True]


def test_passed_over_it_changes_nothing_and_does_not_come_back(phone: Phone, session: Session, cast: Cast) -> None:
    own = registering(phone, session, cast)
    path = own.partition("?")[0]
    for said in ("", "nonsense"):
        assert phone.post(f"{path}/rating", {"answer": said}).location == path
    assert kept(session) == {}
    assert QUESTION not in words(phone.get(path)), "asked right after the registration alone"


def test_without_the_number_nothing_is_answered(app: Flask, phone: Phone, session: Session, cast: Cast) -> None:
    registering(phone, session, cast)
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    other = Phone(app)
    assert other.post(f"{path}/rating", {"answer": "yes"}).location == f"{path}?done=expired"
    assert kept(session) == {}


def test_the_company_reads_full_tens_of_each_answer(app: Flask, session: Session, cast: Cast) -> None:
    answered(session, cast, *[YES] * 10, *[NO] * 9)
    ada = browse(app, cast.ada)
    assert "同じ答えが10名以上になると" in words(ada.get("/insights/relay")), "before the day's count there is nothing"
    ratings.renew(session)
    session.commit()
    page = words(ada.get("/insights/relay"))
    assert "役に立った10名以上" in page
    assert "役に立たなかった" not in page, "nine are nothing"
    somebody(session, cast, 50)
    somebody(session, cast, 51)
    answered(session, cast, NO, first=60)
    ratings.renew(session)
    session.commit()
    page = words(ada.get("/insights/relay"))
    assert "役に立った10名以上" in page and "役に立たなかった10名以上" in page
    assert 'href="/insights/definitions#rating"' in ada.get("/insights/relay").text
    assert 'id="rating"' in ada.get("/insights/definitions").text
