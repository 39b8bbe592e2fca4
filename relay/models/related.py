"""関連会社: legal persons a company may tell of a person who said so for each of them, the words, and the records."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
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
from relay.models.consents import PROVISION_TERM

_NAMED = text("removed_at IS NULL")
_STANDING = text("ended_at IS NULL")


class RelatedEnd(StrEnum):
    """The ways in which the word about a related company ends."""

    TAKEN_BACK = "taken-back"
    """By the person, on a page of theirs."""
    HEARD = "heard"
    """By the person, who told the company."""
    REMOVED = "removed"
    """The company names the related company no more, or another legal person in its place."""


class RelatedCompany(CompanyScoped, Table):
    """One legal person that a company names as related to it. A row never becomes another one (法人番号)."""

    __tablename__ = "related_companies"
    __erasure__ = (keep("a company, not a person"),)
    __table_args__ = company_table(
        Index(
            "uq_related_companies_named",
            "company_id",
            "corporate_number",
            unique=True,
            sqlite_where=_NAMED,
            postgresql_where=_NAMED,
        ),
    )

    id: Mapped[Key]
    corporate_number: Mapped[str] = mapped_column(String(13))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300))
    representative: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[Moment]
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class RelatedConsent(CompanyScoped, Table):
    """A person's word that the company may tell one related company of them: words and recipient as shown (A-11).

    One row for each recipient, and never widened. The profile is a value; None where it was given without one.
    """

    __tablename__ = "related_consents"
    __erasure__ = (delete("candidate", "candidate_id"), delete("profile", "profile_id"))
    __retention__ = (retention.CANDIDATE, retention.PROFILE)
    __personal__ = ("ip", "agent")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("related_company_id", "related_companies"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("ix_related_consents_candidate", "company_id", "candidate_id", "id"),
        Index("ix_related_consents_profile", "profile_id"),
        Index(
            "ix_related_consents_standing",
            "company_id",
            "related_company_id",
            "id",
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    profile_id: Mapped[int | None] = mapped_column(BigId)
    related_company_id: Mapped[Ref]
    recipient: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Name, address, representative, contact and 法人番号 as the person read them."""
    items: Mapped[list[str]] = mapped_column(JSON)
    wording_version: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text)
    wording_hash: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5))
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[RelatedEnd | None] = mapped_column(choice(RelatedEnd, "ended_by"))


class RelatedProvision(CompanyScoped, Table):
    """The legal record that a company told a related company of a person: snapshots, kept for three years (A-16…A-20).

    Candidate, profile and consent are values: the record outlives them.
    """

    __tablename__ = "related_provisions"
    __erasure__ = (
        keep(PROVISION_TERM, "candidate", "candidate_id"),
        keep(PROVISION_TERM, "profile", "profile_id"),
    )
    __retention__ = (retention.RELATED_PROVISION,)
    __personal__ = ("person_name",)
    __table_args__ = company_table(
        Index("ix_related_provisions_consent", "company_id", "consent_id", "id"),
        Index("ix_related_provisions_profile", "profile_id", "id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    profile_id: Mapped[int | None] = mapped_column(BigId)
    consent_id: Mapped[Ref]
    consented_at: Mapped[Moment]
    at: Mapped[Moment]
    person_name: Mapped[str] = mapped_column(String(200))
    items: Mapped[list[str]] = mapped_column(JSON)
    company_snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    recipient: Mapped[dict[str, Any]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(BigId)
    keep_until: Mapped[date] = mapped_column(index=True)
