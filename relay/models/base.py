"""Parts of every table: ids that are never reused, UTC times, closed word lists, erasure declarations.

A company's table has UNIQUE (company_id, id), the target of composite foreign keys,
so that a row cannot point into another company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from sqlalchemy import (
    BigInteger,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Identity,
    Integer,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from relay.extensions import Base
from relay.models.retention import Retention

BigId = BigInteger().with_variant(Integer, "sqlite")
Key = Annotated[int, mapped_column(BigId, Identity(), primary_key=True)]
Ref = Annotated[int, mapped_column(BigId)]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes on every database: stored in UTC, given back in UTC (SQLite drops the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Return the type of its values."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Moment = Annotated[datetime, mapped_column(UtcDateTime)]


def choice(words: type[StrEnum], name: str) -> Enum:
    """Return a column of one closed word list, checked by the database."""
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda enum: [word.value for word in enum],
    )


@dataclass(frozen=True)
class ErasureRule:
    """The rule by which erasing one kind of person treats a table's rows that carry their id in column `by`."""

    person: Literal["candidate", "profile", "address", "nobody"]
    act: Literal["delete", "blank", "keep"]
    by: str = ""
    columns: tuple[str, ...] = ()
    reason: str = ""


Person = Literal["candidate", "profile", "address"]


def delete(person: Person, by: str) -> ErasureRule:
    """Erasing the person deletes the rows whose column `by` is theirs."""
    return ErasureRule(person, "delete", by)


def blank(person: Person, by: str, *columns: str) -> ErasureRule:
    """Erasing the person empties these columns; the row stays as a count."""
    return ErasureRule(person, "blank", by, columns)


def keep(reason: str, person: Person | Literal["nobody"] = "nobody", by: str = "") -> ErasureRule:
    """Erasing a person leaves the table alone, for this reason."""
    return ErasureRule(person, "keep", by, (), reason)


class Table(Base):
    """A table of Relay. Declares what erasure does to it, which of its columns are personal, and how long they stay."""

    __abstract__ = True
    __erasure__: ClassVar[Sequence[ErasureRule]]
    __retention__: ClassVar[Sequence[Retention]] = ()
    """Why its personal columns are kept, how long and what ends it: one term, or one for each kind of row."""
    __personal__: ClassVar[Sequence[str]] = ()
    __derived__: ClassVar[bool] = False
    """Whether the rows are computed from other tables (search words), and made anew when those change."""
    __table_args__: Any = ({"sqlite_autoincrement": True},)


class CompanyScoped:
    """Rows of one company: seen only in that company's scope."""

    @declared_attr
    def company_id(cls) -> Mapped[int]:
        """Return the column of the company whose row it is."""
        return mapped_column(BigId, nullable=False)


class PartnerScoped:
    """Rows a partner may see: only in that partner's scope."""

    @declared_attr
    def partner_id(cls) -> Mapped[int]:
        """Return the column of the partner whose row it is."""
        return mapped_column(BigId, nullable=False)


class ProfileScoped:
    """Rows of one registered person: seen only in that profile's scope."""

    @declared_attr
    def profile_id(cls) -> Mapped[int]:
        """Return the column of the profile whose row it is."""
        return mapped_column(BigId, nullable=False)


class Practisable:
    """Rows that may be mere practice: an ordinary scope never sees those, `scopes.practice` sees nothing else."""

    @declared_attr
    def practice(cls) -> Mapped[bool]:
        """Return the column that says the row counts for nothing and goes when practice ends."""
        return mapped_column(default=False)


def company_table(*constraints: Any) -> tuple[Any, ...]:
    """Table arguments of a company's table: its foreign key, UNIQUE (company_id, id), ids never reused."""
    return (
        ForeignKeyConstraint(["company_id"], ["companies.id"]),
        UniqueConstraint("company_id", "id"),
        *constraints,
        {"sqlite_autoincrement": True},
    )


def within_company(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Return a reference that cannot leave the company: (company_id, column) → (company_id, id) of `table`."""
    return ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"], ondelete=ondelete)
