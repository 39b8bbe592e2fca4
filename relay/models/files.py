"""Files about a candidate (書類): what they are called and what can be read in them. The bytes lie elsewhere."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    choice,
    company_table,
    delete,
    within_company,
)
from relay.models.labels import Labelled


class FileKind(StrEnum):
    """Kinds of files that are taken (E-18)."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    JPG = "jpg"
    PNG = "png"


class FileText(Labelled):
    """The state of a file's words: whether they can be searched for."""

    WAITING = "waiting", _l("本文を読み取っています")
    READ = "read", _l("本文も検索できます")
    NONE = "none", _l("本文の文字はありません")
    UNREADABLE = "unreadable", _l("本文は読み取れませんでした")


class Attachment(CompanyScoped, Table):
    """One file about a candidate, stored under a random name; erasure takes the row, the words and the file."""

    __tablename__ = "attachments"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("name", "text", "sha256")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        UniqueConstraint("stored_as"),
        Index("ix_attachments_company_candidate", "company_id", "candidate_id", "id"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    kind: Mapped[FileKind] = mapped_column(choice(FileKind, "kind"))
    name: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(32))
    """The file's random name in the folder of uploads."""
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[FileText] = mapped_column(choice(FileText, "state"))
    text: Mapped[str] = mapped_column(Text, default="")
    """The words in it, for the search alone."""
    at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(BigId)
