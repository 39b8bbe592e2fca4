"""A profile with its day: asked about once at month 6, hidden at month 7, back with any word of the person (B-22)."""

from datetime import date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail import outbox
from relay.mail.allowance import MAILS_A_YEAR
from relay.models import MessageState, Partner, Profile, Share, scopes
from relay.network import confirmations, consents, corrections, finding, new_contents, own_pages, renewals, sharing
from relay.network.profiles import ProfileFields
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile

EMAIL = "hanako@mail.example"
START = datetime(2026, 8, 31, 3, tzinfo=clock.JAPAN)
ASKED_ON, BY = date(2027, 3, 1), date(2027, 4, 1)
"""February has no 31st: six months are over the day after it."""


def noon(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=12)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Registered with the agency on the last day of August."""
    with clock.at(START):
        register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, place="松本市")
        session.commit()
    return the_profile(session, EMAIL)


def write(session: Session) -> int:
    """The daily job; gives how many letters there are."""
    jobs.enqueue(session, confirmations.KIND, key=f"{confirmations.KIND}:{clock.now()}")
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass
    session.rollback()
    return len(mails(session, confirmations.LETTER))


def ask(session: Session) -> None:
    """Let the day of the question come."""
    with clock.at(noon(ASKED_ON)):
        assert write(session) == 1


def seen(session: Session, partner: Partner) -> tuple[int, int]:
    """How many people the partner's list has, and its count."""
    session.rollback()
    with scopes.partner(session, partner.id):
        return len(finding.find(session).rows), sharing.count(session)


def days(session: Session, partner: Partner, profile: Profile) -> set[date]:
    """The day the partner is told, in its list and in the record."""
    with scopes.partner(session, partner.id):
        [row] = finding.find(session).rows
        return {row.as_of, sharing.open_person(session, profile.code, None).as_of}


def test_the_mail_comes_once_at_month_six_and_names_nobody(session: Session, hanako: Profile) -> None:
    for day, letters in ((ASKED_ON - timedelta(days=1), 0), (ASKED_ON, 1), (BY, 1), (BY + timedelta(days=40), 1)):
        with clock.at(noon(day)):
            assert write(session) == letters, day
    (mail,) = mails(session, confirmations.LETTER)
    assert mail.values == {"by": BY.isoformat()}
    assert (mail.to_address, mail.company_id, mail.profile_id) == (EMAIL, None, hanako.id)


def test_four_mails_a_year_are_enough_so_the_question_waits_and_partners_see_the_day_meanwhile(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    with clock.at(noon(ASKED_ON)):
        others = [outbox.queue(session, "apology", company_id=cast.acme.id, to=EMAIL) for _each in range(MAILS_A_YEAR)]
        assert write(session) == 0
    with clock.at(noon(BY + timedelta(days=1))):
        assert seen(session, cast.tsumugi) == (1, 1), "who is not asked is not hidden"
        assert days(session, cast.tsumugi, hanako) == {date(2026, 8, 31)}
        session.refresh(others[0])
        others[0].state = MessageState.CANCELLED
        assert write(session) == 1


def test_partners_see_it_up_to_month_seven_and_again_with_the_answer(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    ask(session)
    with clock.at(noon(BY)):
        assert seen(session, cast.tsumugi) == (1, 1)
        assert days(session, cast.tsumugi, hanako) == {date(2026, 8, 31)}
    with clock.at(noon(BY + timedelta(days=1))):
        assert seen(session, cast.tsumugi) == (0, 0)
        with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
            sharing.open_person(session, hanako.code, None)
        assert len(consents.standing(session, hanako.id)) == 1, "the consent stays"
        assert confirmations.confirm(session, hanako.id)
        assert not confirmations.confirm(session, hanako.id), "asked once, answered once"
        session.commit()
        assert seen(session, cast.tsumugi) == (1, 1)
        assert days(session, cast.tsumugi, hanako) == {clock.today()}
        assert [kind for kind, _at in mails(session, "done-on-own-page")[-1].values["acts"]] == ["facts-confirmed"]


@pytest.mark.parametrize("word", ["corrected", "registered", "told another", "went on"])
def test_every_word_of_the_person_counts_as_the_answer(
    session: Session, cast: Cast, hanako: Profile, word: str
) -> None:
    ask(session)
    with clock.at(noon(date(2027, 8, 20) if word == "went on" else BY + timedelta(days=1))):
        assert seen(session, cast.tsumugi) == (0, 0)
        if word == "corrected":
            corrections.correct(session, hanako.id, ProfileFields("高橋 花子", place="長野市"))
        elif word == "registered":
            register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
        elif word == "told another":
            consents.give_more(session, hanako.id, cast.manabi.id, token_id=None, evidence=EVIDENCE)
        else:
            shown = {each.option.id: each.option.terms.hash for each in renewals.offers(session, hanako.id)}
            renewals.renew(session, hanako.id, shown, shown=shown, token_id=None, evidence=EVIDENCE)
        session.commit()
        assert seen(session, cast.tsumugi) == (1, 1)
        assert confirmations.question(session, hanako.id) is None


def test_a_partner_that_was_not_told_a_correction_is_told_no_later_day(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    first, later = date(2026, 8, 31), date(2026, 12, 1)
    with clock.at(noon(later)):
        corrections.correct(session, hanako.id, ProfileFields("高橋 花子", place="長野市"))
        session.commit()
        assert days(session, cast.tsumugi, hanako) == {first}
        question = new_contents.question(session, hanako.id)
        shown = {each.id: each.terms.hash for each in question.offers}
        new_contents.answer(session, hanako.id, shown, shown=shown, token_id=None, evidence=EVIDENCE)
        session.commit()
        assert days(session, cast.tsumugi, hanako) == {later}
        assert {each.as_of for each in consents.standing(session, hanako.id)} == {later}, "the own page says the same"


@pytest.mark.parametrize("case", ["stopped", "erasure planned", "ends before month seven"])
def test_nobody_is_asked_whom_no_partner_would_see_by_then(session: Session, hanako: Profile, case: str) -> None:
    with clock.at(noon(ASKED_ON)):
        if case == "stopped":
            own_pages.stop_all(session, hanako.id)
        elif case == "erasure planned":
            own_pages.plan_erasure(session, hanako.id)
        else:
            with scopes.everyone(session, "test"):
                session.execute(update(Share).values(until=clock.end_of_day(BY)))
        session.commit()
        assert confirmations.expected(session, hanako.id) == []
        assert write(session) == 0


def test_who_was_asked_late_has_a_whole_month_to_answer(session: Session, cast: Cast, hanako: Profile) -> None:
    """After an upgrade, or where the worker was not running."""
    late = date(2027, 6, 10)
    with clock.at(noon(late)):
        assert seen(session, cast.tsumugi) == (1, 1)
        assert confirmations.expected(session, hanako.id) == [late]
        assert write(session) == 1
    with clock.at(noon(late + relativedelta(months=1))):
        assert seen(session, cast.tsumugi) == (1, 1)
    with clock.at(noon(late + relativedelta(months=1, days=1))):
        assert seen(session, cast.tsumugi) == (0, 0)


def test_a_pause_does_not_put_the_question_off(session: Session, cast: Cast, hanako: Profile) -> None:
    with clock.at(noon(ASKED_ON - timedelta(days=5))):
        own_pages.pause(session, hanako.id, ASKED_ON + timedelta(days=90))
        session.commit()
    ask(session)
    with clock.at(noon(BY + timedelta(days=1))):
        own_pages.resume(session, hanako.id)
        session.commit()
        assert seen(session, cast.tsumugi) == (0, 0)


def test_many_are_asked_in_parts_each_once(
    session: Session, cast: Cast, hanako: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmations, "CHUNK_SIZE", 2)
    with clock.at(START):
        for place in range(4):
            register(session, mailed_link(session, cast.acme, f"p{place}@mail.example"), cast.tsumugi)
        session.commit()
    with clock.at(noon(ASKED_ON)):
        assert write(session) == 5
        with scopes.everyone(session, "test"):
            assert session.scalar(select(func.count()).where(Profile.confirm_by == BY)) == 5
        assert write(session) == 5
