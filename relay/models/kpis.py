"""Cases that numbers count (`relay.kpis`), by month: the living as last recounted, the erased as a sum that stays."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import BigId, CompanyScoped, Key, Moment, Table, choice, company_table, keep
from relay.models.labels import Labelled

MAX_KEY = 100
"""Characters of a channel or of a step's name."""


class CaseKind(Labelled):
    """The kinds of cases that are counted; `relay.kpis.definitions` says of each when it counts and on which day."""

    APPLIED = "applied", _l("応募")
    COMPLETED = "completed", _l("結果が出た応募")
    RUNNING = "running", _l("選考中の応募")
    INTERVIEWED = "interviewed", _l("面接に進んだ応募")
    ENTERED = "entered", _l("入社に至った応募")
    HIRED = "hired", _l("入社")
    HIRED_AGAIN = "hired-from-pool", _l("人材プールからの入社")
    REACHED_6 = "reached-6", _l("入社から6か月")
    THERE_6 = "there-6", _l("6か月後も在籍")
    SAID_6 = "said-6", _l("6か月後の記録がある方")
    UNSAID_6 = "unsaid-6", _l("6か月後が未記入の方")
    REACHED_12 = "reached-12", _l("入社から12か月")
    THERE_12 = "there-12", _l("12か月後も在籍")
    SAID_12 = "said-12", _l("12か月後の記録がある方")
    UNSAID_12 = "unsaid-12", _l("12か月後が未記入の方")
    REJECTED = "rejected", _l("見送り")
    REJECTED_RETURNED = "rejected-returned", _l("見送りのあとの再応募")
    REJECTED_REUSED = "rejected-reused", _l("見送りのあとの再活用")
    REAPPLIED = "reapplied", _l("再応募")
    STEP = "step", _l("段階の日数")
    NOTIFIED = "notified", _l("見送りの結果連絡")
    WAITING = "waiting", _l("選考中の方")
    CONTACTED = "contacted", _l("再スカウトの連絡")
    POOLED = "pooled", _l("人材プールの方")
    OPEN_TO_RETURN = "open-to-return", _l("再チャレンジ層")
    REFERRED = "referred", _l("リレー完了")
    CREDIT_EARNED = "credit-earned", _l("獲得した紹介枠")
    CREDIT_USED = "credit-used", _l("使用した紹介枠")
    INTRODUCED = "introduced", _l("紹介枠での面談")
    INTRODUCED_HIRED = "introduced-hired", _l("紹介枠での採用")


class MonthCount(CompanyScoped, Table):
    """How many cases of a kind fall into a month, apart by a key and a number (channel, reason and position, days).

    `living` is what the last recount found; `erased` grows with each erased person whose case it was, and never falls.
    """

    __tablename__ = "month_counts"
    __erasure__ = (keep("counts by month, and nobody who is counted (A-27)"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "kind", "month", "key", "number"),
        CheckConstraint("living >= 0 AND erased >= 0", name="counts"),
    )

    id: Mapped[Key]
    kind: Mapped[CaseKind] = mapped_column(choice(CaseKind, "kind"))
    month: Mapped[date]
    """Its first day."""
    key: Mapped[str] = mapped_column(String(MAX_KEY), default="")
    number: Mapped[int] = mapped_column(BigId, default=0)
    living: Mapped[int] = mapped_column(default=0)
    erased: Mapped[int] = mapped_column(default=0)


class Recount(CompanyScoped, Table):
    """When the worker last counted a company's cases. One row a company that is too large to be counted by a page."""

    __tablename__ = "recounts"
    __erasure__ = (keep("the time of a count"),)
    __table_args__ = company_table(UniqueConstraint("company_id"))

    id: Mapped[Key]
    at: Mapped[Moment]
