"""Partners, the partnerships between a company and a partner, and how far agents have been told of who came."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    PartnerScoped,
    Ref,
    Table,
    UtcDateTime,
    choice,
    company_table,
    keep,
)


class PartnerKind(StrEnum):
    """Agencies introduce people to jobs under a licence; schools teach."""

    AGENCY = "agency"
    SCHOOL = "school"


class Partner(Table):
    """A recruitment agency or a school, with what the law wants named to the candidate (A-9, B-10, B-13)."""

    __tablename__ = "partners"
    __erasure__ = (keep("a partner, not a candidate"),)
    __table_args__ = (
        CheckConstraint("kind <> 'agency' OR license_number IS NOT NULL", name="agency_has_license"),
        CheckConstraint(
            "NOT introduces_jobs OR (kind = 'school' AND notification_number IS NOT NULL)", name="notified_school"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[PartnerKind] = mapped_column(choice(PartnerKind, "kind"))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300))
    representative: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="JP")
    corporate_number: Mapped[str | None] = mapped_column(String(13))
    """法人番号: who the partner is by law. Without one the licence number stands for it (sole proprietors, A-43)."""
    license_number: Mapped[str | None] = mapped_column(String(20), unique=True)
    license_since: Mapped[date | None]
    license_until: Mapped[date | None]
    notification_number: Mapped[str | None] = mapped_column(String(20))
    """届出受理番号 of a school that introduces its students and graduates to jobs (職安法33条の2, B-33)."""
    introduces_jobs: Mapped[bool] = mapped_column(default=False)
    """Whether such a school chose, after a look-up, that candidates may agree to that purpose, too."""
    office: Mapped[str] = mapped_column(String(300), default="")
    """事業所の名称・所在地, where it differs from name and address (B-10)."""
    manager: Mapped[str] = mapped_column(String(100), default="")
    """職業紹介責任者 (B-10)."""
    complaints: Mapped[str] = mapped_column(String(200), default="")
    """苦情の申出先 (B-10)."""
    notices_url: Mapped[str] = mapped_column(String(300), default="")
    """Its notices on kinds of jobs, fees, complaints, personal data, refunds (B-13)."""
    fees_url: Mapped[str] = mapped_column(String(300), default="")
    register_url: Mapped[str] = mapped_column(String(300), default="")
    """Its page on 人材サービス総合サイト (B-10)."""
    second_factor_required: Mapped[bool] = mapped_column(default=True)
    """As a company's."""
    checked_on: Mapped[date | None]
    checked_by: Mapped[str] = mapped_column(String(60), default="")
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]


class Partnership(CompanyScoped, PartnerScoped, Table):
    """The partnership between a company and a partner; ended, it shares nothing any more."""

    __tablename__ = "partnerships"
    __erasure__ = (keep("a tie between organisations"),)
    __table_args__ = company_table(
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        Index(
            "uq_partnerships_standing",
            "company_id",
            "partner_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("fee_table_allows_on IS NULL OR free_introductions_per_year > 0", name="allowed_for_some"),
    )

    id: Mapped[Key]
    rules_version: Mapped[str] = mapped_column(String(20))
    accepted_on: Mapped[date]
    """The day from which both had accepted the rules."""
    company_accepted_on: Mapped[date | None]
    company_accepted_by_user_id: Mapped[int | None] = mapped_column(BigId)
    partner_accepted_on: Mapped[date | None]
    partner_accepted_by_user_id: Mapped[int | None] = mapped_column(BigId)
    free_introductions_per_year: Mapped[int | None]
    """How many credits the partner says it honours a year: none at 0, not said where empty."""
    fee_table_allows_on: Mapped[date | None]
    """When the partner last said that its 手数料表 allows them and a hire costs nothing; None: not yet (B-18)."""
    fee_table_allows_by_user_id: Mapped[int | None] = mapped_column(BigId)
    checked_on: Mapped[date | None]
    """When the company looked the partner up on the public register (B-11)."""
    checked_by_user_id: Mapped[int | None] = mapped_column(BigId)
    checked_note: Mapped[str] = mapped_column(String(200), default="")
    look_up_by: Mapped[date | None]
    """The last day on which the partner still sees the company's people unless it is looked up again; None: no end."""
    created_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MorningReader(PartnerScoped, Table):
    """How far an agent has been told of who came, and whether the mail of the morning is wanted at all."""

    __tablename__ = "morning_readers"
    __erasure__ = (keep("an agent's place in what was told"),)
    __table_args__ = (
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        UniqueConstraint("user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    mailed_on: Mapped[date | None]
    """The day of the last mail: of each day there is one at most."""
    told_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """What came until then was in a mail that left; None: nothing was, since the agent joined."""
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the agent stopped these mails; None while they are wanted."""
