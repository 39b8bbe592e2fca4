"""Colleagues of a partner, and the person themselves, at the same moment: one change, and nothing outlives its end."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import PartnerNote, Profile, WorkChange, scopes
from relay.network import consents, partner_notes, sharing, work_states
from relay.network.work_states import WorkStateChanged
from tests.cast import Cast
from tests.db.network.build import mailed_link, register, the_profile
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
