"""Rules that tag people and set their follow-up by themselves (タグの自動設定), and to whom each was applied."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
from relay.models.candidates import FollowUp

MAX_CONDITION = 200


class TagRule(CompanyScoped, Table):
    """A search, and what is done by itself to people who fit it: a tag, a follow-up where none is set, or both."""

    __tablename__ = "tag_rules"
    __erasure__ = (keep("a company's own condition about work and selection, not a person's datum"),)
    __table_args__ = company_table(
        within_company("tag_id", "tags"),
        within_company("by_user_id", "users"),
        CheckConstraint("tag_id IS NOT NULL OR follow_up IS NOT NULL", name="does_something"),
        Index("ix_tag_rules_company_on", "company_id", "switched_on_at"),
        Index("ix_tag_rules_company_tag", "company_id", "tag_id"),
    )

    id: Mapped[Key]
    condition: Mapped[str] = mapped_column(String(MAX_CONDITION))
    """In the language of the search box."""
    tag_id: Mapped[int | None] = mapped_column(BigId)
    follow_up: Mapped[FollowUp | None] = mapped_column(choice(FollowUp, "follow_up"))
    switched_on_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]


class AppliedRule(CompanyScoped, Table):
    """A rule was applied to this person: it never does so twice, so what HR changes afterwards stays."""

    __tablename__ = "rule_hits"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        within_company("rule_id", "tag_rules", ondelete="CASCADE"),
        UniqueConstraint("company_id", "rule_id", "candidate_id"),
        Index("ix_rule_hits_company_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    rule_id: Mapped[Ref]
    candidate_id: Mapped[Ref]
    at: Mapped[Moment]


class QueuedRuleCheck(CompanyScoped, Table):
    """Something about this person changed, so the rules will look at them; gone when they have."""

    __tablename__ = "rule_checks"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        Index("ix_rule_checks_company_id", "company_id", "id"),
        Index("ix_rule_checks_company_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
