"""Asking a partner: what must be said first, who may be asked, and the credit that is set aside for it."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import positions, slots
from relay.introductions import endings, guarantees
from relay.introductions.guarantees import GuaranteeRefused
from relay.introductions.requests import NoneLeftThisYear, NoTimesSoLong, PositionNotReady
from relay.introductions.standing import PartnerMayNotIntroduce, honouring
from relay.mail.sending_hours import working_day
from relay.models import (
    EventTag,
    IntroductionState,
    Message,
    Partner,
    Partnership,
    PositionState,
    Slot,
    scopes,
)
from relay.models.events import Event
from relay.network import ledger_check
from relay.network.credits import NoFreeCredit
from tests.cast import Cast, make_partner
from tests.db.introductions.build import GUARANTEE, Desk, earn


def refused(desk: Desk, error: type[DomainError], **changed: object) -> DomainError:
    """Ask, and be refused: no credit is set aside and nobody is written to."""
    before = desk.ledger()
    with pytest.raises(error) as told:
        desk.ask(**changed)
    desk.session.rollback()
    assert desk.ledger() == before
    with scopes.everyone(desk.session, "test"):
        assert desk.session.scalars(select(Message)).all() == []
    return told.value


def test_one_press_sets_a_credit_aside_and_says_whose_turn_it_is(desk: Desk) -> None:
    request = desk.ask()
    assert request.state is IntroductionState.OPEN
    assert request.due_on == working_day(clock.today(), 5)
    assert desk.ledger() == ["earned", "reserved"]
    assert desk.free() == 0
    assert ledger_check.verify(desk.session, desk.company.id) == []
    tags = desk.session.scalars(select(Event.tag).where(Event.subject_id == request.id, Event.partner_id.is_not(None)))
    assert EventTag.INTRODUCTION_REQUESTED.value in tags.all()


def test_it_keeps_the_posting_as_it_was_shown(desk: Desk) -> None:
    request = desk.ask()
    with scopes.company(desk.session, desk.company.id):
        positions.change(desk.session, desk.position, {"breaks": "15:00〜15:10"})
    said = dict(desk.now(request).posting)
    assert said["休憩時間"] == "あり"
    assert "採用人数" in said


def test_five_working_days_pass_by_weekends_and_the_turn_of_the_year() -> None:
    assert working_day(date(2026, 11, 27), 5) == date(2026, 12, 4)
    assert working_day(date(2026, 12, 25), 5) == date(2027, 1, 7)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [({"breaks": ""}, "休憩時間"), ({"description": "", "breaks": ""}, "業務の内容、休憩時間")],
)
def test_a_position_that_does_not_say_all_it_must_is_not_asked_for(
    desk: Desk, lacking: dict[str, str], said: str
) -> None:
    with scopes.company(desk.session, desk.company.id):
        positions.change(desk.session, desk.position, lacking)
    desk.session.commit()
    assert said in str(refused(desk, PositionNotReady))


def test_a_position_needs_times_and_to_be_open(desk: Desk) -> None:
    with scopes.company(desk.session, desk.company.id):
        for each in desk.session.scalars(select(Slot.id)).all():
            slots.remove(desk.session, each)
        positions.set_state(desk.session, desk.position, PositionState.PAUSED)
    desk.session.commit()
    assert "募集中の状態、面談の候補日時" in str(refused(desk, PositionNotReady))


def test_only_agencies_that_take_credits_are_offered_with_what_is_left_this_year(desk: Desk, cast: Cast) -> None:
    session = desk.session
    taking = make_partner(session, "taking")
    refusing = make_partner(session, "refusing")
    with scopes.company(session, desk.company.id):
        for partner, a_year in ((taking, 1), (refusing, 0)):
            session.add(
                Partnership(
                    partner_id=partner.id,
                    rules_version="2026-11",
                    accepted_on=clock.today(),
                    created_at=clock.now(),
                    free_introductions_per_year=a_year,
                    fee_table_allows_on=clock.today() if a_year else None,
                )
            )
        session.execute(
            update(Partnership).where(Partnership.partner_id == cast.manabi.id).values(free_introductions_per_year=3)
        )
    session.commit()
    assert [(each.id, each.left) for each in honouring(session, desk.company.id)] == [
        (cast.tsumugi.id, 12),
        (taking.id, 1),
    ]
    for partner in (refusing, cast.manabi):
        refused(desk, PartnerMayNotIntroduce, partner_id=partner.id)


def test_a_partner_is_asked_no_oftener_in_a_year_than_it_said(desk: Desk) -> None:
    earn(desk.session, desk.company, 2)
    desk.partnership().free_introductions_per_year = 1
    desk.session.commit()
    first = desk.ask()
    with pytest.raises(NoneLeftThisYear):
        desk.ask()
    desk.session.rollback()
    endings.cancel(desk.session, desk.company.id, first.id)
    desk.session.commit()
    desk.ask()  # what came back is not counted
    new_year = datetime.combine(date(clock.today().year + 1, 1, 5), time(10), tzinfo=clock.JAPAN)
    with clock.at(new_year):
        [tsumugi] = honouring(desk.session, desk.company.id)
        assert tsumugi.left == 1


@pytest.mark.parametrize(
    "change",
    [
        {"license_until": date(2026, 1, 1)},
        {"suspended_at": datetime(2026, 11, 1, tzinfo=clock.JAPAN)},
        {"country": "US"},
        {"representative": ""},
    ],
)
def test_a_partner_that_is_not_in_order_cannot_be_asked(desk: Desk, change: dict[str, object]) -> None:
    desk.session.execute(update(Partner).where(Partner.id == desk.partner.id).values(change))
    desk.session.commit()
    refused(desk, PartnerMayNotIntroduce)


def test_without_a_free_credit_nobody_is_asked(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(NoFreeCredit):
        desk.ask()


@pytest.mark.parametrize("wrong", [{"meets_with": " "}, {"minutes": 1}, {"meets_with": "あ" * 101}])
def test_a_guarantee_says_who_comes_and_how_long(desk: Desk, wrong: dict[str, object]) -> None:
    refused(desk, GuaranteeRefused, guarantee=replace(GUARANTEE, **wrong))  # type: ignore[arg-type]


def test_without_a_time_as_long_as_is_promised_nobody_is_asked(desk: Desk) -> None:
    said = str(refused(desk, NoTimesSoLong, guarantee=replace(GUARANTEE, minutes=60)))
    assert "60分の面談の候補日時がない" in said and "紹介枠もそのままです" in said


def test_the_usual_guarantee_begins_the_next_request_and_leaves_the_last_alone(session: Session, desk: Desk) -> None:
    assert guarantees.usual(session, desk.company.id) is None
    assert guarantees.set_usual(session, desk.company.id, GUARANTEE, by_user_id=desk.user_id)
    assert not guarantees.set_usual(session, desk.company.id, GUARANTEE, by_user_id=desk.user_id)
    request = desk.ask()
    guarantees.set_usual(session, desk.company.id, replace(GUARANTEE, minutes=60), by_user_id=desk.user_id)
    session.commit()
    usual = guarantees.usual(session, desk.company.id)
    assert usual is not None
    assert (usual.minutes, desk.now(request).minutes) == (60, 30)


def test_a_position_that_is_gone_cannot_be_asked_for(desk: Desk) -> None:
    assert "求人" in str(refused(desk, PositionNotReady, position_id=999_999))


def test_another_companys_position_is_no_position_here(desk: Desk, cast: Cast) -> None:
    with scopes.company(desk.session, cast.other.id):
        theirs = positions.create(desk.session, {"title": "経理"})
    desk.session.commit()
    refused(desk, PositionNotReady, position_id=theirs.id)
