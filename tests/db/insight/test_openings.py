"""Other open positions that fit a person who is about to be turned down: a few, with why."""

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.indexing import own_words, search_rows
from relay.insight import openings
from relay.insight.openings import SHOWN, FittingOpening
from relay.models import Candidate, FollowUp, Position, PositionState, RetentionBasis, scopes
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.insight.test_fits import WORK
from tests.statements import counted


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def welder(session: Session, cast: Cast, **values: object) -> Candidate:
    made = make_candidate(session, cast.acme, **({"desired_role": "溶接工"} | values))
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [made.id])
    return made


def found(session: Session, cast: Cast, *people: Candidate) -> dict[int, list[FittingOpening]]:
    with scopes.company(session, cast.acme.id):
        return openings.for_people(session, cast.acme.id, [each.id for each in people])


def test_of_the_same_occupation_first_then_a_kindred_one_and_no_other(session: Session, cast: Cast) -> None:
    kindred, same, _other = (make_position(session, cast.acme, title) for title in ("鉄骨工", "電気溶接工", "看護師"))
    person = welder(session, cast)
    (first, second) = found(session, cast, person)[person.id]
    assert [first.position_id, second.position_id] == [same.id, kindred.id]
    assert "希望職種に「溶接工」とあり、この職種です" in first.why and "近い職種です" in second.why


def test_neither_what_they_applied_for_nor_what_is_not_open_nor_another_companys(session: Session, cast: Cast) -> None:
    applied, closed, paused = (make_position(session, cast.acme, f"溶接工{n}") for n in ("一", "二", "三"))
    closed.state, closed.closed_at, paused.state = PositionState.CLOSED, clock.now(), PositionState.PAUSED
    make_position(session, cast.other, "溶接工")
    person = welder(session, cast)
    make_application(session, person, applied)
    assert found(session, cast, person) == {}


@pytest.mark.parametrize(
    "values",
    [
        {"basis": RetentionBasis.SELECTION},
        {"contact_stopped_at": clock.now()},
        {"follow_up": FollowUp.RELAY},
    ],
)
def test_who_may_be_told_of_no_opening_is_compared_with_none(
    session: Session, cast: Cast, values: dict[str, object]
) -> None:
    make_position(session, cast.acme, "溶接工")
    assert found(session, cast, welder(session, cast, **values)) == {}


def test_a_few_are_shown_and_many_people_cost_no_more_statements(session: Session, cast: Cast) -> None:
    made: list[Position] = [make_position(session, cast.acme, f"溶接工（第{n}工場）") for n in range(5)]
    people = [welder(session, cast, desired_role=WORK[n % 3], email=f"p{n}@mail.example") for n in range(30)]
    session.commit()
    with counted(db.engine) as few:
        assert len(found(session, cast, people[0])[people[0].id]) == SHOWN < len(made)
    with counted(db.engine) as many:
        assert len(found(session, cast, *people)) == len(people)
    assert len(many) == len(few)


def test_a_company_s_own_word_counts_at_once_for_a_position_that_was_read_before(session: Session, cast: Cast) -> None:
    opening = make_position(session, cast.acme, "アーク職")
    person = welder(session, cast)
    assert found(session, cast, person) == {}
    with scopes.company(session, cast.acme.id):
        word = own_words.add(session, cast.acme.id, "アーク職", "溶接工", by_user_id=None)
    assert [each.position_id for each in found(session, cast, person)[person.id]] == [opening.id]
    with scopes.company(session, cast.acme.id):
        own_words.remove(session, cast.acme.id, word.id)
    assert found(session, cast, person) == {}


def test_nobodys_texts_are_read_where_no_opening_fits(session: Session, cast: Cast) -> None:
    make_position(session, cast.acme, "看護師")
    person = welder(session, cast)
    assert found(session, cast, person) == {}
    with counted(db.engine) as said:
        found(session, cast, person)
    assert not [each for each in said if "notes" in each]
