"""Rows that belong to the person: relay links, profiles, consents, shares, and the records of provision.

Of these a company sees the links alone; the rest is the person's and the partner's, and a company's scope does not
reach it.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    PartnerScoped,
    ProfileScoped,
    Ref,
    Table,
    UtcDateTime,
    blank,
    choice,
    company_table,
    delete,
    keep,
    within_company,
)
from relay.models.candidates import RetentionBasis
from relay.tokens import new_erasure_key

PROVISION_TERM = "the record of provision is kept for three years by law (APPI 29条2項, 規則21条; A-19, A-20)"


class LinkState(StrEnum):
    """The state of a relay link. Neither a visit nor a "no" is a state (A-45)."""

    ISSUED = "issued"
    SENT = "sent"
    REGISTERED = "registered"
    EXPIRED = "expired"
    REVOKED = "revoked"


class LinkSource(StrEnum):
    """The way a relay link reached its person: in a result mail, or asked for on the company's public page."""

    RESULT_MAIL = "result-mail"
    COMPANY_LINK = "company-link"


_ASKED_FOR = text("source = 'company-link'")
_WAITING = text("waits_until IS NOT NULL")
_PAUSED = text("paused_until IS NOT NULL")
_UNASKED = text("confirm_by IS NULL")
_UNANSWERED = text("deleted_at IS NULL")
_BY_A_KEY = text("api_key_id IS NOT NULL")


class RelayLink(CompanyScoped, Table):
    """A person's own link to the relay page. Its tokens are rows of their own; here is what became of it.

    One that was asked for proves an address and names no application; the candidate is noted once it counts.
    """

    __tablename__ = "relay_links"
    __erasure__ = (blank("candidate", "candidate_id", "candidate_id", "application_id", "address_hash"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        UniqueConstraint("company_id", "application_id"),
        CheckConstraint("source = 'result-mail' OR application_id IS NULL", name="application_of_result_mail"),
        Index("ix_relay_links_company_candidate", "company_id", "candidate_id"),
        Index("ix_relay_links_company_state", "company_id", "state"),
        Index(
            "uq_relay_links_asked_for",
            "company_id",
            "address_hash",
            unique=True,
            sqlite_where=_ASKED_FOR,
            postgresql_where=_ASKED_FOR,
        ),
        Index("ix_relay_links_waiting", "company_id", "waits_until", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[Key]
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    application_id: Mapped[int | None] = mapped_column(BigId)
    address_hash: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the address the link was mailed to: the address it proves."""
    source: Mapped[LinkSource] = mapped_column(choice(LinkSource, "source"), default=LinkSource.RESULT_MAIL)
    state: Mapped[LinkState] = mapped_column(choice(LinkState, "state"))
    issued_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[Moment]
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """First time the page was shown; scanners fake it, so it is only ever counted in totals."""
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its mail was declared as sent by mistake. Such a link belongs to no application any more."""
    rated: Mapped[bool | None]
    """Whether its person answered the one voluntary question (`RelayRating`); which answer, nobody knows. None: not."""
    waits_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when a registration waits for the rejected application it counts for (確認待ち); None where none waits."""


class Profile(ProfileScoped, Table):
    """A person as they describe themselves to the network: theirs, one per proven mail address."""

    __tablename__ = "profiles"
    __erasure__ = (delete("profile", "id"),)
    __retention__ = (retention.PROFILE,)
    __personal__ = ("name", "kana", "email", "email_key", "phone", "phone_key", "desired_role", "place", "experience")
    __table_args__ = (
        Index("ix_profiles_paused", "paused_until", sqlite_where=_PAUSED, postgresql_where=_PAUSED),
        Index("ix_profiles_unasked", "last_confirmed_at", sqlite_where=_UNASKED, postgresql_where=_UNASKED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    profile_id = synonym("id")
    code: Mapped[str] = mapped_column(String(9), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kana: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_key: Mapped[str] = mapped_column(String(40), default="", index=True)
    desired_role: Mapped[str] = mapped_column(String(100), default="")
    place: Mapped[str] = mapped_column(String(100), default="")
    experience: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(5), default="ja")
    erasure_key: Mapped[str] = mapped_column(String(32), default=new_erasure_key)
    """Random; its hash outlives the person, so that a restored backup can be cleaned of them."""
    visible_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The own page shows what was consented from here on; None shows everything (C-25)."""
    hidden_items: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The items written before the present number was chosen: the own page neither shows nor tells them (C-25)."""
    paused_until: Mapped[date | None]
    """The last day, in Japan, on which no partner sees the person, by their own wish; None while they do not pause."""
    erase_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the erasure that was asked for on the own page is due; None while none is."""
    unshared_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when there are contents that earlier partners may lack; None once the own page's question is answered."""
    last_confirmed_at: Mapped[Moment]
    """When the person last wrote this, said that it is still right, or agreed to its being told (B-22)."""
    confirm_by: Mapped[date | None]
    """The last day, in Japan, on which partners see it while the question of month 6 is open; None while none is."""
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Pin(ProfileScoped, Table):
    """The 暗証番号 of an own page: one per profile, with the wrong tries made against it (C-25)."""

    __tablename__ = "pins"
    __erasure__ = (delete("profile", "profile_id"),)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        UniqueConstraint("profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    hash: Mapped[str] = mapped_column(String(200))
    """Argon2 over the installation's keyed hash: four digits alone could be tried out from a stolen database."""
    wrong_in_a_row: Mapped[int] = mapped_column(default=0)
    wrong_in_all: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    chosen_at: Mapped[Moment]


class PendingRegistration(Table):
    """A registration that waits for its other address to be proven: choices and evidence, a day at most.

    Reached only through the hashed token mailed to that address.
    """

    __tablename__ = "pending_registrations"
    __erasure__ = (delete("candidate", "candidate_id"), delete("address", "email_key"))
    __retention__ = (retention.PENDING,)
    __personal__ = ("email", "email_key", "fields", "evidence")
    __table_args__ = (
        ForeignKeyConstraint(["company_id", "relay_link_id"], ["relay_links.company_id", "relay_links.id"]),
        Index("ix_pending_registrations_candidate", "candidate_id"),
        Index("ix_pending_registrations_email", "email_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[Ref]
    relay_link_id: Mapped[int] = mapped_column(BigId, unique=True)
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    pin_hash: Mapped[str] = mapped_column(String(200), default="")
    """The number that was chosen with it, as `Pin.hash`; without one nothing can be confirmed."""
    pin_failures: Mapped[int] = mapped_column(default=0)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the person behind the mailed address agreed; until then nothing is sent to the address that was typed."""
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(index=True)


class Consent(ProfileScoped, PartnerScoped, Table):
    """A person's yes to one partner: exact words, items, the facts as agreed, circumstances (A-11). Never updated.

    A partner is shown these facts and no others: the profile may change, what was agreed to does not (A-43).
    """

    __tablename__ = "consents"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PROFILE,)
    __personal__ = ("ip", "agent", "facts")
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        UniqueConstraint("profile_id", "id"),
        Index("ix_consents_profile_partner", "profile_id", "partner_id", "id"),
        Index("ix_consents_link", "via_company_id", "via_relay_link_id", "profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    purpose: Mapped[str] = mapped_column(String(30))
    """What was agreed to: codes of `RecipientPurpose`, with a blank between two."""
    wording_version: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text)
    wording_hash: Mapped[str] = mapped_column(String(64))
    items: Mapped[list[str]] = mapped_column(JSON)
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    """What stood in each item when the person agreed, by column of the profile."""
    withheld: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The items that the person chose not to tell this partner, though they were written; kept when more is told."""
    partner_name: Mapped[str] = mapped_column(String(200))
    legal_identity: Mapped[str] = mapped_column(String(20))
    """The 法人番号 of the partner that was agreed to, or the licence number that stands for it; empty where neither."""
    locale: Mapped[str] = mapped_column(String(5))
    given_at: Mapped[Moment]
    until: Mapped[Moment]
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    via_company_id: Mapped[Ref]
    via_relay_link_id: Mapped[Ref]
    via_token_id: Mapped[int | None] = mapped_column(BigId)


class ConsentWithdrawal(ProfileScoped, PartnerScoped, Table):
    """The end of a consent, by the person's wish or with the partnership: a row of its own, with time and way (A-11,
    A-13)."""

    __tablename__ = "consent_withdrawals"
    __erasure__ = (delete("profile", "profile_id"),)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id", "consent_id"], ["consents.profile_id", "consents.id"]),
        UniqueConstraint("consent_id"),
        Index("ix_consent_withdrawals_profile", "profile_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    consent_id: Mapped[Ref]
    at: Mapped[Moment]
    way: Mapped[str] = mapped_column(String(20))


class Share(ProfileScoped, PartnerScoped, Table):
    """A standing provision: profile × partner × company whose link it came through. The portal reads only this.

    Company and link are values, so erasing a company's candidate leaves the person's own choices standing.
    """

    __tablename__ = "shares"
    __erasure__ = (delete("profile", "profile_id"),)
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        ForeignKeyConstraint(["profile_id", "consent_id"], ["consents.profile_id", "consents.id"]),
        UniqueConstraint("profile_id", "partner_id", "company_id"),
        Index("ix_shares_partner_since", "partner_id", "since", "id"),
        Index("ix_shares_until", "until", "profile_id"),
        Index("ix_shares_partner_profile", "partner_id", "profile_id", "company_id", "until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[Ref]
    relay_link_id: Mapped[Ref]
    consent_id: Mapped[Ref]
    since: Mapped[Moment]
    until: Mapped[Moment]


class OpeningsConsent(CompanyScoped, Table):
    """A person's word that the company may keep their application and tell them of its next openings.

    The company's, for it is the reason it keeps the candidate by; link and profile are values.
    """

    __tablename__ = "openings_consents"
    __erasure__ = (delete("candidate", "candidate_id"), blank("profile", "profile_id", "profile_id", "ip", "agent"))
    __retention__ = (retention.CANDIDATE, retention.PROFILE)
    __personal__ = ("ip", "agent")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        Index("ix_openings_consents_candidate", "company_id", "candidate_id"),
        Index("ix_openings_consents_profile", "profile_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    relay_link_id: Mapped[int | None] = mapped_column(BigId)
    """None where it was given by the company's letter about a record that ends."""
    profile_id: Mapped[int | None] = mapped_column(BigId)
    basis_before: Mapped[RetentionBasis] = mapped_column(choice(RetentionBasis, "basis_before"))
    """Why the candidate was kept until then; taken up again when the word is taken back."""
    wording_version: Mapped[str] = mapped_column(String(20))
    wording: Mapped[str] = mapped_column(Text)
    wording_hash: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(5))
    ip: Mapped[str] = mapped_column(String(45), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProvisionKind(StrEnum):
    """The kinds of events with a person's data at a partner."""

    MADE_AVAILABLE = "made_available"
    VIEWED = "viewed"
    EXPORTED = "exported"
    """Written out into a file that the partner keeps."""
    READ_BY_API = "read_by_api"
    """Read by a program of the partner's, which keeps what it reads."""


class ProvisionRecord(ProfileScoped, PartnerScoped, Table):
    """The legal record of one provision: snapshots, not joins, kept for three years (A-16…A-20)."""

    __tablename__ = "provision_records"
    __erasure__ = (keep(PROVISION_TERM, "profile", "profile_id"),)
    __retention__ = (retention.PROVISION,)
    __personal__ = ("person_name",)
    __table_args__ = (
        Index("ix_provision_records_profile", "profile_id", "id"),
        Index("ix_provision_records_partner", "partner_id", "id"),
        Index("ix_provision_records_code", "partner_id", "person_code", "id"),
        Index("ix_provision_records_user", "partner_id", "user_id", "id"),
        Index(
            "ix_provision_records_api_key",
            "partner_id",
            "api_key_id",
            "id",
            sqlite_where=_BY_A_KEY,
            postgresql_where=_BY_A_KEY,
        ),
        Index("ix_provision_records_company", "partner_id", "company_id", "kind", "profile_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    kind: Mapped[ProvisionKind] = mapped_column(choice(ProvisionKind, "kind"))
    at: Mapped[Moment]
    person_name: Mapped[str] = mapped_column(String(200))
    person_code: Mapped[str] = mapped_column(String(9))
    items: Mapped[list[str]] = mapped_column(JSON)
    consent_id: Mapped[Ref]
    consented_at: Mapped[Moment]
    company_id: Mapped[Ref]
    company_snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    partner_snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(BigId)
    api_key_id: Mapped[int | None] = mapped_column(BigId)
    """The key that a program read it with; then nobody of the partner's people did."""
    keep_until: Mapped[date] = mapped_column(index=True)


class EndedReference(ProfileScoped, PartnerScoped, Table):
    """A person whom a partner sees no more, by reference alone, and its word that it deleted what it had kept.

    One row each time the last share ended; one without an answer goes where the person agrees again (A-13, A-35).
    """

    __tablename__ = "ended_references"
    __erasure__ = (
        keep(
            "a reference without a name; the request to delete outlives the person (A-20)",
            "profile",
            "profile_id",
        ),
    )
    __table_args__ = (
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        Index("ix_ended_references_partner", "partner_id", "id"),
        Index(
            "ix_ended_references_unanswered",
            "partner_id",
            "id",
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        Index("ix_ended_references_code", "partner_id", "person_code", "id"),
        Index("ix_ended_references_profile", "profile_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    person_code: Mapped[str] = mapped_column(String(9))
    partner_name: Mapped[str] = mapped_column(String(200))
    """As the person agreed to it."""
    registered_at: Mapped[Moment]
    ended_at: Mapped[Moment]
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the partner said that it had deleted what it had kept; None while it has not."""
    deleted_by_user_id: Mapped[int | None] = mapped_column(BigId)
    keep_until: Mapped[date] = mapped_column(index=True)
