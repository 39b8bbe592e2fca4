"""A dump of what a ledger consists of, by plain SQL, as JSON: what recount.py reads."""

import json
from typing import Any

from sqlalchemy import Connection, text

TABLES = {
    "credit_entries": "id, company_id, sequence, kind, amount, balance, set_aside, credit_id, reservation_id, "
    "reverses_id, at",
    "credit_referrals": "company_id, entry_id, referral_id",
    "referrals": "id, company_id, number, completed_at, voided_at",
    "events": "id, company_id, tag, at, subject_kind, subject_id, data",
}
OF_A_LEDGER = "tag LIKE 'credit:%' OR tag LIKE 'referral:%'"


def dump(connection: Connection, company_id: int | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every company, or of one, as they would be read from a file."""
    of_one = f"company_id = {company_id}" if company_id else "1 = 1"
    found = {}
    for table, columns in TABLES.items():
        wanted = f" AND ({OF_A_LEDGER})" if table == "events" else ""
        rows = connection.execute(text(f"SELECT {columns} FROM {table} WHERE {of_one}{wanted}"))
        found[table] = [dict(row) for row in rows.mappings()]
    read: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(found, default=str))
    return read
