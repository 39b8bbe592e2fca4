"""Introduction links: one live link a request, made by a partner in order, and dead at once for every reason (B-25)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import positions
from relay.infra import jobs as worker
from relay.introductions import endings, jobs, links
from relay.introductions.links import LinkIsOut, PositionHalted
from relay.introductions.standing import PartnerMayNotIntroduce, RequestOver
from relay.mail.sending_hours import working_day
from relay.models import (
    DeclineReason,
    IntroductionLink,
    IntroductionState,
    LinkEnd,
    Message,
    Partner,
    PositionState,
    RequestEnd,
    scopes,
)
from relay.network import partners
from relay.network.partnerships import RULES_VERSION
from tests.cast import Cast, make_partner
from tests.db.introductions.build import Desk

Change = Callable[[Desk], Any]


def change_partner(**values: Any) -> Change:
    def change(desk: Desk) -> None:
        desk.session.execute(update(Partner).where(Partner.id == desk.partner.id).values(values))

    return change


def end_partnership(desk: Desk) -> None:
    partners.end_partnership(desk.session, desk.company.id, desk.partner.id)


def end_and_begin_again(desk: Desk) -> None:
    """The partnership that the link was made in is over, whatever comes after it."""
    end_partnership(desk)
    with clock.at(clock.now() + timedelta(minutes=5)):
        partners.start_partnership(
            desk.session, desk.company.id, desk.partner.id, rules_version=RULES_VERSION, free_introductions_per_year=9
        )


def look_up_is_due(desk: Desk) -> None:
    desk.partnership().look_up_by = clock.today() - timedelta(days=1)


def close_position(desk: Desk) -> None:
    with scopes.company(desk.session, desk.company.id):
        positions.set_state(desk.session, desk.position, PositionState.CLOSED)


DEADLY: dict[str, Change] = {
    "an expired licence": change_partner(license_until=date(2026, 1, 1)),
    "a licence of which nobody knows the end": change_partner(license_until=None, checked_on=None),
    "a suspended partner": change_partner(suspended_at=clock.now()),
    "a partner abroad": change_partner(country="US"),
    "another legal person": change_partner(corporate_number="7000012050002"),
    "an ended partnership": end_partnership,
    "a partnership that began anew": end_and_begin_again,
    "a look-up that is due": look_up_is_due,
    "a position that is filled": close_position,
}


def test_a_link_keeps_its_maker_licence_and_day_and_no_token(desk: Desk) -> None:
    request = desk.ask()
    token = desk.link(request)
    with scopes.company(desk.session, desk.company.id):
        [link] = desk.session.scalars(select(IntroductionLink)).all()
    assert (link.made_by_user_id, link.licence_number) == (desk.agent_id, desk.partner.license_number)
    assert link.until == working_day(clock.today(), 5) == desk.now(request).due_on
    assert token not in link.token_hash
    assert desk.now(request).state is IntroductionState.OFFERED
    live = links.find(desk.session, token)
    assert live is not None
    assert (live.request.title, live.partner.id) == (request.title, desk.partner.id)


def test_one_link_is_out_at_a_time(desk: Desk) -> None:
    request = desk.ask()
    desk.link(request)
    with pytest.raises(LinkIsOut):
        desk.link(request)


@pytest.mark.parametrize("cause", DEADLY)
def test_it_opens_nothing_at_once_for(desk: Desk, cause: str) -> None:
    token = desk.link(desk.ask())
    assert links.find(desk.session, token) is not None
    DEADLY[cause](desk)
    desk.session.commit()
    assert links.find(desk.session, token) is None


@pytest.mark.parametrize("cause", [each for each in DEADLY if "position" not in each and "legal person" not in each])
def test_no_link_is_made_under(desk: Desk, cause: str) -> None:
    request = desk.ask()
    DEADLY[cause](desk)
    desk.session.commit()
    with pytest.raises(PartnerMayNotIntroduce):
        desk.link(request)


@pytest.mark.parametrize("state", [PositionState.PAUSED, PositionState.CLOSED])
def test_no_link_is_made_while_the_position_takes_nobody(desk: Desk, state: PositionState) -> None:
    """Its page would open nothing; the request waits, and can be declined."""
    request = desk.ask()
    with scopes.company(desk.session, desk.company.id):
        positions.set_state(desk.session, desk.position, state)
    desk.session.commit()
    with pytest.raises(PositionHalted):
        desk.link(request)
    desk.session.rollback()
    assert desk.now(request).state is IntroductionState.OPEN


def test_the_partner_alone_is_told_that_its_person_looked_on(desk: Desk) -> None:
    """Not of a link it took back itself, and the company of neither."""
    request = desk.ask()
    for give_up in (
        lambda _token: links.take_back(desk.session, desk.company.id, request.id, partner_id=desk.partner.id),
        lambda token: links.pass_on(desk.session, token),
    ):
        assert give_up(desk.link(request))
        desk.session.commit()
    with scopes.everyone(desk.session, "test"):
        mails = desk.session.execute(
            select(Message.to_address, Message.company_id, Message.values).order_by(Message.id)
        ).all()
    assert [(to, company, values["what"]) for to, company, values in mails] == [
        ("agnes@tsumugi.example", None, "new"),
        ("agnes@tsumugi.example", None, "passed"),
    ]
    assert mails[-1][2]["until"] == str(working_day(clock.today(), 5))


def test_taking_it_back_closes_it_at_once_and_frees_the_partner_for_another(desk: Desk) -> None:
    request = desk.ask()
    token = desk.link(request)
    assert links.take_back(desk.session, desk.company.id, request.id, partner_id=desk.partner.id)
    desk.session.commit()
    assert links.find(desk.session, token) is None
    assert desk.now(request).state is IntroductionState.OPEN
    again = desk.link(request)
    assert links.find(desk.session, again) is not None
    assert links.find(desk.session, token) is None


def test_the_company_cannot_tell_a_person_who_looks_on_from_a_link_taken_back(desk: Desk) -> None:
    """A refusal is nobody's business (A-45): both leave the request as it was before the link."""
    seen = []
    request = desk.ask()
    for give_up in (
        lambda token: links.pass_on(desk.session, token),
        lambda _token: links.take_back(desk.session, desk.company.id, request.id, partner_id=desk.partner.id),
    ):
        token = desk.link(request)
        assert give_up(token)
        desk.session.commit()
        now = desk.now(request)
        seen.append({c.name: getattr(now, c.name) for c in now.__table__.columns})
    assert seen[0] == seen[1]
    assert not links.pass_on(desk.session, token), "a closed link passes nothing on"


def test_it_opens_until_its_last_day_is_over(desk: Desk) -> None:
    token = desk.link(desk.ask())
    last = working_day(clock.today(), 5)
    with clock.at(clock.end_of_day(last)):
        assert links.find(desk.session, token) is not None
    with clock.at(clock.end_of_day(last) + timedelta(seconds=1)):
        assert links.find(desk.session, token) is None


def test_a_partner_reaches_its_own_requests_alone(desk: Desk, session: Session, cast: Cast) -> None:
    stranger = make_partner(session, "stranger")
    session.commit()
    request = desk.ask()
    about = (session, desk.company.id, request.id)
    for act in (
        lambda: links.make_link(*about, partner_id=stranger.id, by_user_id=desk.agent_id),
        lambda: links.take_back(*about, partner_id=stranger.id),
        lambda: endings.decline(*about, partner_id=stranger.id, reason=DeclineReason.CONDITIONS),
    ):
        with pytest.raises(RequestOver):
            act()
        session.rollback()
    with pytest.raises(RequestOver):
        endings.cancel(session, cast.other.id, request.id)


def test_an_ended_request_takes_its_link_along(desk: Desk) -> None:
    request = desk.ask()
    token = desk.link(request)
    endings.cancel(desk.session, desk.company.id, request.id)
    desk.session.commit()
    assert links.find(desk.session, token) is None
    assert desk.now(request).end_reason is RequestEnd.CANCELLED
    with scopes.company(desk.session, desk.company.id):
        assert desk.session.scalars(select(IntroductionLink.closed_as)).one() is LinkEnd.REQUEST_ENDED


def test_a_link_of_who_the_partner_was_ends_its_request_at_once(session: Session, desk: Desk) -> None:
    """A first 法人番号 leaves the partnership in force; but the link was made under another identity (A-43)."""
    waits = desk.ask()
    token = desk.link(waits)
    partner = session.get_one(Partner, desk.partner.id)
    partners.describe_itself(session, partner, sure=True, corporate_number="7000012050002")
    session.commit()
    assert links.find(session, token) is None
    while worker.deliver_event(session, clock.now() + timedelta(minutes=1)):
        pass
    now = desk.now(waits)
    assert (now.state, now.end_reason) == (IntroductionState.LAPSED, RequestEnd.PARTNER_CLOSED)
    assert desk.ledger() == ["earned", "reserved", "released"]
    with scopes.everyone(session, "test"):
        told = session.scalars(select(Message).where(Message.letter == "introduction-news")).all()
    assert [(each.to_address, each.values["what"]) for each in told] == [("ada@acme.example", "partner-closed")]
    jobs.lapse_due(session)
    assert desk.ledger() == ["earned", "reserved", "released"]


def test_a_request_without_a_link_waits_on_for_the_same_partner(session: Session, desk: Desk) -> None:
    waits = desk.ask()
    partner = session.get_one(Partner, desk.partner.id)
    partners.describe_itself(session, partner, sure=True, corporate_number="7000012050002")
    session.commit()
    while worker.deliver_event(session, clock.now() + timedelta(minutes=1)):
        pass
    assert desk.now(waits).state is IntroductionState.OPEN
