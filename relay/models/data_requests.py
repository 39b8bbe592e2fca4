"""Requests of people about their own data (開示等の請求; A-29): what was asked for, when, and how it was answered."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
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
    within_company,
)
from relay.models.labels import Labelled

_OPEN = text("state = 'open'")
_OPEN_OF_ADDRESS = text("state = 'open' AND address <> ''")
_OF_PERSON = ("address", "text", "answer", "candidate_id")


class RequestKind(Labelled):
    """The kinds of requests a person can make to a company (APPI 33条から35条, 40条)."""

    DISCLOSURE = "disclosure", _l("記録の開示")
    PROVISIONS = "provisions", _l("第三者に提供した記録の開示")
    CORRECTION = "correction", _l("記録の訂正・追加・削除")
    STOP = "stop", _l("利用の停止")
    ERASURE = "erasure", _l("記録の消去")
    COMPLAINT = "complaint", _l("苦情")


class RequestSource(Labelled):
    """The way a request came in."""

    PUBLIC_PAGE = "public-page", _l("請求のページから")
    TYPED = "typed", _l("電話などで受け付け")


class RequestState(Labelled):
    """The state of a request."""

    OPEN = "open", _l("対応中")
    ANSWERED = "answered", _l("回答済み")
    REFUSED = "refused", _l("お断り済み")
    WITHDRAWN = "withdrawn", _l("取り下げ")


class DataRequest(CompanyScoped, Table):
    """One request of one kind, at one company. The fact outlives the person; who it was and what was said does not."""

    __tablename__ = "data_requests"
    __erasure__ = (blank("candidate", "candidate_id", *_OF_PERSON), blank("address", "address", *_OF_PERSON))
    __retention__ = (retention.CANDIDATE, retention.DATA_REQUEST)
    __personal__ = ("address", "text", "answer")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_data_requests_open_of_address",
            "company_id",
            "address",
            "kind",
            unique=True,
            sqlite_where=_OPEN_OF_ADDRESS,
            postgresql_where=_OPEN_OF_ADDRESS,
        ),
        Index("ix_data_requests_open", "company_id", "due_on", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_data_requests_company_closed", "company_id", "closed_at", "id"),
        Index("ix_data_requests_company_address", "company_id", "address"),
        Index("ix_data_requests_company_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    kind: Mapped[RequestKind] = mapped_column(choice(RequestKind, "kind"))
    source: Mapped[RequestSource] = mapped_column(choice(RequestSource, "source"))
    state: Mapped[RequestState] = mapped_column(choice(RequestState, "state"), default=RequestState.OPEN)
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    """The record it is about; none where the company has none, or has not said which."""
    address: Mapped[str] = mapped_column(String(254), default="")
    """Where the person is written to, as `mail_key` has it; empty where they have no mail."""
    text: Mapped[str] = mapped_column(Text, default="")
    """What the person wrote, or HR noted of a call."""
    received_on: Mapped[date]
    due_on: Mapped[date]
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was shown that the person asks themselves (A-34)."""
    proven_by_user_id: Mapped[int | None] = mapped_column(BigId)
    """Who of the company saw to it; None where the person did, by the mailed link."""
    evaluations: Mapped[bool] = mapped_column(default=False)
    """Whether the file of the answer shows scores, comments and reasons of rejections too (A-31)."""
    answer: Mapped[str] = mapped_column(Text, default="")
    """The text that was sent, or read out."""
    created_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_user_id: Mapped[int | None] = mapped_column(BigId)
