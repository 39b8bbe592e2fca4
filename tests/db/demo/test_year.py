"""The year the demo tells, made at night."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.demo import year
from relay.models import (
    Cost,
    InterviewInvitation,
    Message,
    MessageState,
    Outcome,
    Referral,
    Rescout,
    RescoutAnswer,
    Slot,
    scopes,
)
from tests.conftest import ON_ONE


@ON_ONE
def test_results_are_told_and_answered_all_the_same(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matter of the clock alone, so on one database, and a month is enough."""
    monkeypatch.setattr(year, "MONTHS", 1)
    with clock.at(datetime(2026, 11, 29, 21, 50, tzinfo=clock.JAPAN)):
        year.build(session, password="a demo of fifteen letters")
    with scopes.everyone(session, "test"):
        assert (session.scalar(select(func.count()).where(Message.state == MessageState.SENT)) or 0) > 10
        assert session.scalar(select(func.count(Referral.id)))
        assert {*session.scalars(select(Rescout.answer))} >= {RescoutAnswer.YES, RescoutAnswer.LATER, None}
        picked = select(Slot.starts_at).join(InterviewInvitation, InterviewInvitation.slot_id == Slot.id)
        coming = [at for at in session.scalars(picked) if at > datetime(2026, 11, 29, 10, tzinfo=clock.JAPAN)]
        assert session.scalar(select(func.count(Outcome.id))), "partners and a person told what became of them"
        assert (session.scalar(select(func.count(Cost.id))) or 0) >= 36, "a year of three media"
        assert len(coming) >= 2, "home has interviews, of applicants and of somebody who answered"
