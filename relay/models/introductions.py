"""Requests for a free introduction (紹介の依頼), the links partners make for them, and the introductions they lead to.

Nothing about a request reaches a person but through a link that a licensed partner made (B-25): so a request knows no
person, a link knows who made it under which licence, and an introduction begins with the person's own yes.
"""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
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
    blank,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.interviews import MAX_MINUTES, MIN_MINUTES
from relay.models.labels import Labelled
from relay.models.positions import MAX_TITLE

MAX_MEETS_WITH = 100
MAX_ADVICE = 200
_LIVE = text("closed_at IS NULL")
_WAITING = text("due_on IS NOT NULL")


class GuaranteeKind(Labelled):
    """The kinds of meeting a company guarantees, both with the documents counted as passed (B-26)."""

    CASUAL = "casual", _l("カジュアル面談")
    FIRST_INTERVIEW = "first-interview", _l("一次面接")


class MeetingForm(Labelled):
    """The forms in which the meeting is held."""

    ONLINE = "online", _l("オンライン")
    ON_SITE = "on-site", _l("対面")
    PHONE = "phone", _l("電話")


class IntroductionState(Labelled):
    """The states of a request as both sides see them; `RequestEnd` says why one ended, to the company alone."""

    OPEN = "open", _l("紹介会社の返答待ち")
    OFFERED = "offered", _l("ご本人の返答待ち")
    ACCEPTED = "accepted", _l("面談の予定あり")
    HELD = "held", _l("面談済み")
    HIRED = "hired", _l("採用")
    NOT_HIRED = "not-hired", _l("採用に至らず")
    LAPSED = "lapsed", _l("期限切れ")
    CANCELLED = "cancelled", _l("取り消し")
    DECLINED = "declined", _l("見合わせ")
    FAILED = "failed", _l("面談なし")


WAITING = (IntroductionState.OPEN, IntroductionState.OFFERED)
"""A credit is set aside, and it is the turn of the partner or the person until `due_on`."""
SPENT = (
    IntroductionState.ACCEPTED,
    IntroductionState.HELD,
    IntroductionState.HIRED,
    IntroductionState.NOT_HIRED,
    IntroductionState.FAILED,
)
"""A person said yes: the credit is spent, unless they applied again."""
MET = (IntroductionState.HELD, IntroductionState.HIRED, IntroductionState.NOT_HIRED)
"""The interview was held."""


class RequestEnd(Labelled):
    """The causes of which a request ends without an interview that was held."""

    DECLINED = "declined", _l("紹介会社が見合わせました")
    PARTNER_SILENT = "partner-silent", _l("紹介会社の期限が過ぎました")
    PERSON_SILENT = "person-silent", _l("ご本人の期限が過ぎました")
    CANCELLED = "cancelled", _l("自社が取り消しました")
    PARTNER_CLOSED = "partner-closed", _l("紹介会社との提携または許可が有効でなくなりました")
    COMPANY_FAULT = "company-fault", _l("自社の都合で面談がありませんでした")
    PERSON_FAULT = "person-fault", _l("ご本人の都合で面談がありませんでした")
    NO_FAULT = "no-fault", _l("やむを得ない事情で面談がありませんでした")
    ERASED = "erased", _l("面談は取り消しになりました")


class DeclineReason(Labelled):
    """The reasons of a partner that declines a request, about its own work and never about a person."""

    NOBODY_FITS = "nobody-fits", _l("いまご紹介できる方がいない")
    CONDITIONS = "conditions", _l("条件に合う方を見つけにくい")
    NO_CAPACITY = "no-capacity", _l("いまは手が回らない")
    FIELD = "field", _l("取り扱う職種・地域ではない")


class LinkEnd(Labelled):
    """The ways in which an introduction link stops opening its page; the company is told none of the first three."""

    TAKEN_BACK = "taken-back", _l("紹介会社が取り消した")
    PASSED = "passed", _l("ご本人が今回は見送った")
    REQUEST_ENDED = "request-ended", _l("依頼が終わった")
    USED = "used", _l("ご本人が希望した")


class Guaranteed:
    """Columns that say what a guaranteed interview (面談確約) means: documents are passed, and this is held (B-26)."""

    guarantee: Mapped[GuaranteeKind] = mapped_column(choice(GuaranteeKind, "guarantee"))
    meets_with: Mapped[str] = mapped_column(String(MAX_MEETS_WITH))
    """The people who come from the company, by their part in it: 採用担当者と配属先の課長."""
    minutes: Mapped[int]
    form: Mapped[MeetingForm] = mapped_column(choice(MeetingForm, "form"))


class GuaranteeTerms(Guaranteed, CompanyScoped, Table):
    """The guarantee a company usually gives, with which a request begins. One row a company."""

    __tablename__ = "guarantee_terms"
    __erasure__ = (keep("a company's own words about its interviews"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id"),
        CheckConstraint(f"minutes BETWEEN {MIN_MINUTES} AND {MAX_MINUTES}", name="minutes"),
    )

    id: Mapped[Key]
    changed_at: Mapped[Moment]
    changed_by_user_id: Mapped[int | None] = mapped_column(BigId)


class IntroductionRequest(Guaranteed, CompanyScoped, PartnerScoped, Table):
    """A credit set aside for an introduction to a position by one partner (紹介の依頼), as it was shown when made."""

    __tablename__ = "introduction_requests"
    __erasure__ = (keep("a company's wish and a partner's answer; the person is named by the introduction alone"),)
    __table_args__ = company_table(
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        within_company("position_id", "positions"),
        within_company("reservation_id", "credit_entries"),
        within_company("spent_id", "credit_entries"),
        within_company("restored_id", "credit_entries"),
        UniqueConstraint("company_id", "reservation_id"),
        UniqueConstraint("company_id", "spent_id"),
        UniqueConstraint("company_id", "id", "partner_id"),
        CheckConstraint(f"minutes BETWEEN {MIN_MINUTES} AND {MAX_MINUTES}", name="minutes"),
        CheckConstraint("(due_on IS NOT NULL) = (state IN ('open', 'offered', 'accepted'))", name="due"),
        CheckConstraint(
            "(spent_id IS NOT NULL)"
            " = (state IN ('accepted', 'held', 'hired', 'not-hired', 'failed') AND NOT reapplied)",
            name="spent",
        ),
        CheckConstraint(
            "NOT reapplied OR state IN ('accepted', 'held', 'hired', 'not-hired', 'failed')", name="reapplied"
        ),
        CheckConstraint("restored_id IS NULL OR state = 'failed'", name="restored"),
        CheckConstraint(
            "(end_reason IS NOT NULL) = (state IN ('lapsed', 'cancelled', 'declined', 'failed'))", name="end_has_reason"
        ),
        CheckConstraint("(ended_at IS NOT NULL) = (due_on IS NULL)", name="ended"),
        CheckConstraint("(declined_for IS NOT NULL) = (state = 'declined')", name="decline_has_reason"),
        Index("ix_introduction_requests_company", "company_id", "id"),
        Index("ix_introduction_requests_position", "company_id", "position_id", "id"),
        Index("ix_introduction_requests_partner", "partner_id", "id"),
        Index("ix_introduction_requests_company_state", "company_id", "state"),
        Index("ix_introduction_requests_pair", "company_id", "partner_id", "made_at"),
        Index(
            "ix_introduction_requests_partner_waiting",
            "partner_id",
            "state",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_introduction_requests_due", "due_on", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[Key]
    position_id: Mapped[Ref]
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    """The position as it was called."""
    posting: Mapped[list[Any]] = mapped_column(JSON)
    """The posting as it was shown: pairs of label and text, in the order of the law (B-21)."""
    reservation_id: Mapped[Ref]
    """The line of the ledger that set the credit aside."""
    spent_id: Mapped[int | None] = mapped_column(BigId)
    restored_id: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[IntroductionState] = mapped_column(choice(IntroductionState, "state"))
    due_on: Mapped[date | None]
    """The last day of whose turn it is, in Japan; of an accepted one, the last day for the interview."""
    made_at: Mapped[Moment]
    made_by_user_id: Mapped[int | None] = mapped_column(BigId)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it ended, or the interview was held."""
    end_reason: Mapped[RequestEnd | None] = mapped_column(choice(RequestEnd, "end_reason"))
    """For the company alone: a partner is not told why a request ended that it did not decline."""
    declined_for: Mapped[DeclineReason | None] = mapped_column(choice(DeclineReason, "declined_for"))
    advice: Mapped[str] = mapped_column(String(MAX_ADVICE), default="")
    """One line of the partner that declined, about the posting."""
    reminded_on: Mapped[date | None]
    """When HR was last reminded of it."""
    reapplied: Mapped[bool] = mapped_column(default=False)
    """Whether the person had applied here within a year: the credit is free again, and the interview is as promised.

    For the company alone: to the partner it is a request like any other (A-45).
    """


class IntroductionLink(CompanyScoped, PartnerScoped, Table):
    """A link a licensed partner made for one person of its choice, and sends itself: one live link a request (B-25)."""

    __tablename__ = "introduction_links"
    __erasure__ = (keep("who made a link under which licence; no person is known by it"),)
    __table_args__ = company_table(
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(
            ["company_id", "request_id", "partner_id"],
            ["introduction_requests.company_id", "introduction_requests.id", "introduction_requests.partner_id"],
        ),
        UniqueConstraint("token_hash"),
        CheckConstraint("(closed_at IS NULL) = (closed_as IS NULL)", name="closed"),
        Index(
            "uq_introduction_links_live",
            "company_id",
            "request_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_introduction_links_request", "company_id", "request_id", "id"),
    )

    id: Mapped[Key]
    request_id: Mapped[Ref]
    token_hash: Mapped[str] = mapped_column(String(64))
    licence_number: Mapped[str] = mapped_column(String(20))
    """The maker's licence, as it was on the day."""
    legal_identity: Mapped[str] = mapped_column(String(20))
    """The partner by law when it made the link: as another legal person it opens nothing (A-43)."""
    made_at: Mapped[Moment]
    made_by_user_id: Mapped[Ref]
    until: Mapped[date]
    """The last day on which the page opens, in Japan."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_as: Mapped[LinkEnd | None] = mapped_column(choice(LinkEnd, "closed_as"))


class Introduction(CompanyScoped, PartnerScoped, Table):
    """A person's one yes to a request: the application and the interview it made, and whether that was held.

    After an erasure the row stays as a count: it names nobody any more.
    """

    __tablename__ = "introductions"
    __erasure__ = (
        blank("candidate", "candidate_id", "candidate_id", "application_id", "invitation_id", "company_answer"),
    )
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("company_answer",)
    __table_args__ = company_table(
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(
            ["company_id", "request_id", "partner_id"],
            ["introduction_requests.company_id", "introduction_requests.id", "introduction_requests.partner_id"],
        ),
        within_company("link_id", "introduction_links"),
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        within_company("invitation_id", "interview_invitations"),
        UniqueConstraint("company_id", "request_id"),
        CheckConstraint("(promise_kept IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_introductions_company_candidate", "company_id", "candidate_id"),
        Index("ix_introductions_company_application", "company_id", "application_id"),
        Index("ix_introductions_partner", "partner_id", "id"),
        Index("ix_introductions_company_answered", "company_id", "answered_at"),
    )

    id: Mapped[Key]
    request_id: Mapped[Ref]
    link_id: Mapped[Ref]
    """The link it came by: who introduced, and under which licence."""
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    application_id: Mapped[int | None] = mapped_column(BigId)
    invitation_id: Mapped[int | None] = mapped_column(BigId)
    """The interview, as `relay.hiring.interviews` keeps it."""
    accepted_at: Mapped[Moment]
    wording_version: Mapped[str] = mapped_column(String(20))
    wording_hash: Mapped[str] = mapped_column(String(64))
    """Of the text the person said yes to."""
    items: Mapped[list[str]] = mapped_column(JSON)
    """The facts the person gave the company, by the names of candidate fields."""
    promise_kept: Mapped[bool | None]
    """The person's word whether the interview was held as promised."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    company_answer: Mapped[str] = mapped_column(Text, default="")
    """The company's word on a no, within seven days."""
    company_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
