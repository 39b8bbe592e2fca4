"""Result mails sent by mistake (誤って送った): what the company declared, and what the person is asked about it.

The company sees the first table alone; whether anybody had registered is in the second, which is the person's.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    ProfileScoped,
    Ref,
    Table,
    UtcDateTime,
    blank,
    choice,
    company_table,
    delete,
    within_company,
)


class MistakeKind(StrEnum):
    """The fault of a mail."""

    RESULT = "result"
    ADDRESS = "address"
    TEXT = "text"


class Mistake(CompanyScoped, Table):
    """A result mail that its company declared as sent by mistake: once per mail, and never taken back."""

    __tablename__ = "mistakes"
    __erasure__ = (blank("candidate", "candidate_id", "candidate_id"),)
    __table_args__ = company_table(
        within_company("message_id", "messages"),
        within_company("candidate_id", "candidates"),
        within_company("relay_link_id", "relay_links"),
        within_company("apology_id", "messages"),
        within_company("incident_id", "incidents"),
        UniqueConstraint("company_id", "message_id"),
        Index("ix_mistakes_company_candidate", "company_id", "candidate_id"),
        Index("ix_mistakes_company_link", "company_id", "relay_link_id"),
        Index("ix_mistakes_company_incident", "company_id", "incident_id"),
    )

    id: Mapped[Key]
    message_id: Mapped[Ref]
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[MistakeKind] = mapped_column(choice(MistakeKind, "kind"))
    reopened: Mapped[bool]
    """Whether a rejection that the mail had made was taken back with it."""
    contact_name: Mapped[str] = mapped_column(String(60))
    """The colleague whom the person who got the mail can call; named on the page behind its link."""
    contact_phone: Mapped[str] = mapped_column(String(40))
    relay_link_id: Mapped[int | None] = mapped_column(BigId)
    """The link that was frozen."""
    apology_id: Mapped[int | None] = mapped_column(BigId)
    """The newest mail of apology."""
    incident_id: Mapped[Ref]
    """The incident it was entered in (A-41)."""
    at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class MistakenInvitation(ProfileScoped, Table):
    """A person who had registered by a link that was sent by mistake; the own page asks once whether to go on."""

    __tablename__ = "mistaken_invitations"
    __erasure__ = (delete("profile", "profile_id"),)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        UniqueConstraint("profile_id", "company_id", "relay_link_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[Ref]
    relay_link_id: Mapped[Ref]
    asked_at: Mapped[Moment]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
