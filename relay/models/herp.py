"""HERP連携: a company's key for the public API of HERP Hire, how far a reading is, and what was brought from there."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Integer, String, UniqueConstraint
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
from relay.models.candidates import RetentionBasis
from relay.models.labels import Labelled


class HerpTrouble(Labelled):
    """Why a reading stopped."""

    KEY = "key", _l("HERPがAPIキーを受け付けませんでした。HERPの「APIキー」で発行し直して、ここに入力してください。")
    PERMISSION = (
        "permission",
        _l("このAPIキーでは応募を読めません。HERPで、APIの利用が申し込み済みか、ご確認ください。"),
    )
    SEALED = "sealed", _l("保存したAPIキーを開けません。もう一度、入力してください。")
    ADDRESS = "address", _l("HERPのアドレスに接続できません。運営者に、RELAY_HERP_URLの確認を頼んでください。")
    AWAY = "away", _l("HERPに接続できませんでした。時間をおいて、続きから読み取ります。")
    BUSY = "busy", _l("HERPがエラーを返しました。時間をおいて、続きから読み取ります。")
    LIMIT = "limit", _l("HERPが、いまは読めないと答えました。時間をおいて、続きから読み取ります。")
    SHAPE = "shape", _l("HERPの答えが、決められた形と違うため読めませんでした。運営者に知らせてください。")
    SIZE = "size", _l("HERPの答えが大きすぎるため、途中までしか読めませんでした。運営者に知らせてください。")
    FILE = "file", _l("読み取った内容を、いまは取り込めませんでした。次の読み取りで、もう一度試します。")


class HerpConnection(CompanyScoped, Table):
    """The one connection of a company, and the place of a reading under way."""

    __tablename__ = "herp_connections"
    __erasure__ = (keep("a key of the company's; what was read and is not brought yet goes with any erasure"),)
    __table_args__ = company_table(
        within_company("import_id", "imports"),
        UniqueConstraint("company_id"),
        UniqueConstraint("stored_as"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(1000))
    """Sealed (relay.infra.vault)."""
    basis: Mapped[RetentionBasis] = mapped_column(choice(RetentionBasis, "basis"))
    told: Mapped[bool] = mapped_column(Boolean)
    """Whether people who arrive rejected were told by the company."""
    set_at: Mapped[Moment]
    set_by_user_id: Mapped[Ref]
    page: Mapped[int] = mapped_column(Integer, default=0)
    """The next page to be read, 0 while none is."""
    names_read: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the pages of requisitions are read, and those of candidacies follow."""
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored_as: Mapped[str | None] = mapped_column(String(32))
    """The random name, in the folder of uploads, of what was read so far."""
    stored_bytes: Mapped[int] = mapped_column(BigId, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """Failures in a row."""
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when HERP, or the limit we keep ourselves, lets nothing be asked."""
    minute_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    """Requests of the minute that began then."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last time that HERP took the key."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last time that a reading came to its end."""
    found: Mapped[int] = mapped_column(Integer, default=0)
    brought: Mapped[int] = mapped_column(Integer, default=0)
    """Of that reading: applications at HERP, and those that were new or changed."""
    import_id: Mapped[int | None] = mapped_column(BigId)
    """The last import that a reading made."""
    trouble: Mapped[HerpTrouble | None] = mapped_column(choice(HerpTrouble, "trouble"))


class HerpCandidacy(CompanyScoped, Table):
    """An application that was handed to an import, by keyed hashes alone; it counts once that import is applied."""

    __tablename__ = "herp_candidacies"
    __erasure__ = (keep("keyed hashes; by them people who were erased are not brought again"),)
    __table_args__ = company_table(
        within_company("import_id", "imports"),
        UniqueConstraint("company_id", "key_hash"),
    )

    id: Mapped[Key]
    key_hash: Mapped[str] = mapped_column(String(64))
    """Of its number at HERP."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of its contents."""
    import_id: Mapped[Ref]
