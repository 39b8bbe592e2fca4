"""Outcomes of people in the demo's year: told by partners, by one of the people, and by HR of those it hired."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.demo.organisations import DemoOrganisations
from relay.demo.relaying import PHONE
from relay.hiring import stays
from relay.models import Actor, Application, ApplicationResult, OutcomeKind, Share, User, act_as, scopes
from relay.network import outcome_consents, outcome_totals, outcomes

AGENCY_TELLS = (OutcomeKind.INTERVIEW, OutcomeKind.OFFER, OutcomeKind.HIRED_ELSEWHERE)
LESS_EACH_TIME = 3
"""So many fewer people got an offer than an interview, and a place than an offer."""


def tell(session: Session, organisations: DemoOrganisations) -> None:
    """Let everybody tell what they know, and count it; commits after each."""
    for partner, agent in zip(organisations.agencies, organisations.agents, strict=True):
        for less, kind in enumerate(AGENCY_TELLS):
            people = _people(session, partner.id)
            for profile_id in people[: len(people) - LESS_EACH_TIME * less]:
                _tell(session, partner.id, agent, profile_id, kind)
    for profile_id in _people(session, organisations.school.id)[::2]:
        _tell(session, organisations.school.id, organisations.teacher, profile_id, OutcomeKind.COURSE_FINISHED)
    session.commit()
    _one_lets_the_company_read(session, organisations)
    outcome_totals.renew(session)
    session.commit()
    _hr_tells(session, organisations)
    session.commit()


def _people(session: Session, partner_id: int) -> list[int]:
    with scopes.partner(session, partner_id):
        return list(session.scalars(select(Share.profile_id).distinct().order_by(Share.profile_id)))


def _tell(session: Session, partner_id: int, agent: User, profile_id: int, kind: OutcomeKind) -> None:
    act_as(session, Actor("user", agent.id))
    outcomes.tell(session, partner_id, profile_id, kind.value, so=True, by_user_id=agent.id)


def _one_lets_the_company_read(session: Session, organisations: DemoOrganisations) -> None:
    """Let the newest person of the first agency say otherwise than the agency, and the company read both."""
    company_id = organisations.company.id
    for profile_id in _people(session, organisations.agencies[0].id)[-1:]:
        act_as(session, Actor("candidate"))
        outcomes.say(session, profile_id, OutcomeKind.INTERVIEW.value, so=False)
        for each in outcome_consents.of_profile(session, profile_id):
            if each.company_id == company_id and each.given_at is None:
                outcome_consents.give(session, profile_id, company_id, each.words.hash, PHONE)
    session.commit()


def _hr_tells(session: Session, organisations: DemoOrganisations) -> None:
    """Of all who were hired long enough ago HR says that they are there; of the last that they left."""
    hr = organisations.hr
    with scopes.company(session, organisations.company.id):
        act_as(session, Actor("user", hr.id))
        hires = select(Application).where(Application.status == ApplicationResult.HIRED).order_by(Application.id)
        come = stays.marks(session, session.scalars(hires).all())
        last = max(come, default=0)
        for application_id, marks in come.items():
            for mark in marks[:1] if application_id == last else marks:
                stays.tell(session, application_id, mark.months, there=application_id != last, by_user_id=hr.id)
