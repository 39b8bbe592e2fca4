"""A person pauses until a day: no partner sees them from the next request on, and every consent stays (invariant 4)."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.models import scopes
from relay.network import consents, finding, own_pages, sharing
from relay.network.granting import SharingPaused
from tests.cast import Cast, browse
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.web.landing.phone import EMAIL, Phone, mail_own_page, words


@pytest.fixture
def own(phone: Phone, session: Session, cast: Cast) -> str:
    """The own page of a person who registered with the agency; the phone has given the number."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, phone="09012345678")
    path = mail_own_page(session, the_profile(session, EMAIL).id)
    phone.enter(path)
    return path


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def seen(session: Session, cast: Cast) -> tuple[int, int]:
    """How many people the agency's list has, and its count."""
    session.rollback()
    with scopes.partner(session, cast.tsumugi.id):
        return len(finding.find(session).rows), sharing.count(session)


def test_the_partners_open_page_is_refused_with_the_next_request_and_comes_back_by_itself(
    app: Flask, phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    agnes, code = browse(app, cast.agnes), the_profile(session, EMAIL).code
    assert agnes.get(f"/agency/people/{code}").status_code == 200
    answer = phone.post(f"{own}/pause", {"until": in_days(30).isoformat()})
    page = words(phone.get(answer.location))
    assert f"{in_days(30).month}月{in_days(30).day}日まで休止しています" in page
    refused = agnes.get(f"/agency/people/{code}")
    assert refused.status_code == 410
    assert "ご本人が休止されているあいだも、この表示になります" in words(refused)
    assert seen(session, cast) == (0, 0)
    assert len(consents.standing(session, the_profile(session, EMAIL).id)) == 1, "the consent stays"
    with clock.at(clock.now() + timedelta(days=30)):
        assert seen(session, cast) == (0, 0), "the last day is a day of the pause"
    with clock.at(clock.now() + timedelta(days=31)):
        assert seen(session, cast) == (1, 1)
        phone.enter(own)
        assert "休止しています" not in words(phone.get(own))


def test_it_can_be_ended_earlier_and_a_new_registration_ends_it(
    phone: Phone, session: Session, own: str, cast: Cast
) -> None:
    for end in ("page", "registration"):
        phone.post(f"{own}/pause", {"until": in_days(30).isoformat()})
        assert seen(session, cast) == (0, 0)
        if end == "page":
            ended = phone.post(f"{own}/pause/end")
            assert "また表示されます" in words(phone.get(ended.location))
        else:
            register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
            session.commit()
        assert seen(session, cast) == (1, 1)


@pytest.mark.parametrize(
    ("until", "said"), [("", ""), ("-1", "間でお選びください"), ("400", "間でお選びください"), ("あす", "")]
)
def test_a_day_that_will_not_do_is_said_and_nothing_is_paused(
    phone: Phone, session: Session, own: str, cast: Cast, until: str, said: str
) -> None:
    typed = in_days(int(until)).isoformat() if until.lstrip("-").isdigit() else until
    answer = phone.post(f"{own}/pause", {"until": typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert seen(session, cast) == (1, 1)


def test_nothing_new_is_told_meanwhile(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    profile_id = the_profile(session, EMAIL).id
    assert cast.manabi.name in words(phone.get(own))
    own_pages.pause(session, profile_id, in_days(30))
    session.commit()
    assert cast.manabi.name not in words(phone.get(own))
    with pytest.raises(SharingPaused):
        consents.give_more(session, profile_id, cast.manabi.id, token_id=None, evidence=EVIDENCE)
    form = {"name": "高橋 花子", "phone": "0266-00-0000"}
    saved = phone.post(f"{own}/facts", form)
    assert "か所にも伝えますか" not in words(phone.get(saved.location)), "asked once the pause is over"
    phone.post(f"{own}/pause/end")
    assert "か所にも伝えますか" in words(phone.get(own))


def test_without_the_number_nothing_is_paused(phone: Phone, session: Session, own: str, cast: Cast) -> None:
    phone.post(f"{own}/leave")
    assert phone.post(f"{own}/pause", {"until": in_days(30).isoformat()}).location.endswith("done=expired")
    assert seen(session, cast) == (1, 1)
