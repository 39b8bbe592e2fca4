"""Rules the database itself enforces beyond constraints: append-only tables, and search rows that follow.

Batch migrations on SQLite drop a table's triggers, so all of them are (re)made by one function
after every upgrade.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, text

from relay.models import list_triggers

NEVER_UPDATED = (
    *("credit_entries", "credit_referrals", "events", "consents", "consent_withdrawals", "provision_records"),
    *("outcomes", "counted_outcomes"),
)
NEVER_DELETED = ("credit_entries", "credit_referrals", "events")

_FTS_REMOVE = """INSERT INTO candidate_fts(candidate_fts, rowid, body, company)
  VALUES ('delete', old.candidate_id, old.body, old.company)"""
_FTS_ADD = """INSERT INTO candidate_fts(rowid, body, company) VALUES (new.candidate_id, new.body, new.company)"""
_FTS_TRIGGERS = {
    "candidate_fts_insert": f"AFTER INSERT ON candidate_search BEGIN {_FTS_ADD}; END",
    "candidate_fts_delete": f"AFTER DELETE ON candidate_search BEGIN {_FTS_REMOVE}; END",
    "candidate_fts_update": f"AFTER UPDATE ON candidate_search BEGIN {_FTS_REMOVE}; {_FTS_ADD}; END",
}
_PEOPLE_REMOVE = """INSERT INTO partner_people_fts(partner_people_fts, rowid, body, partner)
  VALUES ('delete', old.person_id, old.body, old.partner)"""
_PEOPLE_ADD = "INSERT INTO partner_people_fts(rowid, body, partner) VALUES (new.person_id, new.body, new.partner)"
_PEOPLE_TRIGGERS = {
    "partner_people_fts_insert": f"AFTER INSERT ON partner_people_words BEGIN {_PEOPLE_ADD}; END",
    "partner_people_fts_delete": f"AFTER DELETE ON partner_people_words BEGIN {_PEOPLE_REMOVE}; END",
    "partner_people_fts_update": f"AFTER UPDATE ON partner_people_words BEGIN {_PEOPLE_REMOVE}; {_PEOPLE_ADD}; END",
}
FUNCTIONS = ("relay_append_only", "relay_to_compare", *list_triggers.FUNCTIONS)
"""What the triggers call on PostgreSQL."""

_COMPARED = "name, kana, email_key, phone_key, birth_date"
"""What a candidate is compared by (relay.candidates.duplicates); who changes in it is put among those to compare."""
_TO_COMPARE = "INSERT {} INTO match_checks (candidate_id, company_id) VALUES (new.id, new.company_id) {}"

_TO_COMPARE_MANY = """INSERT OR IGNORE INTO match_checks (candidate_id, company_id)
  SELECT id, company_id FROM candidates WHERE id >= :candidates AND id < :candidates_end"""
_ADDED_ON_SQLITE = ("match_checks_insert", *list_triggers.ADDED_ON_SQLITE)
MANY = 1_000
"""From so many rows on it is worth that every other connection reads the schema anew."""


def install(connection: Connection) -> None:
    """Remake every trigger, in the caller's transaction."""
    remove(connection)
    if connection.dialect.name == "sqlite":
        _install_sqlite(connection)
    else:
        _install_postgresql(connection)


def remove(connection: Connection) -> None:
    """Take the append-only triggers away (used by migrations and by the removal of the demo)."""
    for name, table in _guards(connection):
        on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))


@contextmanager
def suspended(connection: Connection) -> Iterator[None]:
    """Lift the append-only rule inside the block, within one transaction; only a whole demo is removed so."""
    remove(connection)
    yield
    install(connection)


@contextmanager
def of_many_rows(connection: Connection, ids: Mapping[str, Sequence[int]]) -> Iterator[None]:
    """Let the many rows that the block adds on SQLite be followed all at once at its end (bench: relay import).

    `ids` are of every row of `candidates`, `applications` and `application_steps` that the block adds, without a gap.
    The triggers are away inside the block, in this transaction alone: nobody else writes, an error in the block has to
    end the transaction, and what ends it before its end leaves them where they were.
    """
    if connection.dialect.name != "sqlite" or sum(map(len, ids.values())) < MANY:
        yield  # a statement of PostgreSQL calls a trigger once for all of its rows
        return
    names = ", ".join(f"'{name}'" for name in _ADDED_ON_SQLITE)
    wanted = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"  # noqa: S608
    followed = connection.exec_driver_sql(wanted).all()
    for name, _made_by in followed:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    spans = {table: given[0] if given else 0 for table, given in ids.items()}
    spans |= {f"{table}_end": given[-1] + 1 if given else 0 for table, given in ids.items()}
    for statement in (_TO_COMPARE_MANY, *list_triggers.sqlite_of_many()):
        connection.execute(text(statement), spans)
    for _name, made_by in followed:
        connection.exec_driver_sql(made_by)


def _guards(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield every guard whose table is there: an older revision may not have it yet."""
    present = set(inspect(connection).get_table_names())
    for table in NEVER_UPDATED:
        if table in present:
            yield f"{table}_no_update", table
    for table in NEVER_DELETED:
        if table in present:
            yield f"{table}_no_delete", table


def _install_sqlite(connection: Connection) -> None:
    for name, table in _guards(connection):
        act = "UPDATE" if name.endswith("_no_update") else "DELETE"
        refusal = f"SELECT RAISE(ABORT, '{table} is append-only');"
        connection.execute(text(f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN {refusal} END"))
    present = inspect(connection)
    follow = _FTS_TRIGGERS if present.has_table("candidate_fts") else {}
    if present.has_table("partner_people_fts"):
        follow = follow | _PEOPLE_TRIGGERS
    if present.has_table("match_checks"):
        put = f"ON candidates BEGIN {_TO_COMPARE.format('OR IGNORE', '')}; END"
        follow = follow | {
            "match_checks_insert": f"AFTER INSERT {put}",
            "match_checks_update": f"AFTER UPDATE OF {_COMPARED} {put}",
        }
    if present.has_table("candidate_orders"):
        follow = follow | dict(list_triggers.sqlite())
    for name, body in follow.items():
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        connection.execute(text(f"CREATE TRIGGER {name} {body}"))


def _install_postgresql(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION relay_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    )
    for name, table in _guards(connection):
        act = "UPDATE" if name.endswith("_no_update") else "DELETE"
        connection.execute(
            text(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION relay_append_only()")
        )
    if inspect(connection).has_table("match_checks"):
        _install_comparing(connection)
    if inspect(connection).has_table("candidate_orders"):
        _install_lists(connection)


def _install_comparing(connection: Connection) -> None:
    put = _TO_COMPARE.format("", "ON CONFLICT DO NOTHING")
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION relay_to_compare() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {put}; RETURN NULL; END $$"
        )
    )
    for name, when in (("insert", "INSERT"), ("update", f"UPDATE OF {_COMPARED}")):
        connection.execute(text(f"DROP TRIGGER IF EXISTS match_checks_{name} ON candidates"))
        connection.execute(
            text(
                f"CREATE TRIGGER match_checks_{name} AFTER {when} ON candidates "
                "FOR EACH ROW EXECUTE FUNCTION relay_to_compare()"
            )
        )


def _install_lists(connection: Connection) -> None:
    for name, body in list_triggers.postgresql_functions():
        connection.execute(
            text(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
        )
    for name, table, rest in list_triggers.postgresql_triggers():
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
        connection.execute(text(f"CREATE TRIGGER {name} {rest.format(table)}"))
