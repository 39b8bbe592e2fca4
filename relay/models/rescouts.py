"""再スカウト: a company's mail to a person of its pool about one position, and the person's answer."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
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
    within_company,
)
from relay.models.labels import Labelled
from relay.text.sentence import Sentence

MAX_LINE_TO_COMPANY = 200
SHARE_WORDS: dict[str, Sentence] = {
    "text": _l("求人と共通する言葉"),
    "role": _l("同じ職種"),
    "kindred": _l("近い職種"),
    "required": _l("必要な資格"),
    "welcome": _l("歓迎する資格"),
}
"""The parts of `Rescout.shares` as the person's file calls them (relay.insight.scoring)."""
RECORD_SHARE_WORDS: dict[str, Sentence] = {
    "final": _l("最終か内定まで進んだこと"),
    "second": _l("二次まで進んだこと"),
    "first": _l("一次まで進んだこと"),
    "filled": _l("採用人数の都合で見送ったこと"),
    "comparison": _l("他の候補者との比較で見送ったこと"),
    "praised": _l("評価の平均が4以上であること"),
    "sound": _l("評価の平均が3以上4未満であること"),
    "year": _l("結果から1年以内であること"),
    "two_years": _l("結果から1年を超え2年以内であること"),
}
"""Those of the selection record, which follow from what judges the person."""


class RescoutAnswer(Labelled):
    """The answers behind the link of the mail, as HR reads them."""

    YES = "yes", _l("話を聞きたい")
    LATER = "later", _l("いまではない")
    PLACED = "placed", _l("決まりました")
    STOP = "stop", _l("今後の連絡は不要")


class Rescout(CompanyScoped, Table):
    """One 再スカウト: who was written to about which position by which mail, and the last answer."""

    __tablename__ = "rescouts"
    __erasure__ = (delete("candidate", "candidate_id"),)
    __retention__ = (retention.CANDIDATE,)
    __personal__ = ("line", "shares")
    __table_args__ = company_table(
        within_company("candidate_id", "candidates"),
        within_company("position_id", "positions"),
        within_company("message_id", "messages"),
        within_company("application_id", "applications"),
        UniqueConstraint("company_id", "message_id"),
        UniqueConstraint("company_id", "application_id"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("waits_until IS NULL OR answer = 'later'", name="waits"),
        CheckConstraint("line = '' OR answer = 'placed'", name="line"),
        CheckConstraint("record_since IS NULL OR shares IS NOT NULL", name="shares_of_record"),
        Index("ix_rescouts_company_candidate", "company_id", "candidate_id", "id"),
        Index("ix_rescouts_company_position", "company_id", "position_id", "id"),
        Index("ix_rescouts_company_answer", "company_id", "answer", "answered_at"),
    )

    id: Mapped[Key]
    candidate_id: Mapped[Ref]
    position_id: Mapped[Ref]
    message_id: Mapped[Ref]
    application_id: Mapped[int | None] = mapped_column(BigId)
    """The application that a yes has made: it is a 再応募."""
    answer: Mapped[RescoutAnswer | None] = mapped_column(choice(RescoutAnswer, "answer"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waits_until: Mapped[date | None]
    """Until this day the person wants no mail of this kind from the company."""
    line: Mapped[str] = mapped_column(String(MAX_LINE_TO_COMPANY), default="")
    """What the person wrote to HR beside 決まりました."""
    shares: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """How well the person fitted when the mail was written: thousandths of each part of the order, noted by the worker.

    None where nothing was noted: the company does not learn, or the answer was there first.
    """
    record_since: Mapped[date | None]
    """The first day of application of the record use (A-42) under which parts of the selection record were noted."""
    created_at: Mapped[Moment]
