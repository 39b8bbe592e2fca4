"""Costs of hiring by month, kind and channel, the files that brought them, and what a company compares them with."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Table,
    UtcDateTime,
    blank,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.labels import Labelled

_OF_MONTH = text("NOT of_hire")


class CostKind(Labelled):
    """The kinds of costs of hiring (費目), in the order in which pages show them."""

    ADVERTISING = "advertising", _l("求人広告・媒体")
    AGENCY_FEE = "agency_fee", _l("紹介手数料")
    RELAY = "relay", _l("Relayの費用")
    OTHER = "other", _l("その他の採用費用")


class CostFileState(StrEnum):
    """The states of a file of costs: it waits for a look, its sums are in, or they were taken out again."""

    PREVIEWED = "previewed"
    APPLIED = "applied"
    UNDONE = "undone"


class CostFile(CompanyScoped, Table):
    """A file of costs that was read. It holds months, kinds, channels and sums, never a cell of another column."""

    __tablename__ = "cost_files"
    __erasure__ = (keep("sums of a company, by its own words for channels"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        within_company("undone_by_user_id", "users"),
        Index("ix_cost_files_company", "company_id", "id"),
    )

    id: Mapped[Key]
    state: Mapped[CostFileState] = mapped_column(choice(CostFileState, "state"))
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was read, while it waits for a look; empty afterwards."""
    changes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    """What applying changed: month, kind, channel, the yen and the file before, the yen since."""
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_user_id: Mapped[int | None] = mapped_column(BigId)


class Cost(CompanyScoped, Table):
    """The cost of one month, of one kind and by one channel; or the fee of one hire, a sum that outlives the person.

    There is one sum of a month, kind and channel, so that typing or bringing it again corrects it and never doubles it.
    """

    __tablename__ = "costs"
    __erasure__ = (blank("candidate", "candidate_id", "candidate_id", "application_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        within_company("file_id", "cost_files"),
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "application_id"),
        CheckConstraint("yen >= 0", name="yen"),
        CheckConstraint("(candidate_id IS NULL) = (application_id IS NULL)", name="one_person"),
        CheckConstraint("of_hire OR application_id IS NULL", name="of_hire"),
        Index("ix_costs_company_month", "company_id", "month", "kind", "channel", "yen"),
        Index("ix_costs_company_candidate", "company_id", "candidate_id"),
        Index("ix_costs_company_file", "company_id", "file_id"),
        Index(
            "uq_costs_of_month",
            "company_id",
            "month",
            "kind",
            "channel",
            unique=True,
            sqlite_where=_OF_MONTH,
            postgresql_where=_OF_MONTH,
        ),
    )

    id: Mapped[Key]
    month: Mapped[date]
    """Its first day, in Japan."""
    kind: Mapped[CostKind] = mapped_column(choice(CostKind, "kind"))
    channel: Mapped[str] = mapped_column(String(100), default="")
    """The company's word for it (応募経路); '' where the sum belongs to none."""
    yen: Mapped[int] = mapped_column(BigInteger)
    of_hire: Mapped[bool] = mapped_column(default=False)
    """Whether it is the fee of one hire; the two ids are empty once the person was erased (A-27)."""
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    application_id: Mapped[int | None] = mapped_column(BigId)
    file_id: Mapped[int | None] = mapped_column(BigId)
    """The file it came from; None where it was typed since."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    changed_at: Mapped[Moment]


class HiringBaseline(CompanyScoped, Table):
    """A company's year before Relay, to compare with, and the rate of its agency fees. What is unknown is None."""

    __tablename__ = "hiring_baselines"
    __erasure__ = (keep("a company's own numbers"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id"),
    )

    id: Mapped[Key]
    advertising_yen: Mapped[int | None] = mapped_column(BigInteger)
    agency_fee_yen: Mapped[int | None] = mapped_column(BigInteger)
    hires: Mapped[int | None]
    fee_rate_hundredths: Mapped[int | None]
    """Hundredths of a percent of the yearly salary."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    changed_at: Mapped[Moment]


class KpiTarget(CompanyScoped, Table):
    """A company's target for one figure, and in one line what it does about it (取り組むこと)."""

    __tablename__ = "kpi_targets"
    __erasure__ = (keep("a company's own targets; its line is about no person"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "key"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(40))
    """Which figure, of the closed list of the room that counts them."""
    target_hundredths: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(200), default="")
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    changed_at: Mapped[Moment]
