"""People who may be one: the keys by which they meet, the pairs to look at, what HR said of them, who was merged."""

from sqlalchemy import JSON, BigInteger, Index, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    company_table,
    delete,
    within_company,
)


class MatchKey(CompanyScoped, Table):
    """A block key of one candidate: 64 bits of a hash of mail, phone, name or parts of them."""

    __tablename__ = "match_keys"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("key",)
    __table_args__ = (
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        PrimaryKeyConstraint("candidate_id", "key"),
        Index("ix_match_keys_company_key", "company_id", "key", "candidate_id"),
    )

    candidate_id: Mapped[Ref]
    key: Mapped[int] = mapped_column(BigInteger)


class MatchCheck(CompanyScoped, Table):
    """A new or changed person who is still to be compared; the database itself notes them (relay.models.triggers)."""

    __tablename__ = "match_checks"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = (
        within_company("candidate_id", "candidates", ondelete="CASCADE"),
        Index("ix_match_checks_company", "company_id", "candidate_id"),
    )

    candidate_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class DuplicatePair(CompanyScoped, Table):
    """Two people, the smaller id first, who may be one: how likely, and why. Remade when one of them changes."""

    __tablename__ = "duplicate_pairs"
    __derived__ = True
    __erasure__ = (delete("candidate", "one_id"), delete("candidate", "other_id"))
    __table_args__ = company_table(
        within_company("one_id", "candidates", ondelete="CASCADE"),
        within_company("other_id", "candidates", ondelete="CASCADE"),
        UniqueConstraint("company_id", "one_id", "other_id"),
        Index("ix_duplicate_pairs_company_other", "company_id", "other_id"),
        Index("ix_duplicate_pairs_company_rank", "company_id", "rank", "id"),
    )

    id: Mapped[Key]
    one_id: Mapped[Ref]
    other_id: Mapped[Ref]
    score: Mapped[float]
    rank: Mapped[float]
    """Its place in the queue: the score, and before all scores what a file itself calls a duplicate (重複)."""
    by_file: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[str]] = mapped_column(JSON)
    found_at: Mapped[Moment]


class DifferentPeople(CompanyScoped, Table):
    """Two people of whom HR said that they are not the same person."""

    __tablename__ = "different_people"
    __erasure__ = (delete("candidate", "one_id"), delete("candidate", "other_id"))
    __table_args__ = company_table(
        within_company("one_id", "candidates"),
        within_company("other_id", "candidates"),
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "one_id", "other_id"),
        Index("ix_different_people_company_other", "company_id", "other_id"),
    )

    id: Mapped[Key]
    one_id: Mapped[Ref]
    other_id: Mapped[Ref]
    by_file: Mapped[bool] = mapped_column(default=False)
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[Moment]


class Merge(CompanyScoped, Table):
    """A record that became part of another: its old id leads to the one that stayed.

    The random key of the merged record is noted with the other's when the person is erased, so that a backup from
    before the merge is cleaned of both. A wish to be erased finds the person by the address that did not stay, too.
    """

    __tablename__ = "merges"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("email_key",)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "merged_id"),
        Index("ix_merges_company_candidate", "company_id", "candidate_id"),
        Index("ix_merges_email", "email_key"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    merged_id: Mapped[Ref]
    erasure_key: Mapped[str] = mapped_column(String(32))
    email_key: Mapped[str] = mapped_column(String(254), default="")
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[Moment]
