"""Colleagues of a partner, and the person themselves, at the same moment: one change, and nothing outlives its end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.models import EndedReference, Job, PartnerNote, Profile, Share, WorkChange, scopes
from relay.network import consents, partner_notes, partner_people, sharing, work_states
from relay.network.work_states import WorkStateChanged
from relay.worker import upkeep
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.db.network.test_at_once import all_at_once

Act = Callable[[Session], None]


def given(session: Session, cast: Cast, email: str) -> Profile:
    register(session, mailed_link(session, cast.acme, email), cast.tsumugi)
    session.commit()
    return the_profile(session, email)


def choosing(cast: Cast, person: Profile, state: str, outcomes: list[str]) -> Act:
    partner_id, code, user_id = cast.tsumugi.id, person.code, cast.agnes.id

    def choose(session: Session) -> None:
        try:
            with scopes.partner(session, partner_id):
                profile_id = sharing.hold(session, code)
            chosen = work_states.choose(session, partner_id, profile_id, state, seen="new", by_user_id=user_id)
            session.commit()
            outcomes.append("kept" if chosen else "so already")
        except WorkStateChanged:
            session.rollback()
            outcomes.append("told")

    return choose


def changes(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return len(session.scalars(select(WorkChange.id)).all())


def test_one_press_sent_by_many_is_one_change(app: Flask, session: Session, cast: Cast) -> None:
    person, outcomes = given(session, cast, "a@mail.example"), list[str]()
    acts = [choosing(cast, person, "contacted", outcomes)] * 6
    session.commit()
    all_at_once(app, acts)
    assert sorted(outcomes) == ["kept", *["so already"] * 5]
    assert changes(session) == 1


def test_of_colleagues_who_choose_differently_one_wins_and_the_others_are_told(
    app: Flask, session: Session, cast: Cast
) -> None:
    person, outcomes = given(session, cast, "a@mail.example"), list[str]()
    states = ("contacted", "interviewed", "recommended", "closed")
    acts = [choosing(cast, person, each, outcomes) for each in states]
    session.commit()
    all_at_once(app, acts)
    assert sorted(outcomes) == ["kept", "told", "told", "told"]
    assert changes(session) == 1


def test_no_memo_slips_past_a_withdrawal(app: Flask, session: Session, cast: Cast) -> None:
    """Written while the person withdraws, it is refused, or it ends with the rest."""
    people = [given(session, cast, f"{each}@mail.example") for each in range(4)]
    partner_id, user_id = cast.tsumugi.id, cast.agnes.id

    def writing(code: str) -> Act:
        def write(session: Session) -> None:
            try:
                with scopes.partner(session, partner_id):
                    profile_id = sharing.hold(session, code)
                partner_notes.add(session, partner_id, profile_id, "電話した", by_user_id=user_id)
                session.commit()
            except sharing.Gone:
                session.rollback()

        return write

    def withdrawing(profile_id: int) -> Act:
        def withdraw(session: Session) -> None:
            consents.withdraw(session, profile_id, partner_id)

        return withdraw

    acts = [act for each in people for act in (writing(each.code), withdrawing(each.id))]
    session.commit()
    all_at_once(app, acts)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(PartnerNote.id).where(PartnerNote.ended_at.is_(None))).all() == []


def after_the_term(session: Session, cast: Cast, person: Profile) -> datetime:
    """An hour after the person's share with the agency ran out; the licence runs on."""
    with scopes.partner(session, cast.tsumugi.id):
        until = session.scalars(select(Share.until).where(Share.profile_id == person.id)).one()
    cast.tsumugi.license_until = until.date() + timedelta(days=300)
    session.commit()
    return until + timedelta(hours=1)


@contextmanager
def meanwhile(app: Flask, act: Act, moment: datetime) -> Iterator[None]:
    """Begin an act in a transaction of its own while the block's is open, and let it end after the block's has."""

    def run() -> None:
        with app.app_context(), clock.at(moment):
            act(db.session())
            db.session.commit()
            db.session.remove()

    other = Thread(target=run)
    other.start()
    time.sleep(0.5)  # it has read what the block had not committed, and waits
    yield
    other.join(30)
    assert not other.is_alive()


def test_a_consent_renewed_at_the_moment_of_the_sweep_has_no_line_of_an_end(
    app: Flask, session: Session, cast: Cast
) -> None:
    """And what the partner keeps by the new consent stays open."""
    person = given(session, cast, "a@mail.example")
    moment, partner_id = after_the_term(session, cast, person), cast.tsumugi.id
    with scopes.partner(session, partner_id):
        sharing.open_person(session, person.code, cast.agnes.id)

    def sweeping(other: Session) -> None:
        with scopes.everyone(other, "test"):
            partner_people.note_expired(other)
        partner_people.sweep(other)

    with clock.at(moment):
        consents.give_more(session, person.id, partner_id, token_id=None, evidence=EVIDENCE)
        partner_notes.add(session, partner_id, person.id, "お電話した", by_user_id=cast.agnes.id)
        with meanwhile(app, sweeping, moment):
            session.commit()
        with scopes.everyone(session, "test"):
            assert session.scalars(select(EndedReference)).all() == []
            assert session.scalars(select(PartnerNote.ended_at)).all() == [None]


def test_a_sweep_of_many_goes_by_portions_and_leaves_nobody_out(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_people, "CHUNK_SIZE", 2)
    people = [given(session, cast, f"{each}@mail.example") for each in range(5)]
    for each in people:
        partner_notes.add(session, cast.tsumugi.id, each.id, "電話した", by_user_id=cast.agnes.id)
    with clock.at(after_the_term(session, cast, people[0])):
        assert (partner_people.sweep(session), ended(session)) == (2, 2)
        session.commit()
        upkeep.sweep(session, Job(kind="sweep", key="test"))
        session.commit()
        with scopes.everyone(session, "test"):
            codes = session.scalars(select(EndedReference.person_code)).all()
    assert sorted(codes) == sorted(each.code for each in people)
    assert ended(session) == 5


def ended(session: Session) -> int:
    """How many memos have ended with the share of their person."""
    with scopes.everyone(session, "test"):
        return len(session.scalars(select(PartnerNote.id).where(PartnerNote.ended_at.is_not(None))).all())
