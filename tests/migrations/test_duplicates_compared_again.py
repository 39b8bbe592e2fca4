"""0080 lets go of namesakes in the queue, and of nothing else: what HR said of any two and what a file named stays."""

import pytest
from sqlalchemy import Connection, Engine, text

from relay import migrations


@pytest.mark.parametrize(
    ("score", "by_file", "stays"), [(0.5, False, False), (0.5, True, True), (2.0, False, True), (9.0, False, True)]
)
def test_only_a_namesake_that_nobody_named_leaves(filled: Engine, score: float, by_file: bool, stays: bool) -> None:
    migrations.downgrade(filled, "0076")
    with filled.begin() as connection:
        pairs = counted(connection, "duplicate_pairs")
        settled = said(connection)
        put = text("UPDATE duplicate_pairs SET score = :score, by_file = :by_file")
        connection.execute(put, {"score": score, "by_file": by_file})
    migrations.upgrade(filled)
    with filled.begin() as connection:
        assert pairs
        assert counted(connection, "duplicate_pairs") == (pairs if stays else 0)
        assert said(connection) == settled
        assert counted(connection, "match_checks") == counted(connection, "candidates"), "each is compared once more"


def said(connection: Connection) -> list[list[tuple]]:
    """What HR decided of two people."""
    return [
        [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]
        for table in ("different_people", "merges")
    ]


def counted(connection: Connection, table: str) -> int:
    return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0
