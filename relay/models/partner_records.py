"""Rows that a partner keeps for itself about the people it is given: its own words, and no part of what is provided.

They end with the last share of the partner and the person: from then on nobody is shown them, and the sweep takes them.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import Key, Moment, PartnerScoped, ProfileScoped, Ref, Table, UtcDateTime, choice, delete
from relay.models.partner_people import WorkState

CONTACT = (WorkState.CONTACTED, WorkState.GUIDED)
"""The states that the person is told of, as 連絡済み; no other is."""
_ENDED = text("ended_at IS NOT NULL")


class PartnerNote(ProfileScoped, PartnerScoped, Table):
    """A memo of a partner about a person, written by one of its people."""

    __tablename__ = "partner_notes"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PARTNER_RECORD,)
    __personal__ = ("body",)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(["by_user_id"], ["users.id"]),
        Index("ix_partner_notes_person", "partner_id", "profile_id", "id"),
        Index("ix_partner_notes_profile", "profile_id"),
        Index("ix_partner_notes_ended", "ended_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    body: Mapped[str] = mapped_column(Text)
    by_user_id: Mapped[Ref]
    at: Mapped[Moment]
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last share ended; such a row is never shown again, also where the person agrees anew."""


class WorkChange(ProfileScoped, PartnerScoped, Table):
    """One change of how far a partner is with a person: who, when, from which state to which."""

    __tablename__ = "work_changes"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PARTNER_RECORD,)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(["by_user_id"], ["users.id"]),
        CheckConstraint("was <> became", name="another"),
        Index("ix_work_changes_person", "partner_id", "profile_id", "id"),
        Index("ix_work_changes_profile", "profile_id"),
        Index("ix_work_changes_ended", "ended_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    was: Mapped[WorkState] = mapped_column(choice(WorkState, "was"))
    became: Mapped[WorkState] = mapped_column(choice(WorkState, "became"))
    by_user_id: Mapped[Ref]
    at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """As of a memo."""
