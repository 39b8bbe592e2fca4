"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy has in each dialect of its own."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from relay.models.base import Table

Insert = postgresql.Insert | sqlite.Insert


def upsert(session: Session, table: type[Table]) -> Insert:
    """Return an INSERT for this database that may say what happens where a row of the same key is there already."""
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)
