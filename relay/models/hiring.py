"""Applications: one candidate for one position, and how it ended."""

from datetime import date, datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    choice,
    company_table,
    delete,
    keep,
    within_company,
)
from relay.models.labels import Labelled
from relay.text.channels import REFERRAL_CHANNELS

NO_DAY = date(9999, 12, 31)
"""Where a list by day has an application whose day is not known: after all others."""
LAST = "\uffff"
"""Where a list by a word has rows without one: after all others."""
NO_SCORE = 99
"""Where a list by score has people without one: greater than any score."""
_SORTED = String(202).with_variant(String(202, collation="C"), "postgresql")
_RUNS_WITH_A_DATE = "status = 'open' AND retain_until IS NOT NULL"
_PENDING = "status = 'rejected' AND notified_at IS NULL"
_PASSED_ON = f"channel IN ({', '.join(repr(channel) for channel in REFERRAL_CHANNELS)})"
PASSED_ON = text(f"applications.{_PASSED_ON}")
"""The condition of applications by リファラル; written as their index has it."""


class ApplicationResult(Labelled):
    """The result of an application: still open, or one of the four results (結果), which stay apart."""

    OPEN = "open", _l("選考中"), "", "選考"
    REJECTED = "rejected", _l("見送り"), "", "不合格 不採用"
    WITHDREW = "withdrew", _l("辞退")
    DUPLICATE = "duplicate", _l("重複")
    HIRED = "hired", _l("入社"), "", "採用"


class RejectionReason(Labelled):
    """Why an application was rejected: job-related reasons only (B-4), in the order in which pages show them.

    A file is understood where it says a label, but for その他, which every company means otherwise.
    """

    SKILLS = "skills", _l("必要な経験・スキル"), "経験・スキル", "スキル 経験 経験不足"
    COMPARISON = "comparison", _l("他の候補者との比較"), "比較"
    FILLED = "filled", _l("採用人数の都合"), "充足", "枠"
    CONDITIONS = "conditions", _l("勤務条件の不一致"), "条件", "勤務条件"
    DOCUMENTS = "documents", _l("応募書類の不備"), "書類"
    OTHER = "other", _l("その他")


class NotifiedBy(StrEnum):
    """The side that told the person the result."""

    RELAY = "relay"
    ELSEWHERE = "elsewhere"


class StepKind(StrEnum):
    """The kinds of steps a selection has, closed; the company's own word for one is beside it."""

    DOCUMENTS = "documents"
    FIRST = "first"
    SECOND = "second"
    FINAL = "final"
    OFFER = "offer"
    OTHER = "other"


class Application(CompanyScoped, Table):
    """One candidate for one position: how they came, how far they got, how it ended, whether they know."""

    __tablename__ = "applications"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("position_id", "positions"),
        CheckConstraint("(status = 'open') = (decided_on IS NULL)", name="decided"),
        CheckConstraint("(notified_at IS NULL) = (notified_by IS NULL)", name="notified"),
        CheckConstraint("reason IS NULL OR status = 'rejected'", name="reason_of_rejection"),
        Index("ix_applications_company_candidate", "company_id", "candidate_id", "id", "applied_on"),
        Index("ix_applications_company_status", "company_id", "status", "id"),
        Index(
            "ix_applications_without_reason",
            "company_id",
            "status",  # always the same, but else SQLite takes an index that has it
            "reason",
            "candidate_id",
            sqlite_where=text("status = 'rejected' AND reason IS NULL"),
            postgresql_where=text("status = 'rejected' AND reason IS NULL"),
        ),
        Index(
            "ix_applications_open",
            "company_id",
            "candidate_id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_applications_open_since",
            "company_id",
            "applied_on",
            "candidate_id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_applications_untouched",
            "company_id",
            "updated_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_applications_company_applied", "company_id", "applied_on", "candidate_id"),
        Index("ix_applications_company_position", "company_id", "position_id", "candidate_id"),
        Index("ix_applications_newest_of_position", "company_id", "position_id", "id"),
        Index(
            "ix_applications_passed_on",
            "company_id",
            "position_id",
            "channel",
            sqlite_where=text(_PASSED_ON),
            postgresql_where=text(_PASSED_ON),
        ),
        Index(
            "ix_applications_pending",
            "company_id",
            text(f"coalesce(applied_on, '{NO_DAY}')"),
            "id",
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
        Index(
            "ix_applications_hired",
            "company_id",
            "status",  # always the same, but else SQLite takes an index that has it
            "decided_on",
            "id",
            sqlite_where=text("status = 'hired'"),
            postgresql_where=text("status = 'hired'"),
        ),
        Index(
            "ix_applications_hired_here",
            "company_id",
            "status",
            "decided_on",
            "id",
            sqlite_where=text("status = 'hired' AND decided_in_relay IS 1"),
            postgresql_where=text("status = 'hired' AND decided_in_relay IS true"),
        ),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    position_id: Mapped[int | None] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(100), default="")
    channel_detail: Mapped[str] = mapped_column(String(100), default="")
    stage: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[ApplicationResult] = mapped_column(choice(ApplicationResult, "status"))
    applied_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    decided_by_user_id: Mapped[int | None] = mapped_column(BigId)
    decided_in_relay: Mapped[bool] = mapped_column(default=False)
    """Whether the end was set here; a file never moves such a decision (invariant 8)."""
    reason: Mapped[RejectionReason | None] = mapped_column(choice(RejectionReason, "reason"))
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notified_by: Mapped[NotifiedBy | None] = mapped_column(choice(NotifiedBy, "notified_by"))
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class ApplicationStep(CompanyScoped, Table):
    """One step of a selection as it went: what it was, when, how it ended, a score of 1 to 5, what was said."""

    __tablename__ = "application_steps"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("comment",)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score"),
        Index("ix_application_steps_company_candidate", "company_id", "candidate_id", "application_id", "place"),
        Index("ix_application_steps_company_application", "company_id", "application_id"),
        Index("ix_application_steps_company_score", "company_id", "score", "candidate_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    application_id: Mapped[Ref]
    place: Mapped[int]
    """Its place in the order of the selection."""
    name: Mapped[str] = mapped_column(String(100))
    """As the company calls it."""
    kind: Mapped[StepKind | None] = mapped_column(choice(StepKind, "kind"))
    """What was chosen by hand; a file says none."""
    on: Mapped[date | None]
    score: Mapped[int | None]
    result: Mapped[str] = mapped_column(String(100), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    imported: Mapped[bool] = mapped_column(default=False)
    """Whether a file brought it, as it stands."""
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Stay(CompanyScoped, Table):
    """One word of HR on whether a person it hired is still there, so many months after the day of the hire (在籍).

    Words are added and never changed: the last on a day of hire and a number of months holds.
    """

    __tablename__ = "stays"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        within_company("by_user_id", "users"),
        CheckConstraint("months IN (6, 12)", name="months"),
        Index("ix_stays_company_candidate", "company_id", "candidate_id"),
        Index("ix_stays_company_application", "company_id", "application_id", "months", "id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    application_id: Mapped[Ref]
    hired_on: Mapped[date]
    """The day of the hire as it was recorded then; a word about another day says nothing."""
    months: Mapped[int]
    there: Mapped[bool]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[Moment]


_BEGUN_ANYWHERE = {"sqlite_with_rowid": False}
"""A walk of an index begins inside equal values at any column of it but a rowid, which the key would be."""


class ListedApplication(CompanyScoped, Table):
    """An application in the list of 選考, with what the list is narrowed and sorted by; kept by `list_triggers`."""

    __tablename__ = "listed_applications"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("name_order",)
    __table_args__ = (
        within_company("application_id", "applications", ondelete="CASCADE"),
        Index("ix_listed_applications_company", "company_id", "application_id"),
        Index("ix_listed_applications_position", "company_id", "position_id", "application_id", "status", "stage"),
        Index("ix_listed_applications_status", "company_id", "status", "application_id"),
        Index("ix_listed_applications_stage", "company_id", "stage", "application_id"),
        Index("ix_listed_applications_applied", "company_id", "applied_on", "application_id"),
        Index("ix_listed_applications_name", "company_id", "name_order", "application_id"),
        Index("ix_listed_applications_step", "company_id", "stage_order", "application_id"),
        Index(
            "ix_listed_applications_until", "company_id", text(f"coalesce(retain_until, '{NO_DAY}')"), "application_id"
        ),
        Index(
            "ix_listed_applications_dated",
            "company_id",
            "retain_until",
            "candidate_id",
            sqlite_where=text(_RUNS_WITH_A_DATE),
            postgresql_where=text(_RUNS_WITH_A_DATE),
        ),
        _BEGUN_ANYWHERE,
    )

    application_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    candidate_id: Mapped[Ref]
    position_id: Mapped[Ref]
    """0 where none is recorded."""
    stage: Mapped[str] = mapped_column(String(100))
    status: Mapped[ApplicationResult] = mapped_column(choice(ApplicationResult, "status"))
    retain_until: Mapped[date | None]
    """The person's."""
    applied_on: Mapped[date] = mapped_column(default=NO_DAY)
    name_order: Mapped[str] = mapped_column(_SORTED, default=LAST)
    stage_order: Mapped[str] = mapped_column(_SORTED, default=LAST)


class CandidateOrder(CompanyScoped, Table):
    """A candidate's place in each order of a list, kept by triggers (`list_triggers`): by the newest application,
    the reading, the highest score. What is missing has the greatest value of its column, and comes last.
    """

    __tablename__ = "candidate_orders"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("name_order",)
    __table_args__ = (
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        *(
            Index(f"ix_candidate_orders_{name}", "company_id", "in_pool", column, "candidate_id")
            for name, column in (
                ("applied", "applied_on"),
                ("name", "name_order"),
                ("score", "score"),
                ("stage", "stage_order"),
                ("until", "retain_until"),
                ("updated", "updated_at"),
            )
        ),
        _BEGUN_ANYWHERE,
    )

    candidate_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    in_pool: Mapped[bool]
    """Whether the person is kept for the pool, not for a selection alone (A-4)."""
    applied_on: Mapped[date]
    name_order: Mapped[str] = mapped_column(_SORTED)
    """The key of the reading; people without one come behind it, by the key of the name."""
    stage_order: Mapped[str] = mapped_column(_SORTED)
    """How far the selection came, and the company's word for it."""
    score: Mapped[int]
    retain_until: Mapped[date]
    updated_at: Mapped[Moment]
    """When the person or the newest application changed last."""


class ApplicationCount(CompanyScoped, Table):
    """How many applications stand alike: the sum of `n` over the rows of one cell, kept by triggers (`list_triggers`).

    The cells of `listed` count the rows of `listed_applications`, the others those of `applications`.
    """

    __tablename__ = "application_counts"
    __derived__ = True
    __erasure__ = (keep("counts, and nobody who is counted"),)
    __table_args__ = company_table(
        Index("ix_application_counts_cell", "company_id", "listed", "position_id", "stage", "status", "pending", "n"),
        Index("ix_application_counts_pending", "company_id", "pending", "position_id", "stage", "n"),
    )

    id: Mapped[Key]
    position_id: Mapped[Ref]
    """0 where none is recorded."""
    stage: Mapped[str] = mapped_column(String(100))
    status: Mapped[ApplicationResult] = mapped_column(choice(ApplicationResult, "status"))
    listed: Mapped[bool]
    pending: Mapped[bool]
    """Rejected, and nobody has told the person."""
    n: Mapped[int]


class ResultWord(CompanyScoped, Table):
    """The result that a company's own word in its files means, as HR said once."""

    __tablename__ = "result_words"
    __erasure__ = (keep("words of a company's own files and closed words"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "word_key"),
    )

    id: Mapped[Key]
    word_key: Mapped[str] = mapped_column(String(60))
    result: Mapped[ApplicationResult] = mapped_column(choice(ApplicationResult, "result"))
    changed_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
