"""How the database answers a page's statements, and whether one of them walks a table that grows with the people."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Engine

GROWING = (
    "candidates",
    "applications",
    "application_steps",
    "candidate_orders",
    "candidate_search",
    "candidate_tags",
    "ended_references",
    "events",
    "listed_applications",
    "messages",
    "notes",
    "partner_people",
    "partner_people_words",
    "provision_records",
    "referrals",
    "relay_links",
    "shares",
)
_WHOLE = re.compile(r"^ +(?:->  )?(?:Seq Scan on|SCAN) (\w+)(?: \w+)?(?:  \(.*)?$", re.MULTILINE)


def explained(
    engine: Engine, said: Iterable[tuple[str, Any]], *, small: bool = True, sorting: bool = True
) -> tuple[str, ...]:
    """The plan of each statement, as the database prints it; unless `small`, not as it reads the few rows of a test.

    Unless `sorting`, rows are sorted only where no index has them in their order: of few rows PostgreSQL sorts rather.
    """
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    plans: list[str] = []
    with engine.connect() as connection:
        if not small and engine.dialect.name == "postgresql":
            for way in ("seqscan",) if sorting else ("seqscan", "bitmapscan", "sort"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
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


_BY_OWNER = re.compile(r"\b(?:SEARCH|SCAN) (\w+)(?: USING [\w ]+ \((?:company|partner)_id=\?\))?$", re.MULTILINE)


_ONLY_OF_SMALL_TABLES = ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort")


def reading_all(engine: Engine, said: Iterable[tuple[str, Any]], *, most: int) -> Iterator[str]:
    """Yield the statements that read a company's or partner's rows of a growing table from one end to the other.

    SQLite says so by a search for the owner alone, unless the rows come in their order and end at a limit (each once
    is no order: a row is handed on as it comes). PostgreSQL
    runs the statement without the ways that only pay in small tables, and a scan may read `most` rows.
    """
    for statement, values in said:
        if statement.startswith(("SELECT", "WITH")):
            found = _all_on_sqlite if engine.dialect.name == "sqlite" else _all_on_postgresql
            if tables := set(found(engine, statement, values, most)) & set(GROWING):
                yield f"{', '.join(sorted(tables))}: {statement}"


def _all_on_sqlite(engine: Engine, statement: str, values: Any, _most: int) -> Iterator[str]:
    (plan,) = explained(engine, [(statement, values)])
    steps = plan.removeprefix(statement)
    before_a_page = steps.partition("SCAN listed")[0]  # the rows of one page may be sorted
    if "LIMIT" in statement and not re.search("USE TEMP B-TREE FOR (?!DISTINCT)", before_a_page):
        return
    for match in _BY_OWNER.finditer(steps):
        named = re.search(rf"(\w+) AS {match[1]}\b", statement)
        yield named[1] if named else match[1]


def _all_on_postgresql(engine: Engine, statement: str, values: Any, most: int) -> Iterator[str]:
    with engine.connect() as connection:
        for way in _ONLY_OF_SMALL_TABLES:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        answer = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    steps = [(json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]]
    while steps:
        step = steps.pop()
        steps += step.get("Plans", [])
        read = (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
        if "Relation Name" in step and read > most:
            yield step["Relation Name"]
