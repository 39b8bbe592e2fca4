"""これから届くメール: what the own page says comes by the calendar is what comes, month by month, and nothing else."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import Application, Candidate, Company, Job, MailClass, Message, NotifiedBy, Profile, scopes
from relay.network import confirmations, corrections, next_openings, own_pages, renewals
from relay.network.profiles import ProfileFields
from relay.rights import coming_mails, record_ends
from relay.worker import upkeep
from tests.cast import Cast, make_cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

EMAIL = "hanako@mail.example"
FEBRUARY, AUGUST = date(2027, 2, 10), date(2026, 8, 31)
"""Months that end on different days."""


def correct(session: Session, profile: Profile) -> None:
    corrections.correct(session, profile.id, ProfileFields("高橋 花子", place="長野市"))


def confirm(session: Session, profile: Profile) -> None:
    assert confirmations.confirm(session, profile.id)


def renew(session: Session, profile: Profile) -> None:
    shown = {each.option.id: each.option.terms.hash for each in renewals.offers(session, profile.id)}
    assert renewals.renew(session, profile.id, shown, shown=shown, token_id=None, evidence=EVIDENCE)


def stop(session: Session, profile: Profile) -> None:
    own_pages.stop_all(session, profile.id)


def nothing(_session: Session, _profile: Profile) -> None:
    """Leave all as it is."""


def live(session: Session, begin: date, end: date, said: Sequence[date]) -> list[tuple[str, date]]:
    """Let days write what they write; gives the letters that came by the calendar, each with its day.

    Every tenth day and those around the days that were said: a letter that is due on another comes on a wrong one.
    """
    for day in sorted(_days(begin, end, said)):
        with clock.at(clock.start_of_day(day) + timedelta(hours=1)):
            if [*confirmations.write_to(session).rows, *renewals.write_to(session), *_companies_write(session)]:
                session.commit()
    with scopes.everyone(session, "test"):
        rows = session.execute(
            select(Message.letter, Message.created_at)
            .where(Message.to_address == EMAIL, Message.created_at >= clock.start_of_day(begin))
            .order_by(Message.created_at)
        ).all()
    return [(row.letter, row.created_at.astimezone(clock.JAPAN).date()) for row in rows]


def _days(begin: date, end: date, said: Sequence[date]) -> set[date]:
    tenth = {begin + timedelta(days=number) for number in range(0, (end - begin).days, 10)}
    around = {each + timedelta(days=number) for each in said for number in range(-2, 3)}
    return tenth | {day for day in around if begin <= day < end}


def _companies_write(session: Session) -> list[int]:
    live = session.scalars(select(Company.id).where(Company.live_since.is_not(None))).all()
    return [each.candidate_id for company_id in live for each in record_ends.write_to(session, company_id)]


@pytest.mark.parametrize(
    ("start", "act", "after", "letters"),
    [
        (FEBRUARY, nothing, 1, [confirmations.LETTER, renewals.LETTER]),
        (AUGUST, nothing, 1, [confirmations.LETTER, renewals.LETTER]),
        (AUGUST, correct, 170, [renewals.LETTER]),
        (AUGUST, confirm, 190, [renewals.LETTER]),
        (AUGUST, renew, 350, [confirmations.LETTER, renewals.LETTER]),
        (AUGUST, stop, 30, []),
    ],
)
def test_what_comes_is_what_the_page_had_said(
    session: Session, start: date, act: Callable[[Session, Profile], None], after: int, letters: list[str]
) -> None:
    cast: Cast = make_cast(session)
    with clock.at(clock.start_of_day(start) + timedelta(hours=15)):
        register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, place="松本市")
        session.commit()
        profile, acted = the_profile(session, EMAIL), start + timedelta(days=after)
        foreseen = [each.on for each in coming_mails.of_profile(session, profile.id)]
    live(session, start, acted, foreseen)
    with clock.at(datetime.combine(acted, datetime.min.time(), tzinfo=clock.JAPAN) - timedelta(minutes=5)):
        act(session, profile)
        session.commit()
        said = [each.on for each in coming_mails.of_profile(session, profile.id)]
    came = live(session, acted, acted + timedelta(days=400), said)
    assert [letter for letter, _day in came] == letters
    assert [day for _letter, day in came] == said


@pytest.mark.parametrize("act", ["nothing", "written", "taken back", "opted out", "practising"])
def test_a_company_that_keeps_a_record_writes_on_the_day_that_was_said(session: Session, act: str) -> None:
    """Fourteen days before the last one; a member who wrote sooner has written what would have come."""
    cast, last = make_cast(session), clock.today() + timedelta(days=40)
    link = mailed_link(session, cast.acme, EMAIL)
    profile_id = scopes.required(register(session, link, cast.tsumugi).profile_id)
    assert next_openings.give(session, profile_id, cast.acme.id, EVIDENCE)
    with scopes.company(session, cast.acme.id):
        person = session.scalars(select(Candidate)).one()
        person.retain_until = last
        application = session.scalars(select(Application)).one()
        application.notified_at, application.notified_by = clock.now(), NotifiedBy.RELAY
    session.commit()
    if act == "taken back":
        next_openings.take_back(session, profile_id, cast.acme.id)
    elif act == "opted out":
        optouts.opt_out(session, cast.acme.id, address_hash(EMAIL), MailClass.PROMO, "page")
    elif act == "practising":
        cast.acme.live_since = None
    acted = last - timedelta(days=20)
    with clock.at(clock.start_of_day(acted)):
        if act == "written":
            record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)
        session.commit()
        assert record_ends.expected(session, profile_id) == ([last - timedelta(days=14)] if act == "nothing" else [])
        said = [each.on for each in coming_mails.of_profile(session, profile_id) if each.on <= last]
    came = live(session, acted + timedelta(days=1), last + timedelta(days=1), [last - timedelta(days=14)])
    assert [day for _letter, day in came] == said


def test_the_daily_work_asks_all(session: Session) -> None:
    """What writes is called by the jobs of each day."""
    upkeep.schedule(session, clock.now())
    queued = set(session.scalars(select(Job.kind)))
    assert {confirmations.KIND, renewals.KIND, record_ends.KIND} <= queued
