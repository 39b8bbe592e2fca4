"""The number of an own page: stored so that a stolen database does not tell it, counted before it is compared."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity.passwords import check_password
from relay.infra import jobs
from relay.mail import tokens
from relay.models import Event, Job, JobState, Pin, Profile, Token, TokenPurpose, scopes
from relay.network import consents, granting, pins, registration
from relay.network.links import LinkGone
from relay.network.pins import PinGuessable, PinState
from relay.trust import provisions
from tests.cast import PIN, Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, confirming, mailed_link, mails, register, the_profile
from tests.db.network.test_at_once import all_at_once

EMAIL, WRONG, OTHER = "hanako@mail.example", "8351", "6038"


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Registered with the agency and the school."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, EMAIL)


def tried(session: Session, profile_id: int, number: str) -> bool:
    """One try, as the page makes it: counted and committed, then compared."""
    compared = pins.count_try(session, profile_id)
    session.commit()
    if compared is None or not pins.is_right(compared, number):
        return False
    settled = pins.accept(session, profile_id, compared)
    session.commit()
    return settled


def pin_of(session: Session, profile: Profile) -> Pin:
    with scopes.profile(session, profile.id):
        return session.scalars(select(Pin).execution_options(populate_existing=True)).one()


def choose(session: Session, profile: Profile, number: str) -> None:
    """A number chosen behind a mailed link."""
    token = tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile.id, profile_id=profile.id)
    pins.choose(session, token, number)
    session.commit()


def test_a_stolen_database_does_not_tell_the_number(session: Session, hanako: Profile) -> None:
    """Ten thousand numbers are tried in minutes; the installation's key is not in the database."""
    stored = pin_of(session, hanako).hash
    assert stored.startswith("$argon2id$")
    assert not check_password(stored, PIN)
    assert pins.is_right(stored, PIN)
    assert not pins.is_right(stored, WRONG)


def test_the_right_number_opens_and_counts_nothing(session: Session, hanako: Profile) -> None:
    assert not tried(session, hanako.id, WRONG)
    assert tried(session, hanako.id, PIN)
    assert (pin_of(session, hanako).wrong_in_a_row, pin_of(session, hanako).wrong_in_all) == (0, 1)


def test_five_wrong_in_a_row_close_it_for_a_day_to_the_right_one_too(session: Session, hanako: Profile) -> None:
    now = clock.now()
    with clock.at(now):
        assert [tried(session, hanako.id, WRONG) for _try in range(5)] == [False] * 5
        assert not tried(session, hanako.id, PIN)
        assert pins.standing(session, hanako.id) == pins.PinStanding(PinState.LOCKED, now + timedelta(hours=24))
        assert pin_of(session, hanako).wrong_in_all == 5, "what is not compared is not counted"
    with clock.at(now + timedelta(hours=24, seconds=1)):
        assert tried(session, hanako.id, PIN)
    assert "profile:pin-locked" in session.scalars(select(Event.tag)).all()


def test_fifteen_wrong_in_all_use_the_number_up_for_good(session: Session, hanako: Profile) -> None:
    now = clock.now()
    for day in range(4):
        with clock.at(now + timedelta(days=day, minutes=day)):
            for _try in range(4):
                tried(session, hanako.id, WRONG)
            if day < 3:
                assert tried(session, hanako.id, PIN), "a right one between them does not forgive the others"
    with clock.at(now + timedelta(days=30)):
        assert pins.standing(session, hanako.id).state is PinState.USED_UP
        assert not tried(session, hanako.id, PIN)
        choose(session, hanako, OTHER)
        assert tried(session, hanako.id, OTHER)


def test_tries_made_at_once_do_not_pass_the_limit(app: Flask, session: Session, hanako: Profile) -> None:
    profile_id, allowed = hanako.id, []

    def trying(session: Session) -> None:
        if pins.count_try(session, profile_id) is not None:
            allowed.append(1)

    acts: list[Callable[[Session], None]] = [trying] * 12
    session.commit()
    all_at_once(app, acts)
    assert len(allowed) == 5
    session.rollback()
    assert pin_of(session, hanako).wrong_in_all == 5


def test_numbers_that_hr_knows_are_refused_and_nothing_is_written(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, EMAIL, phone="090-1122-3344", birth_date=date(1985, 4, 3))
    for number in ("0403", "1985", "2233", "3344"):
        with pytest.raises(PinGuessable):
            register(session, link, cast.tsumugi, number=number)
    with pytest.raises(PinGuessable):
        register(session, link, cast.tsumugi, phone="03-5719-0028", number="5719")
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Profile)).all() == []
    register(session, link, cast.tsumugi, number=PIN)


def test_numbers_that_hr_knows_are_refused_behind_the_mailed_link_too(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, EMAIL, phone="090-1122-3344", birth_date=date(1985, 4, 3))
    register(session, link, cast.tsumugi, phone="03-5719-0028")
    session.commit()
    for number in ("0403", "2233", "5719"):
        with pytest.raises(PinGuessable):
            choose(session, the_profile(session, EMAIL), number)
        session.rollback()


def test_a_link_to_choose_is_used_up_and_ends_every_session(session: Session, hanako: Profile) -> None:
    inside = tokens.mint(session, TokenPurpose.OWN_PAGE_SESSION, hanako.id, profile_id=hanako.id)
    token, another = (
        tokens.mint(session, TokenPurpose.CHOOSE_PIN, hanako.id, profile_id=hanako.id) for _each in range(2)
    )
    pins.choose(session, token, OTHER)
    for used in (token, another):
        with pytest.raises(LinkGone):
            pins.choose(session, used, "5927")
    assert tokens.find(session, inside, TokenPurpose.OWN_PAGE_SESSION) is None
    assert not tried(session, hanako.id, PIN)
    assert tried(session, hanako.id, OTHER)


def test_a_link_used_twice_at_once_sets_one_number(app: Flask, session: Session, hanako: Profile) -> None:
    token = tokens.mint(session, TokenPurpose.CHOOSE_PIN, hanako.id, profile_id=hanako.id)
    session.commit()
    done: list[str] = []

    def choosing(number: str) -> Callable[[Session], None]:
        def recorder(session: Session) -> None:
            try:
                pins.choose(session, token, number)
            except LinkGone:
                session.rollback()
            else:
                done.append(number)

        return recorder

    all_at_once(app, [choosing(number) for number in (OTHER, "5927", "4816")])
    session.rollback()
    assert len(done) == 1
    assert tried(session, hanako.id, done[0])


def test_a_few_mails_a_day_and_no_more(session: Session, hanako: Profile) -> None:
    for _press in range(6):
        pins.mail_choice(session, hanako.id)
    assert len(mails(session, "choose-pin")) == 3
    assert {each.to_address for each in mails(session, "choose-pin")} == {EMAIL}


# what a number that replaces a forgotten one shows


def shown(session: Session, profile: Profile) -> dict[str, list[str]]:
    """Every list of the own page, with the partners that each names."""
    since = granting.visible_since(session, profile.id)
    return {
        "standing": [each.name for each in consents.standing(session, profile.id)],
        "former": [each.name for each in consents.former(session, profile.id)],
        "seen": [each.partner_name for each in provisions.of_profile(session, profile.id, since=since).rows],
        "offers": [each.name for each in consents.more(session, profile.id)],
        "companies": [str(each) for each in consents.companies_of(session, profile.id)],
    }


def test_a_replaced_number_shows_nothing_of_before_and_hints_at_nothing(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.manabi.id)
    session.commit()
    before = shown(session, hanako)
    assert all(before.values())
    with clock.at(clock.now() + timedelta(days=1)):
        choose(session, hanako, OTHER)
        assert shown(session, hanako) == {name: [] for name in before}
        assert consents.has_earlier(session, hanako.id)


def test_earlier_recipients_stay_and_can_be_stopped_unnamed(session: Session, cast: Cast, hanako: Profile) -> None:
    with clock.at(clock.now() + timedelta(days=1)):
        choose(session, hanako, OTHER)
        assert consents.withdraw_earlier(session, hanako.id) == 2
        assert not consents.has_earlier(session, hanako.id)
        assert not any(shown(session, hanako).values())


def test_what_is_chosen_afterwards_is_shown_and_a_partner_chosen_before_is_offered_like_any_other(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    rival = make_partner(session, "rival")
    for partner in (cast.tsumugi, rival):
        make_partnership(session, cast.other, partner)
    with clock.at(clock.now() + timedelta(days=1)):
        choose(session, hanako, OTHER)
        register(session, mailed_link(session, cast.other, EMAIL), rival, number=OTHER)
        session.commit()
        page = shown(session, hanako)
        assert page["standing"] == page["seen"] == [rival.name]
        assert page["offers"] == [cast.tsumugi.name], "leaving it out would tell that it was chosen before"
        consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        session.commit()
        assert shown(session, hanako)["standing"] == [rival.name, cast.tsumugi.name]
        assert consents.has_earlier(session, hanako.id), "the school of before"


def test_what_was_written_before_is_neither_shown_nor_told_by_the_new_number(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    """The reader of a mailbox replaces the number, says yes once more, and looks what the partner was told."""
    rival = make_partner(session, "rival")
    for partner in (cast.tsumugi, rival):
        make_partnership(session, cast.other, partner)
    with scopes.profile(session, hanako.id):
        hanako.phone, hanako.experience = "09012345678", "経理 5年"
    with clock.at(clock.now() + timedelta(days=1)):
        choose(session, hanako, OTHER)
        assert granting.facts_of(hanako) == {"email": EMAIL}
        register(session, mailed_link(session, cast.other, EMAIL), rival, number=OTHER, name="別名")
        consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        told = [each.facts for each in consents.standing(session, hanako.id)]
        assert told == [{"name": "別名", "email": EMAIL}] * 2


def test_the_same_number_at_a_second_company_keeps_everything_shown(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    make_partnership(session, cast.other, cast.manabi)
    with clock.at(clock.now() + timedelta(days=1)):
        register(session, mailed_link(session, cast.other, EMAIL), cast.manabi, number=PIN)
        register(session, mailed_link(session, cast.other, "work@mail.example"), cast.manabi, address=EMAIL, number=PIN)
        registration.confirm(session, confirming(session), EVIDENCE)
        assert set(shown(session, hanako)["standing"]) == {cast.tsumugi.name, cast.manabi.name}


def test_another_number_at_a_second_company_hides_what_was_chosen_before(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    """The second company could send the link to itself and register in the person's name: it learns nothing by it."""
    make_partnership(session, cast.other, cast.manabi)
    with clock.at(clock.now() + timedelta(days=1)):
        register(session, mailed_link(session, cast.other, EMAIL), cast.manabi, number=OTHER)
        session.commit()
        page = shown(session, hanako)
        assert page["standing"] == page["seen"] == [cast.manabi.name]
        assert page["companies"] == [str(cast.other.id)]


# registrations from before there were numbers


def forget_pins(session: Session) -> None:
    with scopes.everyone(session, "test: as before there were numbers"):
        for each in session.scalars(select(Pin)):
            session.delete(each)
    session.commit()


def test_who_registered_before_is_asked_once_in_portions(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "CHUNK_SIZE", 2)
    people = [f"person{each}@mail.example" for each in range(5)]
    for each in people:
        register(session, mailed_link(session, cast.acme, each), cast.tsumugi)
    forget_pins(session)
    register(session, mailed_link(session, cast.acme, "new@mail.example"), cast.tsumugi)
    for key in ("first", "again"):
        jobs.enqueue(session, "ask-for-pins", key=key)
        session.commit()
        assert jobs.run_one(session, clock.now())
    assert set(session.scalars(select(Job.state).where(Job.kind == "ask-for-pins"))) == {JobState.DONE}
    assert [each.to_address for each in mails(session, "choose-pin")] == people


def test_a_first_number_chosen_by_mail_shows_only_what_is_chosen_afterwards(session: Session, hanako: Profile) -> None:
    forget_pins(session)
    assert pins.standing(session, hanako.id).state is PinState.MISSING
    assert not tried(session, hanako.id, PIN)
    with clock.at(clock.now() + timedelta(days=1)):
        choose(session, hanako, OTHER)
        assert not any(shown(session, hanako).values())
        assert consents.has_earlier(session, hanako.id)


def test_sessions_that_ran_out_are_swept(session: Session, hanako: Profile) -> None:
    tokens.mint(session, TokenPurpose.OWN_PAGE_SESSION, hanako.id, profile_id=hanako.id)
    with clock.at(clock.now() + timedelta(minutes=31)):
        tokens.sweep(session)
    assert session.scalars(select(Token).where(Token.purpose == TokenPurpose.OWN_PAGE_SESSION)).all() == []
