"""The people a partner was given, a row each: what its list is found by, sorted by and marked with.

An index and never a permission: what the portal shows is decided at each request by the shares (invariant 4).
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint, literal_column, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from relay.models import retention
from relay.models.base import (
    BigId,
    Key,
    Moment,
    PartnerScoped,
    ProfileScoped,
    Ref,
    Table,
    UtcDateTime,
    choice,
    delete,
)
from relay.models.labels import Labelled
from relay.models.partners import PartnerKind

LAST = "\uffff"
"""Stands for a blank where people are put in the order of a text: behind every letter."""


class WorkState(Labelled):
    """How far a partner is with a person, in its own words and for itself alone."""

    NEW = "new", _l("未対応")
    CONTACTED = "contacted", _l("連絡済み")
    INTERVIEWED = "interviewed", _l("面談")
    RECOMMENDED = "recommended", _l("推薦")
    OFFERED = "offered", _l("内定")
    JOINED = "joined", _l("入社")
    CLOSED = "closed", _l("終了")
    GUIDED = "guided", _l("案内済み")
    CONSULTED = "consulted", _l("相談")
    ATTENDING = "attending", _l("受講中")
    COMPLETED = "completed", _l("修了")

    @classmethod
    def of(cls, kind: PartnerKind) -> tuple["WorkState", ...]:
        """Return the states that this kind of partner works with, in their order."""
        return _OF_SCHOOLS if kind is PartnerKind.SCHOOL else _OF_AGENCIES


_OF_AGENCIES = (
    *(WorkState.NEW, WorkState.CONTACTED, WorkState.INTERVIEWED, WorkState.RECOMMENDED, WorkState.OFFERED),
    *(WorkState.JOINED, WorkState.CLOSED),
)
_OF_SCHOOLS = (WorkState.NEW, WorkState.GUIDED, WorkState.CONSULTED, WorkState.ATTENDING, WorkState.COMPLETED)

_RANKS = " ".join(f"WHEN '{state.value}' THEN {rank}" for rank, state in enumerate(WorkState))
_RANK = f"(CASE work_state {_RANKS} END)"
STATE_ORDER = literal_column(f"(CASE partner_people.work_state {_RANKS} END)", Integer)
"""The place of a row's state in the order of the work; written as its index has it."""
_UNOPENED = text("opened_at IS NULL")
_ORDERED = String(100).with_variant(String(100, collation="C"), "postgresql")


class PartnerPerson(ProfileScoped, PartnerScoped, Table):
    """A person at a partner while at least one share of them is there (relay.network.partner_people)."""

    __tablename__ = "partner_people"
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PROFILE,)
    __personal__ = ("role_order", "place_order")
    __table_args__ = (
        ForeignKeyConstraint(["profile_id"], ["profiles.id"]),
        ForeignKeyConstraint(["partner_id"], ["partners.id"]),
        UniqueConstraint("partner_id", "profile_id"),
        Index("ix_partner_people_since", "partner_id", "since", "id"),
        Index("ix_partner_people_state", "partner_id", "work_state", "since", "id"),
        Index("ix_partner_people_company", "partner_id", "company_id", "since", "id"),
        Index("ix_partner_people_role", "partner_id", "role_order", "profile_id"),
        Index("ix_partner_people_place", "partner_id", "place_order", "profile_id"),
        Index("ix_partner_people_work", "partner_id", text(_RANK), "profile_id"),
        Index("ix_partner_people_profile", "profile_id"),
        Index(
            "ix_partner_people_unopened",
            "partner_id",
            "since",
            "id",
            sqlite_where=_UNOPENED,
            postgresql_where=_UNOPENED,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    company_id: Mapped[Ref]
    """The company of the newest consent; a value, as in the share."""
    since: Mapped[Moment]
    """The newest share's: a person who comes again through another company is news again."""
    role_order: Mapped[str] = mapped_column(_ORDERED, default=LAST)
    """What the newest consent says of the role, for the order of the list; LAST where it says nothing."""
    place_order: Mapped[str] = mapped_column(_ORDERED, default=LAST)
    work_state: Mapped[WorkState] = mapped_column(choice(WorkState, "work_state"), default=WorkState.NEW)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a user of the partner last opened the record; None while none of them has."""
    opened_by_user_id: Mapped[int | None] = mapped_column(BigId)


class PartnerPersonWords(ProfileScoped, PartnerScoped, Table):
    """The words a partner finds a person by: of what the newest consent given to it covers, and of nothing else.

    Where a partner is shown an older consent meanwhile, nobody is found by these (relay.network.finding).
    """

    __tablename__ = "partner_people_words"
    __derived__ = True
    __erasure__ = (delete("profile", "profile_id"),)
    __retention__ = (retention.PROFILE,)
    __personal__ = ("body", "tsv")
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["partner_people.id"], ondelete="CASCADE"),
        Index("ix_partner_people_words_partner", "partner_id", "person_id"),
        Index("ix_partner_people_words_profile", "profile_id"),
        Index("ix_partner_people_words_tsv", "tsv", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    person_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    consent_id: Mapped[Ref]
    partner: Mapped[str] = mapped_column(String(24))
    """The partner as a search token ("p12"), so that FTS5 finds it in the same index as the words."""
    body: Mapped[str] = mapped_column(Text)
    tsv: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))
