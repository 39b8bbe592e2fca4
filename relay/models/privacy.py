"""Purposes of a company's use of personal data, and its public privacy text: versions, never changed (A-1, A-5)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import BigId, CompanyScoped, Key, Moment, Table, UtcDateTime, choice, company_table, keep


class Purpose(StrEnum):
    """The purposes that stand apart: one does not cover the other (A-1)."""

    SELECTION = "selection"
    POOL = "pool"
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
