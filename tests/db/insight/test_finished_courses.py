"""A finished course lets the alerts of a company speak up anew, for whoever let it read that, and for nobody else."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.infra import jobs
from relay.insight import alerts, lookout
from relay.insight.thresholds import Watched
from relay.models import Candidate, Profile, RetentionBasis, scopes
from relay.network import outcome_consents, outcomes
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import Cast, make_cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

MAIL = "hanako@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Somebody in Acme's pool who registered with the school; Ada follows a search she fits."""
    link = mailed_link(session, cast.acme, MAIL, desired_role="溶接工", basis=RetentionBasis.STATED)
    register(session, link, cast.manabi)
    with scopes.company(session, cast.acme.id):
        candidate = session.scalars(select(Candidate)).one()
        search_rows.index(session, [candidate.id])
        kept = saved.save(session, "溶接", Query(q="溶接"), user_id=cast.ada.id, shared=False)
        alerts.follow(session, cast.acme.id, cast.ada.id, Watched(search=kept))
    session.commit()
    return the_profile(session, MAIL)


def announced(session: Session, cast: Cast) -> list[str]:
    """Who was announced to Ada, after the worker has looked."""
    session.commit()
    lookout.schedule(session)
    session.commit()
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(session, clock.now()):
        pass
    with scopes.company(session, cast.acme.id):
        return [each.name for each in alerts.announced(session, cast.ada.id).rows]


def agree(session: Session, person: Profile) -> None:
    (choice,) = outcome_consents.of_profile(session, person.id)
    outcome_consents.give(session, person.id, choice.company_id, choice.words.hash, EVIDENCE)


def finish(session: Session, cast: Cast, person: Profile) -> None:
    outcomes.tell(session, cast.manabi.id, person.id, "course-finished", so=True, by_user_id=cast.sho.id)


def test_who_did_not_tick_it_is_announced_to_nobody(session: Session, cast: Cast, hanako: Profile) -> None:
    finish(session, cast, hanako)
    assert announced(session, cast) == []


def test_a_certificate_wakes_the_alerts_of_who_ticked_it_once(session: Session, cast: Cast, hanako: Profile) -> None:
    agree(session, hanako)
    assert announced(session, cast) == []
    finish(session, cast, hanako)
    assert announced(session, cast) == ["高橋 花子"]
    finish(session, cast, hanako)
    assert announced(session, cast) == ["高橋 花子"]


def test_a_tick_behind_the_certificate_wakes_them_too(session: Session, cast: Cast, hanako: Profile) -> None:
    finish(session, cast, hanako)
    agree(session, hanako)
    assert announced(session, cast) == ["高橋 花子"]


def test_after_it_was_taken_back_a_certificate_wakes_nobody(session: Session, cast: Cast, hanako: Profile) -> None:
    agree(session, hanako)
    outcome_consents.take_back(session, hanako.id, cast.acme.id)
    finish(session, cast, hanako)
    assert announced(session, cast) == []
