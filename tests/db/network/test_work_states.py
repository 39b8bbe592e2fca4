"""How far a partner is with a person: its own mark, each change kept, ended with the share, nothing else touched."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import Base, db
from relay.models import Partner, PartnerPerson, Profile, User, WorkChange, WorkState, scopes
from relay.network import (
    consents,
    finding,
    partner_notes,
    partner_people,
    partner_records,
    partners,
    sharing,
    work_states,
)
from relay.network.work_states import ChangeLine, WorkStateChanged, WorkStateUnknown
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

MAIL = "hanako@mail.example"
OWN_ROWS = {"partner_notes", "work_changes", "partner_people"}


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    register(session, mailed_link(session, cast.acme, MAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, MAIL)


def choose(
    session: Session, partner: Partner, by: User, person: Profile, state: str, *, seen: str = ""
) -> WorkState | None:
    """Let an agent choose a state on a page that shows `seen`; today's where it is not said."""
    shown = seen or work_states.of_person(session, partner.id, person.id).state.value
    chosen = work_states.choose(session, partner.id, person.id, state, seen=shown, by_user_id=by.id)
    session.commit()
    return chosen


def state_at(session: Session, partner: Partner, person: Profile) -> str:
    return work_states.of_person(session, partner.id, person.id).state.value


def told(session: Session, person: Profile) -> dict[str, Any]:
    """Since when the person reads 連絡済み, by partner."""
    found = partner_records.of_profile(session, person.id, since=clock.EPOCH)
    return {each.partner_name: each.contacted_on for each in found}


def everything_else(session: Session) -> dict[str, list[Any]]:
    """Every row of every table but the partner's own."""
    session.commit()
    with db.engine.connect() as connection:
        tables = Base.metadata.tables.items()
        return {
            name: sorted(map(repr, connection.execute(select(table)))) for name, table in tables if name not in OWN_ROWS
        }


def test_every_change_is_kept_with_its_author(session: Session, cast: Cast, hanako: Profile) -> None:
    for state in ("contacted", "interviewed", "new"):
        assert choose(session, cast.tsumugi, cast.agnes, hanako, state) == state
    work = work_states.of_person(session, cast.tsumugi.id, hanako.id)
    assert work.state is WorkState.NEW
    assert [(each.was.value, each.became.value, each.author) for each in work.changes] == [
        ("interviewed", "new", cast.agnes.name),
        ("contacted", "interviewed", cast.agnes.name),
        ("new", "contacted", cast.agnes.name),
    ]
    assert isinstance(work.changes[0], ChangeLine)
    assert state_at(session, cast.manabi, hanako) == "new"
    assert work_states.of_person(session, cast.manabi.id, hanako.id).changes == []


def test_a_form_that_is_sent_twice_is_one_change(session: Session, cast: Cast, hanako: Profile) -> None:
    assert choose(session, cast.tsumugi, cast.agnes, hanako, "contacted", seen="new")
    assert choose(session, cast.tsumugi, cast.agnes, hanako, "contacted", seen="new") is None
    assert len(work_states.of_person(session, cast.tsumugi.id, hanako.id).changes) == 1


def test_the_second_of_two_colleagues_is_told_what_the_first_chose(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    choose(session, cast.tsumugi, cast.agnes, hanako, "closed", seen="new")
    with pytest.raises(WorkStateChanged) as refused:
        choose(session, cast.tsumugi, cast.agnes, hanako, "contacted", seen="new")
    assert refused.value.stored is WorkState.CLOSED
    assert state_at(session, cast.tsumugi, hanako) == "closed"


@pytest.mark.parametrize("state", ["attending", "", "nonsense"])
def test_an_agency_has_the_states_of_agencies_alone(session: Session, cast: Cast, hanako: Profile, state: str) -> None:
    with pytest.raises(WorkStateUnknown):
        choose(session, cast.tsumugi, cast.agnes, hanako, state, seen="new")


def test_a_school_has_its_own(session: Session, cast: Cast, hanako: Profile) -> None:
    for state in ("guided", "consulted", "attending", "completed"):
        following = work_states.of_person(session, cast.manabi.id, hanako.id).next
        assert following is not None and following.value == state
        choose(session, cast.manabi, cast.sho, hanako, state)
    assert work_states.of_person(session, cast.manabi.id, hanako.id).next is None
    with pytest.raises(WorkStateUnknown):
        choose(session, cast.manabi, cast.sho, hanako, "offered", seen="completed")


def _acts(session: Session, cast: Cast, person: Profile) -> Iterator[str]:
    """Everything a partner does for itself about a person, one act after the other."""
    choose(session, cast.tsumugi, cast.agnes, person, "contacted")
    yield "a state"
    choose(session, cast.tsumugi, cast.agnes, person, "closed")
    yield "another"
    choose(session, cast.tsumugi, cast.agnes, person, "new")
    yield "back"
    note = partner_notes.add(session, cast.tsumugi.id, person.id, "電話した", by_user_id=cast.agnes.id)
    yield "a memo"
    assert note is not None
    partner_notes.change(note, "留守", seen=partner_notes.version(note))
    yield "put right"
    partner_notes.remove(session, note, seen=partner_notes.version(note))
    yield "removed"


def test_nothing_of_it_touches_a_consent_a_share_or_the_profile(session: Session, cast: Cast, hanako: Profile) -> None:
    """Nor any other table: what a partner does for itself is in its own three."""
    before = everything_else(session)
    assert {"consents", "shares", "profiles", "consent_withdrawals", "provision_records"} <= before.keys()
    for act in _acts(session, cast, hanako):
        assert everything_else(session) == before, act


def test_a_withdrawal_ends_it_and_a_new_share_begins_new(session: Session, cast: Cast, hanako: Profile) -> None:
    choose(session, cast.tsumugi, cast.agnes, hanako, "interviewed")
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    with scopes.everyone(session, "test"):
        assert cast.tsumugi.id not in session.scalars(select(PartnerPerson.partner_id)).all()
        assert session.scalars(select(WorkChange.ended_at)).one() is not None
    consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    session.commit()
    work = work_states.of_person(session, cast.tsumugi.id, hanako.id)
    assert (work.state, work.changes) == (WorkState.NEW, [])


@pytest.mark.parametrize("swept", [True, False])
def test_so_does_a_share_that_ran_out(session: Session, cast: Cast, hanako: Profile, swept: bool) -> None:
    with scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, hanako.code, cast.agnes.id)
    choose(session, cast.tsumugi, cast.agnes, hanako, "interviewed")
    with clock.at(clock.now() + timedelta(days=370)):
        cast.tsumugi.license_until = clock.today() + timedelta(days=300)
        if swept:
            partner_people.sweep(session)
        consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        session.commit()
        work = work_states.of_person(session, cast.tsumugi.id, hanako.id)
        with scopes.partner(session, cast.tsumugi.id):
            [row] = finding.find(session).rows
    assert (work.state, work.changes) == (WorkState.NEW, [])
    assert (row.opened_at, row.opened_by) == (None, ""), "nobody has read what was agreed to now"


def test_the_end_of_a_partnership_ends_it(session: Session, cast: Cast, hanako: Profile) -> None:
    choose(session, cast.tsumugi, cast.agnes, hanako, "interviewed")
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.hold(session, hanako.code)
    with clock.at(clock.now() + timedelta(days=30, hours=1)):
        partner_people.sweep(session)
        session.commit()
    with scopes.everyone(session, "test"):
        assert session.scalars(select(WorkChange)).all() == []


def test_the_person_is_told_of_the_first_contact_and_of_no_other_state(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    choose(session, cast.tsumugi, cast.agnes, hanako, "interviewed")
    assert told(session, hanako) == {cast.tsumugi.name: None}
    first = clock.today()
    choose(session, cast.tsumugi, cast.agnes, hanako, "contacted")
    choose(session, cast.manabi, cast.sho, hanako, "guided")
    with clock.at(clock.now() + timedelta(days=3)):
        for state in ("closed", "contacted", "joined"):
            choose(session, cast.tsumugi, cast.agnes, hanako, state)
        assert told(session, hanako) == {cast.tsumugi.name: first, cast.manabi.name: first}
        choose(session, cast.tsumugi, cast.agnes, hanako, "new")
        assert told(session, hanako)[cast.tsumugi.name] is None, "taken back"
        choose(session, cast.tsumugi, cast.agnes, hanako, "contacted")
        assert told(session, hanako)[cast.tsumugi.name] == clock.today()
