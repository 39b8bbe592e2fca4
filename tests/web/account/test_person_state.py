"""How far a partner is with a person, through the pages: the ordinary next state is one press."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.models import Profile
from relay.network import consents, work_states
from tests.cast import Cast, browse, make_cast, make_user
from tests.web.agency.people import consented
from tests.web.landing.phone import Phone, mail_own_page, words


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, cast.manabi)


def state_of(session: Session, cast: Cast, person: Profile) -> str:
    session.rollback()
    return work_states.of_person(session, cast.tsumugi.id, person.id).state.value


def test_the_ordinary_next_state_is_one_press(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    place, page = f"/account/people/{haruka.code}/state", agnes.get(f"/agency/people/{haruka.code}").text
    for state, word in (("contacted", "連絡済み"), ("interviewed", "面談"), ("recommended", "推薦")):
        form = page.partition(f'action="{place}"')[2].partition("</form>")[0]
        assert f'name="state" value="{state}"' in form
        assert f"「{word}」にする" in form
        seen = form.partition('name="seen" value="')[2].partition('"')[0]
        answer = agnes.post(place, data={"state": state, "seen": seen, "back": f"/agency/people/{haruka.code}?q=a"})
        assert (answer.status_code, answer.location) == (303, f"/agency/people/{haruka.code}?q=a")
        page = agnes.get(answer.location).text
        assert f"対応を「{word}」にしました" in page
        assert state_of(session, cast, haruka) == state
    assert "「未対応」から「連絡済み」へ" in page
    assert cast.agnes.name in page


def test_a_school_is_offered_its_own_states(app: Flask, cast: Cast, haruka: Profile) -> None:
    page = browse(app, cast.sho).get(f"/agency/people/{haruka.code}").text
    assert "「案内済み」にする" in page
    assert "内定" not in page


def test_the_second_of_two_colleagues_sees_both_values_and_chooses(
    app: Flask, agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    ben = browse(app, make_user(session, "ben", cast.tsumugi, cast.agnes.role))
    session.commit()
    place = f"/account/people/{haruka.code}/state"
    ben.post(place, data={"state": "closed", "seen": "new"})
    second = agnes.post(place, data={"state": "contacted", "seen": "new"})
    assert second.status_code == 409
    assert "いまの対応は「終了」、こちらで選んだのは「連絡済み」です" in second.text
    assert state_of(session, cast, haruka) == "closed"
    assert 'name="seen" value="closed"' in second.text
    assert agnes.get(place).status_code == 200, "a reloaded answer opens the form"
    assert agnes.post(place, data={"state": "contacted", "seen": "closed"}).status_code == 303
    assert state_of(session, cast, haruka) == "contacted"


@pytest.mark.parametrize("state", ["", "attending", "どれか"])
def test_what_is_no_state_of_theirs_is_refused(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile, state: str
) -> None:
    answer = agnes.post(f"/account/people/{haruka.code}/state", data={"state": state, "seen": "new"})
    assert answer.status_code == 422
    assert "対応を選んでください。まだ変更していません" in answer.text
    assert state_of(session, cast, haruka) == "new"


def test_after_a_withdrawal_it_is_closed_with_the_next_request(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    place = f"/account/people/{haruka.code}/state"
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    for answer in (agnes.get(place), agnes.post(place, data={"state": "contacted", "seen": "new"})):
        assert (answer.status_code, answer.location) == (303, f"/agency/people/{haruka.code}")
    page = agnes.get(f"/agency/people/{haruka.code}")
    assert page.status_code == 410
    assert "送られた内容は保存していません" in page.text


def test_the_person_sees_that_they_were_contacted_and_no_other_state(
    app: Flask, agnes: FlaskClient, session: Session, haruka: Profile
) -> None:
    place, (phone, path) = f"/account/people/{haruka.code}/state", (Phone(app), mail_own_page(session, haruka.id))
    phone.enter(path)
    agnes.post(place, data={"state": "contacted", "seen": "new"})
    for state, seen in (("offered", "contacted"), ("closed", "offered")):
        agnes.post(place, data={"state": state, "seen": seen})
        page, copy = words(phone.get(path)), phone.get(f"{path}/copy-json").text
        assert "「連絡済み」と記録しています" in page
        assert json.loads(copy)["partner_records"][0]["contacted_on"] is not None
        seen_of_it = page[: page.index("その後")] + copy  # below, every outcome can be told by the person
        for other in ("内定", "offered", "closed"):
            assert other not in seen_of_it
