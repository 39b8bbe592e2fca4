"""The log: one row per act, from a closed vocabulary, written by the verb in its transaction.

Audit log, notices and later webhooks all read it. What must react gets a delivery row written with
the event, because PostgreSQL commits ids out of order and a cursor on ids would miss some.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import JSON, Connection, ForeignKeyConstraint, Index, String, insert, text
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Mapped, Session, mapped_column

from relay import clock
from relay.models import event_data
from relay.models.base import BigId, Key, Moment, Ref, Table, UtcDateTime, keep
from relay.models.event_data import EventData


class EventTag(StrEnum):
    """Everything that can happen in Relay, each with what is kept of it beside its subject."""

    def __new__(cls, value: str, _data: type[EventData] = EventData) -> Self:
        """Make a member that is its value."""
        member = str.__new__(cls, value)
        member._value_ = value
        return member

    def __init__(self, _value: str, data: type[EventData] = EventData) -> None:
        self.data = data

    def kept(self, data: EventData | None) -> dict[str, Any]:
        """Return the data as JSON. Raises TypeError for another shape, or where needed data is left out."""
        given = self.data() if data is None else data
        if type(given) is not self.data:
            raise TypeError(f"{self} keeps {self.data.__name__}, not {type(given).__name__}")
        return given.as_json()

    SIGNED_IN = "session:signed-in"
    SIGN_IN_REFUSED = "session:refused"
    SIGNED_OUT = "session:signed-out"
    COMPANY_CREATED = "company:created"
    COMPANY_CHANGED = "company:changed", event_data.FieldsChanged
    RELAY_SWITCHED = "company:relay-switched", event_data.RelaySwitch
    USER_CREATED = "user:created", event_data.UserCreated
    USER_CHANGED = "user:changed", event_data.UserChanged
    PARTNER_CREATED = "partner:created"
    PARTNER_CHANGED = "partner:changed", event_data.FieldsChanged
    PARTNERSHIP_STARTED = "partnership:started"
    PARTNERSHIP_ENDED = "partnership:ended"
    IMPORT_PREVIEWED = "import:previewed"
    IMPORT_APPLIED = "import:applied", event_data.ImportApplied
    CANDIDATE_ADDED = "candidate:added", event_data.CandidateChanged
    CANDIDATE_CHANGED = "candidate:changed", event_data.CandidateChanged
    CANDIDATE_VIEWED = "candidate:viewed"
    CANDIDATE_ERASED = "candidate:erased", event_data.CandidateErased
    POOL_SEARCHED = "pool:searched"
    TAG_ADDED = "tag:added", event_data.TagOnCandidate
    TAG_REMOVED = "tag:removed", event_data.TagOnCandidate
    TAG_CHANGED = "tag:changed"
    RULE_CHANGED = "rule:changed", event_data.RuleChanged
    POOL_EXPORT_BEGUN = "pool:export-begun", event_data.Exported
    POOL_EXPORTED = "pool:exported", event_data.Exported
    NOTE_ADDED = "note:added", event_data.NoteKept
    NOTE_CHANGED = "note:changed", event_data.NoteKept
    NOTE_REMOVED = "note:removed", event_data.NoteKept
    FILE_ADDED = "file:added", event_data.FileKept
    FILE_OPENED = "file:opened", event_data.FileKept
    FILE_REMOVED = "file:removed", event_data.FileKept
    CONTACT_STOPPED = "contact:stopped", event_data.ContactWish
    CONTACT_RESUMED = "contact:resumed", event_data.ContactWish
    POSITION_ADDED = "position:added"
    POSITION_CHANGED = "position:changed", event_data.FieldsChanged
    POSITION_STATE_SET = "position:state-set", event_data.PositionStateSet
    POSITION_LINK_OPENED = "position:link-opened"
    POSITION_LINK_CLOSED = "position:link-closed"
    POSITIONS_MERGED = "position:merged", event_data.PositionsMerged
    APPLICATION_ADDED = "application:added"
    APPLICATION_REJECTED = "application:rejected", event_data.ApplicationDecided
    APPLICATION_REOPENED = "application:reopened", event_data.ApplicationDecided
    APPLICATION_WITHDREW = "application:withdrew", event_data.ApplicationDecided
    APPLICATION_HIRED = "application:hired", event_data.ApplicationDecided
    STAY_TOLD = "application:stay-told", event_data.StayTold
    APPLICATION_STEPPED = "application:stepped", event_data.ApplicationDecided
    APPLICATION_PUT_BACK = "application:put-back", event_data.ApplicationDecided
    SLOTS_OFFERED = "interview:times-offered", event_data.Counted
    SLOT_REMOVED = "interview:time-removed"
    INTERVIEW_INVITED = "interview:invited", event_data.InterviewNoted
    INTERVIEW_BOOKED = "interview:booked", event_data.InterviewNoted
    INTERVIEW_CALLED_OFF = "interview:called-off", event_data.InterviewNoted
    INTERVIEW_CLOSED = "interview:closed", event_data.InterviewNoted
    INTERVIEW_TIMES_WANTED = "interview:times-wanted", event_data.InterviewNoted
    INTERVIEW_ERASED = "interview:ended-by-erasure"
    NOTIFIED_ELSEWHERE = "application:told-elsewhere", event_data.ApplicationDecided
    RESULT_QUEUED = "result:queued", event_data.ResultQueued
    RESULT_SENT = "result:sent", event_data.ResultFinal
    RESULT_CANCELLED = "result:cancelled", event_data.ResultFinal
    RESULT_FAILED = "result:failed", event_data.ResultFinal
    RESULT_MISTAKEN = "result:sent-by-mistake", event_data.ResultMistaken
    RESCOUT_ANSWERED = "rescout:answered", event_data.RescoutAnswered
    TEMPLATE_SAVED = "template:saved", event_data.TemplateSaved
    OPTED_OUT = "mail:opted-out", event_data.OptOutMade
    OPENINGS_ASKED = "candidate:openings-asked"
    OPENINGS_ENDED = "candidate:openings-ended"
    RELATED_ADDED = "related:added", event_data.RelatedNoted
    RELATED_CHANGED = "related:changed", event_data.FieldsChanged
    RELATED_REMOVED = "related:removed", event_data.RelatedNoted
    RELATED_AGREED = "candidate:related-agreed", event_data.RelatedNoted
    RELATED_ENDED = "candidate:related-ended", event_data.RelatedNoted
    RELATED_TOLD = "candidate:related-told", event_data.RelatedNoted
    OUTCOMES_AGREED = "candidate:outcomes-agreed"
    OUTCOMES_ENDED = "candidate:outcomes-ended"
    ADDRESS_ASKED = "relay:address-asked"
    LINKS_HANDED_OUT = "relay:links-handed-out", event_data.Counted
    PROFILE_REGISTERED = "profile:registered"
    PROFILE_CORRECTED = "profile:corrected", event_data.FieldsChanged
    PROFILE_CONFIRMED = "profile:confirmed"
    SHARING_PAUSED = "profile:paused"
    SHARING_RESUMED = "profile:resumed"
    PROFILE_ERASED = "profile:erased"
    PIN_CHOSEN = "profile:pin-chosen"
    PIN_LOCKED = "profile:pin-locked"
    ERASURE_PLANNED = "profile:erasure-planned"
    ERASURE_CANCELLED = "profile:erasure-cancelled"
    CONSENT_GRANTED = "consent:granted", event_data.ConsentGranted
    CONSENT_WITHDRAWN = "consent:withdrawn", event_data.ConsentWithdrawn
    CONSENT_NARROWED = "consent:narrowed", event_data.ConsentNarrowed
    REFERRAL_COMPLETED = "referral:completed", event_data.ReferralNumbered
    REFERRAL_VOIDED = "referral:voided", event_data.ReferralNumbered
    REFERRAL_COUNTED_AGAIN = "referral:counted-again", event_data.ReferralNumbered
    CREDIT_EARNED = "credit:earned", event_data.CreditBooked
    CREDIT_RESERVED = "credit:reserved", event_data.CreditBooked
    CREDIT_RELEASED = "credit:released", event_data.CreditBooked
    CREDIT_SPENT = "credit:spent", event_data.CreditBooked
    CREDIT_RESTORED = "credit:restored", event_data.CreditBooked
    CREDIT_VOIDED = "credit:voided", event_data.CreditBooked
    GUARANTEE_SET = "introduction:guarantee-set"
    INTRODUCTION_REQUESTED = "introduction:requested"
    INTRODUCTION_LINK_MADE = "introduction:link-made"
    INTRODUCTION_LINK_CLOSED = "introduction:link-closed"
    INTRODUCTION_ACCEPTED = "introduction:accepted"
    INTRODUCTION_ENDED = "introduction:ended", event_data.IntroductionEnded
    INTRODUCTION_HELD = "introduction:held"
    INTRODUCTION_RESULT = "introduction:result", event_data.IntroductionEnded
    INTRODUCTION_PROMISE_JUDGED = "introduction:promise-judged", event_data.PromiseJudged
    INTRODUCTION_ANSWERED = "introduction:answered"
    PROFILE_VIEWED = "profile:viewed"
    PROFILES_EXPORTED = "profile:exported", event_data.TakenOut
    DELETION_ANSWERED = "consent:deletion-answered", event_data.Counted
    PROVISIONS_WRITTEN_OUT = "provisions:written-out", event_data.Counted
    RETENTION_RAN = "retention:ran", event_data.Counted
    INVITED = "invitation:sent", event_data.InvitationSent
    INVITATION_ACCEPTED = "invitation:accepted", event_data.InvitationAccepted
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
    HANDED_OVER = "user:handed-over", event_data.HandedOver
    PROVEN_AGAIN = "session:proven-again"
    SESSION_ENDED = "session:ended", event_data.Counted
    WENT_LIVE = "company:went-live", event_data.WentLive
    SENDING_STOPPED = "company:sending-stopped", event_data.MailsWaiting
    SENDING_RESUMED = "company:sending-resumed", event_data.MailsWaiting
    MAIL_SERVER_CHANGED = "company:mail-server-changed", event_data.FieldsChanged
    MAIL_TESTED = "company:mail-tested"
    HOLD_SET = "hold:set", event_data.HoldSet
    HOLD_RELEASED = "hold:released", event_data.HoldReleased
    RETENTION_TERM_SET = "retention:term-set", event_data.RetentionTermSet
    PURPOSE_CHANGED = "privacy:purpose-changed", event_data.PurposeChanged
    PRIVACY_PUBLISHED = "privacy:published", event_data.PrivacyPublished
    INCIDENT_ENTERED = "incident:entered"
    INCIDENT_CHANGED = "incident:changed"
    INCIDENT_CLOSED = "incident:closed"
    RECORD_USE_SET = "privacy:record-use-set", event_data.RecordUseSet
    LEARNING_SWITCHED = "company:learning-switched", event_data.LearningSwitched
    RECORD_OBJECTED = "candidate:record-objected"
    COMPANY_WORD_CHANGED = "company:word-changed", event_data.CompanyWordChanged
    LEGAL_CHECK_CHANGED = "legal:check-changed", event_data.LegalCheckChanged
    REQUEST_RECEIVED = "request:received", event_data.RequestNoted
    REQUEST_PROVEN = "request:proven", event_data.RequestNoted
    REQUEST_MATCHED = "request:matched", event_data.RequestNoted
    REQUEST_CLOSED = "request:closed", event_data.RequestNoted
    REQUEST_FILE_TAKEN = "request:file-taken", event_data.RequestNoted
    INSTALLATION_ANSWERED = "installation:answered", event_data.FieldsChanged
    PARTNERSHIP_CHECKED = "partnership:checked"
    INTRODUCTIONS_PROMISED = "partnership:introductions-promised", event_data.IntroductionsPromised
    LICENCE_WARNED = "partner:licence-warned", event_data.LicenceWarned
    PRACTICE_SENT = "practice:sent", event_data.Counted
    PRACTICE_REGISTERED = "practice:registered"
    PRACTICE_ENDED = "practice:ended", event_data.Counted
    CANDIDATES_MERGED = "candidate:merged", event_data.CandidatesMerged
    TOLD_APART = "candidate:told-apart", event_data.CandidatePair
    TOLD_APART_UNDONE = "candidate:told-apart-undone", event_data.CandidatePair
    BULK_BEGUN = "bulk:begun", event_data.BulkBegun
    ACTION_UNDONE = "act:undone", event_data.ActionUndone
    ACT_REFUSED = "act:refused", event_data.ActRefused
    ALERT_FOLLOWED = "alert:followed"
    ALERT_UNFOLLOWED = "alert:unfollowed"
    COST_SET = "cost:set", event_data.CostNoted
    COST_REMOVED = "cost:removed", event_data.CostNoted
    COST_FILE_APPLIED = "cost:file-applied", event_data.CostFileNoted
    COST_FILE_UNDONE = "cost:file-undone", event_data.CostFileNoted
    BASELINE_SET = "company:baseline-set", event_data.FieldsChanged
    KPI_TARGET_SET = "company:kpi-target-set", event_data.KpiTargetSet
    SHELL_OPENED = "company:shell-opened"
    FEED_MADE = "feed:made"
    FEED_REVOKED = "feed:revoked"
    API_KEY_MADE = "api-key:made"
    API_KEY_REVOKED = "api-key:revoked"
    POSITION_MATCHED = "position:matched", event_data.Counted
    WEBHOOK_ADDED = "webhook:added"
    WEBHOOK_CHANGED = "webhook:changed", event_data.FieldsChanged
    WEBHOOK_SECRET_MADE = "webhook:secret-made"  # noqa: S105  (a word of the log)
    WEBHOOK_STOPPED = "webhook:stopped", event_data.WebhookStopped
    WEBHOOK_RESUMED = "webhook:resumed"
    WEBHOOK_REMOVED = "webhook:removed"
    HERP_CONNECTED = "herp:connected"
    HERP_DISCONNECTED = "herp:disconnected"


@dataclass(frozen=True)
class Actor:
    """The actor: a user, a candidate through a link, a program with its key, the worker or the command line."""

    kind: str
    id: int | None = None
    ip: str = ""
    request_id: str = ""


SYSTEM = Actor("system")
_ACTOR_SLOT = "relay_actor"

CONSUMERS: dict[EventTag, tuple[str, ...]] = {
    EventTag.CONSENT_WITHDRAWN: ("partner-notice",),
    EventTag.CONSENT_NARROWED: ("partner-notice",),
    EventTag.APPLICATION_HIRED: ("introduction-results",),
    EventTag.PARTNERSHIP_ENDED: ("introductions-closed",),
    EventTag.PARTNER_CHANGED: ("introductions-closed",),
    EventTag.POSITION_CHANGED: ("alerts-anew",),
    EventTag.IMPORT_APPLIED: ("match-registrations",),
    EventTag.CANDIDATE_ERASED: ("scrub",),
    EventTag.PROFILE_ERASED: ("scrub",),
    EventTag.APPLICATION_REJECTED: ("webhooks",),
    EventTag.REFERRAL_COMPLETED: ("webhooks",),
    EventTag.CREDIT_EARNED: ("webhooks",),
    EventTag.INTRODUCTION_ACCEPTED: ("webhooks",),
    EventTag.OUTCOMES_ENDED: ("webhooks",),
    EventTag.RELATED_ENDED: ("webhooks",),
    EventTag.OPENINGS_ENDED: ("webhooks",),
    EventTag.POSITION_MATCHED: ("webhooks",),
    EventTag.RESULT_FAILED: ("webhooks",),
}

_WITHDRAWN = text(f"tag = '{EventTag.CONSENT_WITHDRAWN.value}'")
_BY_ITS_OWN = text("actor_kind IN ('user', 'api-key') AND request_id <> ''")
"""Of what people and programs asked for themselves: not of what the worker goes on with for them, thousands of rows at
once."""


class Event(Table):
    """One act. `data` is what its tag declares: ids, counts and states, never a name, address or free text (A-27)."""

    __tablename__ = "events"
    __erasure__ = (keep("ids and words of the closed vocabulary only"),)
    __table_args__ = (
        Index("ix_events_company_tag_at", "company_id", "tag", "at"),
        Index("ix_events_company_subject", "company_id", "subject_kind", "subject_id", "id"),
        Index(
            "ix_events_by_users",
            "company_id",
            "tag",
            "at",
            "actor_kind",
            "actor_id",
            sqlite_where=_BY_ITS_OWN,
            postgresql_where=_BY_ITS_OWN,
        ),
        Index(
            "ix_events_by_user",
            "company_id",
            "actor_kind",
            "actor_id",
            "tag",
            "at",
            sqlite_where=_BY_ITS_OWN,
            postgresql_where=_BY_ITS_OWN,
        ),
        Index("ix_events_withdrawn", "partner_id", "at", sqlite_where=_WITHDRAWN, postgresql_where=_WITHDRAWN),
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
    data: EventData | None = None,
    at: datetime | None = None,
) -> Event:
    """Write one act into the log, with a delivery for each consumer of its tag, in the caller's transaction.

    `at`: the moment of an act on several people, who are then one line of the log (relay.record.operation_log).
    `data`: of the shape the tag declares; may be left out where that has nothing that must be given.
    """
    actor = acting(session)
    event = Event(
        at=at or clock.now(),
        tag=tag.value,
        company_id=company_id,
        partner_id=partner_id,
        profile_id=profile_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind=subject[0],
        subject_id=subject[1],
        data=tag.kept(data),
        ip=actor.ip,
        request_id=actor.request_id,
    )
    session.add(event)
    return event


@listens_for(Event, "after_insert")
def _deliver(_mapper: Any, connection: Connection, event: Event) -> None:
    """Write a delivery for each consumer with the event, in the same flush: of many events, all go in at once."""
    if consumers := CONSUMERS.get(EventTag(event.tag)):
        connection.execute(
            insert(EventDelivery),
            [{"event_id": event.id, "consumer": consumer, "attempts": 0} for consumer in consumers],
        )


def record_each(
    session: Session, tag: EventTag, *, company_id: int, people: Iterable[int], data: EventData | None = None
) -> None:
    """Write the same act about each of these candidates, by one statement. Only for tags nobody waits for."""
    assert tag not in CONSUMERS, f"{tag}: its consumers need a delivery for each"
    actor, moment, kept = acting(session), clock.now(), tag.kept(data)
    rows = [
        {
            "at": moment,
            "tag": tag.value,
            "company_id": company_id,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "subject_kind": "candidate",
            "subject_id": person,
            "data": kept,
            "ip": actor.ip,
            "request_id": actor.request_id,
        }
        for person in people
    ]
    if rows:
        session.execute(insert(Event), rows)
