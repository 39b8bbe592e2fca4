"""Picking a time for an interview: inviting, picking, changing, calling off, and what is left for whom (面談).

HR offers times of a position (`relay.hiring.slots`); everybody who is invited for it sees those that are free, and the
database lets one invitation have one of them. The step of the selection is not moved by it: HR records that.
Each act is told by a mail to the person and to the member who invited (`relay.hiring.interview_letters`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from secrets import token_hex
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, exists, false, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.config import Settings
from relay.errors import DomainError
from relay.hiring import interview_letters, slots
from relay.hiring.appointments import Appointment
from relay.hiring.interview_letters import BookingNotes, InterviewNews
from relay.mail.outbox import NoAddress
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Event,
    EventTag,
    InterviewInvitation,
    Position,
    PositionState,
    Slot,
    event_data,
    moments,
    record,
)
from relay.models.prepared import read

MAX_WAITING = 500
"""So many people are told of new times of a position at once."""
MAX_CHANGES = 20
"""So often the time of one invitation is picked and given up."""
COUNT_CAP = 100
_LOOKED_AT = COUNT_CAP + 1
_SLOT = "interview-slot"
"""What an event is about that tells of a time, not of a person."""
MAX_ASKED = 3
"""So many mails ask the person of one invitation to pick a time."""
ASKED_AGAIN_AFTER = timedelta(days=1)
AHEAD = timedelta(days=14)
"""So far ahead home tells of interviews."""


class NoTimesOffered(DomainError):
    """Raise where a person would be invited for a position that has no free time."""

    code = "interview-no-times"
    message = _l(
        "この求人には、選んでいただける候補日時がありません。先に候補日時を追加してください。ご案内は送っていません。"
    )


class NotInSelection(DomainError):
    """Raise where the application has its result, or no position that is open for times."""

    code = "interview-not-in-selection"
    message = _l("選考中の応募ではないか、求人の募集が終了しているため、面談のご案内を送れません。")


class AlreadyInvited(DomainError):
    """Raise where the person has an invitation they have not answered, or a time that is still to come."""

    code = "interview-already-invited"
    message = _l("この方には、すでに面談のご案内を送っています。もう一度は送っていません。")


class AskedEnough(DomainError):
    """Raise where the person was asked within a day, or MAX_ASKED times."""

    code = "interview-asked-enough"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "同じご案内をもう一度送れるのは、前のご案内から1日がたってから、あわせて%(n)s通までです。今回は送っていません。",
                n=MAX_ASKED,
            )
        )


class InvitationClosed(DomainError):
    """Raise where a time would be picked by an invitation that is open no more."""

    code = "interview-closed"
    message = _l("いま、お選びいただける日時がありません。")


class SlotGone(DomainError):
    """Raise where the time was taken by another person, removed, or has come: nothing has changed."""

    code = "interview-slot-gone"
    message = _l(
        "お選びの日時は、ほかの方が先に選ばれたか、なくなりました。まだ何も変わっていません。"
        "お手数ですが、残っている日時からお選びください。"
    )


class InterviewBegun(DomainError):
    """Raise where an interview would be moved or called off whose time has come."""

    code = "interview-begun"
    message = _l("この面談は、始まる時刻を過ぎています。変更や取り消しは、お電話などでご連絡ください。")


class ChangedTooOften(DomainError):
    """Raise where a person would pick once more than MAX_CHANGES: each time mails both sides."""

    code = "interview-changed-too-often"
    message = _l(
        "日時が何度も変わっているため、このページからは変更できません。お手数ですが、下の連絡先へご連絡ください。"
    )


class CalledOffBy(StrEnum):
    """The sides that can call an interview off; the last is nobody's act: the selection ended."""

    PERSON = "person"
    COMPANY = "company"
    RESULT = "result"


_NEWS = {
    CalledOffBy.PERSON: InterviewNews.GIVEN_UP,
    CalledOffBy.COMPANY: InterviewNews.CALLED_OFF,
    CalledOffBy.RESULT: InterviewNews.ENDED,
}


@dataclass(frozen=True)
class VacatedSlot:
    """A time at which nobody comes, because the record of the person was erased."""

    starts_at: datetime
    minutes: int
    position_id: int | None
    position: str

    @property
    def day(self) -> date:
        """Return its day, in Japan."""
        return self.starts_at.astimezone(clock.JAPAN).date()


@dataclass(frozen=True)
class InterviewStanding:
    """An invitation as pages show it: the time that was picked, or what is waited for."""

    id: int
    application_id: int
    candidate_id: int
    name: str
    position_id: int | None
    position: str
    is_open: bool
    starts_at: datetime | None
    minutes: int
    place: str
    times_wanted: bool
    has_times: bool
    opened_at: datetime

    @property
    def day(self) -> date:
        """Return the day of the time that was picked; only for one that was."""
        assert self.starts_at is not None
        return self.starts_at.astimezone(clock.JAPAN).date()

    @property
    def is_past(self) -> bool:
        """Return whether the time that was picked has come."""
        return self.starts_at is not None and self.starts_at <= clock.now()

    @property
    def needs_times(self) -> bool:
        """Return whether it is the company's turn: nothing is left to pick, or the person asked for other times."""
        return self.is_open and self.starts_at is None and (self.times_wanted or not self.has_times)


def invite(session: Session, application_id: int, *, by_user_id: int | None) -> InterviewInvitation:
    """Ask the person by a mail to pick a time; the caller's transaction holds invitation and mail.

    Raises NotInSelection, NoTimesOffered, AlreadyInvited, NoAddress, PracticeOnly.
    """
    application, candidate = _addressed(session, application_id)
    standing = _newest(session, application.id)
    if standing is not None and _is_answered_or_asked(session, standing):
        raise AlreadyInvited
    invitation = open_for(session, application_id, by_user_id=by_user_id)
    if not candidate.email:
        raise NoAddress
    interview_letters.ask(session, invitation)
    return invitation


def invite_again(session: Session, invitation_id: int) -> None:
    """Mail the same invitation once more to a person who has not picked; two presses mail once.

    At most MAX_ASKED mails an invitation, ASKED_AGAIN_AFTER each other. Raises InvitationClosed, NoTimesOffered,
    AskedEnough, NoAddress.
    """
    invitation = held(session, invitation_id)
    position_id = _open_position(session, invitation)
    if position_id is None or invitation.slot_id is not None:
        raise InvitationClosed
    if not may_be_asked_again(session, invitation.candidate_id, invitation.id):
        raise AskedEnough
    if not slots.offers_times(session, position_id):
        raise NoTimesOffered
    if not interview_letters.address_of(session, invitation):
        raise NoAddress
    interview_letters.ask(session, invitation)


def may_be_asked_again(session: Session, candidate_id: int, invitation_id: int) -> bool:
    """Return whether the person was asked by a mail, long enough ago and not too often."""
    asked = interview_letters.asked_at(session, candidate_id, invitation_id)
    return 0 < len(asked) < MAX_ASKED and asked[-1] <= clock.now() - ASKED_AGAIN_AFTER


def open_for(session: Session, application_id: int, *, by_user_id: int | None) -> InterviewInvitation:
    """Open the invitation of an application without a mail, or return the one that is open.

    For a person who is at the page anyway: `way_in` leads them to it. Raises NotInSelection,
    NoTimesOffered.
    """
    application, _candidate = _addressed(session, application_id)
    standing = _newest(session, application.id)
    if standing is not None and standing.closed_at is None:
        if not _is_over(session, standing):
            return standing
        standing.closed_at = clock.now()
        session.flush()
    if not slots.offers_times(session, application.position_id):
        raise NoTimesOffered
    settings: Settings = current_app.config["RELAY"]
    made = InterviewInvitation(
        candidate_id=application.candidate_id,
        application_id=application.id,
        uid=f"{token_hex(16)}@{settings.hostname}",
        opened_at=clock.now(),
        by_user_id=by_user_id,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # somebody else has just opened it
        found = _newest(session, application.id)
        if found is None:
            raise
        return found
    _note(session, EventTag.INTERVIEW_INVITED, made)
    return made


def pick(session: Session, invitation_id: int, slot_id: int, *, notes: BookingNotes | None = None) -> bool:
    """Let the invited person have this time, in place of the one they had; returns whether that changed anything.

    `notes`: what the mails about it say besides.
    Raises InvitationClosed, InterviewBegun where their time has come, ChangedTooOften, and SlotGone.
    """
    invitation = held(session, invitation_id)
    position_id = _open_position(session, invitation)
    if position_id is None:
        raise InvitationClosed
    if invitation.slot_id == slot_id:
        return False
    if invitation.sequence >= MAX_CHANGES:
        raise ChangedTooOften
    before = _slot(session, invitation.slot_id)
    if before is not None and before.starts_at <= clock.now():
        raise InterviewBegun
    locked = select(Slot).where(Slot.id == slot_id, Slot.position_id == position_id).with_for_update()
    wanted = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if wanted is None or session.scalars(select(Slot.id).where(Slot.id == slot_id, slots.is_free())).first() is None:
        raise SlotGone
    try:
        with session.begin_nested():
            invitation.slot_id, invitation.booked_at = slot_id, clock.now()
    except IntegrityError as taken:
        raise SlotGone from taken
    invitation.times_wanted_at = invitation.reminded_at = None
    invitation.sequence += 1
    session.flush()
    _note(session, EventTag.INTERVIEW_BOOKED, invitation)
    news = InterviewNews.BOOKED if before is None else InterviewNews.MOVED
    interview_letters.tell(session, invitation, Appointment.of(wanted), news, notes=notes)
    if before is not None:
        _offer_freed(session, position_id, before.id, invitation)
    return True


def call_off(
    session: Session,
    invitation_id: int,
    by: CalledOffBy,
    *,
    offer_others: bool = True,
    notes: BookingNotes | None = None,
) -> bool:
    """Give the picked time up, and tell both sides; returns whether there was one.

    What the person gives up is free for others; what the company calls off is offered to nobody any more. They may
    pick another time, or are told once there are new ones; without `offer_others` the invitation ends.
    `notes` are what the mails say besides. Raises InterviewBegun.
    """
    invitation = held(session, invitation_id)
    slot = _slot(session, invitation.slot_id)
    if slot is None:
        return False
    if slot.starts_at <= clock.now():
        raise InterviewBegun
    appointment, slot_id = Appointment.of(slot), slot.id
    invitation.slot_id = invitation.booked_at = invitation.reminded_at = None
    invitation.sequence += 1
    session.flush()
    if by is CalledOffBy.COMPANY:
        slots.delete(session, slot)
    _note(session, EventTag.INTERVIEW_CALLED_OFF, invitation, by)
    if not offer_others:
        _close(session, invitation)
    position_id = _open_position(session, invitation)
    others = position_id is not None and slots.offers_times(session, position_id, but=slot_id)
    if position_id is not None and not others:
        invitation.times_wanted_at = clock.now()
    interview_letters.tell(
        session, invitation, appointment, _NEWS[by], others=others, goes_on=position_id is not None, notes=notes
    )
    session.flush()
    if position_id is not None and by is CalledOffBy.PERSON:
        _offer_freed(session, position_id, slot_id, invitation)
    return True


def last_called_off_by(session: Session, company_id: int, application_id: int) -> CalledOffBy | None:
    """Return which side called the interview of an application off last; None where none was called off."""
    noted = select(Event.data).where(
        Event.company_id == company_id,
        Event.tag == EventTag.INTERVIEW_CALLED_OFF,
        Event.subject_kind == "application",
        Event.subject_id == application_id,
    )
    newest = session.scalars(noted.order_by(Event.id.desc()).limit(1)).one_or_none()
    by = event_data.InterviewNoted.read(newest).by if newest is not None else None
    return CalledOffBy(by) if by is not None else None


def way_in(session: Session, invitation: InterviewInvitation) -> str:
    """Return a fresh token of the page on which the person picks, for one who is there anyway: nothing is mailed."""
    return interview_letters.mint(session, invitation, None)


def close(session: Session, invitation_id: int) -> bool:
    """End an invitation that has no time, without a word; returns whether it was open."""
    invitation = held(session, invitation_id)
    if invitation.closed_at is not None or invitation.slot_id is not None:
        return False
    _close(session, invitation)
    return True


def want_times(session: Session, invitation_id: int) -> bool:
    """Note that none of the times suits the person, who is written to once there are new ones.

    Returns whether that is news. Raises InvitationClosed.
    """
    invitation = held(session, invitation_id)
    if _open_position(session, invitation) is None:
        raise InvitationClosed
    if invitation.slot_id is not None or invitation.times_wanted_at is not None:
        return False
    invitation.times_wanted_at = clock.now()
    _note(session, EventTag.INTERVIEW_TIMES_WANTED, invitation)
    session.flush()
    return True


def tell_waiting(session: Session, position_id: int, *, but: int | None = None, had_none: bool = False) -> int:
    """Write to everybody who waits for new times of the position, which it has now; returns to how many.

    They asked for others, or had none to pick where it `had_none`. Not to the invitation `but`, nor to one that is
    acted on at this moment: its person is at the page.
    """
    waiting = (
        select(InterviewInvitation)
        .join(Application, Application.id == InterviewInvitation.application_id)
        .where(Application.position_id == position_id, *_without_time(), *_running())
        .order_by(InterviewInvitation.id)
        .limit(MAX_WAITING)
    )
    if not had_none:
        waiting = waiting.where(InterviewInvitation.times_wanted_at.is_not(None))
    if but is not None:
        waiting = waiting.where(InterviewInvitation.id != but)
    found = session.scalars(waiting.with_for_update(of=InterviewInvitation, skip_locked=True)).all()
    for invitation in found:
        invitation.times_wanted_at = None
        interview_letters.ask(session, invitation, again=True)
    session.flush()
    return len(found)


def forget_people(session: Session, candidate_ids: Collection[int]) -> None:
    """Tell the members who meet these people that nobody comes, before the rows of an erasure go.

    The time is free again; a line of home says so until it has come, without a name.
    """
    theirs = (
        select(InterviewInvitation, Slot)
        .join(Slot, Slot.id == InterviewInvitation.slot_id)
        .where(InterviewInvitation.candidate_id.in_(candidate_ids), Slot.starts_at > clock.now())
        .order_by(InterviewInvitation.id)
    )
    for invitation, slot in session.execute(theirs).all():
        interview_letters.tell_of_erasure(session, invitation, slot)
        record(session, EventTag.INTERVIEW_ERASED, company_id=invitation.company_id, subject=(_SLOT, slot.id))


def vacated(session: Session) -> list[VacatedSlot]:
    """Return the times that were kept for people whose record was erased, until they come or others take them.

    The soonest first, COUNT_CAP + 1 at most.
    """
    return [VacatedSlot(*row) for row in read(session, vacated_rows())]


def held(session: Session, invitation_id: int) -> InterviewInvitation:
    """Return the invitation, held until the transaction ends. Raises InvitationClosed where it is gone."""
    wanted = select(InterviewInvitation).where(InterviewInvitation.id == invitation_id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise InvitationClosed
    return found


def standing(session: Session, invitation_id: int) -> InterviewStanding | None:
    """Return an invitation as a page shows it; None where it is gone."""
    found = _read(session, _one(), {"invitation": invitation_id})
    return found[0] if found else None


def of_applications(session: Session, application_ids: Sequence[int]) -> dict[int, InterviewStanding]:
    """Return the newest invitation of each of these applications that has one."""
    if not application_ids:
        return {}
    found = _read(session, _of_applications(), {"applications": list(application_ids)})
    return {each.application_id: each for each in found}


_OF_CANDIDATE = (
    select(
        InterviewInvitation.opened_at,
        Slot.starts_at,
        func.coalesce(Slot.minutes, 0),
        func.coalesce(Slot.place, ""),
    )
    .outerjoin(Slot, Slot.id == InterviewInvitation.slot_id)
    .where(InterviewInvitation.candidate_id == bindparam("person"))
    .order_by(InterviewInvitation.id)
)


def of_candidate(session: Session, candidate_id: int) -> list[tuple[datetime, datetime | None, int, str]]:
    """Return a person's invitations, the oldest first: opened when, and the picked time, its length and place."""
    rows: Iterable[Any] = read(session, _OF_CANDIDATE, person=candidate_id)
    return [(opened, starts, minutes, place) for opened, starts, minutes, place in rows]


def coming(session: Session) -> list[InterviewStanding]:
    """Return the interviews of today and of AHEAD, the soonest first, COUNT_CAP + 1 at most."""
    return [InterviewStanding(*row) for row in read(session, coming_rows())]


def needing_times(session: Session) -> list[InterviewStanding]:
    """Return the invitations that wait for new times, the longest waiting first, COUNT_CAP + 1 at most."""
    return [InterviewStanding(*row) for row in read(session, needing_times_rows())]


def _standings(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    is_open = InterviewInvitation.closed_at.is_(None) & (Application.status == ApplicationResult.OPEN)
    return (
        select(
            InterviewInvitation.id,
            InterviewInvitation.application_id,
            InterviewInvitation.candidate_id,
            Candidate.name,
            Application.position_id,
            func.coalesce(Position.title, ""),
            func.coalesce(is_open & (Position.state != PositionState.CLOSED), false()),
            Slot.starts_at,
            func.coalesce(Slot.minutes, 0),
            func.coalesce(Slot.place, ""),
            InterviewInvitation.times_wanted_at.is_not(None),
            _has_times(),
            InterviewInvitation.opened_at,
        )
        .join(Application, Application.id == InterviewInvitation.application_id)
        .join(Candidate, Candidate.id == InterviewInvitation.candidate_id)
        .outerjoin(Position, Position.id == Application.position_id)
        .outerjoin(Slot, Slot.id == InterviewInvitation.slot_id)
        .where(*which)
        .order_by(Slot.starts_at, InterviewInvitation.id)
        .limit(_LOOKED_AT)
    )


@cache  # tricks: home
def coming_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of `coming`."""
    return _standings(Slot.starts_at >= moments.day_begins(), Slot.starts_at <= moments.day_ends(AHEAD))


@cache  # tricks: home
def needing_times_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of `needing_times`."""
    wanted = InterviewInvitation.times_wanted_at.is_not(None) | ~_has_times()
    return _standings(*_without_time(), *_running(), wanted)


@cache  # tricks: portal.application_interview
def _one() -> Select[*tuple[Any, ...]]:
    return _standings(InterviewInvitation.id == bindparam("invitation"))


@cache  # tricks: record
def _of_applications() -> Select[*tuple[Any, ...]]:
    newest = (
        select(func.max(InterviewInvitation.id))
        .where(InterviewInvitation.application_id.in_(bindparam("applications", expanding=True)))
        .group_by(InterviewInvitation.application_id)
    )
    return _standings(InterviewInvitation.id.in_(newest))


def _read(session: Session, which: Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[InterviewStanding]:
    rows: Iterable[Any] = session.execute(which, values)
    return [InterviewStanding(*row) for row in rows]


@cache  # tricks: home
def vacated_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of `vacated`."""
    noted = exists().where(
        Event.company_id == Slot.company_id,
        Event.tag == EventTag.INTERVIEW_ERASED,
        Event.subject_kind == _SLOT,
        Event.subject_id == Slot.id,
    )
    return (
        select(Slot.starts_at, Slot.minutes, Slot.position_id, func.coalesce(Position.title, ""))
        .outerjoin(Position, Position.id == Slot.position_id)
        .where(slots.is_free(), noted)
        .order_by(Slot.starts_at, Slot.id)
        .limit(_LOOKED_AT)
    )


def _has_times() -> ColumnElement[bool]:
    """Return whether the position of an application has a free time."""
    other = aliased(Slot)
    theirs = (other.company_id == Application.company_id, other.position_id == Application.position_id)
    return exists().where(*theirs, slots.is_free(other))


def _without_time() -> tuple[ColumnElement[bool], ...]:
    return InterviewInvitation.closed_at.is_(None), InterviewInvitation.slot_id.is_(None)


def _running() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, on a query of applications, that selection and position still go on."""
    position = aliased(Position)
    theirs = (position.company_id == Application.company_id, position.id == Application.position_id)
    return Application.status == ApplicationResult.OPEN, exists().where(*theirs, position.state != PositionState.CLOSED)


def _open_position(session: Session, invitation: InterviewInvitation) -> int | None:
    """Return the position whose times can be picked by it; None where it is open no more."""
    if invitation.closed_at is not None:
        return None
    mine = select(Application.position_id).where(Application.id == invitation.application_id, *_running())
    return session.scalars(mine).one_or_none()


def _offer_freed(session: Session, position_id: int, slot_id: int, by: InterviewInvitation) -> None:
    """Tell those who wait of a time that was given up, where it is the only one: the others they have seen."""
    if not slots.offers_times(session, position_id, but=slot_id) and slots.offers_times(session, position_id):
        tell_waiting(session, position_id, but=by.id)


def _addressed(session: Session, application_id: int) -> tuple[Application, Candidate]:
    """Return the application, held, and its person. Raises NotInSelection."""
    wanted = select(Application).where(Application.id == application_id, *_running()).with_for_update(of=Application)
    application = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if application is None:
        raise NotInSelection
    return application, session.scalars(select(Candidate).where(Candidate.id == application.candidate_id)).one()


def _newest(session: Session, application_id: int) -> InterviewInvitation | None:
    mine = select(InterviewInvitation).where(InterviewInvitation.application_id == application_id)
    return session.scalars(mine.order_by(InterviewInvitation.id.desc()).limit(1)).one_or_none()


def _is_answered_or_asked(session: Session, invitation: InterviewInvitation) -> bool:
    """Return whether an open invitation has its time, or was mailed; one opened behind a yes may have neither."""
    if invitation.closed_at is not None or _is_over(session, invitation):
        return False
    asked = interview_letters.was_asked(session, invitation.candidate_id, invitation.id)
    return invitation.slot_id is not None or asked


def _is_over(session: Session, invitation: InterviewInvitation) -> bool:
    """Return whether the interview it led to has begun, so that a further one may follow."""
    slot = _slot(session, invitation.slot_id)
    return slot is not None and slot.starts_at <= clock.now()


def _slot(session: Session, slot_id: int | None) -> Slot | None:
    return session.scalars(select(Slot).where(Slot.id == slot_id)).one_or_none() if slot_id is not None else None


def _close(session: Session, invitation: InterviewInvitation) -> None:
    invitation.closed_at, invitation.times_wanted_at = clock.now(), None
    _note(session, EventTag.INTERVIEW_CLOSED, invitation)
    session.flush()


def _note(session: Session, tag: EventTag, invitation: InterviewInvitation, by: CalledOffBy | None = None) -> None:
    record(
        session,
        tag,
        company_id=invitation.company_id,
        subject=("application", invitation.application_id),
        data=event_data.InterviewNoted(candidate_id=invitation.candidate_id, by=by.value if by is not None else None),
    )
