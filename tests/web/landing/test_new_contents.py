"""After a second registration the own page asks once, names nobody who is hidden, and does what is answered (A-43)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner, scopes
from relay.network import finding, pins, sharing
from tests.cast import PIN, Cast, make_partner, make_partnership
from tests.db.network.build import mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, answers, mail_link, mail_own_page, words

QUESTION = "新しい内容を、いまの登録先2か所にも伝えますか"


@pytest.fixture
def later(session: Session, cast: Cast) -> Partner:
    made = make_partner(session, "michibiki")
    make_partnership(session, cast.other, made)
    return made


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast, later: Partner) -> str:
    """The own page as it follows the second registration in the same browser."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, desired_role="経理")
    _link, path = mail_link(session, cast.other)
    given = phone.post(path, answers(phone.get(path).text, later.id, desired_role="人事", number=PIN))
    assert given.status_code == 303, words(given)
    return str(given.location).partition("?")[0]


def roles(session: Session, *partners: Partner) -> list[str]:
    """What each partner's list says."""
    session.expire_all()
    found = []
    for each in partners:
        with scopes.partner(session, each.id):
            found.append(finding.find(session).rows[0].role)
    return found


def form(page: str) -> dict[str, object]:
    """The hidden fields of the first form of the question."""
    asked = page.partition('aria-labelledby="contents"')[2].partition("</form>")[0]
    return {
        "partner": re.findall(r'name="partner" value="(\d+)"', asked),
        **dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', asked)),
    }


def test_the_page_that_follows_asks_and_changes_nothing_before_an_answer(
    phone: Phone, own: str, session: Session, cast: Cast, later: Partner
) -> None:
    page = phone.get(own)
    assert QUESTION in words(page)
    assert f"いまの登録先：{cast.tsumugi.name}、{cast.manabi.name}" in words(page)
    assert "これまでの登録先には、以前に同意いただいた内容がそのまま残っています" in words(page)
    assert roles(session, cast.tsumugi, cast.manabi, later) == ["経理", "経理", "人事"]


def test_two_places_are_told_by_one_button(
    phone: Phone, own: str, session: Session, cast: Cast, later: Partner
) -> None:
    told = phone.post(f"{own}/contents", form(phone.get(own).text) | {"answer": "all"})
    assert told.status_code == 303
    page = words(phone.get(told.location))
    assert "新しい内容を伝えました" in page
    assert QUESTION not in page
    assert roles(session, cast.tsumugi, cast.manabi, later) == ["人事"] * 3


def test_no_tells_nobody_and_is_not_asked_again(phone: Phone, own: str, session: Session, cast: Cast) -> None:
    kept = phone.post(f"{own}/contents", form(phone.get(own).text) | {"answer": "none"})
    assert "この件は、もうお尋ねしません" in words(phone.get(kept.location))
    assert QUESTION not in words(phone.get(own))
    assert roles(session, cast.tsumugi, cast.manabi) == ["経理", "経理"]


def test_one_by_one_tells_whom_was_ticked(phone: Phone, own: str, session: Session, cast: Cast) -> None:
    hidden = {name: value for name, value in form(phone.get(own).text).items() if name != "partner"}
    nobody = phone.post(f"{own}/contents", hidden | {"answer": "chosen"})
    assert nobody.status_code == 422
    assert "伝える登録先にチェックを入れてから押してください" in words(nobody)
    first_box = r'name="partner" value="\d+" aria-invalid="true" aria-describedby="unchosen" autofocus'
    assert re.search(first_box, nobody.text), "the first box takes the focus, under the sentence"
    chosen = hidden | {"answer": "chosen", "partner": [str(cast.manabi.id)]}
    assert phone.post(f"{own}/contents", chosen).status_code == 303
    assert roles(session, cast.tsumugi, cast.manabi) == ["経理", "人事"]
    assert "か所にも伝えますか" not in words(phone.get(own))


def test_the_mailed_link_alone_neither_asks_nor_answers(phone: Phone, own: str, session: Session, cast: Cast) -> None:
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    assert "か所にも" not in words(phone.get(path))
    sent = {"answer": "all", "partner": [str(cast.tsumugi.id)]}
    assert phone.post(f"{path}/contents", sent).location.endswith("done=expired")
    assert roles(session, cast.tsumugi) == ["経理"]


def test_after_a_replaced_number_nothing_is_asked_or_counted(
    phone: Phone, own: str, session: Session, cast: Cast
) -> None:
    pins.adopt(session, the_profile(session, EMAIL), pins.hash_of("6038"))
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path, "6038")
    assert "か所にも" not in words(phone.get(path))


def test_the_page_says_when_everything_is_erased(phone: Phone, own: str, session: Session, cast: Cast) -> None:
    assert "最後の同意が終わってから30日後に消去されます" in words(phone.get(own))
    phone.post(f"{own}/stop")
    day = clock.today() + timedelta(days=30)
    assert f"登録された内容は、{day.year}年{day.month}月{day.day}日に消去されます" in words(phone.get(own))


def test_all_records_are_listed_page_by_page(phone: Phone, own: str, session: Session, cast: Cast) -> None:
    code, start = the_profile(session, EMAIL).code, clock.now() - timedelta(days=9)
    for each in range(45):
        with clock.at(start + timedelta(minutes=11 * each)), scopes.partner(session, cast.tsumugi.id):
            sharing.open_person(session, code, cast.agnes.id)
    session.commit()
    listed, path = 0, own
    while path:
        page = phone.get(path).text
        listed += page.partition('<ol class="seen">')[2].partition("</ol>")[0].count("<li>")
        following = re.search(r'rel="next" href="([^"#]+)', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert listed == 45 + 3
