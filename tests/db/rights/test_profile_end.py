"""Registered people leave 30 days after their last consent ended, and only the record of provision stays (A-44)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail.mailbox import Mailbox
from relay.models import Job, Pin, Profile, ProvisionRecord, Share, Token, scopes
from relay.network import consents, next_openings, profiles
from relay.rights import jobs as rights_jobs
from relay.rights import retention
from relay.trust import provisions
from tests.cast import Cast, make_cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.db.rights.journeys import NAME, known, registered
from tests.db.rights.test_erasure import found_in_tables

EMAIL = "hanako@mail.example"
DAY = timedelta(days=1)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, EMAIL)


def profile_count(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(Profile)) or 0


def run(session: Session, *, in_days: float) -> int:
    """How many are left after the daily job of that day."""
    with clock.at(clock.now() + in_days * DAY):
        rights_jobs.retain(session, Job(kind="retention", key="test"))
        session.commit()
    return profile_count(session)


def test_a_consent_that_stands_keeps_the_profile(session: Session, hanako: Profile) -> None:
    assert profiles.last_day(session, hanako.id) is None
    assert run(session, in_days=360) == 1


def test_after_the_last_withdrawal_it_leaves_on_the_day_that_is_said(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    assert profiles.last_day(session, hanako.id) is None
    consents.withdraw(session, hanako.id, cast.manabi.id)
    session.commit()
    assert profiles.last_day(session, hanako.id) == clock.today() + 30 * DAY
    assert run(session, in_days=29) == 1
    assert run(session, in_days=30) == 0


def test_consents_that_ran_out_count_from_their_end(session: Session, hanako: Profile) -> None:
    last = consents.standing(session, hanako.id)[0].until.astimezone(clock.JAPAN).date() + 30 * DAY
    with clock.at(clock.now() + 390 * DAY):
        assert profiles.last_day(session, hanako.id) == last
    in_days = (last - clock.today()).days
    assert run(session, in_days=in_days - 1) == 1
    assert run(session, in_days=in_days) == 0


def test_a_yes_given_meanwhile_keeps_it(session: Session, cast: Cast, hanako: Profile) -> None:
    consents.withdraw_all(session, hanako.id, way="own-page")
    session.commit()
    with clock.at(clock.now() + 25 * DAY):
        register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
        session.commit()
    assert run(session, in_days=40) == 1


def test_the_word_to_hear_of_openings_keeps_the_page_on_which_it_is_taken_back(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    assert next_openings.give(session, hanako.id, cast.acme.id, EVIDENCE)
    consents.withdraw_all(session, hanako.id, way="own-page")
    session.commit()
    assert profiles.last_day(session, hanako.id) is None
    assert run(session, in_days=40) == 1
    next_openings.take_back(session, hanako.id, cast.acme.id)
    session.commit()
    assert profiles.last_day(session, hanako.id) == clock.today() + 30 * DAY
    assert run(session, in_days=29) == 1
    assert run(session, in_days=30) == 0


def test_after_four_hundred_days_nothing_is_left_but_the_record_of_provision(
    session: Session, cast: Cast, tmp_path_factory: pytest.TempPathFactory
) -> None:
    life = known(session, cast.acme, Mailbox(tmp_path_factory.mktemp("box")))
    profile_id = registered(session, cast, life).id
    for each in range(3):
        register(session, mailed_link(session, cast.acme, f"{each}@mail.example"), cast.tsumugi)
    session.commit()
    with clock.at(clock.now() + 400 * DAY):
        rights_jobs.retain(session, Job(kind="retention", key="test"))
        session.commit()
        while jobs.run_one(session, clock.now()):
            pass
    with scopes.everyone(session, "test"):
        for table in (Profile, Share, Pin):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalar(select(func.count()).where(Token.profile_id == profile_id)) == 0
        [record] = session.scalars(select(ProvisionRecord).where(ProvisionRecord.profile_id == profile_id)).all()
    assert record.person_name == NAME
    assert "provision_records" in found_in_tables(session)
    assert not {"profiles", "consents", "shares", "messages"} & found_in_tables(session)
    with clock.at(clock.now() + 1200 * DAY), scopes.everyone(session, "test"):
        provisions.purge(session)
        session.commit()
    assert "provision_records" not in found_in_tables(session)


def test_many_leave_in_parts(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK_SIZE", 2)
    for each in range(5):
        register(session, mailed_link(session, cast.acme, f"{each}@mail.example"), cast.tsumugi)
    session.commit()
    with clock.at(clock.now() + 400 * DAY):
        assert profiles.count_ended(session) == 5
        assert len(retention.run_profiles(session)) == 2
        session.rollback()
    assert run(session, in_days=400) == 0
