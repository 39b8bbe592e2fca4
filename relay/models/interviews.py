"""Interviews: times a company offers for a position, and the people invited to pick one of them (面談)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    company_table,
    delete,
    keep,
    within_company,
)

MAX_PLACE = 300
MIN_MINUTES, MAX_MINUTES = 5, 480
_OPEN = text("closed_at IS NULL")
_WITHOUT_TIME = text("closed_at IS NULL AND slot_id IS NULL")


class Slot(CompanyScoped, Table):
    """A time offered for a position (面談の候補日時), with place or meeting link. Removed, the row is deleted."""

    __tablename__ = "interview_slots"
    __erasure__ = (keep("a time of a company; who comes then is told by the invitation"),)
    __table_args__ = company_table(
        within_company("position_id", "positions"),
        UniqueConstraint("company_id", "position_id", "starts_at", "place"),
        CheckConstraint(f"minutes BETWEEN {MIN_MINUTES} AND {MAX_MINUTES}", name="minutes"),
        Index("ix_interview_slots_company_start", "company_id", "starts_at", "id"),
    )

    id: Mapped[Key]
    position_id: Mapped[int | None] = mapped_column(BigId)
    """None offers it to nobody: two positions were merged, and the same time and place was taken for each."""
    starts_at: Mapped[Moment]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(MAX_PLACE), default="")
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]


class InterviewInvitation(CompanyScoped, Table):
    """A person asked to pick a time (面談のご案内), and the time they picked: one open invitation an application.

    A slot belongs to one invitation at most. One whose application has a result is open no more, whatever `closed_at`
    says, so that a result that is taken back leaves it as it was.
    """

    __tablename__ = "interview_invitations"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications", ondelete="CASCADE"),
        within_company("slot_id", "interview_slots"),
        UniqueConstraint("company_id", "slot_id"),
        CheckConstraint("(slot_id IS NULL) = (booked_at IS NULL)", name="booked"),
        Index(
            "uq_interview_invitations_open",
            "company_id",
            "application_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_interview_invitations_without_time",
            "company_id",
            "application_id",
            sqlite_where=_WITHOUT_TIME,
            postgresql_where=_WITHOUT_TIME,
        ),
        Index("ix_interview_invitations_application", "company_id", "application_id", "id"),
        Index("ix_interview_invitations_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    application_id: Mapped[Ref]
    slot_id: Mapped[int | None] = mapped_column(BigId)
    """The time that was picked."""
    booked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    """Names the appointment in calendars, whatever becomes of it (RFC 5545 3.8.4.7)."""
    sequence: Mapped[int] = mapped_column(default=0)
    """How often calendars were told of it: by that they know the newest (RFC 5546 2.1.4)."""
    times_wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person waits for new times: they are written to as soon as there are some."""
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[Moment]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    """The member who invited, and is written to; None where the person's own answer did."""
