"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy has in each dialect of its own."""

from sqlalchemy import Dialect
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from relay.models.base import Table

Insert = postgresql.Insert | sqlite.Insert


def upsert(session: Session, table: type[Table]) -> Insert:
    """Return an INSERT for this database that may say what happens where a row of the same key is there already."""
    return insert_of(session.get_bind().dialect, table)


def insert_of(dialect: Dialect, table: type[Table] | SqlTable) -> Insert:
    """Return the same for a database that is known by its dialect."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
