"""Alerts (お知らせ): what a saved search or an open position found since, each person once, and who is told."""

from datetime import date, datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
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

HASH_LENGTH = 64
TOO_WIDE = "+"
"""Begins the hash of what asks for more people than anybody can be told of: the alert rests."""


class AlertReason(Labelled):
    """Reasons for which a person was found. A position knows two reasons, each of which HR can check in the record."""

    SEARCH = "search", _l("保存した条件に合います")
    ROLE = "role", _l("求人と同じ職種が、記録にあります")
    QUALIFICATIONS = "qualifications", _l("求人に必要な資格が、すべて記録にあります")


class CheckCause(StrEnum):
    """Causes for looking at a person; of several causes for one person the first here counts."""

    NEW = "new"
    """They came."""
    SAME = "same"
    """They are who they were: merged, called otherwise, put back."""
    CHANGED = "changed"
    """Something was written about them."""


class Alert(CompanyScoped, Table):
    """A saved search or a position that speaks up when people come to fit."""

    __tablename__ = "alerts"
    __erasure__ = (keep("which search or position speaks up; whom it found goes with each person"),)
    __table_args__ = company_table(
        within_company("search_id", "saved_searches", ondelete="CASCADE"),
        within_company("position_id", "positions", ondelete="CASCADE"),
        UniqueConstraint("company_id", "search_id"),
        UniqueConstraint("company_id", "position_id"),
        CheckConstraint("(search_id IS NULL) <> (position_id IS NULL)", name="of_one"),
    )

    id: Mapped[Key]
    search_id: Mapped[int | None] = mapped_column(BigId)
    position_id: Mapped[int | None] = mapped_column(BigId)
    criteria_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    """What it asked for when everybody who fits was last taken as known; after TOO_WIDE, when they were too many."""
    created_at: Mapped[Moment]


class AlertHit(CompanyScoped, Table):
    """A person whom an alert found, once for each reason and for ever; never announced where they fitted before.

    Without a foreign key to the person: one who is gone by a merge or an undone import may come back, and is the same.
    """

    __tablename__ = "alert_hits"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.UNDO,)
    __personal__ = ("person_hash",)
    __table_args__ = company_table(
        within_company("alert_id", "alerts", ondelete="CASCADE"),
        UniqueConstraint("company_id", "alert_id", "candidate_id", "reason"),
        Index("ix_alert_hits_company_candidate", "company_id", "candidate_id"),
        Index(
            "ix_alert_hits_announced",
            "company_id",
            "id",
            sqlite_where=text("announced_at IS NOT NULL"),
            postgresql_where=text("announced_at IS NOT NULL"),
        ),
        Index(
            "ix_alert_hits_gone",
            "company_id",
            "gone_at",
            sqlite_where=text("gone_at IS NOT NULL"),
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    alert_id: Mapped[Ref]
    candidate_id: Mapped[Ref]
    reason: Mapped[AlertReason] = mapped_column(choice(AlertReason, "reason"))
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the person went by an act that can be taken back."""
    person_hash: Mapped[str] = mapped_column(String(64), default="")
    """The keyed hash by which somebody is known again whose import was undone."""


class QueuedAlertCheck(CompanyScoped, Table):
    """Something about this person changed, so the alerts will look at them; gone when they have."""

    __tablename__ = "alert_checks"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        Index("ix_alert_checks_company_id", "company_id", "id"),
        Index("ix_alert_checks_company_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    cause: Mapped[CheckCause] = mapped_column(choice(CheckCause, "cause"))


class AlertSubscription(CompanyScoped, Table):
    """A member who wants to be told of what an alert finds after `after_hit_id`."""

    __tablename__ = "alert_subscriptions"
    __erasure__ = (keep("a colleague's wish to be told"),)
    __table_args__ = company_table(
        within_company("alert_id", "alerts", ondelete="CASCADE"),
        within_company("user_id", "users"),
        UniqueConstraint("company_id", "user_id", "alert_id"),
        Index("ix_alert_subscriptions_alert", "company_id", "alert_id"),
    )

    id: Mapped[Key]
    alert_id: Mapped[Ref]
    user_id: Mapped[Ref]
    after_hit_id: Mapped[Ref]
    created_at: Mapped[Moment]


class AlertReader(CompanyScoped, Table):
    """How far a member has been told and has looked, and whether mails are wanted at all."""

    __tablename__ = "alert_readers"
    __erasure__ = (keep("a colleague's place in a list"),)
    __table_args__ = company_table(
        within_company("user_id", "users"),
        UniqueConstraint("company_id", "user_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    mailed_on: Mapped[date | None]
    mailed_hit_id: Mapped[int] = mapped_column(BigId, default=0)
    seen_hit_id: Mapped[int] = mapped_column(BigId, default=0)
    mail_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
