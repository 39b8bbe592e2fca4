"""API keys (APIキー) of companies and partners, what each may do, and answers kept for a request that is sent again."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import BigId, CompanyScoped, Key, Moment, PartnerScoped, Ref, Table, UtcDateTime, keep
from relay.models.labels import Labelled

MAX_KEY_NAME = 60
"""Characters."""
KEY_ID_LENGTH = 8
MAX_REPEATED_KEY = 255
"""Characters of an Idempotency-Key."""


class ApiScope(Labelled):
    """One thing a key may do; nothing else of what its company or partner may (D-15)."""

    READ_PEOPLE = "people:read", _l("候補者・応募・求人を読む")
    WRITE_PEOPLE = "people:write", _l("候補者・応募・求人を登録する、変更する、消去する")
    SEND_RESULTS = "results:send", _l("結果のメールを送る")
    READ_NUMBERS = "numbers:read", _l("採用の数字、リレー完了、紹介枠を読む")
    REQUEST_INTRODUCTIONS = "introductions:write", _l("紹介枠を使って紹介を依頼する")
    MANAGE_WEBHOOKS = "webhooks:write", _l("Webhookの送り先を読む、変更する")
    READ_SHARED = "shared:read", _l("自社への提供に同意した方の、同意された項目を読む（提供の記録に残ります）")
    WRITE_OUTCOMES = "outcomes:write", _l("ご本人のその後、紹介リンク、削除の完了を記録する")

    @property
    def of_partner(self) -> bool:
        """Return whether keys of partners may have it; companies have all others."""
        return self in (ApiScope.READ_SHARED, ApiScope.WRITE_OUTCOMES)


class ApiKey(CompanyScoped, PartnerScoped, Table):
    """A key of one company or one partner, in force until it is revoked or expires; its secret is there as a hash."""

    __tablename__ = "api_keys"
    __erasure__ = (keep("a key of a company or partner, and nobody's data"),)
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        CheckConstraint("(company_id IS NULL) <> (partner_id IS NULL)", name="one_home"),
        UniqueConstraint("public_id"),
        UniqueConstraint("company_id", "id"),
        Index("ix_api_keys_partner_id", "partner_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    partner_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(MAX_KEY_NAME))
    """Where it is used, as its owner calls that."""
    public_id: Mapped[str] = mapped_column(String(KEY_ID_LENGTH))
    """The part of the key that lists show and that it is found by."""
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(300))
    """Words of ApiScope with a space between them (RFC 6749, section 3.3)."""
    made_at: Mapped[Moment]
    made_by_user_id: Mapped[Ref]
    """Who answers for what it does."""
    expires_on: Mapped[date | None]
    """The last day it works, in Japan."""
    last_used_on: Mapped[date | None]
    """The last day it asked for anything, written once a day."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_user_id: Mapped[int | None] = mapped_column(BigId)

    @property
    def in_order(self) -> list[ApiScope]:
        """Return what it may do, in the order of the words."""
        return [ApiScope(word) for word in self.scopes.split()]


class KeptAnswer(Table):
    """The answer to a request with an Idempotency-Key, written in the transaction of its act (D-10)."""

    __tablename__ = "kept_answers"
    __erasure__ = (keep("ids and states only, and gone after a day"),)
    __table_args__ = (
        ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], ondelete="CASCADE"),
        UniqueConstraint("api_key_id", "endpoint", "repeated_key"),
        Index("ix_kept_answers_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    at: Mapped[Moment]
    api_key_id: Mapped[Ref]
    endpoint: Mapped[str] = mapped_column(String(80))
    repeated_key: Mapped[str] = mapped_column(String(MAX_REPEATED_KEY))
    request_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of path and body."""
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text, default="")
