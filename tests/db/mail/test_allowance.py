"""Four mails a year to one person beyond results and receipts, whoever sends; and one a year from each sender."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock, registry
from relay.mail import allowance, letters, outbox
from relay.mail.allowance import MAILS_A_YEAR
from relay.models import Message, MessageState, scopes
from relay.network import renewals
from tests.cast import Cast, make_cast, make_company
from tests.db.network.build import mailed_link, mails, register
from tests.db.network.test_at_once import all_at_once

EMAIL = "hanako@mail.example"
APOLOGY = "apology"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def unasked(session: Session, company_id: int | None, letter: str = APOLOGY) -> Message:
    return outbox.queue(session, letter, company_id=company_id, to=EMAIL)


def may(session: Session, company_id: int | None = None, letter: str = renewals.LETTER) -> bool:
    return EMAIL in allowance.may_be_written_to(session, letter, company_id, [EMAIL])


def test_these_letters_count_and_no_others_to_candidates() -> None:
    registry.register()
    assert set(letters.unasked()) == {
        *("apology", "invitation-mistaken", "partner-replaced", "partnership-ended", "profile-confirmation"),
        *("record-ends", "rescout", "sharing-ends", "sharing-goes-on"),
    }
    assert all(letters.find(each).audience == "candidate" for each in letters.unasked())


def test_a_fifth_mail_within_a_year_is_not_written_whoever_sends(session: Session, cast: Cast) -> None:
    for company in (cast.acme, cast.acme, cast.other, None):
        assert may(session)
        unasked(session, company.id if company else None)
    assert not may(session) and not may(session, cast.acme.id, "rescout")
    assert allowance.unasked_mails_of_a_year(session, [EMAIL, "else@mail.example"]) == {EMAIL: 4}
    with clock.at(clock.now() + timedelta(days=366)):
        assert may(session)


def test_the_day_that_is_foreseen_is_the_first_on_which_the_letter_may_go(session: Session, cast: Cast) -> None:
    """A mail of the 29th of February counts until the last day of the next, and a year is over at midnight."""
    leap = datetime(2028, 2, 29, 23, 30, tzinfo=clock.JAPAN)
    foreseen = []
    for number in range(MAILS_A_YEAR):
        with clock.at(leap + timedelta(days=number)):
            unasked(session, cast.acme.id, renewals.LETTER if number == 1 else APOLOGY)
            foreseen.append(allowance.first_day(session, renewals.LETTER, None, EMAIL))
    assert foreseen == [date(2028, 2, 29), date(2028, 3, 1), date(2028, 3, 2), date(2029, 3, 1)]
    with clock.at(leap):
        assert allowance.first_day(session, renewals.LETTER, cast.acme.id, EMAIL) == date(2029, 3, 1)
    for day, allowed in ((date(2029, 2, 28), False), (date(2029, 3, 1), True)):
        with clock.at(clock.start_of_day(day) + timedelta(minutes=1)):
            assert may(session) is allowed


def test_results_receipts_and_mails_that_never_left_do_not_count(session: Session, cast: Cast) -> None:
    for letter in ("result", "request-received", "own-page"):
        outbox.queue(session, letter, company_id=cast.acme.id, to=EMAIL)
    for state in (MessageState.CANCELLED, MessageState.SUPPRESSED, MessageState.FAILED):
        unasked(session, cast.acme.id).state = state
    session.flush()
    assert allowance.unasked_mails_of_a_year(session, [EMAIL]) == {}


def test_a_sender_writes_the_same_letter_once_a_year_and_another_sender_its_own(session: Session, cast: Cast) -> None:
    unasked(session, cast.acme.id)
    assert not may(session, cast.acme.id, APOLOGY)
    assert may(session, cast.other.id, APOLOGY) and may(session, None, APOLOGY)


def test_two_of_the_four_are_about_open_positions_whoever_sends(session: Session, cast: Cast) -> None:
    for company in (cast.acme, cast.other):
        assert may(session, cast.acme.id, "rescout")
        unasked(session, company.id, "rescout")
    assert not may(session, cast.acme.id, "rescout")
    assert may(session, cast.acme.id, "record-ends"), "the other two are left"
    with clock.at(clock.now() + timedelta(days=366)):
        assert may(session, cast.acme.id, "rescout")


def test_many_senders_at_once_write_four_letters_and_no_more(app: Flask, session: Session, cast: Cast) -> None:
    companies = [make_company(session, f"sender{each}").id for each in range(8)]
    session.commit()

    def sending(company_id: int) -> object:
        def act(session: Session) -> None:
            allowance.one_at_a_time(session)
            if may(session, company_id, APOLOGY):
                unasked(session, company_id)

        return act

    all_at_once(app, [sending(each) for each in companies])  # type: ignore[misc]
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Message.id))) == MAILS_A_YEAR


def test_the_operators_letter_waits_for_its_turn_like_any_other(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    with clock.at(clock.now() + timedelta(days=355)):
        written = [unasked(session, cast.acme.id) for _each in range(MAILS_A_YEAR)]
        assert list(renewals.write_to(session)) and mails(session, renewals.LETTER) == []
        written[0].state = MessageState.CANCELLED
        renewals.write_to(session)
        assert len(mails(session, renewals.LETTER)) == 1
