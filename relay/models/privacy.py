"""Purposes, terms, public privacy text, never changed (A-1, A-5, A-24); incidents; what a company confirmed by law."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    PartnerScoped,
    Table,
    UtcDateTime,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.candidates import RetentionBasis

_OPEN_OF_ACT = text("closed_at IS NULL AND batch_id IS NOT NULL")


class Purpose(StrEnum):
    """The purposes that stand apart: one does not cover the other (A-1)."""

    SELECTION = "selection"
    POOL = "pool"
    RECORD = "record"
    """To think of whom to tell of an opening by the selection record (②-b, A-42); a company may do without."""
    PROVISION = "provision"


class PurposeText(CompanyScoped, Table):
    """One wording of one purpose; the newest is in force."""

    __tablename__ = "purpose_texts"
    __erasure__ = (keep("a company's own text"),)
    __table_args__ = company_table(UniqueConstraint("company_id", "purpose", "version"))

    id: Mapped[Key]
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose, "purpose"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class RetentionTerm(CompanyScoped, Table):
    """For how many months a company keeps candidates on one basis, from a day on; rows are added, never changed."""

    __tablename__ = "retention_terms"
    __erasure__ = (keep("a company's own numbers"),)
    __table_args__ = company_table(
        CheckConstraint("months BETWEEN 2 AND 24", name="never_for_ever"),
        CheckConstraint("basis = 'consented' OR months <= 12", name="longest_without_consent"),
        Index("ix_retention_terms_company", "company_id", "id"),
    )

    id: Mapped[Key]
    basis: Mapped[RetentionBasis] = mapped_column(choice(RetentionBasis, "basis"))
    months: Mapped[int]
    valid_from: Mapped[date]
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class PrivacyText(CompanyScoped, Table):
    """One version of the company's public page on personal data; the newest published one is shown (A-6)."""

    __tablename__ = "privacy_texts"
    __erasure__ = (keep("a company's own text"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "version"),
        Index("ix_privacy_texts_published", "company_id", "published_at"),
    )

    id: Mapped[Key]
    version: Mapped[int]
    sections: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[Moment]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class Incident(CompanyScoped, Table):
    """An incident with personal data (事故), from the moment it was noticed until it is dealt with (A-37, A-41).

    Mails of one act that were sent by mistake are one incident, while it is open.
    """

    __tablename__ = "incidents"
    __erasure__ = (keep("the company's account of what happened, which names nobody; the law asks for it (APPI 26条)"),)
    __table_args__ = company_table(
        within_company("batch_id", "message_batches"),
        within_company("log_user_id", "users"),
        CheckConstraint("(log_since IS NULL) = (log_until IS NULL)", name="log_period"),
        Index("ix_incidents_company", "company_id", "id"),
        Index(
            "uq_incidents_open_of_act",
            "company_id",
            "batch_id",
            unique=True,
            sqlite_where=_OPEN_OF_ACT,
            postgresql_where=_OPEN_OF_ACT,
        ),
    )

    id: Mapped[Key]
    batch_id: Mapped[int | None] = mapped_column(BigId)
    """The act of writing whose mails it is about; None where the company entered it."""
    what: Mapped[str] = mapped_column(String(100), default="")
    """What happened, in the company's words; empty for mails that were sent by mistake."""
    people: Mapped[int | None]
    """How many people it concerns, where the company entered it and knows."""
    malicious: Mapped[bool] = mapped_column(default=False)
    """Whether somebody may have meant harm: the full report has 60 days then (規則8条2項)."""
    noticed_at: Mapped[Moment]
    """From here the days to report run (規則8条)."""
    account: Mapped[str] = mapped_column(Text, default="")
    """As the company wrote it; until then pages draw it up from what is known."""
    log_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From here on the log is asked whom it concerns (A-40); None while nobody has asked."""
    log_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    log_user_id: Mapped[int | None] = mapped_column(BigId)
    """Whose openings and files are meant; None for those of everybody."""
    log_exports: Mapped[bool] = mapped_column(default=False)
    """Whether those who were in the records when a list was written out are meant, too."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_user_id: Mapped[int | None] = mapped_column(BigId)


class PartnerIncident(PartnerScoped, Table):
    """An incident that a partner noticed with what it holds, as it reported it; the references are told no company."""

    __tablename__ = "partner_incidents"
    __erasure__ = (keep("the partner's report of what happened, which names nobody; the law asks for it (APPI 26条)"),)
    __table_args__ = (
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        CheckConstraint("people IS NULL OR people >= 0", name="people"),
        Index("ix_partner_incidents_partner", "partner_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    what: Mapped[str] = mapped_column(String(100))
    noticed_at: Mapped[Moment]
    """From here the days to report run (規則8条)."""
    codes: Mapped[list[str]] = mapped_column(JSON)
    """The references of the people concerned, as far as the partner knows them."""
    people: Mapped[int | None]
    """How many people it concerns; None while that is being found out."""
    malicious: Mapped[bool] = mapped_column(default=False)
    """As an incident's of a company."""
    measures: Mapped[str] = mapped_column(Text, default="")
    """What was done."""
    reported_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class LegalItem(StrEnum):
    """The open questions of law that a company confirms with its counsel or the labour office (0.5)."""

    NO_REWARD = "no-reward"
    UNIFORM_RULE = "uniform-rule"
    CONTACT_AGAIN = "contact-again"
    SELECTION_RECORD = "selection-record"
    RELATED_COMPANIES = "related-companies"


class LegalCheck(CompanyScoped, Table):
    """One item of the legal checklist as the company keeps it: who looks after it, and when it was confirmed."""

    __tablename__ = "legal_checks"
    __erasure__ = (keep("who of a company or its counsel looks after a question of law"),)
    __table_args__ = company_table(UniqueConstraint("company_id", "item"))

    id: Mapped[Key]
    item: Mapped[LegalItem] = mapped_column(choice(LegalItem, "item"))
    owner: Mapped[str] = mapped_column(String(60), default="")
    confirmed_on: Mapped[date | None]
    """The day counsel or the labour office confirmed it; None while it is open."""
    changed_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
