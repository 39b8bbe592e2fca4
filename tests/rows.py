"""What the database of the application holds, so that two moments can be compared."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from relay.extensions import Base


def every_row(session: Session, but: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but these, as they are stored, in the order of their keys; the transaction ends."""
    session.commit()
    with session.get_bind().connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.exec_driver_sql(
                    f"SELECT * FROM {table.name} ORDER BY {', '.join(key.name for key in table.primary_key)}"
                )
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }
