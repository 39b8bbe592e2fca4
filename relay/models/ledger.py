"""Referrals and the append-only ledger of the credits they earn."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    blank,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.consents import LinkSource

_VOIDED = text("voided_at IS NOT NULL")
_UNCOUNTED = text("credit_id IS NULL AND voided_at IS NULL")
_ASKED_FOR = text("source = 'company-link'")
_NETWORK_KNOWN = text("network_hash IS NOT NULL")


class Referral(CompanyScoped, Table):
    """A registration that counts for a company (リレー完了), numbered 1, 2, 3 … within it; once per person for life."""

    __tablename__ = "referrals"
    __erasure__ = (blank("candidate", "candidate_id", "candidate_id", "relay_link_id", "network_hash"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("relay_link_id", "relay_links"),
        within_company("import_id", "imports"),
        within_company("credit_id", "credit_entries"),
        UniqueConstraint("company_id", "number"),
        CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="void_has_reason"),
        CheckConstraint("NOT mistaken OR voided_at IS NOT NULL", name="mistaken_is_voided"),
        Index("ix_referrals_company_candidate", "company_id", "candidate_id"),
        Index(
            "ix_referrals_asked_for",
            "company_id",
            "source",  # always the same, but else SQLite takes an index of all
            "import_id",
            sqlite_where=_ASKED_FOR,
            postgresql_where=_ASKED_FOR,
        ),
        Index("ix_referrals_company_voided", "company_id", sqlite_where=_VOIDED, postgresql_where=_VOIDED),
        Index(
            "ix_referrals_company_uncounted",
            "company_id",
            "number",
            sqlite_where=_UNCOUNTED,
            postgresql_where=_UNCOUNTED,
        ),
        Index("ix_referrals_network", "completed_at", sqlite_where=_NETWORK_KNOWN, postgresql_where=_NETWORK_KNOWN),
    )

    id: Mapped[Key]
    number: Mapped[int]
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    relay_link_id: Mapped[int | None] = mapped_column(BigId)
    source: Mapped[LinkSource] = mapped_column(choice(LinkSource, "source"), default=LinkSource.RESULT_MAIL)
    """The source of its link; outlives the link."""
    import_id: Mapped[int | None] = mapped_column(BigId)
    """The import that brought the application a registration waited for."""
    completed_at: Mapped[Moment]
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    voided_by_user_id: Mapped[int | None] = mapped_column(BigId)
    mistaken: Mapped[bool] = mapped_column(default=False)
    """Whether it is voided only because its invitation was sent by mistake; it counts again once a right one was."""
    credit_id: Mapped[int | None] = mapped_column(BigId)
    """The earned line in force that it is behind (CreditReferral holds those taken back, too)."""
    network_hash: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the network it came from, for a day: several from one network are a hint (ReferralHint)."""


class ReferralAddress(CompanyScoped, Table):
    """A proven address of a referred person, as a keyed hash: the person counts once for life (invariant 3)."""

    __tablename__ = "referral_addresses"
    __erasure__ = (keep("a keyed hash; once for life outlives the data (B-20)"),)
    __retention__ = (retention.REFERRAL_HASH,)
    __table_args__ = company_table(
        within_company("referral_id", "referrals"),
        UniqueConstraint("company_id", "address_hash"),
    )

    id: Mapped[Key]
    referral_id: Mapped[Ref]
    address_hash: Mapped[str] = mapped_column(String(64))


class HintKind(StrEnum):
    """The grounds that make a registration worth a look. Never a reason to refuse one."""

    OWN_DOMAIN = "own-domain"
    OTHER_ADDRESS = "other-address"
    SAME_NETWORK = "same-network"
    SAME_MINUTE = "same-minute"


class ReferralHint(CompanyScoped, Table):
    """A sign that a referral may not be a person of its own; the operator looks and may void it."""

    __tablename__ = "referral_hints"
    __erasure__ = (keep("kinds of a closed list beside a number, which points to no one after erasure"),)
    __table_args__ = company_table(
        within_company("referral_id", "referrals"),
        UniqueConstraint("company_id", "referral_id", "kind"),
    )

    id: Mapped[Key]
    referral_id: Mapped[Ref]
    kind: Mapped[HintKind] = mapped_column(choice(HintKind, "kind"))
    noted_at: Mapped[Moment]


class CreditKind(StrEnum):
    """Lines of the ledger, with what each does to the free credits.

    Nothing writes EXPIRED: credits do not expire. The word stays one that the ledger knows, as the contract names it.
    """

    EARNED = "earned"
    RESERVED = "reserved"
    RELEASED = "released"
    SPENT = "spent"
    RESTORED = "restored"
    EXPIRED = "expired"
    VOIDED = "voided"


AMOUNTS = {
    CreditKind.EARNED: 1,
    CreditKind.RESERVED: -1,
    CreditKind.RELEASED: 1,
    CreditKind.SPENT: 0,
    CreditKind.RESTORED: 1,
    CreditKind.EXPIRED: -1,
    CreditKind.VOIDED: -1,
}
SET_ASIDE = {CreditKind.RESERVED: 1, CreditKind.RELEASED: -1, CreditKind.SPENT: -1}
"""What a line does to the credits set aside; every other kind does nothing to them."""
_AMOUNT_OF_KIND = " OR ".join(f"(kind = '{kind}' AND amount = {amount})" for kind, amount in AMOUNTS.items())
_ENDS = text("kind IN ('released', 'spent')")


class RelayTotals(CompanyScoped, Table):
    """The company's relay in totals as its home page shows them, until ten more people were invited (A-45)."""

    __tablename__ = "relay_totals"
    __erasure__ = (keep("totals of ten people or more"),)
    __table_args__ = company_table(UniqueConstraint("company_id"))

    id: Mapped[Key]
    taken_at: Mapped[Moment]
    told: Mapped[int]
    viewed: Mapped[int]
    """Page views of people who have not registered, rounded to tens by chance: no exact number is kept."""
    completed: Mapped[int]


class CreditEntry(CompanyScoped, Table):
    """One line of the append-only ledger (無料紹介枠 台帳); the database refuses to change or delete one.

    `sequence` runs 1, 2, 3 … within the company, and `at` never goes back. `balance` is the sum so far, the free
    credits; `set_aside` are those that requests hold. Neither is ever negative.
    """

    __tablename__ = "credit_entries"
    __erasure__ = (keep("counts of credits; refers to referrals, which point to no one after erasure"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "sequence"),
        within_company("reservation_id", "credit_entries"),
        CheckConstraint(_AMOUNT_OF_KIND, name="amount_of_kind"),
        CheckConstraint("balance >= 0", name="never_negative"),
        within_company("reverses_id", "credit_entries"),
        CheckConstraint("(kind IN ('released', 'spent')) = (reservation_id IS NOT NULL)", name="ends_reservation"),
        CheckConstraint("(kind IN ('voided', 'restored')) = (reverses_id IS NOT NULL)", name="reverses_a_line"),
        UniqueConstraint("company_id", "reverses_id"),
        within_company("credit_id", "credit_entries"),
        CheckConstraint("set_aside >= 0", name="set_aside"),
        CheckConstraint("(kind = 'earned') = (credit_id IS NULL)", name="about_a_credit"),
        Index("ix_credit_entries_company_kind", "company_id", "kind"),
        Index("ix_credit_entries_company_credit", "company_id", "credit_id", "sequence"),
        Index("ix_credit_entries_company_at", "company_id", "at", "sequence"),
        Index(
            "uq_credit_entries_one_end",
            "company_id",
            "reservation_id",
            unique=True,
            sqlite_where=_ENDS,
            postgresql_where=_ENDS,
        ),
    )

    id: Mapped[Key]
    sequence: Mapped[int]
    kind: Mapped[CreditKind] = mapped_column(choice(CreditKind, "kind"))
    amount: Mapped[int]
    balance: Mapped[int]
    set_aside: Mapped[int]
    credit_id: Mapped[int | None] = mapped_column(BigId)
    """The earned line whose credit this one sets aside, spends, gives or takes back; an earned line is its own."""
    reservation_id: Mapped[int | None] = mapped_column(BigId)
    """The line that set aside what this one releases or spends."""
    reverses_id: Mapped[int | None] = mapped_column(BigId)
    """The earned line this one takes back, or the spent line it gives back; each at most once."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[Moment]
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(BigId)


class CreditReferral(CompanyScoped, Table):
    """A referral behind an earned credit; each is behind one credit at most."""

    __tablename__ = "credit_referrals"
    __erasure__ = (keep("ids of ledger lines and referrals"),)
    __table_args__ = company_table(
        within_company("entry_id", "credit_entries"),
        within_company("referral_id", "referrals"),
        UniqueConstraint("company_id", "entry_id", "referral_id"),
        Index("ix_credit_referrals_company_referral", "company_id", "referral_id"),
    )

    id: Mapped[Key]
    entry_id: Mapped[Ref]
    referral_id: Mapped[Ref]


class FreeCredit(CompanyScoped, Table):
    """A credit that is free now, by its earned line: an index over the ledger, written with each line of it.

    Earned lines come in the order of their ids, so the oldest free credit is the first of them, whatever the ledger
    holds. `relay ledger verify` compares it with the lines.
    """

    __tablename__ = "free_credits"
    __erasure__ = (keep("ids of ledger lines"),)
    __table_args__ = company_table(
        within_company("credit_id", "credit_entries"),
        UniqueConstraint("company_id", "credit_id"),
    )

    id: Mapped[Key]
    credit_id: Mapped[Ref]
