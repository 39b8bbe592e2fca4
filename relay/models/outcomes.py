"""Outcomes (その後) of people: told by partners and by the people themselves, and what a company may know of it.

Words are added and never changed: who takes one back adds another. A company reads one person's by that person's word,
else numbers in full tens, in which nobody is whose outcome it reads (`relay.network.outcomes`).
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
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
    keep,
    within_company,
)
from relay.models.labels import Labelled
from relay.models.partners import PartnerKind

_STANDING = text("ended_at IS NULL")


class OutcomeKind(Labelled):
    """The kinds of what becomes of a person; the last two are read from the company's own record and never told."""

    INTERVIEW = "interview", _l("面談・面接")
    OFFER = "offer", _l("内定")
    HIRED_ELSEWHERE = "hired-elsewhere", _l("ほかの会社に入社")
    STILL_THERE_6 = "still-there-6", _l("入社から6か月後も在籍")
    STILL_THERE_12 = "still-there-12", _l("入社から12か月後も在籍")
    COURSE_FINISHED = "course-finished", _l("講座の修了")
    HIRED_HERE = "hired-here", _l("自社に入社")
    REAPPLIED = "re-applied", _l("自社に再応募")

    @classmethod
    def of(cls, kind: PartnerKind | None) -> tuple["OutcomeKind", ...]:
        """Return what this kind of partner tells; without one, what the person does."""
        if kind is None:
            return _OF_PEOPLE
        return _OF_SCHOOLS if kind is PartnerKind.SCHOOL else _OF_AGENCIES


_OF_AGENCIES = (
    *(OutcomeKind.INTERVIEW, OutcomeKind.OFFER, OutcomeKind.HIRED_ELSEWHERE),
    *(OutcomeKind.STILL_THERE_6, OutcomeKind.STILL_THERE_12),
)
_OF_SCHOOLS = (OutcomeKind.COURSE_FINISHED, OutcomeKind.HIRED_ELSEWHERE)
_OF_PEOPLE = (*_OF_AGENCIES, OutcomeKind.COURSE_FINISHED)


class Outcome(ProfileScoped, Table):
    """One word about what became of a person: `so` says that it happened, else that it did not. Never changed.

    Of each teller the last word on a kind is in force. The profile's alone: a company has no scope that reaches it.
    """

    __tablename__ = "outcomes"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PROFILE,)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(["by_user_id"], ["users.id"]),
        CheckConstraint("(partner_id IS NULL) = (by_user_id IS NULL)", name="one_teller"),
        CheckConstraint("kind NOT IN ('hired-here', 're-applied')", name="told"),
        Index("ix_outcomes_profile", "profile_id", "id"),
        Index("ix_outcomes_kind", "kind", "profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    partner_id: Mapped[int | None] = mapped_column(BigId)
    """The partner that says so; None where the person does."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[OutcomeKind] = mapped_column(choice(OutcomeKind, "kind"))
    so: Mapped[bool]
    at: Mapped[Moment]


class OutcomeConsent(CompanyScoped, Table):
    """A person's word that one company may read what became of them, under the words shown beside it (A-11).

    The row outlives the company's record of the candidate: who agreed once is in no number of that company.
    """

    __tablename__ = "outcome_consents"
    __erasure__ = (blank("candidate", "candidate_id", "candidate_id"), delete("profile", "profile_id"))
    __retention__ = (retention.PROFILE,)
    __personal__ = ("ip", "agent")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        Index("ix_outcome_consents_candidate", "company_id", "candidate_id", "id"),
        Index("ix_outcome_consents_profile", "profile_id"),
        Index(
            "uq_outcome_consents_standing",
            "company_id",
            "profile_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[Key]
    profile_id: Mapped[Ref]
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    wording_version: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text)
    wording_hash: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5))
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CountedOutcome(ProfileScoped, Table):
    """A person who is in one company's number of a kind, for good: that company never reads it of them by name."""

    __tablename__ = "counted_outcomes"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PROFILE,)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        UniqueConstraint("company_id", "kind", "profile_id"),
        Index("ix_counted_outcomes_profile", "profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[Ref]
    kind: Mapped[OutcomeKind] = mapped_column(choice(OutcomeKind, "kind"))


class OutcomeTotal(CompanyScoped, Table):
    """How many people a kind became true of, in full tens; it never falls, and names nobody (A-45)."""

    __tablename__ = "outcome_totals"
    __erasure__ = (keep("totals of full tens"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "kind"),
        CheckConstraint("people > 0 AND people / 10 * 10 = people", name="full_tens"),
    )

    id: Mapped[Key]
    kind: Mapped[OutcomeKind] = mapped_column(choice(OutcomeKind, "kind"))
    people: Mapped[int]
    taken_at: Mapped[Moment]
