"""Interviews: who may pick which time, that nobody shares one, and that calendars hear of it in their order."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import decisions, interview_letters, interviews, positions, slots
from relay.hiring.interviews import CalledOffBy
from relay.hiring.slots import SlotBooked, TimesRefused
from relay.mail.practice import PracticeOnly
from relay.models import (
    Application,
    ApplicationResult,
    Event,
    InterviewInvitation,
    Message,
    Position,
    PositionState,
    RejectionReason,
    Slot,
    scopes,
)
from relay.rights.erasure import erase_candidates
from relay.text.times import TypedTime
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.network.test_at_once import all_at_once

PLACE = "本社3階 第2会議室"
MORNING = clock.now().astimezone(clock.JAPAN).replace(hour=9, minute=0, second=0, microsecond=0)
PEOPLE = 3


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def position(session: Session, cast: Cast) -> Iterator[Position]:
    """A position of Acme, in whose scope the test runs."""
    with scopes.company(session, cast.acme.id):
        yield make_position(session, cast.acme)


def typed(days: int, hour: int = 9) -> TypedTime:
    """A time so many days from now."""
    at = MORNING + timedelta(days=days)
    return TypedTime(at.date(), at.time().replace(hour=hour))


def offer(session: Session, position: Position, *times: TypedTime, place: str = PLACE) -> list[int]:
    """Offer times, and return the numbers of all that are free, the soonest first."""
    company_id = position.company_id
    slots.offer(session, company_id, position.id, times, minutes=60, place=place, by_user_id=None)
    return [each.id for each in slots.free(session, position.id)]


def invited(session: Session, cast: Cast, position: Position, name: str = "高橋 花子") -> InterviewInvitation:
    """Somebody in the selection whom Ada has invited."""
    person = make_candidate(session, cast.acme, name, email=f"{name.encode().hex()}@mail.example")
    application = make_application(session, person, position)
    return interviews.invite(session, application.id, by_user_id=cast.ada.id)


def mails(session: Session, letter: str) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.letter == letter).order_by(Message.id)))


def told(session: Session) -> list[tuple[str, str, int]]:
    """What became of appointments, as the person, then the member was told."""
    news = select(Message).where(Message.letter.in_([interview_letters.NEWS, interview_letters.NOTICE]))
    return [
        (mail.letter, mail.values["news"], mail.values["sequence"])
        for mail in session.scalars(news.order_by(Message.id))
    ]


def test_a_person_picks_changes_and_gives_up_and_both_sides_hear_each_in_order(
    session: Session, cast: Cast, position: Position
) -> None:
    first, second = offer(session, position, typed(2), typed(3))
    invitation = invited(session, cast, position)
    (mail,) = mails(session, interview_letters.INVITATION)
    assert mail.to_address == "e9ab98e6a98b20e88ab1e5ad90@mail.example"
    assert interviews.pick(session, invitation.id, first)
    assert not interviews.pick(session, invitation.id, first), "pressed twice"
    assert [each.id for each in slots.free(session, position.id)] == [second]
    assert interviews.pick(session, invitation.id, second)
    assert [each.id for each in slots.free(session, position.id)] == [first], "the one before is free again"
    assert interviews.call_off(session, invitation.id, CalledOffBy.PERSON)
    assert not interviews.call_off(session, invitation.id, CalledOffBy.PERSON), "pressed twice"
    assert [each.id for each in slots.free(session, position.id)] == [first, second]
    both = (interview_letters.NEWS, interview_letters.NOTICE)
    expected = [(1, "booked"), (2, "moved"), (3, "given-up")]
    assert told(session) == [(letter, news, number) for number, news in expected for letter in both]
    assert {mail.values["uid"] for letter in both for mail in mails(session, letter)} == {invitation.uid}
    assert {mail.to_address for mail in mails(session, interview_letters.NOTICE)} == {cast.ada.email}


def test_what_the_company_calls_off_is_offered_to_nobody_and_the_rest_is(
    session: Session, cast: Cast, position: Position
) -> None:
    first, second = offer(session, position, typed(2), typed(3))
    invitation = invited(session, cast, position)
    interviews.pick(session, invitation.id, first)
    interviews.call_off(session, invitation.id, CalledOffBy.COMPANY)
    assert [each.id for each in slots.free(session, position.id)] == [second]
    assert told(session)[-2:] == [("interview", "called-off", 2), ("interview-notice", "called-off", 2)]
    assert mails(session, interview_letters.NEWS)[-1].values["others"] is True
    interviews.pick(session, invitation.id, second)
    interviews.call_off(session, invitation.id, CalledOffBy.COMPANY, offer_others=False)
    with pytest.raises(interviews.InvitationClosed):
        interviews.pick(session, invitation.id, second)


def test_who_waits_for_new_times_is_written_to_once_there_are_some(
    session: Session, cast: Cast, position: Position
) -> None:
    (only,) = offer(session, position, typed(2))
    one, two = invited(session, cast, position, "一"), invited(session, cast, position, "二")
    interviews.pick(session, one.id, only)
    assert [each.id for each in interviews.needing_times(session)] == [two.id], "none is left for the second"
    interviews.call_off(session, one.id, CalledOffBy.COMPANY)
    assert mails(session, interview_letters.NEWS)[-1].values["others"] is False
    assert interviews.want_times(session, two.id) and not interviews.want_times(session, two.id)
    assert {each.id for each in interviews.needing_times(session)} == {one.id, two.id}
    offer(session, position, typed(4))
    assert interviews.tell_waiting(session, position.id) == 2
    assert interviews.tell_waiting(session, position.id) == 0, "once"
    assert [mail.values["again"] for mail in mails(session, interview_letters.INVITATION)] == [False, False, True, True]
    assert interviews.needing_times(session) == []


def test_the_only_time_that_is_given_up_is_offered_to_those_who_wait_and_not_to_who_gave_it_up(
    session: Session, cast: Cast, position: Position
) -> None:
    (only,) = offer(session, position, typed(2))
    one, two = invited(session, cast, position, "一"), invited(session, cast, position, "二")
    interviews.pick(session, one.id, only)
    interviews.want_times(session, two.id)
    interviews.call_off(session, one.id, CalledOffBy.PERSON)
    assert mails(session, interview_letters.NEWS)[-1].values["others"] is False, "the one they gave up is no other"
    again = [mail.candidate_id for mail in mails(session, interview_letters.INVITATION) if mail.values["again"]]
    assert again == [two.candidate_id]
    assert [each.id for each in interviews.needing_times(session)] == [one.id]
    interviews.pick(session, two.id, only)
    offer(session, position, typed(3))
    interviews.tell_waiting(session, position.id)
    other = slots.free(session, position.id)[0].id
    three = invited(session, cast, position, "三")
    interviews.pick(session, three.id, other)
    interviews.want_times(session, one.id)
    interviews.call_off(session, two.id, CalledOffBy.PERSON)
    assert one.times_wanted_at is None, "told of the first hour again"


def test_nobody_is_invited_twice_or_without_times_and_a_second_interview_follows_the_first(
    session: Session, cast: Cast, position: Position
) -> None:
    application = make_application(session, make_candidate(session, cast.acme), position)
    with pytest.raises(interviews.NoTimesOffered):
        interviews.invite(session, application.id, by_user_id=None)
    (first,) = offer(session, position, typed(2))
    one = interviews.invite(session, application.id, by_user_id=None)
    with pytest.raises(interviews.AlreadyInvited):
        interviews.invite(session, application.id, by_user_id=None)
    interviews.pick(session, one.id, first)
    with clock.at(MORNING + timedelta(days=3)):
        with pytest.raises(interviews.InterviewBegun):
            interviews.call_off(session, one.id, CalledOffBy.PERSON)
        (second,) = offer(session, position, typed(9))
        two = interviews.invite(session, application.id, by_user_id=None)
        assert (two.id, two.uid) != (one.id, one.uid)
        interviews.pick(session, two.id, second)
        (standing,) = interviews.of_applications(session, [application.id]).values()
        assert standing.id == two.id


@pytest.mark.parametrize("end", ["result", "position"])
def test_an_end_of_selection_or_position_closes_what_has_no_time(
    session: Session, cast: Cast, position: Position, end: str
) -> None:
    first, _second = offer(session, position, typed(2), typed(3))
    invitation = invited(session, cast, position)
    if end == "result":
        application = session.scalars(select(Application)).one()
        decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
    else:
        positions.set_state(session, position, PositionState.CLOSED)
    with pytest.raises(interviews.InvitationClosed):
        interviews.pick(session, invitation.id, first)
    with pytest.raises(interviews.InvitationClosed):
        interviews.want_times(session, invitation.id)
    with pytest.raises(interviews.NotInSelection):
        interviews.invite(session, invitation.application_id, by_user_id=None)
    standing = interviews.standing(session, invitation.id)
    assert standing is not None and not standing.is_open
    assert interviews.needing_times(session) == []


def test_who_is_erased_leaves_the_time_to_others(session: Session, cast: Cast, position: Position) -> None:
    (only,) = offer(session, position, typed(2))
    invitation = invited(session, cast, position)
    interviews.pick(session, invitation.id, only)
    erase_candidates(session, cast.acme.id, [invitation.candidate_id])
    assert session.scalar(select(func.count()).select_from(InterviewInvitation)) == 0
    assert [each.id for each in slots.free(session, position.id)] == [only]
    [told] = [mail for mail in session.scalars(select(Message)) if mail.values]
    assert told.to_address == cast.ada.email and told.candidate_id is None, "HR learns that nobody comes, and no name"


def test_a_time_that_somebody_took_is_not_removed(session: Session, cast: Cast, position: Position) -> None:
    taken, free = offer(session, position, typed(2), typed(3))
    interviews.pick(session, invited(session, cast, position).id, taken)
    with pytest.raises(SlotBooked):
        slots.remove(session, taken)
    assert slots.remove(session, free) and not slots.remove(session, free)


def test_a_time_that_was_offered_is_no_second_one(session: Session, cast: Cast, position: Position) -> None:
    one, _two = offer(session, position, typed(2), typed(3))
    again = slots.offer(
        session, cast.acme.id, position.id, [typed(2), typed(4)], minutes=30, place=PLACE, by_user_id=None
    )
    assert again == 1 and len(slots.free(session, position.id)) == 3
    assert session.get_one(Slot, one).minutes == 60


@pytest.mark.parametrize(
    ("days", "minutes", "place", "said"),
    [
        (-1, 60, "", "過ぎた日時です"),
        (500, 60, "", "1年より先の日時です"),
        (2, 600, "", "面談の長さは"),
        (2, 60, "あ" * 301, "300文字まで"),
        (2, 60, "https:// meet", "会議のリンクを確認"),
        (2, 60, "https://", "会議のリンクを確認"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_added(
    session: Session, cast: Cast, position: Position, days: int, minutes: int, place: str, said: str
) -> None:
    with pytest.raises(TimesRefused, match=said):
        slots.offer(
            session,
            cast.acme.id,
            position.id,
            [typed(3), typed(days)],
            minutes=minutes,
            place=place,
            by_user_id=None,
        )
    assert not slots.offers_times(session, position.id)


def test_no_mail_to_a_candidate_is_queued_while_the_company_practises(
    session: Session, cast: Cast, position: Position
) -> None:
    offer(session, position, typed(2))
    cast.acme.live_since = None
    session.flush()
    with pytest.raises(PracticeOnly):
        invited(session, cast, position)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["offer", "remove", "pick", "give-up", "call-off", "end", "close", "want", "reject", "invite"]),
        st.integers(0, PEOPLE - 1),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(acts=[("offer", 0, 0), ("invite", 0, 0), ("pick", 0, 0), ("invite", 1, 0), ("pick", 1, 0), ("give-up", 0, 0)])
@example(acts=[("offer", 0, 1), ("invite", 0, 0), ("remove", 0, 0), ("pick", 0, 0), ("pick", 0, 1)])
@example(acts=[("offer", 0, 0), ("invite", 0, 0), ("pick", 0, 0), ("call-off", 0, 0), ("pick", 0, 0), ("offer", 0, 0)])
@given(acts=ACTS)
def test_in_any_order_nobody_shares_a_time_and_none_is_picked_that_is_not_offered(
    session: Session, cast: Cast, acts: list[tuple[str, int, int]]
) -> None:
    with scopes.company(session, cast.acme.id):
        _Orders(session, cast).live(acts)
    session.rollback()


class _Orders:
    """Some people and times, any acts about them, and what must hold after each of them."""

    def __init__(self, session: Session, cast: Cast) -> None:
        self.session, self.cast = session, cast
        self.position = make_position(session, cast.acme, "順不同")
        people = [make_candidate(session, cast.acme, email=f"{n}@mail.example") for n in range(PEOPLE)]
        self.applications = [make_application(session, each, self.position).id for each in people]
        self.invitations: dict[int, int] = {}
        self.known: list[int] = []
        self.offered: set[int] = set()
        self.has: dict[int, int] = {}

    def live(self, acts: list[tuple[str, int, int]]) -> None:
        for what, who, number in acts:
            try:
                with self.session.begin_nested():
                    self._act(what, who, number)
            except DomainError:
                self.session.expire_all()
            self._holds()

    def _act(self, what: str, who: int, number: int) -> None:
        slot = self.known[number] if number < len(self.known) else 10**9
        invitation = self.invitations.get(who, 10**9)
        acts: dict[str, Callable[[], object]] = {
            "offer": lambda: self._offer(number),
            "invite": lambda: self._invite(who),
            "remove": lambda: self._remove(slot),
            "pick": lambda: self._pick(invitation, slot),
            "give-up": lambda: self._call_off(invitation, CalledOffBy.PERSON),
            "call-off": lambda: self._call_off(invitation, CalledOffBy.COMPANY),
            "end": lambda: self._call_off(invitation, CalledOffBy.COMPANY, offer_others=False),
            "close": lambda: interviews.close(self.session, invitation),
            "want": lambda: interviews.want_times(self.session, invitation),
            "reject": lambda: self._reject(who),
        }
        acts[what]()

    def _offer(self, number: int) -> None:
        new = set(offer(self.session, self.position, typed(2 + number))) - set(self.known)
        self.known += sorted(new)
        self.offered |= new

    def _invite(self, who: int) -> None:
        made = interviews.invite(self.session, self.applications[who], by_user_id=self.cast.ada.id)
        self.invitations[who] = made.id

    def _remove(self, slot: int) -> None:
        if slots.remove(self.session, slot):
            assert slot not in self.has.values()
            self.offered.discard(slot)

    def _pick(self, invitation: int, slot: int) -> None:
        if interviews.pick(self.session, invitation, slot):
            assert slot in self.offered, "never offered, or removed"
            assert slot not in self.has.values(), "somebody else has it"
            self.has[invitation] = slot

    def _call_off(self, invitation: int, by: CalledOffBy, *, offer_others: bool = True) -> None:
        freed = interviews.call_off(self.session, invitation, by, offer_others=offer_others)
        assert freed == (invitation in self.has), "exactly once"
        had = self.has.pop(invitation, None)
        if by is CalledOffBy.COMPANY and had is not None:
            self.offered.discard(had)

    def _reject(self, who: int) -> None:
        application = self.session.get_one(Application, self.applications[who])
        decisions.reject(self.session, application, reason=RejectionReason.FILLED, by_user_id=None)

    def _holds(self) -> None:
        rows = self.session.execute(
            select(InterviewInvitation.id, InterviewInvitation.slot_id).where(InterviewInvitation.slot_id.is_not(None))
        ).all()
        assert dict(rows) == self.has
        assert set(self.session.scalars(select(Slot.id).where(Slot.position_id == self.position.id))) == self.offered
        free = {each.id for each in slots.free(self.session, self.position.id)}
        assert free == self.offered - set(self.has.values())
        newest: dict[str, int] = {}
        for mail in mails(self.session, interview_letters.NEWS):
            uid, number = mail.values["uid"], mail.values["sequence"]
            assert number > newest.get(uid, 0), "calendars are told in order"
            newest[uid] = number


def test_many_at_once_share_no_time_and_a_removed_one_is_nobodys(app: Flask, session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        position = make_position(session, cast.acme)
        offered = offer(session, position, typed(2), typed(3), typed(4))
        people = [invited(session, cast, position, f"{number}番") for number in range(8)]
    session.commit()
    ids, company_id = [each.id for each in people], cast.acme.id

    def tried(act: Callable[[Session], object]) -> Callable[[Session], None]:
        def trying(own: Session) -> None:
            with scopes.company(own, company_id):
                try:
                    act(own)
                except DomainError:
                    own.rollback()

        return trying

    picks = [
        tried(lambda own, who=who, slot=slot: interviews.pick(own, who, slot)) for who in ids for slot in offered[:2]
    ]
    removal = tried(lambda own: slots.remove(own, offered[2]))
    late = [tried(lambda own, who=who: interviews.pick(own, who, offered[2])) for who in ids[:3]]
    off = [tried(lambda own, who=who: interviews.call_off(own, who, CalledOffBy.PERSON)) for who in ids[:2]]
    all_at_once(app, [*picks, removal, *late, *off])
    with scopes.company(session, cast.acme.id):
        session.expire_all()
        booked = list(
            session.scalars(select(InterviewInvitation.slot_id).where(InterviewInvitation.slot_id.is_not(None)))
        )
        assert len(booked) == len(set(booked)) and set(booked) <= set(session.scalars(select(Slot.id)))
        numbers: dict[str, list[int]] = {}
        for mail in mails(session, interview_letters.NEWS):
            numbers.setdefault(mail.values["uid"], []).append(mail.values["sequence"])
        assert numbers and all(each == sorted(set(each)) for each in numbers.values())


def test_the_database_itself_keeps_two_people_apart(session: Session, cast: Cast, position: Position) -> None:
    (only,) = offer(session, position, typed(2))
    one, two = invited(session, cast, position, "一"), invited(session, cast, position, "二")
    interviews.pick(session, one.id, only)
    with pytest.raises(IntegrityError), session.begin_nested():
        two.slot_id, two.booked_at = only, clock.now()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.delete(session.get_one(Slot, only))


def test_the_log_says_who_did_what_and_no_name(session: Session, cast: Cast, position: Position) -> None:
    first, _second = offer(session, position, typed(2), typed(3))
    invitation = invited(session, cast, position)
    interviews.pick(session, invitation.id, first)
    interviews.call_off(session, invitation.id, CalledOffBy.COMPANY)
    noted = session.execute(select(Event.tag, Event.data).where(Event.tag.startswith("interview:")).order_by(Event.id))
    person = {"candidate_id": invitation.candidate_id}
    assert [tuple(row) for row in noted] == [
        ("interview:times-offered", {"count": 2}),
        ("interview:invited", person),
        ("interview:booked", person),
        ("interview:time-removed", {}),
        ("interview:called-off", person | {"by": "company"}),
    ]
    assert session.get_one(Application, invitation.application_id).status is ApplicationResult.OPEN
