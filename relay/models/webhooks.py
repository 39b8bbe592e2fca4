"""Webhooks: addresses of a company's own systems, the messages that wait for them, and the tries with their answers.

A message says that something happened, by ids and states alone (D-2). Its body is kept as it was first written, for it
is signed at each try and the other side tells repeats by its id.
"""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

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
    keep,
    within_company,
)
from relay.models.labels import Labelled

MAX_WEBHOOK_URL = 2000
"""Characters."""
MAX_WEBHOOK_ANSWER = 1024
"""Bytes of an answer that are kept (D-7), and so its characters at most."""
_DUE = text("due_at IS NOT NULL")


class WebhookType(Labelled):
    """Kinds of messages, by the names that systems of companies rely on."""

    CANDIDATE_REJECTED = "candidate.rejected", _l("見送りにした")
    REFERRAL_COMPLETED = "referral.completed", _l("リレーが完了した")
    CREDIT_EARNED = "credit.earned", _l("無料紹介枠を獲得した")
    INTRODUCTION_ACCEPTED = "introduction.accepted", _l("面談確約の紹介が承諾された")
    CONSENT_WITHDRAWN = "consent.withdrawn", _l("自社への同意が取り消された")
    POSITION_MATCHED = "position.matched", _l("求人に合いそうな方が見つかった")
    MESSAGE_BOUNCED = "message.bounced", _l("結果のメールが届かなかった")
    TEST = "webhook.test", _l("テスト")


class WebhookStop(Labelled):
    """Reasons for which an address gets nothing."""

    BY_HAND = "by-hand", _l("画面またはAPIで停止しました")
    GONE = "gone", _l("送り先のシステムが、もう受け取らないと答えました（410）")
    FAILING = "failing", _l("3日以上、一度も届きませんでした")


class WebhookState(Labelled):
    """How far a message is."""

    WAITING = "waiting", _l("送信待ち")
    HELD = "held", _l("停止中")
    DELIVERED = "delivered", _l("届いた")
    FAILED = "failed", _l("届かなかった")


class WebhookCause(Labelled):
    """Why a message was tried."""

    SCHEDULE = "schedule", _l("自動")
    BY_HAND = "by-hand", _l("再送")
    TEST = "test", _l("テスト")


class WebhookEndpoint(CompanyScoped, Table):
    """One address; its secret is sealed (E-24). For a day after a change the former one signs beside it (D-4)."""

    __tablename__ = "webhook_endpoints"
    __erasure__ = (keep("an address of a company's own systems"),)
    __table_args__ = company_table(
        CheckConstraint("failures >= 0", name="failures"),
    )

    id: Mapped[Key]
    url: Mapped[str] = mapped_column(String(MAX_WEBHOOK_URL))
    types: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Text)
    former_secret: Mapped[str] = mapped_column(Text, default="")
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_as: Mapped[WebhookStop | None] = mapped_column(choice(WebhookStop, "stopped_as"))
    """None: it gets messages."""
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """Tries in a row that failed; those made by hand do not count."""
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then it asked to be left in peace (D-5)."""
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When administrators were last told of messages that did not arrive."""
    made_at: Mapped[Moment]
    made_by_user_id: Mapped[int | None] = mapped_column(BigId)

    @property
    def enabled(self) -> bool:
        """Return whether it gets messages."""
        return self.stopped_as is None


class WebhookMessage(CompanyScoped, Table):
    """One event on its way to one address; the other side knows it by `uid`, whichever try it is (D-3)."""

    __tablename__ = "webhook_messages"
    __erasure__ = (keep("ids and states, which lead to nobody once a person is erased; gone after 30 days"),)
    __table_args__ = company_table(
        within_company("endpoint_id", "webhook_endpoints", ondelete="CASCADE"),
        UniqueConstraint("uid"),
        UniqueConstraint("company_id", "endpoint_id", "event_id"),
        Index("ix_webhook_messages_company", "company_id", "endpoint_id", "id"),
        Index("ix_webhook_messages_due", "company_id", "due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_webhook_messages_made", "made_at"),
    )

    id: Mapped[Key]
    endpoint_id: Mapped[Ref]
    uid: Mapped[str] = mapped_column(String(40))
    event_id: Mapped[int | None] = mapped_column(BigId)
    """None: a test."""
    type: Mapped[WebhookType] = mapped_column(choice(WebhookType, "type"))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[WebhookState] = mapped_column(choice(WebhookState, "state"))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it is to be tried next, by hand or by schedule; while it is tried, when others may take it up."""
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Whether that is a single try that was asked for."""
    resumes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the schedule goes on after a try by hand that brought nothing."""
    tries: Mapped[int] = mapped_column(default=0)
    """By schedule."""
    made_at: Mapped[Moment]


class WebhookAttempt(CompanyScoped, Table):
    """One try: what the other side answered, or why it did not."""

    __tablename__ = "webhook_attempts"
    __erasure__ = (keep("what a company's own system answered about ids; gone after 30 days"),)
    __table_args__ = company_table(
        within_company("message_id", "webhook_messages", ondelete="CASCADE"),
        Index("ix_webhook_attempts_company", "company_id", "message_id", "id"),
    )

    id: Mapped[Key]
    message_id: Mapped[Ref]
    at: Mapped[Moment]
    cause: Mapped[WebhookCause] = mapped_column(choice(WebhookCause, "cause"))
    status: Mapped[int | None]
    """The status of the answer; None: there was none."""
    fault: Mapped[str] = mapped_column(String(24), default="")
    """Why there was no answer, a word of the client."""
    milliseconds: Mapped[int]
    answer: Mapped[str] = mapped_column(String(MAX_WEBHOOK_ANSWER), default="")

    @property
    def taken(self) -> bool:
        """Return whether the other side took it: 2xx and nothing else (D-5)."""
        return self.status is not None and 200 <= self.status < 300


WebhookData = dict[str, Any]
"""The `data` of a message: ids as text, numbers and closed words."""
