"""Readers of the mail of a month (月次レポート): for which month each had it, and whether it is wanted at all."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from relay.models.base import CompanyScoped, Key, Ref, Table, company_table, keep, within_company


class MonthReportReader(CompanyScoped, Table):
    """A member who had the mail of a month, or said whether it is wanted; without a row neither is so."""

    __tablename__ = "month_report_readers"
    __erasure__ = (keep("a colleague's place in what was told"),)
    __table_args__ = company_table(
        within_company("user_id", "users"),
        UniqueConstraint("company_id", "user_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    mailed_for: Mapped[date | None]
    """The first day of the month of the last mail: of each month there is one at most."""
    wanted: Mapped[bool | None]
    """What the member said of these mails; None: nothing, and administrators get them."""
