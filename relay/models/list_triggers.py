"""Triggers behind the lists: which applications 選考 shows, how many are alike, and the places of candidates in order.

A list walks the rows of `listed_applications` or `candidate_orders` along the index of its order, and a number is the
sum of a few cells of `application_counts`; all change in the transaction of the row they are made of.
On SQLite a writer is alone and adds to the cell itself. On PostgreSQL each statement adds a row of differences, so
that nobody waits for a cell; `relay.worker.upkeep` adds them up.
"""

# ruff: noqa: S608  (made of the words below alone)

from collections.abc import Iterator

NO_DAY, LAST, NO_SCORE = "'9999-12-31'", "'\uffff'", 99
"""Where an order has rows without a value, as SQL (`relay.models.hiring`)."""
_STEPS = (
    (("内定", "オファー"), 5),
    (("最終", "役員", "社長"), 4),
    (("二次", "三次", "2次", "3次", "２次", "３次", "部長"), 3),
    (("一次", "1次", "１次", "面接", "面談"), 2),
    (("書類", "応募", "エントリー"), 1),
)
"""How far the selection came by the word in a step's name, the first that is in it; other names come behind."""


def _applied(row: str) -> str:
    return f"coalesce({row}.applied_on, {NO_DAY})"


def _named(row: str) -> str:
    return f"CASE WHEN {row}.kana_key <> '' THEN {row}.kana_key ELSE {LAST} || {row}.name_key END"


def _step(row: str) -> str:
    cases = " ".join(
        "WHEN " + " OR ".join(f"{row}.stage LIKE '%{word}%'" for word in words) + f" THEN '{place}'"
        for words, place in _STEPS
    )
    return f"CASE WHEN {row}.stage = '' THEN {LAST} ELSE CASE {cases} ELSE '6' END || {row}.stage END"


_LISTED = (
    "application_id, candidate_id, company_id, position_id, stage, status, retain_until, "
    "applied_on, name_order, stage_order"
)
_OF_APPLICATION = (
    "a.id, a.candidate_id, a.company_id, coalesce(a.position_id, 0), a.stage, a.status, c.retain_until, "
    f"{_applied('a')}, {_named('c')}, {_step('a')}"
)
_ORDERED = "candidate_id, company_id, in_pool, applied_on, name_order, stage_order, score, retain_until, updated_at"
_NEWEST = "FROM applications a WHERE a.company_id = c.company_id AND a.candidate_id = c.id ORDER BY a.id DESC LIMIT 1"
_SCORE = "SELECT max(s.score) FROM application_steps s WHERE (s.company_id, s.candidate_id) = ({0}company_id, {0}{1})"
_CHANGED = f"coalesce((SELECT a.updated_at {_NEWEST}), c.updated_at)"
_OF_CANDIDATE = f"""c.id, c.company_id, c.basis <> 'selection',
    coalesce((SELECT {_applied("a")} {_NEWEST}), {NO_DAY}), {_named("c")},
    coalesce((SELECT {_step("a")} {_NEWEST}), {LAST}), coalesce(({_SCORE.format("c.", "id")}), {NO_SCORE}),
    coalesce(c.retain_until, {NO_DAY}), CASE WHEN {_CHANGED} > c.updated_at THEN {_CHANGED} ELSE c.updated_at END"""
_SQLITE_APPLIED = f"""UPDATE candidate_orders SET applied_on = {_applied("new")}, stage_order = {_step("new")},
    updated_at = (SELECT max(c.updated_at, new.updated_at) FROM candidates c WHERE c.id = new.candidate_id)
    WHERE candidate_id = new.candidate_id AND NOT EXISTS (SELECT 1 FROM applications a
        WHERE a.company_id = new.company_id AND a.candidate_id = new.candidate_id AND a.id > new.id)"""
_SQLITE_SCORED = f"""UPDATE candidate_orders SET score = coalesce(({_SCORE.format("new.", "candidate_id")}), {NO_SCORE})
    WHERE candidate_id = new.candidate_id"""
"""What a row that is added changes in the place of its person: of six indexes only those (bench: relay import)."""
_CELL = "company_id, position_id, stage, status, listed, pending"
_SHOWN = "(a.status = 'open' OR c.basis = 'selection')"
"""What 選考 shows: what runs, and whoever is kept for the selection only (A-4)."""
_OF_PERSON = "{0}basis, {0}retain_until, {0}kana_key, {0}name_key"
"""What of a candidate decides where their applications are listed."""
_COUNTED = {
    "applications": (
        "{0}company_id, coalesce({0}position_id, 0), {0}stage, {0}status, {1}, "
        "({0}status = 'rejected' AND {0}notified_at IS NULL)",
        "0",
    ),
    "listed_applications": ("{0}company_id, {0}position_id, {0}stage, {0}status, {1}, {2}", "1"),
}
TABLES = ("listed_applications", "application_counts", "candidate_orders")
FUNCTIONS = (
    *("relay_list_applications", "relay_list_person", "relay_count_applications", "relay_count_listed"),
    *("relay_order_candidates", "relay_order_related"),
)
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
        "AFTER UPDATE OF candidate_id, position_id, stage, status, applied_on ON applications "
        f"BEGIN {remove} = new.id; {put} a.id = new.id; END",
    )
    theirs = "IN (SELECT id FROM applications WHERE company_id = new.company_id AND candidate_id = new.id)"
    yield (
        "listed_applications_person",
        f"AFTER UPDATE OF {_OF_PERSON.format('')} ON candidates "
        f"WHEN ({_OF_PERSON.format('old.')}) IS NOT ({_OF_PERSON.format('new.')}) "
        f"BEGIN {remove} {theirs}; {put} a.id {theirs}; END",
    )
    yield from _sqlite_orders()
    for table in _COUNTED:
        add, subtract = _sqlite_add(table, "new.", "+"), _sqlite_add(table, "old.", "-")
        yield f"{table}_counted_insert", f"AFTER INSERT ON {table} BEGIN {add} END"
        yield f"{table}_counted_delete", f"AFTER DELETE ON {table} BEGIN {subtract} END"
        changed = f"({_cell(table, 'old.')}) IS NOT ({_cell(table, 'new.')})"
        yield f"{table}_counted_update", f"AFTER UPDATE ON {table} WHEN {changed} BEGIN {subtract} {add} END"


def _sqlite_orders() -> Iterator[tuple[str, str]]:
    put = f"""INSERT INTO candidate_orders ({_ORDERED}) SELECT {_OF_CANDIDATE} FROM candidates c WHERE c.id ="""
    take = "DELETE FROM candidate_orders WHERE candidate_id ="
    yield "candidate_orders_insert", f"AFTER INSERT ON candidates BEGIN {put} new.id; END"
    yield (
        "candidate_orders_update",
        f"AFTER UPDATE OF {_OF_PERSON.format('')}, updated_at ON candidates "
        f"WHEN ({_OF_PERSON.format('old.')}, old.updated_at) IS NOT ({_OF_PERSON.format('new.')}, new.updated_at) "
        f"BEGIN {take} new.id; {put} new.id; END",
    )
    for table, added in (("applications", _SQLITE_APPLIED), ("application_steps", _SQLITE_SCORED)):
        yield f"candidate_orders_{table}_insert", f"AFTER INSERT ON {table} BEGIN {added}; END"
        for act, rows in (("delete", ["old"]), ("update", ["old", "new"])):
            anew = " ".join(f"{take} {row}.candidate_id; {put} {row}.candidate_id;" for row in rows)
            yield f"candidate_orders_{table}_{act}", f"AFTER {act.upper()} ON {table} BEGIN {anew} END"


ADDED_ON_SQLITE = (
    *("candidate_orders_insert", "candidate_orders_applications_insert", "candidate_orders_application_steps_insert"),
    *("listed_applications_insert", "applications_counted_insert", "listed_applications_counted_insert"),
)
"""The triggers of rows that are added, for which `sqlite_of_many` stands in."""


def sqlite_of_many() -> Iterator[str]:
    """Yield the statements that do for many added rows at once what their triggers would do for each.

    The rows are those whose ids are in the span `:candidates` to `:candidates_end`, the end not among them, and so for
    `applications` and `application_steps`.
    """
    candidate, application, step = (
        f"{{0}} >= :{table} AND {{0}} < :{table}_end" for table in ("candidates", "applications", "application_steps")
    )
    people = f"""(SELECT id FROM candidates WHERE {candidate.format("id")}
        UNION SELECT candidate_id FROM applications WHERE {application.format("id")}
        UNION SELECT candidate_id FROM application_steps WHERE {step.format("id")})"""
    yield f"DELETE FROM candidate_orders WHERE candidate_id IN {people}"
    yield f"""INSERT INTO candidate_orders ({_ORDERED}) SELECT {_OF_CANDIDATE} FROM candidates c
        WHERE c.id IN {people}"""
    yield f"""INSERT INTO listed_applications ({_LISTED}) SELECT {_OF_APPLICATION} FROM applications a
        JOIN candidates c ON c.id = a.candidate_id WHERE {_SHOWN} AND {application.format("a.id")}"""
    for table, key in (("applications", "id"), ("listed_applications", "application_id")):
        added = f"""WITH added ({_CELL}, n) AS (SELECT {_cell(table, "")}, count(*)
            FROM {table} WHERE {application.format(key)} GROUP BY 1, 2, 3, 4, 5, 6)"""
        here = f"({_cells_of('c')}) = ({_cells_of('added')})"
        yield f"""{added} INSERT INTO application_counts ({_CELL}, n) SELECT {_CELL}, 0 FROM added
            WHERE NOT EXISTS (SELECT 1 FROM application_counts c WHERE {here})"""
        yield f"{added} UPDATE application_counts AS c SET n = c.n + added.n FROM added WHERE {here}"


def postgresql_functions() -> Iterator[tuple[str, str]]:
    """Yield each function's name, and its body in PL/pgSQL."""
    put = f"INSERT INTO listed_applications ({_LISTED}) SELECT {_OF_APPLICATION} FROM"
    hold = "PERFORM id FROM candidates WHERE id IN ({}) ORDER BY id FOR NO KEY UPDATE;"
    changed = """(SELECT a.* FROM added a JOIN removed r ON r.id = a.id
        WHERE (a.candidate_id, a.position_id, a.stage, a.status, a.applied_on)
            IS DISTINCT FROM (r.candidate_id, r.position_id, r.stage, r.status, r.applied_on))"""
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
    yield from _postgresql_orders(hold)
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


def _postgresql_orders(hold: str) -> Iterator[tuple[str, str]]:
    put, take = f"INSERT INTO candidate_orders ({_ORDERED}) SELECT {_OF_CANDIDATE} FROM", "DELETE FROM candidate_orders"
    changed = f"""(SELECT c.* FROM added c JOIN removed r ON r.id = c.id
        WHERE ({_OF_PERSON.format("c.")}, c.updated_at) IS DISTINCT FROM ({_OF_PERSON.format("r.")}, r.updated_at))"""
    yield (
        "relay_order_candidates",
        f"""BEGIN
        IF TG_OP = 'INSERT' THEN
            {put} added c;
        ELSE
            {take} WHERE candidate_id IN (SELECT id FROM {changed} c);
            {put} {changed} c;
        END IF;
        RETURN NULL; END""",
    )
    yield (
        "relay_order_related",
        f"""DECLARE people bigint[]; BEGIN
        IF TG_OP = 'INSERT' THEN people := ARRAY(SELECT DISTINCT candidate_id FROM added);
        ELSIF TG_OP = 'DELETE' THEN people := ARRAY(SELECT DISTINCT candidate_id FROM removed);
        ELSE people := ARRAY(SELECT candidate_id FROM added UNION SELECT candidate_id FROM removed);
        END IF;
        {hold.format("SELECT unnest(people)")}
        {take} WHERE candidate_id = ANY(people);
        {put} candidates c WHERE c.id = ANY(people);
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
        f"AFTER UPDATE OF {_OF_PERSON.format('')} ON {{}} FOR EACH ROW "
        f"WHEN (({_OF_PERSON.format('old.')}) IS DISTINCT FROM ({_OF_PERSON.format('new.')})) "
        "EXECUTE FUNCTION relay_list_person()",
    )
    placing = "relay_order_candidates"
    yield "candidate_orders_insert", "candidates", "AFTER INSERT ON {} " + each.format(added, placing)
    yield "candidate_orders_update", "candidates", "AFTER UPDATE ON {} " + each.format(both, placing)
    for table in ("applications", "application_steps"):
        for act, rows in (("insert", added), ("update", both), ("delete", removed)):
            said = f"AFTER {act.upper()} ON {{}} " + each.format(rows, "relay_order_related")
            yield f"candidate_orders_{table}_{act}", table, said
    for table, name in (("applications", "relay_count_applications"), ("listed_applications", "relay_count_listed")):
        yield f"{table}_counted_insert", table, "AFTER INSERT ON {} " + each.format(added, name)
        yield f"{table}_counted_update", table, "AFTER UPDATE ON {} " + each.format(both, name)
        yield f"{table}_counted_delete", table, "AFTER DELETE ON {} " + each.format(removed, name)


def _cell(table: str, row: str, *, postgresql: bool = False) -> str:
    """Return the values of the cell in which a row of the table is counted."""
    columns, listed = _COUNTED[table]
    words = ("FALSE", "TRUE") if postgresql else ("0", "1")
    return columns.format(row, words[int(listed)], words[0])


def _cells_of(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _CELL.split(", "))


def _sqlite_add(table: str, row: str, sign: str) -> str:
    cell = _cell(table, row)
    here = f"({_CELL}) = ({cell})"
    return (
        f"INSERT INTO application_counts ({_CELL}, n) SELECT {cell}, 0 "
        f"WHERE NOT EXISTS (SELECT 1 FROM application_counts WHERE {here}); "
        f"UPDATE application_counts SET n = n {sign} 1 WHERE {here};"
    )
