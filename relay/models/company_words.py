"""A company's own words for work (この会社の言い方): what they mean in the words that everybody uses."""

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import BigId, CompanyScoped, Key, Moment, Table, company_table, keep

MAX_WORD = 30


class CompanyWord(CompanyScoped, Table):
    """A word of one company, and the occupation, qualification or kind of work it means."""

    __tablename__ = "company_words"
    __erasure__ = (keep("a company's word for work, not a person's datum"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "word_key"),
        CheckConstraint("length(word_key) >= 2", name="long_enough"),
    )

    id: Mapped[Key]
    word: Mapped[str] = mapped_column(String(MAX_WORD))
    word_key: Mapped[str] = mapped_column(String(4 * MAX_WORD))
    """As texts are compared (relay.text.job_terms.plain)."""
    meaning: Mapped[str] = mapped_column(String(MAX_WORD))
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
