"""One minimum age for the page, the settings and the code; a known birth date has the last word over a tick."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.age import MINIMUM_AGE
from relay.models import Candidate, Profile, scopes
from tests.cast import Cast, browse
from tests.web.landing.phone import Phone, answers, mail_link, words


def test_page_and_settings_say_the_number_of_the_code(app: Flask, phone: Phone, session: Session, cast: Cast) -> None:
    _link, path = mail_link(session, cast.acme)
    page = words(phone.get(path))
    assert MINIMUM_AGE == 16, "A-47"
    assert f"{MINIMUM_AGE}歳以上です" in page
    assert f"{MINIMUM_AGE}歳未満の方は" in page
    settings = browse(app, cast.adam).get("/settings/company").text
    assert f"生年月日から{MINIMUM_AGE}歳未満と分かる方" in settings
    assert "18歳" not in settings


def test_a_link_mailed_before_the_birth_date_was_known_opens_nothing(
    phone: Phone, session: Session, cast: Cast
) -> None:
    link, path = mail_link(session, cast.acme)
    data = answers(phone.get(path).text, cast.tsumugi.id)
    with scopes.company(session, cast.acme.id):
        candidate = session.scalars(select(Candidate).where(Candidate.id == link.candidate_id)).one()
        candidate.birth_date = clock.today() - relativedelta(years=MINIMUM_AGE) + timedelta(days=1)
    session.commit()
    assert phone.get(path).status_code == 404
    assert phone.post(path, data).status_code == 404
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Profile)).all() == []


def test_whoever_registered_keeps_their_way_to_the_own_page(phone: Phone, session: Session, cast: Cast) -> None:
    link, path = mail_link(session, cast.acme)
    phone.post(path, answers(phone.get(path).text, cast.tsumugi.id))
    with scopes.company(session, cast.acme.id):
        candidate = session.scalars(select(Candidate).where(Candidate.id == link.candidate_id)).one()
        candidate.birth_date = clock.today()
    session.commit()
    assert phone.get(path).status_code == 200
