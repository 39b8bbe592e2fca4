"""Points that a company learned from what came of its own mails, and of how many people."""

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import CompanyScoped, Key, Moment, Table, company_table, keep


class LearnedWeight(CompanyScoped, Table):
    """The learned points of one part of the order of people for a position; a company without rows has the stated ones.

    Made again every day from the 再スカウト that are there, so that what an erased person brought is gone with the day.
    """

    __tablename__ = "learned_weights"
    __erasure__ = (keep("points and numbers of people, made again each day from those who are there (A-27)"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "part"),
        CheckConstraint("thousandths >= 0", name="thousandths"),
        CheckConstraint("agreed BETWEEN 0 AND people", name="agreed"),
    )

    id: Mapped[Key]
    part: Mapped[str] = mapped_column(String(20))
    thousandths: Mapped[int]
    """Of a point."""
    people: Mapped[int]
    """How many people with this part were written to, and have answered or had time to."""
    agreed: Mapped[int]
    """How many of them wanted to hear more."""
    fitted_at: Mapped[Moment]
