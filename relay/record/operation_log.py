"""The log of a company (操作ログ): who of its people, or which API key, did what, and when; newest first.

For administrators. Only acts of the company's own people and programs, out of a closed list: what a candidate did, and
what would tell that a link was opened, or that a person registered or declined, is not among them (A-45). Rows of one
moment are one act, so an act on many is a line with a number. Acts that the worker goes on with are there by their
beginning, an import by its report.

Every kind of act is walked along an index of its own and the walks are merged, so no number of openings hides the one
file that was taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Values,
    and_,
    bindparam,
    column,
    func,
    literal,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.orm import Session

from relay import clock
from relay.models import ApiKey, Application, Candidate, Event, EventTag, User
from relay.models.base import BigId, UtcDateTime
from relay.models.keyset import Keyset, Page, descending
from relay.models.names import names_by_id

PAGE = 50
_USER, _KEY = "user", "api-key"
"""Whose acts the log shows, as their events say."""
_SAME_MOMENT = 5
"""So many rows of one moment may stand before a page in one walk: a moment has microseconds."""


class LogKind(StrEnum):
    """A part of the log."""

    VIEWS = "views"
    EXPORTS = "exports"
    RECORDS = "records"
    SELECTION = "selection"
    SETTINGS = "settings"
    LOGINS = "logins"


TAGS: dict[LogKind, tuple[EventTag, ...]] = {
    LogKind.VIEWS: (EventTag.CANDIDATE_VIEWED, EventTag.FILE_OPENED),
    LogKind.EXPORTS: (
        EventTag.POOL_EXPORT_BEGUN,
        EventTag.POOL_EXPORTED,
        EventTag.LINKS_HANDED_OUT,
        EventTag.RELATED_TOLD,
        EventTag.REQUEST_FILE_TAKEN,
        EventTag.FEED_MADE,
        EventTag.FEED_REVOKED,
        EventTag.API_KEY_MADE,
        EventTag.API_KEY_REVOKED,
        EventTag.WEBHOOK_ADDED,
        EventTag.WEBHOOK_CHANGED,
        EventTag.WEBHOOK_SECRET_MADE,
        EventTag.WEBHOOK_STOPPED,
        EventTag.WEBHOOK_RESUMED,
        EventTag.WEBHOOK_REMOVED,
    ),
    LogKind.RECORDS: (
        EventTag.CANDIDATE_ADDED,
        EventTag.CANDIDATE_CHANGED,
        EventTag.CANDIDATE_ERASED,
        EventTag.CANDIDATES_MERGED,
        EventTag.TOLD_APART,
        EventTag.TOLD_APART_UNDONE,
        EventTag.TAG_ADDED,
        EventTag.TAG_REMOVED,
        EventTag.NOTE_ADDED,
        EventTag.NOTE_CHANGED,
        EventTag.NOTE_REMOVED,
        EventTag.FILE_ADDED,
        EventTag.FILE_REMOVED,
        EventTag.CONTACT_STOPPED,
        EventTag.CONTACT_RESUMED,
        EventTag.HOLD_SET,
        EventTag.HOLD_RELEASED,
        EventTag.IMPORT_APPLIED,
        EventTag.BULK_BEGUN,
        EventTag.ACTION_UNDONE,
    ),
    LogKind.SELECTION: (
        EventTag.APPLICATION_ADDED,
        EventTag.APPLICATION_REJECTED,
        EventTag.APPLICATION_REOPENED,
        EventTag.APPLICATION_WITHDREW,
        EventTag.APPLICATION_HIRED,
        EventTag.APPLICATION_STEPPED,
        EventTag.APPLICATION_PUT_BACK,
        EventTag.NOTIFIED_ELSEWHERE,
        EventTag.RESULT_QUEUED,
        EventTag.RESULT_CANCELLED,
        EventTag.RESULT_MISTAKEN,
        EventTag.SLOTS_OFFERED,
        EventTag.SLOT_REMOVED,
        EventTag.INTERVIEW_INVITED,
        EventTag.POSITION_ADDED,
        EventTag.POSITION_CHANGED,
        EventTag.POSITION_STATE_SET,
        EventTag.POSITIONS_MERGED,
        EventTag.TEMPLATE_SAVED,
    ),
    LogKind.SETTINGS: (
        EventTag.COMPANY_CHANGED,
        EventTag.RELAY_SWITCHED,
        EventTag.USER_CHANGED,
        EventTag.INVITED,
        EventTag.INVITATION_REVOKED,
        EventTag.HANDED_OVER,
        EventTag.PARTNERSHIP_CHECKED,
        EventTag.PARTNERSHIP_ENDED,
        EventTag.WENT_LIVE,
        EventTag.SENDING_STOPPED,
        EventTag.SENDING_RESUMED,
        EventTag.MAIL_SERVER_CHANGED,
        EventTag.HERP_CONNECTED,
        EventTag.HERP_DISCONNECTED,
        EventTag.RETENTION_TERM_SET,
        EventTag.PURPOSE_CHANGED,
        EventTag.PRIVACY_PUBLISHED,
        EventTag.RECORD_USE_SET,
        EventTag.LEARNING_SWITCHED,
        EventTag.RULE_CHANGED,
        EventTag.TAG_CHANGED,
        EventTag.INCIDENT_ENTERED,
        EventTag.INCIDENT_CHANGED,
        EventTag.INCIDENT_CLOSED,
        EventTag.COST_SET,
        EventTag.COST_REMOVED,
        EventTag.COST_FILE_APPLIED,
        EventTag.COST_FILE_UNDONE,
        EventTag.BASELINE_SET,
        EventTag.KPI_TARGET_SET,
        EventTag.ACT_REFUSED,
    ),
    LogKind.LOGINS: (
        EventTag.SIGNED_IN,
        EventTag.SIGNED_OUT,
        EventTag.SECOND_FACTOR_ENROLLED,
        EventTag.SECOND_FACTOR_REMOVED,
        EventTag.EMAIL_CHANGED,
    ),
}
"""What is shown of each kind. A tag that is not here is never shown."""
_UNASKED = (EventTag.IMPORT_APPLIED,)
"""Done by the worker for the person who asked, so written outside of any request; a line of each is few."""


@dataclass(frozen=True)
class LogQuestion:
    """A question to the log: a kind, a member or an API key, a person, the end of the last day; None and 0: any."""

    kind: LogKind | None = None
    user_id: int = 0
    key_id: int = 0
    candidate_id: int = 0
    until: datetime | None = None


@dataclass(frozen=True)
class LogLine:
    """One act: when, by whom, which, on how many; `candidate_id` and `name` where one person is meant who is there.

    `by` is the name of a member, or of an API key with `by_key`.
    """

    id: int
    at: datetime
    tag: EventTag
    by: str
    by_key: bool
    data: dict[str, Any]
    subject_kind: str
    subject_id: int | None
    count: int
    candidate_id: int | None = None
    name: str = ""


def listed(session: Session, company_id: int, asked: LogQuestion, *, after: str = "") -> Page[LogLine]:
    """Return a page of the log, newest first. In the company's scope."""
    by = _KEY if asked.key_id else _USER if asked.user_id else ""
    statement, order = _log(session.get_bind().dialect.name, asked.kind, by, bool(asked.candidate_id))
    start = order.start(after=after)
    latest = min(filter(None, (asked.until, start and start.values[0])), default=clock.now())
    told = {
        "company": company_id,
        "actor": asked.key_id or asked.user_id,
        "person": asked.candidate_id,
        "latest": latest,
    }
    found = order.page(session, statement, _Act, after=after, limit=PAGE, values=told)
    return Page(_named(session, found.rows), found.next, found.previous, found.at_top)


class _Act(NamedTuple):
    id: int
    at: datetime
    number: int
    tag: str
    data: dict[str, Any]
    subject_kind: str
    subject_id: int | None
    by: str
    actor_kind: str


@cache  # tricks: portal.settings_log
def _log(dialect: str, kind: LogKind | None, by: str, of_person: bool) -> tuple[Select[Any], Keyset]:
    """Return the statement of a question, with its order: acts of people and keys in the company's scope, any time."""
    # kept, or SQLite would join and sort in each of ninety walks
    acts = union_all(*_walks(dialect, kind, by, of_person)).cte("acts").prefix_with("MATERIALIZED")
    name = func.coalesce(User.name, ApiKey.name)
    columns = (Event.tag, Event.data, Event.subject_kind, Event.subject_id, name, Event.actor_kind)
    rows = (
        select(acts.c.id, acts.c.at, acts.c.number, *columns)
        .join(Event, Event.id == acts.c.id)
        .outerjoin(User, and_(User.id == Event.actor_id, Event.actor_kind == _USER))
        .outerjoin(ApiKey, and_(ApiKey.id == Event.actor_id, Event.actor_kind == _KEY))
        .where(name.is_not(None))
    )
    return rows, Keyset(descending(acts.c.at), descending(acts.c.id))


def _walks(dialect: str, kind: LogKind | None, by: str, of_person: bool) -> list[Select[Any]]:
    tags = _asked(kind)
    if of_person:
        person = bindparam("person", type_=BigId)
        theirs = select(Application.id).where(Application.candidate_id == person)
        shown = Event.tag.in_([tag.value for tag in tags])
        about = (("candidate", Event.subject_id == person), ("application", Event.subject_id.in_(theirs)))
        return [_walk(by, Event.subject_kind == subject, whom, shown, together=(Event.tag,)) for subject, whom in about]
    asked_for, unasked = ([tag for tag in tags if (tag in _UNASKED) is which] for which in (False, True))
    of_request, others = Event.request_id != _exactly(""), [_walk(by, Event.tag == tag.value) for tag in unasked]
    if dialect == "postgresql" and asked_for:  # it takes longer to plan ninety walks than to run them
        named = values(column("tag", String), name="tags").data([(tag.value,) for tag in asked_for])
        return [_walk(by, Event.tag == named.c.tag, of_request, each=named), *others]
    return [*(_walk(by, Event.tag == tag.value, of_request) for tag in asked_for), *others]


def _asked(kind: LogKind | None) -> tuple[EventTag, ...]:
    return TAGS[kind] if kind else tuple(tag for tags in TAGS.values() for tag in tags)


def _walk(
    by: str, *which: ColumnElement[bool], together: Sequence[Any] = (), each: Values | None = None
) -> Select[Any]:
    """Select the newest acts, rows of one moment together: in the order of their index, so it ends with the limit.

    With `each`, it is walked for each of these values apart.
    """
    own = Event.actor_kind.in_([_exactly(_USER), _exactly(_KEY)])
    wanted = [Event.company_id == bindparam("company", type_=BigId), own, *which]
    if by:
        wanted += [Event.actor_kind == _exactly(by), Event.actor_id == bindparam("actor", type_=BigId)]
    latest = bindparam("latest", type_=UtcDateTime())
    walk = (
        select(func.min(Event.id).label("id"), Event.at.label("at"), func.count().label("number"))
        .where(*wanted, Event.at <= latest)
        .group_by(Event.at, Event.actor_kind, Event.actor_id, *together)
        .order_by(Event.at.desc(), Event.actor_kind.desc(), Event.actor_id.desc())
        .limit(PAGE + 1 + _SAME_MOMENT)
    )
    if each is not None:
        of_one = walk.lateral()
        return select(of_one.c.id, of_one.c.at, of_one.c.number).select_from(each).join(of_one, true())
    found = walk.subquery()
    return select(found.c.id, found.c.at, found.c.number)


def _exactly(value: str) -> ColumnElement[str]:
    """Return the value written into the statement, so that the database knows which partial index holds the answer."""
    return literal(value, literal_execute=True)


def _named(session: Session, acts: Sequence[_Act]) -> list[LogLine]:
    """Return the acts with whom they are about: of one person the name, where the record is still there."""
    one = [act for act in acts if act.number == 1 and act.subject_id is not None]
    applied = [act.subject_id for act in one if act.subject_kind == "application"]
    people_of = (
        dict(session.execute(select(Application.id, Application.candidate_id).where(Application.id.in_(applied))).all())
        if applied
        else {}
    )
    people = {act.id: _person(act, people_of) for act in one}
    names = names_by_id(session, Candidate.name, people.values())
    users = names_by_id(session, User.name, (act.subject_id for act in one if act.subject_kind == "user"))
    lines = []
    for act in acts:
        person = people.get(act.id)
        name = names.get(person or 0, "") or (users.get(act.subject_id or 0, "") if act.subject_kind == "user" else "")
        there = person if person in names else None
        lines.append(
            LogLine(
                act.id,
                act.at,
                EventTag(act.tag),
                act.by,
                act.actor_kind == _KEY,
                act.data,
                act.subject_kind,
                act.subject_id,
                act.number,
                there,
                name,
            )
        )
    return lines


def _person(act: _Act, people_of: Mapping[int, int]) -> int | None:
    if act.subject_kind == "candidate":
        return act.subject_id
    return people_of.get(act.subject_id or 0) if act.subject_kind == "application" else None
