"""How the database answers a page's statements, and whether one of them walks a table that grows with the people."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine

GROWING = (
    "candidates",
    "applications",
    "application_steps",
    "candidate_search",
    "candidate_tags",
    "events",
    "messages",
    "notes",
    "referrals",
    "relay_links",
)
_WHOLE = re.compile(r"^ +(?:->  )?(?:Seq Scan on|SCAN) (\w+)(?: \w+)?(?:  \(.*)?$", re.MULTILINE)


def explained(engine: Engine, said: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    """The plan of each statement, as the database prints it."""
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    plans: list[str] = []
    with engine.connect() as connection:
        for statement, values in said:
            if statement.startswith(("SELECT", "WITH")):
                rows = connection.exec_driver_sql(explain + statement, values).all()
                plans.append(f"{statement}\n" + "\n".join(f"    {row[-1]}" for row in rows))
    return tuple(plans)


def walked(plans: Iterable[str]) -> tuple[str, ...]:
    """The growing tables that a plan reads as a whole, without an index to follow; SQLite calls them by their alias."""
    found: set[str] = set()
    for plan in plans:
        for match in _WHOLE.finditer(plan):
            named = re.search(rf"(\w+) AS {match[1]}\b", plan)
            found.add(named[1] if named else match[1])
    return tuple(sorted(found & set(GROWING)))
