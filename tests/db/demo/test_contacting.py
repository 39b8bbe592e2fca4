"""The demo's interviews: whoever has an invitation already is not invited once more."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.demo import contacting
from relay.demo.organisations import create_organisations
from relay.demo.year import last_morning
from relay.models import InterviewInvitation, scopes
from tests.cast import make_application, make_candidate, make_position


def test_whoever_picked_a_time_already_is_not_invited_again(session: Session) -> None:
    """As somebody does who was written to, and applies for the position that most people are in selection for."""
    present = last_morning()
    with clock.at(present - timedelta(days=20)):
        there = create_organisations(session, "a demo of fifteen letters")
    with clock.at(present):
        position = make_position(session, there.company, contacting.POSITION)
        people = [make_candidate(session, there.company, f"見本 {n}", email=f"{n}@mihon.example") for n in range(5)]
        applied = [make_application(session, each, position).id for each in people]
        contacting.invite_for_interviews(session, there)
    with clock.at(present + timedelta(days=1)):
        contacting.invite_for_interviews(session, there)
    with scopes.company(session, there.company.id):
        invited = session.scalars(select(InterviewInvitation.application_id).order_by(InterviewInvitation.id)).all()
    assert invited == applied[::-1]
