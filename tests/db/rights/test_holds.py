"""While a hold is in force nobody erases the person, neither the calendar nor a hand; then it ends by itself (A-28)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.candidates import holds
from relay.candidates.duplicates.merging import merge, preselected
from relay.candidates.holds import ErasureHeld, HoldDayRefused
from relay.models import (
    Candidate,
    DataRequest,
    Event,
    EventTag,
    Hold,
    HoldReason,
    JournalEntry,
    RequestKind,
    RequestSource,
    scopes,
)
from relay.rights import data_requests, request_register, retention
from relay.rights.data_requests import RequestInput
from relay.rights.erased_keys import hash_of
from relay.rights.erasure import erase_address, erase_again
from relay.rights.requests import ErasureReason, erase_on_request
from tests.cast import Cast, make_candidate, make_cast
from tests.db.intake.bringing import bring, herp

DAY = timedelta(days=1)
MAIL = "hanako@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    return make_candidate(session, cast.acme, email=MAIL, retain_until=clock.today() + 5 * DAY)


def hold(session: Session, cast: Cast, candidate: Candidate, days: int) -> Hold:
    with scopes.company(session, candidate.company_id):
        made = holds.set_hold(
            session, candidate, HoldReason.DISPUTE, clock.today() + days * DAY, owner_user_id=cast.ada.id
        )
    session.commit()
    return made


def left(session: Session, in_days: int) -> int:
    """How many people are left after the daily run of that day."""
    with clock.at(clock.now() + in_days * DAY):
        retention.run(session)
        session.commit()
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(Candidate)) or 0


def test_it_keeps_a_person_past_their_day_and_ends_by_itself(session: Session, cast: Cast, hanako: Candidate) -> None:
    hold(session, cast, hanako, 20)
    assert [left(session, day) for day in (6, 20, 21)] == [1, 1, 0]


def test_released_the_persons_own_day_holds_again(session: Session, cast: Cast, hanako: Candidate) -> None:
    made = hold(session, cast, hanako, 20)
    with scopes.company(session, cast.acme.id):
        assert holds.release(session, hanako, made.id, by_user_id=cast.adam.id)
        assert not holds.release(session, hanako, made.id, by_user_id=cast.adam.id)
    session.commit()
    number = made.id
    assert [left(session, day) for day in (5, 6)] == [1, 0]
    told = select(Event.tag, Event.data).where(Event.tag.in_((EventTag.HOLD_SET.value, EventTag.HOLD_RELEASED.value)))
    until = (clock.today() + 20 * DAY).isoformat()
    assert session.execute(told.order_by(Event.id)).all() == [
        ("hold:set", {"hold_id": number, "reason": "dispute", "until": until}),
        ("hold:released", {"hold_id": number}),
    ]


@pytest.mark.parametrize(
    "erase",
    [
        lambda session, who: erase_on_request(session, who.company_id, who.id, reason=ErasureReason.ASKED),
        lambda session, _who: erase_address(session, MAIL),
    ],
    ids=["the record", "the address"],
)
def test_no_hand_erases_a_held_person(
    session: Session, cast: Cast, hanako: Candidate, erase: Callable[[Session, Candidate], object]
) -> None:
    make_candidate(session, cast.other, email=MAIL)
    hold(session, cast, hanako, 20)
    with pytest.raises(ErasureHeld) as refused:
        erase(session, hanako)
    assert "争いに備えて" in str(refused.value)
    session.rollback()
    assert left(session, 0) == 2, "nor was anything erased elsewhere before"


def test_a_restore_erases_even_whom_the_backup_holds(session: Session, cast: Cast, hanako: Candidate) -> None:
    """They had been erased before the backup came back: the hold had ended or was released then."""
    hold(session, cast, hanako, 20)
    assert erase_again(session, {hash_of(hanako.erasure_key)}).candidates == 1
    session.commit()
    assert left(session, 0) == 0


@pytest.mark.parametrize("days", [-1, 367])
def test_a_hold_is_never_for_ever_nor_for_a_day_that_is_past(
    session: Session, cast: Cast, hanako: Candidate, days: int
) -> None:
    with pytest.raises(HoldDayRefused):
        hold(session, cast, hanako, days)


def test_it_goes_with_a_merged_person_and_comes_back_when_that_is_undone(
    session: Session, cast: Cast, hanako: Candidate
) -> None:
    twin = make_candidate(session, cast.acme, email="twin@mail.example", retain_until=clock.today() + 5 * DAY)
    hold(session, cast, twin, 20)
    with scopes.company(session, cast.acme.id):
        chosen = preselected(hanako, twin)
        merged = merge(session, cast.acme.id, (hanako.id, twin.id), chosen, by_user_id=None)
        session.commit()
        assert [each.candidate_id for each in holds.in_force(session, [hanako.id])] == [hanako.id]
        undo.undo(session, cast.acme.id, merged.entry_id, by_user_id=None)
        session.commit()
    assert left(session, 6) == 1, "of two records, the held one"


def test_an_import_is_not_taken_back_from_under_a_hold(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, herp({"応募ID": "X1", "名前": "佐藤 健"}))
    with scopes.company(session, cast.acme.id):
        hold(session, cast, session.scalars(select(Candidate)).one(), 20)
        entry = session.scalars(select(JournalEntry.id)).one()
        with pytest.raises(undo.ChangedSince):
            undo.undo(session, cast.acme.id, entry, by_user_id=None)


def test_the_next_run_leaves_the_held_out_and_names_them(session: Session, cast: Cast, hanako: Candidate) -> None:
    make_candidate(session, cast.acme, "佐藤 健", email="ken@mail.example", retain_until=clock.today() + 6 * DAY)
    hold(session, cast, hanako, 20)
    with scopes.company(session, cast.acme.id):
        coming = retention.next_run(session)
        [held] = retention.held_people(session)
    assert (coming.count, [each.name for each in coming.page.rows]) == (1, ["佐藤 健"])
    assert (held.name, held.reason, held.owner) == ("高橋 花子", HoldReason.DISPUTE, "Ada")
    with clock.at(clock.now() + 10 * DAY):
        assert [(each.count, each.held) for each in retention.due(session)] == [(1, 1)]


@pytest.mark.parametrize("kind", [RequestKind.DISCLOSURE, RequestKind.PROVISIONS])
def test_a_request_to_be_told_keeps_the_record_until_it_is_closed(
    session: Session, cast: Cast, hanako: Candidate, kind: RequestKind
) -> None:
    """All records of its address, and nobody else; the calendar alone is kept from erasing."""
    make_candidate(session, cast.acme, email=MAIL, retain_until=clock.today() + 5 * DAY)
    make_candidate(session, cast.acme, "佐藤 健", email="ken@mail.example", retain_until=clock.today() + 5 * DAY)
    make_candidate(session, cast.other, email=MAIL, retain_until=clock.today() + 5 * DAY)
    asked = request(session, cast, kind)
    with scopes.company(session, cast.acme.id):
        coming = retention.next_run(session)
        assert (coming.count, [each.name for each in coming.page.rows]) == (1, ["佐藤 健"])
        assert request_register.asked_about(session)[0].candidate_id == hanako.id
    with clock.at(clock.now() + 10 * DAY):
        assert [(each.company_id, each.count, each.held) for each in retention.due(session)] == [
            (cast.acme.id, 1, 2),
            (cast.other.id, 1, 0),
        ]
    assert left(session, 10) == 2
    with scopes.company(session, cast.acme.id):
        data_requests.withdraw(session, asked)
    session.commit()
    assert left(session, 10) == 0


def test_a_request_that_is_never_closed_keeps_the_record_for_a_year(
    session: Session, cast: Cast, hanako: Candidate
) -> None:
    request(session, cast, RequestKind.DISCLOSURE)
    assert left(session, 365) == 1
    assert left(session, 367) == 0


def test_a_request_to_be_erased_keeps_nobody(session: Session, cast: Cast, hanako: Candidate) -> None:
    request(session, cast, RequestKind.ERASURE)
    assert left(session, 10) == 0


def request(session: Session, cast: Cast, kind: RequestKind) -> DataRequest:
    [made] = data_requests.receive(session, cast.acme.id, RequestInput(MAIL), [kind], source=RequestSource.PUBLIC_PAGE)
    session.commit()
    return made
