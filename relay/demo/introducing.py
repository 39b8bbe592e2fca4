"""The demo's free introductions: one that led to a hire, one that was called off, one that waits for an answer."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.demo.organisations import DemoOrganisations
from relay.demo.positions import write
from relay.demo.postman import Postman
from relay.hiring import interviews, positions, progress, slots
from relay.hiring.interviews import CalledOffBy
from relay.hiring.progress import Progress, ProgressEntry
from relay.introductions import accepting, endings, links, requests, wordings
from relay.introductions.endings import Fault
from relay.introductions.guarantees import Guarantee
from relay.models import (
    Actor,
    Application,
    GuaranteeKind,
    Introduction,
    IntroductionRequest,
    MeetingForm,
    act_as,
    scopes,
)
from relay.network import credits
from relay.text.times import TypedTime

POSITION = "機械設計"
GUARANTEE = Guarantee(GuaranteeKind.CASUAL, "採用担当者と設計課長", 45, MeetingForm.ON_SITE)
PLACE = "本社2階 会議室"
HIRED = {"name": "小平 陸", "kana": "コダイラ リク", "email": "kodaira.riku@mail.example", "phone": "090-0000-9001"}
CALLED_OFF = {"name": "伊那 葵", "kana": "イナ アオイ", "email": "ina.aoi@mail.example", "phone": "090-0000-9002"}
_TIMES = ((6, 10), (7, 15), (8, 11))
"""The times offered for a request: days ahead, and the hour."""


def hire_one(session: Session, organisations: DemoOrganisations, postman: Postman, begin: datetime) -> None:
    """Ask the first agency; its person comes, and is hired three weeks later. Nothing where no credit is free yet."""
    if (asked := _ask(session, organisations, 0, begin)) is None:
        return
    _accept(session, organisations, asked, 0, HIRED, begin + timedelta(days=2))
    with clock.at(begin + timedelta(days=9)):
        endings.interview_held(session, organisations.company.id, asked.id)
        session.commit()
        postman.drain()
    with clock.at(begin + timedelta(days=24)):
        _hire(session, organisations, asked)
        session.commit()
        postman.drain()


def call_one_off(session: Session, organisations: DemoOrganisations, postman: Postman, begin: datetime) -> None:
    """Ask the other agency; the person calls the interview off, and the credit comes back."""
    if (asked := _ask(session, organisations, 1, begin)) is None:
        return
    _accept(session, organisations, asked, 1, CALLED_OFF, begin + timedelta(days=3))
    with clock.at(begin + timedelta(days=4)):
        _give_up(session, organisations, asked)
        endings.interview_failed(session, organisations.company.id, asked.id, by=Fault.PERSON)
        session.commit()
        postman.drain()


def leave_one_waiting(session: Session, organisations: DemoOrganisations, begin: datetime) -> None:
    """Ask the first agency, whose turn it is on the demo's present day."""
    _ask(session, organisations, 0, begin)


def _ask(session: Session, organisations: DemoOrganisations, which: int, begin: datetime) -> IntroductionRequest | None:
    company, hr = organisations.company, organisations.hr
    with clock.at(begin), scopes.company(session, company.id):
        act_as(session, Actor("user", hr.id))
        position = positions.find(session, POSITION)
        if position is None or not credits.free_credits(session):
            return None
        write(session, position, company.name)
        times = [TypedTime(clock.today() + timedelta(days=days), time(hour)) for days, hour in _TIMES]
        slots.offer(session, company.id, position.id, times, minutes=GUARANTEE.minutes, place=PLACE, by_user_id=hr.id)
        asked = requests.request(
            session, company.id, position.id, organisations.agencies[which].id, GUARANTEE, by_user_id=hr.id
        )
        session.commit()
    return asked


def _accept(
    session: Session,
    organisations: DemoOrganisations,
    asked: IntroductionRequest,
    which: int,
    person: dict[str, str],
    begin: datetime,
) -> None:
    company, agent = organisations.company, organisations.agents[which]
    with clock.at(begin):
        act_as(session, Actor("user", agent.id))
        token = links.make_link(
            session, company.id, asked.id, partner_id=scopes.required(agent.partner_id), by_user_id=agent.id
        )
        session.commit()
    with clock.at(begin + timedelta(hours=5)):
        act_as(session, Actor("candidate"))
        live = links.find(session, token)
        assert live is not None
        chosen = accepting.offered_times(session, live)[0]
        accepting.accept(session, token, dict(person), chosen.id, wordings.terms(live, company.name).wording)
        session.commit()


def _give_up(session: Session, organisations: DemoOrganisations, asked: IntroductionRequest) -> None:
    """Let the person call the interview off by the link of its mail."""
    with scopes.company(session, organisations.company.id):
        act_as(session, Actor("candidate"))
        invitation_id = select(Introduction.invitation_id).where(Introduction.request_id == asked.id)
        interviews.call_off(session, scopes.required(session.scalar(invitation_id)), CalledOffBy.PERSON)
        session.commit()
    act_as(session, Actor("user", organisations.hr.id))


def _hire(session: Session, organisations: DemoOrganisations, asked: IntroductionRequest) -> None:
    company_id, hr = organisations.company.id, organisations.hr
    with scopes.company(session, company_id):
        act_as(session, Actor("user", hr.id))
        theirs = select(Application).join(Introduction, Introduction.application_id == Application.id)
        application = session.scalars(theirs.where(Introduction.request_id == asked.id)).one()
        entry = ProgressEntry(Progress.HIRED, clock.today() + timedelta(days=30))
        progress.enter(session, application.id, entry, seen=progress.version(session, application), by_user_id=hr.id)
    endings.follow_result(session, company_id, asked.id)
