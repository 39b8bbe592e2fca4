"""The log: one row per act, from a closed vocabulary, written by the verb in its transaction.

Audit log, notices and later webhooks all read it. What must react gets a delivery row written with
the event, because PostgreSQL commits ids out of order and a cursor on ids would miss some.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from relay import clock
from relay.models.base import BigId, Key, Moment, Ref, Table, UtcDateTime, keep


class EventTag(StrEnum):
    """Everything that can happen in Relay."""

    SIGNED_IN = "session:signed-in"
    SIGN_IN_REFUSED = "session:refused"
    SIGNED_OUT = "session:signed-out"
    COMPANY_CREATED = "company:created"
    COMPANY_CHANGED = "company:changed"
    RELAY_SWITCHED = "company:relay-switched"
    USER_CREATED = "user:created"
    USER_CHANGED = "user:changed"
    PARTNER_CREATED = "partner:created"
    PARTNER_CHANGED = "partner:changed"
    PARTNERSHIP_STARTED = "partnership:started"
    PARTNERSHIP_ENDED = "partnership:ended"
    IMPORT_PREVIEWED = "import:previewed"
    IMPORT_APPLIED = "import:applied"
    CANDIDATE_ADDED = "candidate:added"
    CANDIDATE_CHANGED = "candidate:changed"
    CANDIDATE_VIEWED = "candidate:viewed"
    CANDIDATE_ERASED = "candidate:erased"
    POOL_SEARCHED = "pool:searched"
    TAG_ADDED = "tag:added"
    TAG_REMOVED = "tag:removed"
    TAG_CHANGED = "tag:changed"
    RULE_CHANGED = "rule:changed"
    POOL_EXPORT_BEGUN = "pool:export-begun"
    POOL_EXPORTED = "pool:exported"
    NOTE_ADDED = "note:added"
    NOTE_CHANGED = "note:changed"
    NOTE_REMOVED = "note:removed"
    FILE_ADDED = "file:added"
    FILE_OPENED = "file:opened"
    FILE_REMOVED = "file:removed"
    CONTACT_STOPPED = "contact:stopped"
    CONTACT_RESUMED = "contact:resumed"
    APPLICATION_ADDED = "application:added"
    APPLICATION_REJECTED = "application:rejected"
    APPLICATION_REOPENED = "application:reopened"
    APPLICATION_WITHDREW = "application:withdrew"
    APPLICATION_HIRED = "application:hired"
    APPLICATION_STEPPED = "application:stepped"
    APPLICATION_PUT_BACK = "application:put-back"
    NOTIFIED_ELSEWHERE = "application:told-elsewhere"
    RESULT_QUEUED = "result:queued"
    RESULT_SENT = "result:sent"
    RESULT_CANCELLED = "result:cancelled"
    RESULT_FAILED = "result:failed"
    TEMPLATE_SAVED = "template:saved"
    OPTED_OUT = "mail:opted-out"
    OPENINGS_ASKED = "candidate:openings-asked"
    OPENINGS_ENDED = "candidate:openings-ended"
    ADDRESS_ASKED = "relay:address-asked"
    PROFILE_REGISTERED = "profile:registered"
    PROFILE_ERASED = "profile:erased"
    PIN_CHOSEN = "profile:pin-chosen"
    PIN_LOCKED = "profile:pin-locked"
    ERASURE_PLANNED = "profile:erasure-planned"
    ERASURE_CANCELLED = "profile:erasure-cancelled"
    CONSENT_GRANTED = "consent:granted"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    REFERRAL_COMPLETED = "referral:completed"
    REFERRAL_VOIDED = "referral:voided"
    CREDIT_EARNED = "credit:earned"
    CREDIT_RESERVED = "credit:reserved"
    CREDIT_RELEASED = "credit:released"
    CREDIT_SPENT = "credit:spent"
    CREDIT_RESTORED = "credit:restored"
    CREDIT_VOIDED = "credit:voided"
    PROFILE_VIEWED = "profile:viewed"
    RETENTION_RAN = "retention:ran"
    INVITED = "invitation:sent"
    INVITATION_ACCEPTED = "invitation:accepted"
    INVITATION_REVOKED = "invitation:revoked"
    CONFIDENTIALITY_ACCEPTED = "user:confidentiality-accepted"
    SECOND_FACTOR_ENROLLED = "user:second-factor-enrolled"
    SECOND_FACTOR_REMOVED = "user:second-factor-removed"
    SECOND_FACTOR_REFUSED = "session:second-factor-refused"
    RECOVERY_CODE_USED = "user:recovery-code-used"
    RECOVERY_CODES_MADE = "user:recovery-codes-made"
    PASSWORD_ASKED = "user:password-asked"  # noqa: S105  (a word of the log)
    PASSWORD_RESET = "user:password-reset"  # noqa: S105  (a word of the log)
    EMAIL_CHANGED = "user:email-changed"
    HANDED_OVER = "user:handed-over"
    PROVEN_AGAIN = "session:proven-again"
    SESSION_ENDED = "session:ended"
    WENT_LIVE = "company:went-live"
    SENDING_STOPPED = "company:sending-stopped"
    SENDING_RESUMED = "company:sending-resumed"
    MAIL_SERVER_CHANGED = "company:mail-server-changed"
    MAIL_TESTED = "company:mail-tested"
    PURPOSE_CHANGED = "privacy:purpose-changed"
    PRIVACY_PUBLISHED = "privacy:published"
    INSTALLATION_ANSWERED = "installation:answered"
    PARTNERSHIP_CHECKED = "partnership:checked"
    LICENCE_WARNED = "partner:licence-warned"
    PRACTICE_SENT = "practice:sent"
    PRACTICE_REGISTERED = "practice:registered"
    PRACTICE_ENDED = "practice:ended"
    CANDIDATES_MERGED = "candidate:merged"
    TOLD_APART = "candidate:told-apart"
    TOLD_APART_UNDONE = "candidate:told-apart-undone"
    ACTION_UNDONE = "act:undone"
    ACT_REFUSED = "act:refused"
    SHELL_OPENED = "company:shell-opened"


@dataclass(frozen=True)
class Actor:
    """The actor: a user, a candidate through a link, the worker or the command line."""

    kind: str
    id: int | None = None
    ip: str = ""
    request_id: str = ""


SYSTEM = Actor("system")
_ACTOR_SLOT = "relay_actor"

CONSUMERS: dict[EventTag, tuple[str, ...]] = {
    EventTag.CONSENT_WITHDRAWN: ("partner-notice",),
    EventTag.CANDIDATE_ERASED: ("scrub",),
    EventTag.PROFILE_ERASED: ("scrub",),
}


class Event(Table):
    """One act. `data` holds ids, counts and states, never a name, address, number or free text (A-27)."""

    __tablename__ = "events"
    __erasure__ = (keep("ids and words of the closed vocabulary only"),)
    __table_args__ = (
        Index("ix_events_company_tag_at", "company_id", "tag", "at"),
        Index("ix_events_company_subject", "company_id", "subject_kind", "subject_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    at: Mapped[Moment]
    tag: Mapped[str] = mapped_column(String(40))
    company_id: Mapped[int | None] = mapped_column(BigId)
    partner_id: Mapped[int | None] = mapped_column(BigId)
    profile_id: Mapped[int | None] = mapped_column(BigId)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    subject_kind: Mapped[str] = mapped_column(String(30), default="")
    subject_id: Mapped[int | None] = mapped_column(BigId)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ip: Mapped[str] = mapped_column(String(45), default="")
    request_id: Mapped[str] = mapped_column(String(36), default="")


class EventDelivery(Table):
    """One event waiting for one consumer; deleted when the consumer has acted on it."""

    __tablename__ = "event_deliveries"
    __erasure__ = (keep("ids only, gone when delivered"),)
    __table_args__ = (
        ForeignKeyConstraint(["event_id"], ["events.id"]),
        Index("ix_event_deliveries_due", "lease_until", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    event_id: Mapped[Ref]
    consumer: Mapped[str] = mapped_column(String(30))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


def act_as(session: Session, actor: Actor) -> None:
    """Set the actor of this session's events from here on."""
    session.info[_ACTOR_SLOT] = actor


def acting(session: Session) -> Actor:
    """Return who acts in this session; the system where nobody was named."""
    actor: Actor = session.info.get(_ACTOR_SLOT, SYSTEM)
    return actor


def record(
    session: Session,
    tag: EventTag,
    *,
    company_id: int | None = None,
    partner_id: int | None = None,
    profile_id: int | None = None,
    subject: tuple[str, int | None] = ("", None),
    data: dict[str, Any] | None = None,
) -> Event:
    """Write one act into the log, with a delivery for each consumer of its tag, in the caller's transaction."""
    actor = acting(session)
    event = Event(
        at=clock.now(),
        tag=tag.value,
        company_id=company_id,
        partner_id=partner_id,
        profile_id=profile_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind=subject[0],
        subject_id=subject[1],
        data=data or {},
        ip=actor.ip,
        request_id=actor.request_id,
    )
    session.add(event)
    if consumers := CONSUMERS.get(tag):
        session.flush()
        session.add_all(EventDelivery(event_id=event.id, consumer=consumer) for consumer in consumers)
    return event


def record_each(
    session: Session, tag: EventTag, *, company_id: int, people: Iterable[int], data: dict[str, Any] | None = None
) -> None:
    """Write the same act about each of these candidates, by one statement. Only for tags nobody waits for."""
    assert tag not in CONSUMERS, f"{tag}: its consumers need a delivery for each"
    actor, moment = acting(session), clock.now()
    rows = [
        {
            "at": moment,
            "tag": tag.value,
            "company_id": company_id,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "subject_kind": "candidate",
            "subject_id": person,
            "data": data or {},
            "ip": actor.ip,
            "request_id": actor.request_id,
        }
        for person in people
    ]
    if rows:
        session.execute(insert(Event), rows)
