"""The installation and who runs it; companies, the people who sign in, their sessions, and who is invited."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
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

MAX_REAPPLY_MONTHS = 24
STAFF = "a login of a company or partner, not a candidate"


class Role(StrEnum):
    """The role of a login; `lead` and `agent` belong to a partner, the others to a company."""

    ADMIN = "admin"
    RECRUITER = "recruiter"
    INTERVIEWER = "interviewer"
    VIEWER = "viewer"
    LEAD = "lead"
    AGENT = "agent"


class ResultsFrom(StrEnum):
    """Where a company tells results from today."""

    ATS = "ats"
    MAIL = "mail"
    RELAY = "relay"


class Installation(Table):
    """The operator of this installation, and its answer to the law on 募集情報等提供 (0.4): one row."""

    __tablename__ = "installation"
    __erasure__ = (keep("the operator of the installation"),)
    __table_args__ = (CheckConstraint("id = 1", name="one_row"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    operator_name: Mapped[str] = mapped_column(String(200), default="")
    operator_address: Mapped[str] = mapped_column(String(300), default="")
    operator_contact: Mapped[str] = mapped_column(String(200), default="")
    notification_number: Mapped[str] = mapped_column(String(20), default="")
    """届出受理番号, where the notification was made."""
    waiver_with: Mapped[str] = mapped_column(String(200), default="")
    """Else who confirmed that none is needed, and on which day."""
    waiver_on: Mapped[date | None]
    answered_by_user_id: Mapped[int | None] = mapped_column(BigId)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report_year: Mapped[int | None]
    """The last year whose 事業概況報告書 was marked as handed in."""
    created_at: Mapped[Moment]


class Company(Table):
    """A tenant: the hiring company, as it names itself to candidates (A-6, A-18)."""

    __tablename__ = "companies"
    __erasure__ = (keep("the company itself"),)
    __table_args__ = (
        CheckConstraint("send_delay_minutes BETWEEN 0 AND 60", name="send_delay"),
        CheckConstraint(
            f"reapply_months IS NULL OR reapply_months BETWEEN 1 AND {MAX_REAPPLY_MONTHS}", name="reapply_months"
        ),
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
    daytime_only: Mapped[bool] = mapped_column(default=True)
    """Whether result mails spare nights and days off."""
    day_after_application: Mapped[bool] = mapped_column(default=True)
    """Whether result mails wait until a day after the application."""
    relay_enabled: Mapped[bool] = mapped_column(default=True)
    live_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an administrator started real sending; until then the company practises."""
    sending_stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when nothing of the company's leaves, if somebody pressed stop."""
    second_factor_required: Mapped[bool] = mapped_column(default=True)
    """Off only for the demo and by `--no-second-factor`, and heeded only in development."""
    results_from: Mapped[ResultsFrom | None] = mapped_column(choice(ResultsFrom, "results_from"))
    ats_name: Mapped[str] = mapped_column(String(60), default="")
    mail_tested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a test mail was shown to have arrived; emptied when the way mails leave changes."""
    runs_installation: Mapped[bool] = mapped_column(default=False)
    """Whether its administrators answer for the operator."""
    record_use_since: Mapped[date | None]
    """The first day of application whose selection record may order people (A-42); None while that is switched off."""
    reapply_months: Mapped[int | None]
    """How many months after their last result people are told of no opening (再応募の目安); None for no such rule."""
    learning_stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when people are put in order by the stated points alone, if an administrator stopped learning."""
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]


class User(CompanyScoped, PartnerScoped, Table):
    """A login, of exactly one company or one partner. A mail address signs in once in the installation."""

    __tablename__ = "users"
    __erasure__ = (keep(STAFF),)
    __retention__ = (retention.LOGIN,)
    __personal__ = ("name", "email", "email_key")
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        UniqueConstraint("company_id", "id"),
        CheckConstraint("(company_id IS NULL) <> (partner_id IS NULL)", name="one_home"),
        CheckConstraint("(role IN ('lead', 'agent')) = (partner_id IS NOT NULL)", name="role_fits_home"),
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
    new_email: Mapped[str] = mapped_column(String(254), default="")
    """The address the person wants to sign in with, until it is proven."""
    totp_secret: Mapped[str] = mapped_column(String(400), default="")
    """Sealed (relay.infra.vault); empty without a second factor."""
    totp_pending: Mapped[str] = mapped_column(String(400), default="")
    """Sealed; shown while enrolling and not in force yet."""
    totp_last_step: Mapped[int] = mapped_column(BigId, default=0)
    """The newest time step whose code was accepted: none is accepted twice (RFC 6238, 5.2)."""
    totp_enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confidentiality_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the person accepted the notice on confidentiality (B-7)."""
    created_at: Mapped[Moment]
    people_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an agent last looked at the list of people."""
    people_news_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the visit before this one ended: people who came since are 新着; None on the first visit."""
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserSession(Table):
    """A signed-in browser: found by the hash of its random id, ended by deleting the row (E-7)."""

    __tablename__ = "user_sessions"
    __erasure__ = (keep(STAFF),)
    __retention__ = (retention.SESSION,)
    __personal__ = ("ip", "agent")
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
    awaits_code: Mapped[bool] = mapped_column(default=False)
    """The password was right and the second factor is still to come: opens nothing yet."""
    proven_at: Mapped[Moment]
    """When the person last proved who they are; dangerous acts want it fresh (E-8)."""
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class RecoveryCode(Table):
    """One of ten codes that stand in once for a lost second factor; a keyed hash (E-5)."""

    __tablename__ = "recovery_codes"
    __erasure__ = (keep(STAFF),)
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"]),
        UniqueConstraint("user_id", "code_hash"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    user_id: Mapped[Ref]
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InvitationKind(StrEnum):
    """The login an invitation makes: a company's member, a partner's agent, or a new partner."""

    MEMBER = "member"
    AGENT = "agent"
    PARTNER = "partner"


class Invitation(CompanyScoped, PartnerScoped, Table):
    """Someone asked by mail to join: a member by their company, an agent by their partner, a partner by a company."""

    __tablename__ = "invitations"
    __erasure__ = (keep("staff of a company or partner who were invited; swept a month after the invitation ends"),)
    __retention__ = (retention.INVITATION,)
    __personal__ = ("email", "name")
    __table_args__ = (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        UniqueConstraint("company_id", "id"),
        CheckConstraint("(company_id IS NULL) <> (partner_id IS NULL)", name="one_house"),
        CheckConstraint("(kind = 'agent') = (partner_id IS NOT NULL)", name="kind_fits_house"),
        CheckConstraint("(kind = 'partner') = (role IS NULL)", name="people_have_roles"),
        Index("ix_invitations_company", "company_id", "id"),
        Index("ix_invitations_partner", "partner_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    partner_id: Mapped[int | None] = mapped_column(BigId)  # type: ignore[assignment]
    kind: Mapped[InvitationKind] = mapped_column(choice(InvitationKind, "kind"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[Role | None] = mapped_column(choice(Role, "role"))
    rules_version: Mapped[str] = mapped_column(String(20), default="")
    """To a partner: the sharing rules the company accepted by inviting."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RateCount(Table):
    """How often something happened in a window, shared by all processes (E-6, E-23). Keys are keyed hashes."""

    __tablename__ = "rate_counts"
    __erasure__ = (keep("keyed hashes and counts, gone within a day"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[Moment] = mapped_column(index=True)
    count: Mapped[int]
