"""Triggers behind the lists of applications: which ones 選考 shows, and how many are alike.

A list walks the rows of `listed_applications` in its own order, and a number is the sum of a few cells of
`application_counts`; both change in the transaction of the row they are made of.
On SQLite a writer is alone and adds to the cell itself. On PostgreSQL each statement adds a row of differences, so
that nobody waits for a cell; `relay.worker.upkeep` adds them up.
"""

# ruff: noqa: S608  (made of the words below alone)

from collections.abc import Iterator

_LISTED = "application_id, candidate_id, company_id, position_id, stage, status, retain_until"
_OF_APPLICATION = "a.id, a.candidate_id, a.company_id, coalesce(a.position_id, 0), a.stage, a.status, c.retain_until"
_CELL = "company_id, position_id, stage, status, listed, pending"
_SHOWN = "(a.status = 'open' OR c.basis = 'selection')"
"""What 選考 shows: what runs, and whoever is kept for the selection only (A-4)."""
_COUNTED = {
    "applications": (
        "{0}company_id, coalesce({0}position_id, 0), {0}stage, {0}status, {1}, "
        "({0}status = 'rejected' AND {0}notified_at IS NULL)",
        "0",
    ),
    "listed_applications": ("{0}company_id, {0}position_id, {0}stage, {0}status, {1}, {2}", "1"),
}
TABLES = ("listed_applications", "application_counts")
FUNCTIONS = ("relay_list_applications", "relay_list_person", "relay_count_applications", "relay_count_listed")
"""What the triggers call on PostgreSQL."""

ADD_UP = f"""WITH gone AS (DELETE FROM application_counts RETURNING {_CELL}, n)
INSERT INTO application_counts ({_CELL}, n) SELECT {_CELL}, sum(n) FROM gone GROUP BY {_CELL} HAVING sum(n) <> 0"""
"""Leaves one row of each cell, on PostgreSQL."""


def sqlite() -> Iterator[tuple[str, str]]:
    """Yield each trigger: its name, and what CREATE TRIGGER says of it."""
    put = f"""INSERT INTO listed_applications ({_LISTED}) SELECT {_OF_APPLICATION} FROM applications a
        JOIN candidates c ON c.id = a.candidate_id WHERE {_SHOWN} AND"""
    remove = "DELETE FROM listed_applications WHERE application_id"
    yield "listed_applications_insert", f"AFTER INSERT ON applications BEGIN {put} a.id = new.id; END"
    yield (
        "listed_applications_update",
        "AFTER UPDATE OF candidate_id, position_id, stage, status ON applications "
        f"BEGIN {remove} = new.id; {put} a.id = new.id; END",
    )
    theirs = "IN (SELECT id FROM applications WHERE company_id = new.company_id AND candidate_id = new.id)"
    yield (
        "listed_applications_person",
        "AFTER UPDATE OF basis, retain_until ON candidates "
        "WHEN (old.basis, old.retain_until) IS NOT (new.basis, new.retain_until) "
        f"BEGIN {remove} {theirs}; {put} a.id {theirs}; END",
    )
    for table in _COUNTED:
        add, subtract = _sqlite_add(table, "new.", "+"), _sqlite_add(table, "old.", "-")
        yield f"{table}_counted_insert", f"AFTER INSERT ON {table} BEGIN {add} END"
        yield f"{table}_counted_delete", f"AFTER DELETE ON {table} BEGIN {subtract} END"
        changed = f"({_cell(table, 'old.')}) IS NOT ({_cell(table, 'new.')})"
        yield f"{table}_counted_update", f"AFTER UPDATE ON {table} WHEN {changed} BEGIN {subtract} {add} END"


def postgresql_functions() -> Iterator[tuple[str, str]]:
    """Yield each function's name, and its body in PL/pgSQL."""
    put = f"INSERT INTO listed_applications ({_LISTED}) SELECT {_OF_APPLICATION} FROM"
    hold = "PERFORM id FROM candidates WHERE id IN ({}) ORDER BY id FOR NO KEY UPDATE;"
    changed = """(SELECT a.* FROM added a JOIN removed r ON r.id = a.id
        WHERE (a.candidate_id, a.position_id, a.stage, a.status)
            IS DISTINCT FROM (r.candidate_id, r.position_id, r.stage, r.status))"""
    join = f"JOIN candidates c ON c.id = a.candidate_id WHERE {_SHOWN}"
    yield (
        "relay_list_applications",
        f"""BEGIN
        IF TG_OP = 'INSERT' THEN
            {hold.format("SELECT candidate_id FROM added")}
            {put} added a {join};
        ELSE
            {hold.format(f"SELECT candidate_id FROM {changed} a")}
            DELETE FROM listed_applications WHERE application_id IN (SELECT id FROM {changed} a);
            {put} {changed} a {join};
        END IF;
        RETURN NULL; END""",
    )
    theirs = "a.company_id = new.company_id AND a.candidate_id = new.id"
    yield (
        "relay_list_person",
        f"""BEGIN
        DELETE FROM listed_applications WHERE application_id IN (SELECT id FROM applications a WHERE {theirs});
        {put} applications a {join} AND {theirs};
        RETURN NULL; END""",
    )
    for table, name in (("applications", "relay_count_applications"), ("listed_applications", "relay_count_listed")):
        add = f"SELECT {_cell(table, '', postgresql=True)}, {{}} FROM {{}}"
        sums = "GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0"
        into = f"INSERT INTO application_counts ({_CELL}, n)"
        named = f"AS cells({_CELL}, n)"
        yield (
            name,
            f"""BEGIN
            IF TG_OP = 'INSERT' THEN
                {into} SELECT {_CELL}, sum(n) FROM ({add.format(1, "added")}) {named} {sums};
            ELSIF TG_OP = 'DELETE' THEN
                {into} SELECT {_CELL}, sum(n) FROM ({add.format(-1, "removed")}) {named} {sums};
            ELSE
                {into} SELECT {_CELL}, sum(n) FROM (
                    {add.format(1, "added")} UNION ALL {add.format(-1, "removed")}) {named} {sums};
            END IF;
            RETURN NULL; END""",
        )


def postgresql_triggers() -> Iterator[tuple[str, str, str]]:
    """Yield each trigger: its name, its table, and what CREATE TRIGGER says of it, with a place for the table."""
    added, removed = "REFERENCING NEW TABLE AS added", "REFERENCING OLD TABLE AS removed"
    both = f"{added} OLD TABLE AS removed"
    each = "{} FOR EACH STATEMENT EXECUTE FUNCTION {}()"
    listing = "relay_list_applications"
    yield "listed_applications_insert", "applications", "AFTER INSERT ON {} " + each.format(added, listing)
    yield "listed_applications_update", "applications", "AFTER UPDATE ON {} " + each.format(both, listing)
    yield (
        "listed_applications_person",
        "candidates",
        "AFTER UPDATE OF basis, retain_until ON {} FOR EACH ROW "
        "WHEN ((old.basis, old.retain_until) IS DISTINCT FROM (new.basis, new.retain_until)) "
        "EXECUTE FUNCTION relay_list_person()",
    )
    for table, name in (("applications", "relay_count_applications"), ("listed_applications", "relay_count_listed")):
        yield f"{table}_counted_insert", table, "AFTER INSERT ON {} " + each.format(added, name)
        yield f"{table}_counted_update", table, "AFTER UPDATE ON {} " + each.format(both, name)
        yield f"{table}_counted_delete", table, "AFTER DELETE ON {} " + each.format(removed, name)


def _cell(table: str, row: str, *, postgresql: bool = False) -> str:
    """Return the values of the cell in which a row of the table is counted."""
    columns, listed = _COUNTED[table]
    words = ("FALSE", "TRUE") if postgresql else ("0", "1")
    return columns.format(row, words[int(listed)], words[0])


def _sqlite_add(table: str, row: str, sign: str) -> str:
    cell = _cell(table, row)
    here = f"({_CELL}) = ({cell})"
    return (
        f"INSERT INTO application_counts ({_CELL}, n) SELECT {cell}, 0 "
        f"WHERE NOT EXISTS (SELECT 1 FROM application_counts WHERE {here}); "
        f"UPDATE application_counts SET n = n {sign} 1 WHERE {here};"
    )
