"""Positions (求人): jobs a company hires for, with the contents of a posting, and the names they had before."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.labels import Labelled

MAX_TITLE = 200
MAX_LINE = 200
MAX_TEXT = 5_000
MAX_WAY = 300
MAX_HEADCOUNT = 9_999
MAX_YEN = 1_000_000_000


class PositionState(Labelled):
    """The states of a position: the company hires for it now, later, or no more."""

    OPEN = "open", _l("募集中")
    PAUSED = "paused", _l("停止中")
    CLOSED = "closed", _l("募集終了")


class EmploymentType(Labelled):
    """The ways in which a person would be employed."""

    REGULAR = "regular", _l("正社員")
    CONTRACT = "contract", _l("契約社員")
    PART_TIME = "part-time", _l("パート・アルバイト")
    DISPATCHED = "dispatched", _l("派遣社員")
    INTERN = "intern", _l("インターン")
    OUTSOURCED = "outsourced", _l("業務委託")
    OTHER = "other", _l("その他の雇用形態")


class SalaryPeriod(Labelled):
    """The periods a salary is reckoned by."""

    YEAR = "year", _l("年収")
    MONTH = "month", _l("月給")
    DAY = "day", _l("日給")
    HOUR = "hour", _l("時給")


class Position(CompanyScoped, Table):
    """A job a company hires for (求人). One that a file made has a title and nothing else until it is completed."""

    __tablename__ = "positions"
    __erasure__ = (keep("a job, not a person"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "title_key"),
        UniqueConstraint("company_id", "link_code"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint(f"headcount IS NULL OR headcount BETWEEN 1 AND {MAX_HEADCOUNT}", name="headcount"),
        CheckConstraint("salary_from IS NULL OR salary_from > 0", name="salary_from"),
        CheckConstraint("salary_to IS NULL OR salary_to >= coalesce(salary_from, 1)", name="salary_to"),
        CheckConstraint(
            "salary_per IS NOT NULL OR (salary_from IS NULL AND salary_to IS NULL)", name="salary_has_a_period"
        ),
        Index("ix_positions_company_state", "company_id", "state", "id"),
    )

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    title_key: Mapped[str] = mapped_column(String(MAX_TITLE))
    state: Mapped[PositionState] = mapped_column(choice(PositionState, "state"), default=PositionState.OPEN)
    occupation_id: Mapped[int | None]
    """The number of the occupation in `relay/text/occupations.tsv`."""
    description: Mapped[str] = mapped_column(Text, default="")
    required_skills: Mapped[str] = mapped_column(Text, default="")
    welcome_skills: Mapped[str] = mapped_column(Text, default="")
    required_qualifications: Mapped[str] = mapped_column(Text, default="")
    welcome_qualifications: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(MAX_LINE), default="")
    employment: Mapped[EmploymentType | None] = mapped_column(choice(EmploymentType, "employment"))
    salary_per: Mapped[SalaryPeriod | None] = mapped_column(choice(SalaryPeriod, "salary_per"))
    salary_from: Mapped[int | None]
    """Yen."""
    salary_to: Mapped[int | None]
    headcount: Mapped[int | None]
    posting: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The items a posting must say besides, by the names of `relay.hiring.posting` (B-21)."""
    apply_at: Mapped[str | None] = mapped_column(String(MAX_WAY))
    """Where one applies, in the company's own way: the address of a page, or a mail address (リファラル)."""
    link_code: Mapped[str | None] = mapped_column(String(16))
    """The last part of the link to pass on while there is one. It opens what anybody may read, so it is no secret."""
    confirmed_on: Mapped[date | None]
    """The day on which the contents were last saved by hand, and so confirmed (B-22); None for a bare title."""
    created_at: Mapped[Moment]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FormerTitle(CompanyScoped, Table):
    """A name that leads to a position since it was renamed or took up another: files may still bring it."""

    __tablename__ = "former_titles"
    __erasure__ = (keep("a job, not a person"),)
    __table_args__ = company_table(
        within_company("position_id", "positions", ondelete="CASCADE"),
        UniqueConstraint("company_id", "title_key"),
        Index("ix_former_titles_company_position", "company_id", "position_id"),
    )

    id: Mapped[Key]
    position_id: Mapped[Ref]
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    title_key: Mapped[str] = mapped_column(String(MAX_TITLE))
    created_at: Mapped[Moment]
