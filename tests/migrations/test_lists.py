"""0017 and 0057 make the lists, their numbers and orders of what is there, as triggers would have kept them."""

from collections import Counter
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations.contents import contents
from tests.migrations.everything import fill

CELL = ["company_id", "position_id", "stage", "status", "listed", "pending", "n"]


def test_what_is_there_is_listed_and_counted(database: Engine) -> None:
    migrations.upgrade(database)
    with Session(database) as session:
        fill(session)
        session.execute(text("UPDATE applications SET position_id = NULL, stage = '一次面接' WHERE id % 2 = 0"))
        session.execute(text("UPDATE candidates SET basis = 'selection' WHERE id % 3 = 0"))
        runs = "EXISTS (SELECT 1 FROM applications a WHERE a.candidate_id = candidates.id AND a.status = 'open')"
        session.execute(text(f"UPDATE candidates SET retain_until = NULL WHERE {runs}"))  # as 0031 does
        session.commit()
    kept = _kept(database)

    migrations.downgrade(database, "0016")
    assert "application_counts" not in contents(database)
    migrations.upgrade(database)

    assert _kept(database) == kept
    assert len(kept["cells"]) > 2
    assert len(kept["listed"]) > 2
    assert len(kept["orders"]) > 2


def _kept(database: Engine) -> dict[str, Any]:
    held, cells = contents(database), Counter[tuple[Any, ...]]()
    for *cell, number in held["application_counts"].only(CELL):
        cells[tuple(cell)] += number
    listed = {name: set(held[name].rows) for name in ("listed_applications", "candidate_orders")}
    return {"cells": +cells, "listed": listed["listed_applications"], "orders": listed["candidate_orders"]}
