"""The demo's free introductions: a hire, an interview that was called off and its credit back, one that waits."""

from datetime import timedelta
from random import Random

from sqlalchemy.orm import Session

from relay import clock
from relay.demo import introducing
from relay.demo.organisations import create_organisations
from relay.demo.postman import Postman
from relay.demo.year import last_morning
from relay.hiring import positions
from relay.introductions import lists
from relay.models import IntroductionState, scopes
from relay.network import credits, ledger_check
from tests.conftest import ON_ONE
from tests.db.introductions.build import earn


@ON_ONE
def test_a_newcomer_sees_what_a_credit_is_worth(session: Session) -> None:
    present = last_morning()
    with clock.at(present - timedelta(days=200)):
        there = create_organisations(session, "a demo of fifteen letters")
        with scopes.company(session, there.company.id):
            positions.create(session, {"title": introducing.POSITION})
        earn(session, there.company, 3)
        session.commit()
    postman = Postman(session, Random(2026))  # noqa: S311  (a story, not a secret)
    introducing.hire_one(session, there, postman, present - timedelta(days=150))
    introducing.call_one_off(session, there, postman, present - timedelta(days=90))
    introducing.leave_one_waiting(session, there, present - timedelta(days=1))
    with scopes.company(session, there.company.id):
        states = [each.request.state for each in lists.page_of(session).rows]
    assert states == [IntroductionState.OPEN, IntroductionState.FAILED, IntroductionState.HIRED]
    assert credits.balance(session, there.company.id) == 1, "one is spent, one set aside, one came back"
    assert ledger_check.verify(session, there.company.id) == []
