"""The one voluntary question: an answer a link, kept by nobody's name, and read by the company in full tens alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, RatingAnswer, Referral, RelayLink, RelayRating, scopes
from relay.network import ratings, referrals
from tests.cast import Cast
from tests.db.network.build import mailed_link, register, the_profile
from tests.db.network.test_at_once import all_at_once

YES, PARTLY, NO = RatingAnswer


def person(session: Session, cast: Cast, number: int) -> int:
    """Somebody who registered by a link of the company."""
    email = f"person{number}@mail.example"
    register(session, mailed_link(session, cast.acme, email), cast.tsumugi)
    session.commit()
    return the_profile(session, email).id


def answered(session: Session, cast: Cast, *said: RatingAnswer, first: int = 0) -> None:
    for number, word in enumerate(said, first):
        assert ratings.answer(session, person(session, cast, number), word)
    session.commit()


def told(session: Session, company: Company) -> dict[RatingAnswer, int]:
    ratings.renew(session)
    session.commit()
    found = ratings.totals(session, company.id)
    return dict(found.people) if found else {}


def rows(session: Session) -> dict[RatingAnswer, tuple[int, int]]:
    with scopes.everyone(session, "test"):
        return {each.answer: (each.waiting, each.people) for each in session.scalars(select(RelayRating))}


def test_an_answer_counts_once_for_a_link(session: Session, cast: Cast) -> None:
    profile_id = person(session, cast, 1)
    question = ratings.asked(session, profile_id)
    assert question is not None
    assert (question.company_id, question.company) == (cast.acme.id, cast.acme.name)
    assert ratings.answer(session, profile_id, YES)
    session.commit()
    assert ratings.asked(session, profile_id) is None
    assert not ratings.answer(session, profile_id, NO), "nor is it changed"
    session.commit()
    assert rows(session) == {YES: (1, 0)}
    register(session, mailed_link(session, cast.acme, "person1@mail.example"), cast.manabi)
    session.commit()
    again = ratings.asked(session, profile_id)
    assert again is not None and again.link_id != question.link_id, "another link, another question"


def test_of_many_presses_at_once_one_counts(app: Flask, session: Session, cast: Cast) -> None:
    profile_id = person(session, cast, 1)
    session.rollback()
    acts: list[Callable[[Session], None]] = [
        lambda mine, word=word: (ratings.answer(mine, profile_id, word), None)[1] for word in (YES, NO) * 4
    ]
    all_at_once(app, acts)
    session.rollback()
    assert sum(waiting for waiting, _people in rows(session).values()) == 1


def test_nothing_that_is_kept_says_who_answered_what(session: Session, cast: Cast) -> None:
    answered(session, cast, YES, NO)
    with scopes.everyone(session, "test"):
        marks = session.scalars(select(RelayLink.rated).order_by(RelayLink.id)).all()
        columns = set(RelayRating.__table__.columns.keys())
        moments = session.scalars(select(RelayRating.taken_at)).all()
    assert marks == [True, True]
    assert columns == {"id", "company_id", "answer", "waiting", "people", "taken_at"}
    assert moments == [None, None], "no time by which an answer could be led back to a visit"


def test_the_company_reads_full_tens_and_nine_are_nothing(session: Session, cast: Cast) -> None:
    answered(session, cast, *[YES] * 9)
    person(session, cast, 90)
    person(session, cast, 91)
    assert told(session, cast.acme) == {}
    answered(session, cast, YES, NO, first=20)
    assert told(session, cast.acme) == {YES: 10}
    assert rows(session) == {YES: (0, 10), NO: (1, 0)}
    assert told(session, cast.other) == {}
    answered(session, cast, *[YES] * 9, first=40)
    assert told(session, cast.acme) == {YES: 10}, "it moves by tens"


def test_an_answer_is_never_everybodys(session: Session, cast: Cast) -> None:
    answered(session, cast, *[YES] * 10)
    assert told(session, cast.acme) == {}, "ten of ten: each of them would be known to have said so"
    person(session, cast, 50)
    assert told(session, cast.acme) == {YES: 10}
    answered(session, cast, *[NO] * 9, first=60)
    assert told(session, cast.acme) == {YES: 10}
    answered(session, cast, NO, first=70)
    assert told(session, cast.acme) == {YES: 10, NO: 10}, "twenty of twenty-one"


def test_what_was_told_stays_when_referrals_are_voided(session: Session, cast: Cast) -> None:
    answered(session, cast, *[YES] * 11)
    assert told(session, cast.acme) == {YES: 10}
    with scopes.company(session, cast.acme.id):
        gone = session.scalars(select(Referral.id)).all()
    for referral_id in gone:
        referrals.void(session, cast.acme.id, referral_id, "二重の登録")
    session.commit()
    answered(session, cast, *[YES] * 9, first=40)
    assert told(session, cast.acme) == {YES: 10}


def test_the_numbers_are_of_the_day_on_which_they_moved(session: Session, cast: Cast) -> None:
    answered(session, cast, *[YES] * 11)
    with clock.at(clock.now() + timedelta(days=3)):
        told(session, cast.acme)
        day = clock.today()
    found = ratings.totals(session, cast.acme.id)
    assert found is not None and found.day == day


@pytest.mark.parametrize("profile", [0, 10**9])
def test_nobody_is_asked_who_did_not_register(session: Session, cast: Cast, profile: int) -> None:
    assert ratings.asked(session, profile) is None
    assert not ratings.answer(session, profile, YES)
