"""A yes, a lapse, a cancellation, a decline and a voiding race for one reservation: one ends it, by one line.

A voiding ends none: it takes the credit back only where it comes after that, and the credit is free again.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.introductions import accepting, endings
from relay.models import (
    Application,
    ApplicationResult,
    DeclineReason,
    Event,
    EventTag,
    IntroductionState,
    Referral,
    scopes,
)
from relay.network import ledger_check, referrals
from tests.db.introductions.build import HANA, WORDING, Desk, first_time
from tests.db.network.test_at_once import all_at_once

ROUNDS, AT_ONCE = 2, 16


def race(app: Flask, desk: Desk, *, at_once: int) -> None:
    """Everything that can end one reservation, so many at once; the losers get a sentence."""
    request = desk.ask()
    token = desk.link(request)
    with_desk = accepting.links.find(desk.session, token)
    assert with_desk is not None
    slot_id = accepting.offered_times(desk.session, with_desk)[0].id
    company_id, number, partner_id, before = desk.company.id, request.id, desk.partner.id, len(desk.ledger())
    with scopes.company(desk.session, company_id):
        counted = desk.session.scalars(select(Referral.id).order_by(Referral.number)).first() or 0
    desk.session.commit()
    late = clock.end_of_day(with_desk.until).replace(hour=23)
    outcomes: list[str] = []

    def lapsing(session: Session) -> None:
        with clock.at(late):
            if not endings.lapse(session, company_id, number):
                raise AssertionError("late")

    acts: list[Callable[[Session], object]] = [
        lambda session: accepting.accept(session, token, HANA, slot_id, WORDING),
        lambda session: endings.cancel(session, company_id, number),
        lambda session: endings.decline(session, company_id, number, partner_id=partner_id, reason=DeclineReason.FIELD),
        lapsing,
        lambda session: referrals.void(session, company_id, counted, "二重の登録"),
    ]
    voids = len(acts) - 1

    def once(which: int) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            try:
                acts[which](session)
                session.commit()
                outcomes.append("voided" if which == voids else "won")
            except (DomainError, AssertionError) as lost:
                session.rollback()
                outcomes.append(str(lost))

        return run

    all_at_once(app, [once(each % len(acts)) for each in range(at_once)])
    assert outcomes.count("won") == 1, outcomes
    assert len(outcomes) == at_once
    assert all(outcomes), "the losers get a sentence"
    end, *after = desk.ledger()[before:]
    assert (end == "spent") == (desk.now(request).state is IntroductionState.ACCEPTED)
    assert after in ([], ["voided"])
    assert end == "released" or not after
    assert ledger_check.verify(desk.session, desk.company.id) == []


def test_worker_and_consumer_at_once_follow_a_result_once(app: Flask, desk: Desk) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    with clock.at(first_time(desk.session, desk.position) + timedelta(hours=2)):
        endings.interview_held(desk.session, desk.company.id, request.id)
    with scopes.company(desk.session, desk.company.id):
        desk.session.execute(update(Application).values(status=ApplicationResult.HIRED, decided_on=clock.today()))
    desk.session.commit()
    company_id, number = desk.company.id, request.id

    def follow(session: Session) -> None:
        endings.follow_result(session, company_id, number)
        session.commit()

    all_at_once(app, [follow] * AT_ONCE)
    wanted = select(func.count()).select_from(Event).where(Event.tag == EventTag.INTRODUCTION_RESULT.value)
    assert desk.session.scalar(wanted) == 1
    assert desk.now(request).state is IntroductionState.HIRED


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_all_that_can_end_a_reservation_one_does(app: Flask, desk: Desk, _round: int) -> None:
    race(app, desk, at_once=AT_ONCE)
