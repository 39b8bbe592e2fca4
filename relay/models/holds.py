"""Holds: a candidate who must not be erased yet, for a reason of a closed list and until a day (A-28)."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, text
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
    within_company,
)
from relay.models.labels import Labelled

_NOT_RELEASED = text("released_at IS NULL")


class HoldReason(Labelled):
    """Why an erasure waits; what is written of a person in an argument belongs elsewhere."""

    DISPUTE = "dispute", _l("争いに備えて、記録が必要なため")
    REQUEST = "request", _l("開示などの請求に対応しているため")
    INCIDENT = "incident", _l("事故を調べているため")
    LAW = "law", _l("法令により、保存が必要なため")


class Hold(CompanyScoped, Table):
    """One person's erasure is put off (消去の保留), by one member of the company, until the end of a day."""

    __tablename__ = "holds"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("owner_user_id", "users"),
        CheckConstraint("(released_at IS NULL) = (released_by_user_id IS NULL)", name="released"),
        Index("ix_holds_company_candidate", "company_id", "candidate_id"),
        Index("ix_holds_standing", "company_id", "until", sqlite_where=_NOT_RELEASED, postgresql_where=_NOT_RELEASED),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    reason: Mapped[HoldReason] = mapped_column(choice(HoldReason, "reason"))
    until: Mapped[date]
    """The last day on which the person may not be erased."""
    owner_user_id: Mapped[Ref]
    """Who answers for it."""
    at: Mapped[Moment]
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_by_user_id: Mapped[int | None] = mapped_column(BigId)
