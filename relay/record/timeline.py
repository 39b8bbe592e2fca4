"""The timeline of one candidate, newest first: acts from the log, result mails, memos, and what files said.

Everything here is the company's own; which partners a person chose is not in it (A-45).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    ContactChannel,
    Event,
    EventTag,
    Merge,
    Message,
    MessageState,
    Note,
    Position,
    User,
    prepared,
)
from relay.models.keyset import Keyset, Page, Start, descending

PAGE = 20


class TimelineSection(StrEnum):
    """A filter of the timeline."""

    ALL = "all"
    SELECTION = "selection"
    MAIL = "mail"
    NOTES = "notes"
    LOG = "log"


class EntrySource(StrEnum):
    """The kind of record an entry comes from; its value is part of a cursor."""

    EVENT = "e"
    MESSAGE = "m"
    NOTE = "n"
    APPLIED = "a"
    STEP = "s"
    ENDED = "d"


_DECISIONS = (
    EventTag.APPLICATION_REJECTED,
    EventTag.APPLICATION_REOPENED,
    EventTag.APPLICATION_WITHDREW,
    EventTag.APPLICATION_HIRED,
    EventTag.STAY_TOLD,
    EventTag.NOTIFIED_ELSEWHERE,
)
_MISTAKES = (EventTag.RESULT_MISTAKEN,)
_ANSWERS = (EventTag.RESCOUT_ANSWERED,)
_RELAY = (EventTag.REFERRAL_COMPLETED,)
_FILES = (EventTag.FILE_ADDED, EventTag.FILE_REMOVED)
_CONTACT = (EventTag.CONTACT_STOPPED, EventTag.CONTACT_RESUMED)
_TAGS = (EventTag.TAG_ADDED, EventTag.TAG_REMOVED)
_CHANGES = (
    EventTag.CANDIDATE_ADDED,
    EventTag.CANDIDATE_CHANGED,
    EventTag.CANDIDATES_MERGED,
    EventTag.OPENINGS_ASKED,
    EventTag.OPENINGS_ENDED,
    EventTag.RELATED_AGREED,
    EventTag.RELATED_ENDED,
    EventTag.OUTCOMES_AGREED,
    EventTag.OUTCOMES_ENDED,
    EventTag.RELATED_TOLD,
)
_EVENTS: dict[TimelineSection, tuple[EventTag, ...]] = {
    TimelineSection.ALL: (*_DECISIONS, *_MISTAKES, *_ANSWERS, *_RELAY, *_CONTACT, *_TAGS, *_FILES, *_CHANGES),
    TimelineSection.SELECTION: (*_DECISIONS, EventTag.APPLICATION_PUT_BACK),
    TimelineSection.MAIL: (EventTag.NOTIFIED_ELSEWHERE, *_MISTAKES, *_ANSWERS, *_CONTACT, *_RELAY),
    TimelineSection.NOTES: _TAGS,
    TimelineSection.LOG: (
        EventTag.CANDIDATE_VIEWED,
        EventTag.FILE_OPENED,
        EventTag.NOTE_ADDED,
        EventTag.NOTE_CHANGED,
        EventTag.NOTE_REMOVED,
        EventTag.APPLICATION_ADDED,
        EventTag.APPLICATION_STEPPED,
        EventTag.APPLICATION_PUT_BACK,
        *_DECISIONS,
        *_MISTAKES,
        *_ANSWERS,
        *_CONTACT,
        *_TAGS,
        *_FILES,
        *_CHANGES,
    ),
}
_CONTACT_CHANNELS = frozenset(contact_channel.value for contact_channel in ContactChannel)
"""Words of memos about what the person said elsewhere: known by the day."""
_PERSON = bindparam("person", type_=Candidate.id.type)
_WITH_MAILS = (TimelineSection.ALL, TimelineSection.MAIL)
_WITH_NOTES = (TimelineSection.ALL, TimelineSection.NOTES)
_WITH_APPLICATIONS = (TimelineSection.ALL, TimelineSection.SELECTION)


class ApplicationHistory(NamedTuple):
    """One application with its position's title, its steps, and when the result mail that waits for it will leave."""

    application: Application
    position: str
    leaving_at: datetime | None
    steps: Sequence[ApplicationStep] = ()


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened. `word` is an event tag, a message state, an application's status, the name of a step,
    or what a memo is: "note", "imported", or the way in which the person's word came.

    `about` is the application it concerns, if any; `text` is what was said, and of a mail its letter.
    """

    source: EntrySource
    id: int
    at: datetime
    word: str
    by: str = ""
    by_kind: str = ""
    data: dict[str, Any] | None = None
    text: str = ""
    about: int | None = None
    whole_day: bool = False

    @property
    def place(self) -> tuple[datetime, str, int]:
        """Its place in the order; also the cursor of the page after it."""
        return self.at, self.source.value, self.id


def applications_of(session: Session, candidate_id: int) -> list[ApplicationHistory]:
    """Return the candidate's applications to be shown, newest first, with position, steps and the waiting mail."""
    width, applications = len(prepared.columns_of(Application)) + 2, list[ApplicationHistory]()
    found = prepared.read(session, _applications(), person=candidate_id)
    for (title, due_at, *values), rows in groupby(found, key=itemgetter(slice(width))):
        application = prepared.shown(Application, values)
        steps = [prepared.shown(ApplicationStep, row[width:]) for row in rows if row[width] is not None]
        applications.append(ApplicationHistory(application, title or "", due_at, steps))
    return applications


@cache  # tricks: record
def _applications() -> Select[*tuple[Any, ...]]:
    waiting = (
        letters.telling_result()
        & (Message.subject_id == Application.id)
        & Message.state.in_((MessageState.SCHEDULED, MessageState.SENDING))
    )
    return (
        select(Position.title, Message.due_at, *prepared.columns_of(Application), *prepared.columns_of(ApplicationStep))
        .outerjoin(Position, Position.id == Application.position_id)
        .outerjoin(Message, waiting)
        .outerjoin(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(Application.candidate_id == _PERSON)
        .order_by(Application.id.desc(), ApplicationStep.place, ApplicationStep.id)
    )


def read(
    session: Session,
    candidate: Candidate,
    applications: Sequence[ApplicationHistory],
    *,
    show: TimelineSection = TimelineSection.ALL,
    after: str = "",
    limit: int = PAGE,
) -> Page[TimelineEntry]:
    """Select a page of the timeline, by one statement. `applications` are those of applications_of."""
    start = _order(show).start(after=after)
    entries = _told(session, candidate, show, start, limit + 1)
    if show in _WITH_APPLICATIONS:
        entries += [entry for entry in _days(applications) if start is None or entry.place < start.values]
    entries.sort(key=lambda entry: entry.place, reverse=True)
    return _order(show).cut([(entry, entry.place) for entry in entries], start, limit)


def _told(
    session: Session, candidate: Candidate, show: TimelineSection, start: Start | None, limit: int
) -> list[TimelineEntry]:
    values = {"person": candidate.id, "company": candidate.company_id} | (start.parameters if start else {})
    return [
        TimelineEntry(
            EntrySource(row.source),
            row.id,
            row.at,
            row.word,
            row.name or "",
            row.by_kind,
            row.data,
            row.text,
            row.about,
            whole_day=row.source == EntrySource.NOTE and row.word in _CONTACT_CHANNELS,
        )
        for row in prepared.read(session, _page(show, start is not None, limit), **values)
    ]


@cache  # tricks: record
def _page(show: TimelineSection, further: bool, limit: int) -> Select[Any]:
    """Select so many rows of a section, from the top or from any place. Cached: building it takes longer than running
    it.
    """
    rows = _rows(show)
    named = select(rows, User.name).outerjoin(User, (User.id == rows.c.by_id) & (rows.c.by_kind == "user"))
    return _order(show).slice(named, Start((clock.EPOCH, "", 0)) if further else None, limit)


@cache  # tricks: record
def _order(show: TimelineSection) -> Keyset:
    """Return the order of a section: that of `TimelineEntry.place`."""
    rows = _rows(show)
    return Keyset(descending(rows.c.at), descending(rows.c.source), descending(rows.c.id))


@cache  # one object: the order of a section refers to its columns
def _rows(show: TimelineSection) -> Subquery:
    parts = _events(_EVENTS[show])
    if show in _WITH_MAILS:
        parts.append(_mails())
    if show in _WITH_NOTES:
        parts.append(_notes())
    return union_all(*parts).subquery("rows")


def _events(tags: Sequence[EventTag]) -> list[Select[Any]]:
    """Acts about the person, those merged into them, and their applications: a part each, for each follows an index."""
    merged = select(Merge.merged_id).where(Merge.candidate_id == _PERSON)
    theirs = select(Application.id).where(Application.candidate_id == _PERSON)
    return [
        _events_about("candidate", Event.subject_id == _PERSON, tags),
        _events_about("candidate", Event.subject_id.in_(merged), tags),
        _events_about("application", Event.subject_id.in_(theirs), tags),
    ]


def _events_about(kind: str, whom: ColumnElement[bool], tags: Sequence[EventTag]) -> Select[Any]:
    return select(
        literal(EntrySource.EVENT.value).label("source"),
        Event.id.label("id"),
        Event.at.label("at"),
        Event.tag.label("word"),
        Event.actor_kind.label("by_kind"),
        Event.actor_id.label("by_id"),
        Event.data.label("data"),
        literal("").label("text"),
        case((Event.subject_kind == "application", Event.subject_id)).label("about"),
    ).where(
        Event.company_id == bindparam("company"),
        Event.subject_kind == kind,
        whom,
        Event.tag.in_([tag.value for tag in tags]),
    )


def _mails() -> Select[Any]:
    return select(
        literal(EntrySource.MESSAGE.value),
        Message.id,
        func.coalesce(Message.settled_at, Message.created_at),
        cast(Message.state, String),
        literal("user"),
        Message.by_user_id,
        cast(null(), JSON),
        Message.letter,
        Message.subject_id,
    ).where(
        Message.candidate_id == _PERSON,
        Message.letter.in_(letters.shown_on_record()),
        Message.state != MessageState.DRAFT,
    )


def _notes() -> Select[Any]:
    return select(
        literal(EntrySource.NOTE.value),
        Note.id,
        Note.at,
        case((Note.imported, "imported"), else_=func.coalesce(cast(Note.contact_channel, String), "note")),
        literal("user"),
        Note.by_user_id,
        cast(null(), JSON),
        Note.body,
        cast(null(), BigInteger),
    ).where(Note.candidate_id == _PERSON)


def _days(applications: Sequence[ApplicationHistory]) -> list[TimelineEntry]:
    """Applications, and the ends that files brought: days rather than moments."""
    entries: list[TimelineEntry] = []
    for application, _position, _leaving_at, steps in applications:
        if application.applied_on:
            entries.append(_day(EntrySource.APPLIED, application, application.applied_on, ApplicationResult.OPEN))
        if application.decided_on and not application.decided_in_relay:
            entries.append(_day(EntrySource.ENDED, application, application.decided_on, application.status))
        entries += [_step(application, step) for step in steps]
    return entries


def _day(source: EntrySource, application: Application, day: date, status: ApplicationResult) -> TimelineEntry:
    return TimelineEntry(source, application.id, _midnight(day), status.value, about=application.id, whole_day=True)


def _step(application: Application, step: ApplicationStep) -> TimelineEntry:
    """Return one step of a selection; without a day of its own it comes right after its application."""
    day = step.on or application.applied_on or application.created_at.astimezone(clock.JAPAN).date()
    data = {"result": step.result, "score": step.score, "undated": step.on is None}
    return TimelineEntry(
        EntrySource.STEP,
        step.id,
        _midnight(day),
        step.name,
        data=data,
        text=step.comment,
        about=application.id,
        whole_day=True,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.JAPAN).astimezone(UTC)
