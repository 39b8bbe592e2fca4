"""The demo's 再スカウト and interviews: HR writes to people who fit a position, some answer, some pick a time."""

from collections.abc import Sequence
from datetime import time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.demo.organisations import DemoOrganisations
from relay.demo.relaying import PHONE
from relay.hiring import interviews, slots
from relay.infra.keyed_hash import address_hash
from relay.insight import fits
from relay.models import (
    Actor,
    Application,
    ApplicationResult,
    InterviewInvitation,
    Message,
    MessageState,
    Position,
    PositionState,
    Rescout,
    act_as,
    scopes,
)
from relay.outreach import rescout_answers, rescout_people, rescouts, templates
from relay.text.times import TypedTime

POSITION = "生産技術エンジニア"
WRITTEN_TO = 5
INVITED = 3
PLACE = "本社2階 会議室"
LINE = "隣町の会社に決まりました。お声がけ、ありがとうございました。"
_FOR_APPLICANTS = ((1, 14), (4, 10), (5, 15), (6, 11))
_FOR_THE_ASKED = ((5, 10), (6, 16), (7, 14))
"""The times offered: days ahead, and the hour."""


def write_to_the_fitting(session: Session, organisations: DemoOrganisations) -> None:
    """Write to the people of the pool who fit the position best."""
    company, hr = organisations.company, organisations.hr
    with scopes.company(session, company.id):
        act_as(session, Actor("user", hr.id))
        position = _position(session)
        found = fits.of_position(session, company.id, position)
        best = [each.id for each in found.people] if found else []
        people = [
            each
            for each in rescout_people.recipients(session, company.id, position.id, best)
            if each.bar is None and not each.singly
        ][:WRITTEN_TO]
        text = templates.choices(session, templates.RESCOUT)[0]
        mails = rescouts.drafts(session, company, position, people, text, {}, by_user_id=hr.id)
        seen = [rescouts.Seen(each.to.candidate_id, each.seal) for each in mails]
        if seen:
            rescouts.send(session, company, position, text, seen, by_user_id=hr.id)
    session.commit()


def answer(session: Session, organisations: DemoOrganisations) -> None:
    """Let the first who got such a mail say yes and pick a time, the next not now, the third that a place was found."""
    company_id = organisations.company.id
    with scopes.company(session, company_id):
        _offer_times(session, organisations, _position(session).id, _FOR_THE_ASKED)
        act_as(session, Actor("candidate"))
        arrived = _delivered(session)
        for (rescout, mailed_to), give in zip(arrived, (_say_yes, _wait, _say_placed), strict=False):
            give(session, company_id, rescout.id, mailed_to)
    session.commit()


def invite_for_interviews(session: Session, organisations: DemoOrganisations) -> None:
    """Invite the newest people in the selection most people are in; all but one of them pick a time."""
    company, hr = organisations.company, organisations.hr
    with scopes.company(session, company.id):
        position_id, waiting = _in_selection(session)
        _offer_times(session, organisations, position_id, _FOR_APPLICANTS)
        invited = [interviews.invite(session, each, by_user_id=hr.id).id for each in waiting]
        act_as(session, Actor("candidate"))
        for invitation_id in invited[1:]:
            interviews.pick(session, invitation_id, slots.free(session, position_id)[0].id)
    session.commit()


def _say_yes(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> None:
    application = rescout_answers.say_yes(session, company_id, rescout_id, mailed_to)
    assert application is not None
    invitation = interviews.open_for(session, application.id, by_user_id=None)
    interviews.pick(session, invitation.id, slots.free(session, application.position_id)[0].id)


def _wait(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> None:
    here = rescout_answers.opened(session, company_id, rescout_id, mailed_to)
    assert here is not None
    half_a_year = rescout_answers.waits(session, company_id, here.candidate)[1]
    rescout_answers.wait(
        session, company_id, rescout_id, mailed_to, half_a_year.months, shown=half_a_year.words.hash, evidence=PHONE
    )


def _say_placed(session: Session, company_id: int, rescout_id: int, mailed_to: str) -> None:
    rescout_answers.say_placed(session, company_id, rescout_id, mailed_to, LINE)


def _offer_times(
    session: Session, organisations: DemoOrganisations, position_id: int, times: Sequence[tuple[int, int]]
) -> None:
    act_as(session, Actor("user", organisations.hr.id))
    typed = [TypedTime(clock.today() + timedelta(days=days), time(hour)) for days, hour in times]
    company_id, hr = organisations.company.id, organisations.hr.id
    slots.offer(session, company_id, position_id, typed, minutes=60, place=PLACE, by_user_id=hr)


def _position(session: Session) -> Position:
    return session.scalars(select(Position).where(Position.title == POSITION)).one()


def _delivered(session: Session) -> Sequence[tuple[Rescout, str]]:
    arrived = select(Rescout, Message.to_address).join(Message, Message.id == Rescout.message_id)
    rows = session.execute(arrived.where(Message.state == MessageState.SENT).order_by(Rescout.id)).all()
    return [(rescout, address_hash(address)) for rescout, address in rows]


def _in_selection(session: Session) -> tuple[int, Sequence[int]]:
    """Return the open position with most people in selection, and its newest applications without an invitation.

    A person who was written to may have applied there today, and picked a time already.
    """
    undecided = Application.status == ApplicationResult.OPEN
    position_id = session.scalars(
        select(Position.id)
        .join(Application, Application.position_id == Position.id)
        .where(undecided, Position.state == PositionState.OPEN)
        .group_by(Position.id)
        .order_by(func.count().desc(), Position.id)
        .limit(1)
    ).one()
    uninvited = ~exists().where(InterviewInvitation.application_id == Application.id)
    newest = select(Application.id).where(undecided, uninvited, Application.position_id == position_id)
    order = newest.order_by(Application.applied_on.desc(), Application.id.desc()).limit(INVITED)
    return position_id, session.scalars(order).all()
