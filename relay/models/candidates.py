"""Candidates as one company knows them, their tags, notes, and the rows that search reads."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, BigInteger, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
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
    choice,
    company_table,
    delete,
    keep,
    within_company,
)
from relay.models.candidate_fields import Reapply, personal_columns
from relay.models.labels import Labelled
from relay.tokens import new_erasure_key


class RetentionBasis(Labelled):
    """Why a candidate may be kept (保管してよい理由; A-1, A-4)."""

    SELECTION = "selection", _l("選考のために保管しています"), "", "選考のためにお預かりしています"
    STATED = "stated", _l("人材プールでの保管を、応募のときにお伝えしています"), "通知", "お伝えしています"
    CONSENTED = "consented", _l("人材プールでの保管に、ご本人が同意しています"), "同意", "同意しています"


class FollowUp(Labelled):
    """The purpose HR intends with a rejected candidate (今後の対応); never a gate for the relay link."""

    REAPPLY = "reapply", _l("再応募を待つ"), "再応募"
    RELAY = "relay", _l("こちらからは連絡しない"), "連絡しない", "リレー リレーで送り出す"
    SCOUT = "scout", _l("再スカウト候補"), "再スカウト", "スカウト 再スカウトする"


class ContactChannel(Labelled):
    """The channel by which a person's word reached HR outside Relay."""

    PHONE = "phone", _l("電話")
    MAIL = "mail", _l("メール")
    MEETING = "meeting", _l("お会いして")
    OTHER = "other", _l("そのほか")


class TagKind(Labelled):
    """Kinds of labels."""

    SKILL = "skill", _l("スキル")
    ROLE = "role", _l("職種")
    EVALUATION = "evaluation", _l("評価")
    REASON = "reason", _l("理由")
    FREE = "free", _l("タグ")


class TagColour(Labelled):
    """The colours a company may give its tags: closed, so that each can be read in light and dark (tests/look)."""

    PLAIN = "plain", _l("灰")
    GREEN = "green", _l("緑")
    BLUE = "blue", _l("青")
    VIOLET = "violet", _l("紫")
    ROSE = "rose", _l("赤")
    OCHRE = "ochre", _l("黄")


class Candidate(CompanyScoped, Table):
    """A person as one company knows them. Names are kept as typed, found by their keys (F-13, F-14)."""

    __tablename__ = "candidates"
    __erasure__ = (delete("candidate", "id"),)
    __retention__ = (retention.CANDIDATE, retention.PAST_DATE, retention.UNFINISHED)
    __personal__ = personal_columns()
    __table_args__ = company_table(
        Index("ix_candidates_company_basis_id", "company_id", "basis", "id"),
        Index("ix_candidates_company_email", "company_id", "email_key"),
        Index("ix_candidates_company_name", "company_id", "name_key"),
        Index("ix_candidates_company_phone", "company_id", "phone_key"),
        Index("ix_candidates_company_retain", "company_id", "retain_until", "id"),
        Index(
            "ix_candidates_without_kana",
            "company_id",
            "id",
            sqlite_where=text("kana_key = ''"),
            postgresql_where=text("kana_key = ''"),
        ),
        Index("ix_candidates_retain", "retain_until"),
        Index(
            "ix_candidates_objected",
            "company_id",
            "email_key",
            sqlite_where=text("record_objected_at IS NOT NULL"),
            postgresql_where=text("record_objected_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    kana: Mapped[str] = mapped_column(String(200), default="")
    kana_key: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_key: Mapped[str] = mapped_column(String(40), default="")
    birth_date: Mapped[date | None]
    qualifications: Mapped[str] = mapped_column(Text, default="")
    """What the person holds (資格), joined by 「、」."""
    desired_role: Mapped[str] = mapped_column(String(200), default="")
    """The kind of work the person wishes for (希望職種)."""
    reapply: Mapped[Reapply | None] = mapped_column(choice(Reapply, "reapply"))
    basis: Mapped[RetentionBasis] = mapped_column(choice(RetentionBasis, "basis"))
    retain_until: Mapped[date | None]
    """The last day the person is kept; none while a selection is still running."""
    follow_up: Mapped[FollowUp | None] = mapped_column(choice(FollowUp, "follow_up"))
    contact_stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person wants no mail but a result (relay.candidates.contact)."""
    record_objected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when, by their own word, the selection record orders them no more (relay.rights.objections)."""
    erasure_key: Mapped[str] = mapped_column(String(32), default=new_erasure_key)
    """Random; its hash outlives the person, so that a restored backup can be cleaned of them."""
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class CandidateSearch(CompanyScoped, Table):
    """The search tokens of one candidate, in a narrow table of its own; FTS5 or tsvector sits on it."""

    __tablename__ = "candidate_search"
    __derived__ = True
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("body", "tsv", "terms")
    __table_args__ = (
        within_company("candidate_id", "candidates"),
        Index("ix_candidate_search_company", "company_id", "candidate_id"),
        Index(
            "ix_candidate_search_tsv",
            "tsv",
            postgresql_using="gin",
        ).ddl_if(dialect="postgresql"),
    )

    candidate_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    company: Mapped[str] = mapped_column(String(24))
    """The company as a search token ("c12"), so that FTS5 finds it in the same index as the words."""
    body: Mapped[str] = mapped_column(Text)
    tsv: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))
    terms: Mapped[str | None] = mapped_column(Text)
    """The words of work that open positions are compared with (relay.text.job_terms), apart by spaces.

    None until the worker has rewritten the row of an earlier version (relay.bulk.bulk_jobs).
    """


class Tag(CompanyScoped, Table):
    """A label of a company."""

    __tablename__ = "tags"
    __erasure__ = (keep("a company's word, not a person's datum"),)
    __table_args__ = company_table(UniqueConstraint("company_id", "name_key"))

    id: Mapped[Key]
    kind: Mapped[TagKind] = mapped_column(choice(TagKind, "kind"))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))
    colour: Mapped[TagColour] = mapped_column(choice(TagColour, "colour"), default=TagColour.PLAIN)
    created_at: Mapped[Moment]


class CandidateTag(CompanyScoped, Table):
    """A tag on a candidate."""

    __tablename__ = "candidate_tags"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("tag_id", "tags"),
        UniqueConstraint("company_id", "candidate_id", "tag_id"),
        Index("ix_candidate_tags_company_tag", "company_id", "tag_id", "candidate_id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    tag_id: Mapped[Ref]
    at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class Note(CompanyScoped, Table):
    """A memo about a candidate, kept inside the company (A-12)."""

    __tablename__ = "notes"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("body",)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        Index("ix_notes_company_candidate", "company_id", "candidate_id", "id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    body: Mapped[str] = mapped_column(Text)
    imported: Mapped[bool] = mapped_column(default=False)
    contact_channel: Mapped[ContactChannel | None] = mapped_column(choice(ContactChannel, "contact_channel"))
    """How the person's word came, where the memo is one (返信の記録); `at` is the day of it then."""
    at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)


class SourceRecord(CompanyScoped, Table):
    """The record of a person in a file: source, its id there, and the last value of each field.

    A later file changes a field only where it still equals the value remembered here.
    """

    __tablename__ = "source_records"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("values",)
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("application_id", "applications"),
        within_company("import_id", "imports"),
        UniqueConstraint("company_id", "source", "source_id"),
        Index("ix_source_records_company_candidate", "company_id", "candidate_id"),
        Index(
            "ix_source_records_company_person",
            *("company_id", "source", "person_id"),
            sqlite_where=text("person_id <> ''"),
            postgresql_where=text("person_id <> ''"),
        ),
    )

    id: Mapped[Key]
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(100))
    """What the source calls the application; a hash of what it says of it, where it names persons alone."""
    person_id: Mapped[str] = mapped_column(String(100), default="")
    """What the source calls the person, '' where it does not; the same for all their applications."""
    candidate_id: Mapped[Ref]
    application_id: Mapped[int | None] = mapped_column(BigId)
    import_id: Mapped[int | None] = mapped_column(BigId)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[Moment]


class ImportState(StrEnum):
    """The state of an import."""

    READING = "reading"
    """Being read, within the request or by the worker."""
    PREVIEWED = "previewed"
    QUEUED = "queued"
    """Answered, and with the worker."""
    APPLIED = "applied"
    DISCARDED = "discarded"


class Import(CompanyScoped, Table):
    """One file that came in. What was read from it stays only between preview and apply, a day at most."""

    __tablename__ = "imports"
    __erasure__ = (keep("counts only once applied; an unapplied file goes within a day and with any erasure"),)
    __retention__ = (retention.UNAPPLIED_FILE,)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        UniqueConstraint("table_stored_as"),
        UniqueConstraint("reading_stored_as"),
        UniqueConstraint("people_stored_as"),
        Index("ix_imports_company_id", "company_id", "id"),
        Index("ix_imports_digest", "company_id", "digest", unique=True),
    )

    id: Mapped[Key]
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "state"))
    format: Mapped[str] = mapped_column(String(20))
    basis: Mapped[RetentionBasis | None] = mapped_column(choice(RetentionBasis, "basis"))
    table_stored_as: Mapped[str | None] = mapped_column(String(32))
    """The random name, in the folder of uploads, of the file's cells (relay.intake.uploads.on_disk)."""
    reading_stored_as: Mapped[str | None] = mapped_column(String(32))
    """The same of what was read from them (relay.intake.uploads.on_disk)."""
    people_stored_as: Mapped[str | None] = mapped_column(String(32))
    """The same of the people as applying it would leave them (relay.intake.uploads.preview)."""
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes they take on the disk; while the file is looked at for the first time, its own."""
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What applying it would do, by answer (relay.intake.uploads.preview)."""
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    digest: Mapped[str | None] = mapped_column(String(64))
    """Of a watched folder's file, by which the same bytes are known again until the import is taken back."""
    created_at: Mapped[Moment]
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    journal_entry_id: Mapped[int | None] = mapped_column(BigId)
    """By which it can be taken back; a plain number, because the journal forgets in time."""


class ImportMapping(CompanyScoped, Table):
    """The meaning of the columns of files with these headers as HR said, for the next file of the same shape."""

    __tablename__ = "import_mappings"
    __erasure__ = (keep("headers of a company's own files and closed words"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        UniqueConstraint("company_id", "fingerprint"),
    )

    id: Mapped[Key]
    fingerprint: Mapped[str] = mapped_column(String(64))
    """The hash of the file's headers."""
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    """For each header that was corrected, as a key, what it is taken as."""
    changed_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
