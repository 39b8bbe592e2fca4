"""Searches of the pool that a user saved under a name."""

from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import CompanyScoped, Key, Moment, Ref, Table, company_table, keep, within_company


class SavedSearch(CompanyScoped, Table):
    """A search under a name: its owner's own, or shared with everybody in the company."""

    __tablename__ = "saved_searches"
    __erasure__ = (keep("a colleague's question; one in which an erased person's name stands goes with the person"),)
    __retention__ = (retention.SAVED_SEARCH,)
    __personal__ = ("name", "name_key", "conditions")
    __table_args__ = company_table(
        within_company("user_id", "users"),
        UniqueConstraint("company_id", "user_id", "name_key"),
        Index("ix_saved_searches_company_shared", "company_id", "shared", "name_key"),
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As relay.search.query_values writes them."""
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
