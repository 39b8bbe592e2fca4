"""What became of a person, through the pages: a partner tells it and takes it back, and what they read of denials."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.models import Profile
from relay.network import consents, outcomes
from tests.cast import Cast, browse, make_cast
from tests.web.agency.people import consented
from tests.web.landing.phone import words


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def haruka(session: Session, cast: Cast) -> Profile:
    return consented(session, cast, "haruka@mail.example", cast.tsumugi, cast.manabi)


def place(person: Profile) -> str:
    return f"/account/people/{person.code}/outcomes"


def told(session: Session, person: Profile) -> list[tuple[str, bool]]:
    session.rollback()
    return [(each.kind.value, each.so) for each in outcomes.of_profile(session, person.id)]


def test_a_partner_tells_and_takes_back_and_both_stay(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    assert place(haruka) in agnes.get(f"/agency/people/{haruka.code}").text
    page = words(agnes.get(place(haruka)))
    assert "ご本人が同意した企業の採用担当者も読めます" in page and "10名単位の人数だけ" in page
    for _press in range(2):
        answer = agnes.post(place(haruka), data={"kind": "offer"}, follow_redirects=True)
        assert answer.status_code == 200
    assert "その後を伝えました" not in words(agnes.get(place(haruka)))
    assert told(session, haruka) == [("offer", True)]
    answer = agnes.post(place(haruka), data={"kind": "offer", "taken-back": "1"}, follow_redirects=True)
    assert "内定（取り消し済み）" in words(answer)
    assert told(session, haruka) == [("offer", False)]


def test_what_is_not_the_partners_to_tell_is_refused_in_a_sentence(
    agnes: FlaskClient, session: Session, haruka: Profile
) -> None:
    for kind in ("course-finished", "", "nonsense"):
        answer = agnes.post(place(haruka), data={"kind": kind})
        assert answer.status_code == 422
        assert "伝える内容を選んでください。まだ何も保存していません。" in words(answer)
    assert told(session, haruka) == []


def test_the_partner_reads_that_the_person_denies_it(agnes: FlaskClient, session: Session, haruka: Profile) -> None:
    agnes.post(place(haruka), data={"kind": "offer"})
    outcomes.say(session, haruka.id, "offer", so=False)
    session.commit()
    assert "ご本人は「違います」と伝えています。" in words(agnes.get(place(haruka)))


def test_after_the_share_nothing_is_told(agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile) -> None:
    consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    answer = agnes.post(place(haruka), data={"kind": "offer"}, follow_redirects=True)
    assert answer.status_code == 410 and "送られた内容は保存していません" in words(answer)
    assert told(session, haruka) == []
