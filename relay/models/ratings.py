"""Answers to the one voluntary question after a registration (役に立ったか): numbers alone, of nobody."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from relay.models.base import CompanyScoped, Key, Table, UtcDateTime, choice, company_table, keep
from relay.models.labels import Labelled


class RatingAnswer(Labelled):
    """The answers to whether the company's relay mail was of use."""

    YES = "yes", _l("役に立った")
    PARTLY = "partly", _l("どちらともいえない")
    NO = "no", _l("役に立たなかった")


class RelayRating(CompanyScoped, Table):
    """How often a company's people gave one answer; `people`, full tens, is all that the company reads (A-45).

    An answer is added to `waiting` and leaves no row of its own, so it can be led back to nobody.
    """

    __tablename__ = "relay_ratings"
    __erasure__ = (keep("numbers of answers, which are nobody's"),)
    __table_args__ = company_table(
        UniqueConstraint("company_id", "answer"),
        CheckConstraint("waiting >= 0 AND people >= 0 AND people % 10 = 0", name="counts"),
    )

    id: Mapped[Key]
    answer: Mapped[RatingAnswer] = mapped_column(choice(RatingAnswer, "answer"))
    waiting: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When `people` last grew."""
