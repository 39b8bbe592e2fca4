"""Companies, the people who sign in, and their sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    PartnerScoped,
    Ref,
    Table,
    UtcDateTime,
    choice,
    keep,
)

STAFF = "a login of a company or partner, not a candidate"


class Role(StrEnum):
    """What a login may do; `agent` belongs to a partner, the others to a company."""

    ADMIN = "admin"
    RECRUITER = "recruiter"
    INTERVIEWER = "interviewer"
    VIEWER = "viewer"
    AGENT = "agent"


class Company(Table):
    """A tenant: the hiring company, as it names itself to candidates (A-6, A-18)."""

    __tablename__ = "companies"
    __erasure__ = (keep("the company itself"),)
    __table_args__ = (
        CheckConstraint("send_delay_minutes BETWEEN 0 AND 60", name="send_delay"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), default="")
    representative: Mapped[str] = mapped_column(String(100), default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    send_delay_minutes: Mapped[int] = mapped_column(default=10)
    relay_enabled: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]


class User(CompanyScoped, PartnerScoped, Table):
    """A login, of exactly one company or one partner. A mail address signs in once in the installation."""

    __tablename__ = "users"
    __erasure__ = (keep(STAFF),)
    __personal__ = ("name", "email", "email_key")
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        UniqueConstraint("company_id", "id"),
        CheckConstraint("(company_id IS NULL) <> (partner_id IS NULL)", name="one_home"),
        CheckConstraint("(role = 'agent') = (partner_id IS NOT NULL)", name="role_fits_home"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    partner_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[Moment]
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserSession(Table):
    """A signed-in browser: found by the hash of its random id, ended by deleting the row (E-7)."""

    __tablename__ = "user_sessions"
    __erasure__ = (keep(STAFF),)
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        Index("ix_user_sessions_user_id", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class RateCount(Table):
    """How often something happened in a window, shared by all processes (E-6, E-23). Keys are keyed hashes."""

    __tablename__ = "rate_counts"
    __erasure__ = (keep("keyed hashes and counts, gone within a day"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[Moment] = mapped_column(index=True)
    count: Mapped[int]
