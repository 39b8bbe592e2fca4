"""Mail: templates and their versions, the outbox, opt-outs. And the general jobs table, tokens, heartbeats."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Practisable,
    Ref,
    Table,
    UtcDateTime,
    blank,
    choice,
    company_table,
    delete,
    keep,
    within_company,
)
from relay.models.hiring import RejectionReason


class MailClass(StrEnum):
    """Classes of mail by law (C-1); people opt out of `relay` and `promo`."""

    TRANSACTIONAL = "transactional"
    RELAY = "relay"
    PROMO = "promo"


class MessageState(StrEnum):
    """The state of a mail (C-11)."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


_ONCE = "once_per_subject AND state IN ('scheduled', 'sending', 'sent') AND NOT practice"


class MailTemplate(CompanyScoped, Table):
    """A company's text for a letter; each change of it is a version of its own."""

    __tablename__ = "mail_templates"
    __erasure__ = (keep("a company's own text"),)
    __table_args__ = company_table(UniqueConstraint("company_id", "name"))

    id: Mapped[Key]
    letter: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[Moment]
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailTemplateVersion(CompanyScoped, Table):
    """One wording of a template, never changed once made: sent mails refer to it."""

    __tablename__ = "mail_template_versions"
    __erasure__ = (keep("a company's own text"),)
    __table_args__ = company_table(
        within_company("template_id", "mail_templates"),
        UniqueConstraint("company_id", "template_id", "version"),
    )

    id: Mapped[Key]
    template_id: Mapped[Ref]
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class BatchKind(StrEnum):
    """The kinds of acts of writing to many."""

    RESULT = "result"
    APOLOGY = "apology"
    RECORD_ENDS = "record-ends"
    RESCOUT = "rescout"


class BatchState(StrEnum):
    """The state of an act of writing. One that was only practised is still a draft: nothing of it left in earnest."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    SENT = "sent"
    STOPPED = "stopped"


class MessageBatch(CompanyScoped, Table):
    """One act of writing to many: what holds for all its mails, and one button that stops them."""

    __tablename__ = "message_batches"
    __erasure__ = (keep("who of the company wrote and what held for all its mails; nobody it was written to"),)
    __table_args__ = company_table(
        within_company("template_id", "mail_templates"),
        UniqueConstraint("company_id", "code"),
        CheckConstraint("(sent_at IS NULL) = (state IN ('draft', 'discarded'))", name="sent_or_not"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(36))
    """Names it in the address of its pages."""
    kind: Mapped[BatchKind] = mapped_column(choice(BatchKind, "kind"))
    state: Mapped[BatchState] = mapped_column(choice(BatchState, "state"))
    reason: Mapped[RejectionReason | None] = mapped_column(choice(RejectionReason, "reason"))
    """For everyone who has none of their own."""
    template_id: Mapped[int | None] = mapped_column(BigId)
    """For everyone who has none of their own."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its mails were queued."""


_OF_LINK = text("subject_kind = 'relay-link'")
_OF_PROFILE = text("profile_id IS NOT NULL")
_TO_STAFF = text("candidate_id IS NULL AND profile_id IS NULL AND to_address <> ''")


class Message(CompanyScoped, Practisable, Table):
    """One mail to one person with its delivery state: the outbox. Holds values, never a live link."""

    __tablename__ = "messages"
    __erasure__ = (
        blank("candidate", "candidate_id", "to_address", "values", "last_error", "reason", "rejects", "candidate_id"),
        blank("profile", "profile_id", "to_address", "values", "last_error", "reason", "rejects", "profile_id"),
        blank(
            "address",
            "to_address",
            "to_address",
            "values",
            "last_error",
            "reason",
            "rejects",
            "candidate_id",
            "profile_id",
        ),
    )
    __retention__ = (
        *(retention.CANDIDATE, retention.PROFILE, retention.PENDING, retention.ASKED_LINK),
        *(retention.MAIL_DRAFT, retention.PRACTICE, retention.STAFF_MAIL),
    )
    __personal__ = ("to_address", "values", "last_error", "reason")
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        UniqueConstraint("company_id", "id"),
        within_company("candidate_id", "candidates"),
        within_company("template_id", "mail_templates"),
        within_company("template_version_id", "mail_template_versions"),
        within_company("batch_id", "message_batches"),
        Index(
            "uq_messages_once_per_subject",
            "company_id",
            "letter",
            "subject_id",
            unique=True,
            sqlite_where=text(_ONCE),
            postgresql_where=text(_ONCE),
        ),
        Index("ix_messages_turn", "state", "company_id", "due_at", "id"),
        Index("ix_messages_letter", "state", "letter", "due_at"),
        Index("ix_messages_company_state", "company_id", "state", "id"),
        Index("ix_messages_company_candidate", "company_id", "candidate_id", "id"),
        Index("ix_messages_company_batch", "company_id", "batch_id", "id"),
        Index("ix_messages_company_letter", "company_id", "practice", "letter", "state", "id"),
        Index("ix_messages_company_user", "company_id", "practice", "by_user_id", "id"),
        Index("ix_messages_to_address", "to_address"),
        Index("ix_messages_profile", "profile_id", "id", sqlite_where=_OF_PROFILE, postgresql_where=_OF_PROFILE),
        Index("ix_messages_staff", "created_at", sqlite_where=_TO_STAFF, postgresql_where=_TO_STAFF),
        Index("ix_messages_relay_link", "subject_id", sqlite_where=_OF_LINK, postgresql_where=_OF_LINK),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    letter: Mapped[str] = mapped_column(String(30))
    mail_class: Mapped[MailClass] = mapped_column(choice(MailClass, "mail_class"))
    subject_kind: Mapped[str] = mapped_column(String(30), default="")
    subject_id: Mapped[int | None] = mapped_column(BigId)
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    profile_id: Mapped[int | None] = mapped_column(BigId)
    to_address: Mapped[str] = mapped_column(String(254))
    template_version_id: Mapped[int | None] = mapped_column(BigId)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    once_per_subject: Mapped[bool] = mapped_column(default=False)
    """Declared by its letter: the database lets no second one wait or leave. A mail that was sent by mistake loses it,
    so that the right one can follow."""
    batch_id: Mapped[int | None] = mapped_column(BigId)
    """The act of writing to many that it belongs to."""
    reason: Mapped[RejectionReason | None] = mapped_column(choice(RejectionReason, "reason"))
    """This person's own; in a mail that waits or left, the one it was decided for."""
    template_id: Mapped[int | None] = mapped_column(BigId)
    """In a draft, the text chosen for this person alone."""
    rejects: Mapped[bool | None]
    """Whether telling rejects this person, which stopping takes back. In a draft: confirmed (true), or in practice
    alone (false)."""
    state: Mapped[MessageState] = mapped_column(choice(MessageState, "state"))
    due_at: Mapped[Moment]
    """When it may leave next: the scheduled time, or the next try."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    failure: Mapped[str | None] = mapped_column(String(20))
    """What kept it from arriving, at the last try or as a mail told that came back: `relay.mail.refusals.Refusal`."""
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it reached its last state: sent, failed, cancelled, suppressed; bounced or failed after it was sent, too."""


class OptOut(CompanyScoped, Table):
    """An address that asked a company to stop a class of mail. A keyed hash, so it outlives deletion (C-5)."""

    __tablename__ = "opt_outs"
    __erasure__ = (keep("a keyed hash; the wish must outlive the data (C-5)"),)
    __retention__ = (retention.OPT_OUT,)
    __table_args__ = company_table(UniqueConstraint("company_id", "address_hash", "mail_class"))

    id: Mapped[Key]
    address_hash: Mapped[str] = mapped_column(String(64))
    mail_class: Mapped[MailClass] = mapped_column(choice(MailClass, "mail_class"))
    via: Mapped[str] = mapped_column(String(20))
    at: Mapped[Moment]


class TokenPurpose(StrEnum):
    """The page a token opens, and no other (C-17).

    All are mailed but `own-page-session`, which a cookie holds, and `handed-link`, which a company mails itself.
    """

    RELAY = "relay"
    OWN_PAGE = "own-page"
    CONFIRM_ADDRESS = "confirm-address"
    UNSUBSCRIBE = "unsubscribe"
    PRACTICE = "practice"
    SETUP = "setup"
    INVITE = "invite"
    PASSWORD = "password"  # noqa: S105  (a purpose, no secret)
    NEW_EMAIL = "new-email"
    OWN_PAGE_SESSION = "own-page-session"
    CHOOSE_PIN = "choose-pin"
    AGREE_ADDRESS = "agree-address"
    HANDED_LINK = "handed-link"
    CHOOSE_REQUESTS = "choose-requests"
    DATA_REQUEST = "data-request"
    RECORD_ENDS = "record-ends"
    NEW_ADDRESS = "new-address"
    ALERTS = "alerts"
    OBJECTION = "objection"
    RESCOUT = "rescout"
    INTERVIEW = "interview"
    MORNING = "morning"
    MONTH_REPORT = "month-report"
    INTRODUCTION_REQUEST = "introduction-request"


class Token(Table):
    """A mailed secret: hash, purpose, subject and the message it left in. Looked up by hash only."""

    __tablename__ = "tokens"
    __erasure__ = (delete("candidate", "candidate_id"), delete("profile", "profile_id"))
    __table_args__ = (
        Index("ix_tokens_subject", "purpose", "subject_id"),
        Index("ix_tokens_candidate", "candidate_id"),
        Index("ix_tokens_profile", "profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(24))
    """Of a link that is declared (`relay.mail.tokens.Link`): no other is minted."""
    subject_id: Mapped[Ref]
    """RelayLink, Profile, PendingRegistration, DataRequest, Rescout, InterviewInvitation; of a record that ends and of
    an objection the Candidate, of a handed link the Application; to unsubscribe, to practise, to choose requests and of
    a new address the Message; Invitation; User; 0 for the installation."""
    company_id: Mapped[int | None] = mapped_column(BigId)
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    profile_id: Mapped[int | None] = mapped_column(BigId)
    message_id: Mapped[int | None] = mapped_column(BigId)
    address_hash: Mapped[str] = mapped_column(String(64), default="")
    """For an unsubscribe token: the keyed hash of the address it stops."""
    created_at: Mapped[Moment]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CodePurpose(StrEnum):
    """The thing a mailed six-digit code proves."""

    MAIL_TEST = "mail-test"


class MailedCode(Table):
    """A six-digit code that was mailed: a keyed hash, ten minutes, five tries (C-18)."""

    __tablename__ = "mailed_codes"
    __erasure__ = (keep("keyed hashes, swept within a day"),)
    __table_args__ = (
        UniqueConstraint("purpose", "subject_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    purpose: Mapped[CodePurpose] = mapped_column(choice(CodePurpose, "purpose"))
    subject_id: Mapped[Ref]
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class MailTls(StrEnum):
    """How the way to a mail server is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class ServerColumns:
    """How a mail server is reached, and who set it when."""

    host: Mapped[str] = mapped_column(String(200))
    port: Mapped[int]
    tls: Mapped[MailTls] = mapped_column(choice(MailTls, "tls"))
    username: Mapped[str] = mapped_column(String(254), default="")
    password: Mapped[str] = mapped_column(String(1000), default="")
    """Sealed (relay.infra.vault)."""
    sender: Mapped[str] = mapped_column(String(254))
    changed_at: Mapped[Moment]
    changed_by_user_id: Mapped[int | None] = mapped_column(BigId)
    """None where it was set on the command line."""


class MailServer(ServerColumns, CompanyScoped, Table):
    """A company's own server: it carries what the company writes to candidates; else the installation's does."""

    __tablename__ = "mail_servers"
    __erasure__ = (keep("a company's own settings"),)
    __table_args__ = company_table(UniqueConstraint("company_id"))

    id: Mapped[Key]


class InstallationMailServer(ServerColumns, Table):
    """The installation's server, where the settings name none: logins, invitations, own pages (C-24). One row."""

    __tablename__ = "installation_mail_server"
    __erasure__ = (keep("the operator's settings"),)
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    tested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a test mail was shown to have arrived; emptied when the server changes."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the operator chose it; None where an upgrade took the server of the operating company for it."""


class PracticeRegistration(CompanyScoped, Table):
    """The fields a member typed on the practice page behind a practice mail, to see it as partner and HR would."""

    __tablename__ = "practice_registrations"
    __erasure__ = (keep("typed by a member as an invented person; erased by them, at going live, or after a month"),)
    __retention__ = (retention.PRACTICE,)
    __personal__ = ("answers",)
    __table_args__ = company_table(
        within_company("message_id", "messages"),
        UniqueConstraint("company_id", "message_id"),
    )

    id: Mapped[Key]
    message_id: Mapped[Ref]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    partners: Mapped[list[str]] = mapped_column(JSON)
    """The names of those that were ticked."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]


class JobState(StrEnum):
    """The state of a job; `dead` waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(Table):
    """Work for the worker that is not a mail: leased, retried with growing waits, with progress."""

    __tablename__ = "jobs"
    __erasure__ = (keep("ids and counts only"),)
    __table_args__ = (Index("ix_jobs_due", "state", "due_at", "id"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(100), unique=True)
    """Names the work once: queueing the same key again changes nothing."""
    company_id: Mapped[int | None] = mapped_column(BigId)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"))
    due_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Heartbeat(Table):
    """When a lane of the worker last moved on."""

    __tablename__ = "heartbeats"
    __erasure__ = (keep("names of lanes and times"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[Moment]
