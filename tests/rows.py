"""What the database of the application holds, so that two moments can be compared."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from relay.extensions import Base
from relay.models import ApplicationCount


def every_row(session: Session, but: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but these, as they are stored, in the order of their keys; the transaction ends."""
    session.commit()
    with session.get_bind().connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.exec_driver_sql(_all_of(table))]
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }


def _all_of(table: Table) -> str:
    if table.name != ApplicationCount.__tablename__:
        return f"SELECT * FROM {table.name} ORDER BY {', '.join(key.name for key in table.primary_key)}"
    cell = ", ".join(column.name for column in table.columns if column.name not in {"id", "n"})
    return f"SELECT {cell}, sum(n) FROM {table.name} GROUP BY {cell} HAVING sum(n) <> 0 ORDER BY {cell}"
