"""Mails to applicants as lists show them: those that wait, those that left, results that could not be delivered."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from relay.mail import batches, letters
from relay.mail.refusals import Refusal
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Message,
    MessageBatch,
    MessageState,
    Mistake,
    Position,
    Rescout,
    User,
)
from relay.models.keyset import Page, newest
from relay.models.prepared import read
from relay.outreach.pending_results import COUNT_CAP, ON_THEIR_WAY
from relay.text.sentence import Sentence

PAGE = 50
MAX_SHOWN = 500
UNDELIVERED = (MessageState.FAILED, MessageState.BOUNCED, MessageState.SUPPRESSED)
_NEWEST = newest(Message.id)

Query = Select[*tuple[Any, ...]]


class MailRow(NamedTuple):
    """One result mail in a list."""

    id: int
    application_id: int
    candidate_id: int
    name: str
    kana: str
    position: str | None
    stage: str
    state: MessageState
    failure: str | None
    batch: str
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    sender: str | None
    letter: str
    mistaken: bool
    """Whether it was declared as sent by mistake."""

    @property
    def tells_result(self) -> bool:
        """Return whether it tells a result."""
        return letters.find(self.letter).tells_result

    @property
    def address_may_be_wrong(self) -> bool:
        """Return whether writing to another address is what helps: this one does not exist, or cannot be read."""
        return self.state is not MessageState.FAILED or self.failure == Refusal.MALFORMED

    @property
    def called(self) -> Sentence:
        """Return what it is called where it tells no result, else ''."""
        return letters.find(self.letter).called


def waiting(session: Session) -> list[MailRow]:
    """Return what is queued and has not left, the next to leave first; no more than a screen can hold."""
    return [MailRow(*row) for row in read(session, _waiting())]


def sent(session: Session, *, after: str = "", before: str = "") -> Page[MailRow]:
    """Return what has left: the newest, those older than a mail (`after`) or those newer (`before`)."""
    return _NEWEST.page(session, _sent(), MailRow, after=after, before=before, limit=PAGE, values={})


def failed(session: Session) -> list[MailRow]:
    """Return what could not be delivered, while the person still has not been told in any way; the newest first."""
    return [MailRow(*row) for row in read(session, _failed())]


def waiting_count(session: Session) -> int:
    """Return how many results wait or are leaving."""
    [(number,)] = read(session, _waiting_number())
    return number or 0


def sent_count(session: Session) -> int:
    """Return how many results have left; stops counting after 10,000."""
    [(number,)] = read(session, _sent_number())
    return number or 0


def failed_count(session: Session) -> int:
    """Return how many people have not been told because their mail could not be delivered."""
    [(number,)] = read(session, _failed_number())
    return number or 0


_OF_BATCH = (
    select(Message.state, func.count())
    .where(
        batches.OF_BATCH,
        Message.state != MessageState.DRAFT,
    )
    .group_by(Message.state)
)


def of_batch(session: Session, batch: str) -> dict[MessageState, int]:
    """Return how many mails of one act are in each state; '' is the act of a mail that belongs to none."""
    if not batch:
        return {}
    return {row[0]: row[1] for row in session.execute(_OF_BATCH, {"batch": batch})}


def neighbours(session: Session, message: Message, *, limit: int) -> list[MailRow]:
    """Return other mails of the same act, the nearest in its order; in that order."""
    if message.batch_id is None:
        return []
    others = (Message.batch_id == message.batch_id, Message.id != message.id, Message.state != MessageState.DRAFT)
    nearest = _columns().where(*others).order_by(func.abs(Message.id - message.id), Message.id).limit(limit)
    return sorted((MailRow(*row) for row in session.execute(nearest)), key=lambda row: row.id)


class LastStop(NamedTuple):
    """How many mails of an act its last stop kept back, and how many rejections that took back."""

    mails: int
    reopened: int


def last_stop(session: Session, batch: str) -> LastStop:
    """Return what the last stop of an act did; mails that were stopped one by one before are not of it."""
    stopped = (batches.mails_of(batch), Message.state == MessageState.CANCELLED)
    last = select(func.max(Message.settled_at)).where(*stopped).scalar_subquery()
    query = select(func.count(), func.count().filter(Message.rejects.is_(True)))
    return LastStop(*session.execute(query.where(*stopped, Message.settled_at == last)).one())


@cache  # tricks: portal.results_waiting
def _waiting() -> Query:
    return _columns().where(Message.state.in_(ON_THEIR_WAY)).order_by(Message.due_at, Message.id).limit(MAX_SHOWN)


@cache  # tricks: portal.results_sent
def _sent() -> Query:
    return _columns().where(Message.state == MessageState.SENT)


@cache  # tricks: portal.results_failed
def _failed() -> Query:
    return _columns().where(_unsolved()).order_by(Message.settled_at.desc(), Message.id.desc()).limit(MAX_SHOWN)


@cache  # tricks: results, not yet told
def _waiting_number() -> Select[int]:
    return _numbered(select(Message.id).where(_listed(), Message.state.in_(ON_THEIR_WAY)))


@cache  # tricks: portal.results_sent
def _sent_number() -> Select[int]:
    return _numbered(select(Message.id).where(_listed(), Message.state == MessageState.SENT))


@cache  # tricks: home
def _failed_number() -> Select[int]:
    return _numbered(_joined(select(Message.id)).where(_unsolved()))


def _numbered(query: Query) -> Select[int]:
    return select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery())


def _columns() -> Query:
    """Return the columns of a list, those from other tables each looked up by itself.

    As joins they are a dozen tables, for which PostgreSQL takes ten times as long to find a plan as to run it.
    """
    rescouted = _looked_up(Position.title, Rescout.message_id == Message.id, Position.id == Rescout.position_id)
    return _joined(
        select(
            Message.id,
            Application.id,
            Candidate.id,
            Candidate.name,
            Candidate.kana,
            func.coalesce(rescouted, _looked_up(Position.title, Position.id == Application.position_id)),
            Application.stage,
            Message.state,
            Message.failure,
            func.coalesce(_looked_up(MessageBatch.code, MessageBatch.id == Message.batch_id), ""),
            Message.attempts,
            Message.created_at,
            Message.due_at,
            Message.settled_at,
            _looked_up(User.name, User.id == Message.by_user_id),
            Message.letter,
            exists().where(Mistake.message_id == Message.id),
        )
    )


def _looked_up(column: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(column).where(*where).correlate(Message, Application).scalar_subquery()


def _listed() -> ColumnElement[bool]:
    return Message.letter.in_(letters.listed_in_outbox())


def _joined(query: Query) -> Query:
    """Mails whose person is still known; what was sent to someone erased is only counted elsewhere."""
    return (
        query.join(Application, Application.id == Message.subject_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(_listed())
    )


def _unsolved() -> ColumnElement[bool]:
    """Undelivered, not told another way since, and not tried again."""
    later = aliased(Message)
    tried_again = (
        select(later.id)
        .where(
            later.candidate_id == Message.candidate_id,
            later.letter == Message.letter,
            later.subject_id == Message.subject_id,
            later.id > Message.id,
            later.state.not_in((MessageState.DRAFT, MessageState.CANCELLED)),
        )
        .exists()
    )
    return and_(
        letters.telling_result(),
        Message.state.in_(UNDELIVERED),
        Application.notified_at.is_(None),
        Application.status.in_((ApplicationResult.OPEN, ApplicationResult.REJECTED)),
        ~tried_again,
    )
