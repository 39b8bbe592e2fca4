"""A dump of what a ledger or the numbers consist of, by plain SQL, as JSON: what recount.py and kpis.py read."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

TABLES = {
    "credit_entries": "id, company_id, sequence, kind, amount, balance, set_aside, credit_id, reservation_id, "
    "reverses_id, at",
    "credit_referrals": "company_id, entry_id, referral_id",
    "referrals": "id, company_id, number, completed_at, voided_at",
    "events": "id, company_id, tag, at, subject_kind, subject_id, data",
}
"""Of a ledger."""
OF_NUMBERS = {
    "applications": "id, candidate_id, position_id, channel, stage, status, applied_on, decided_on, decided_in_relay, "
    "reason, notified_at, notified_by, updated_at",
    "application_steps": 'id, candidate_id, application_id, place, name, kind, "on"',
    "candidates": "id, basis, reapply, follow_up, contact_stopped_at, created_at",
    "costs": "month, yen",
    "credit_entries": "id, kind, reverses_id, at",
    "hiring_baselines": "advertising_yen, agency_fee_yen, hires",
    "introduction_requests": "id, position_id, state, ended_at",
    "introductions": "id, request_id, candidate_id",
    "messages": "id, state, settled_at",
    "openings_consents": "candidate_id, ended_at",
    "referrals": "id, candidate_id, source, completed_at, voided_at",
    "relay_totals": "told",
    "rescouts": "id, candidate_id, position_id, message_id, application_id, answer",
    "stays": "id, application_id, hired_on, months, there",
}
"""Of what a company's numbers count, in tables of its own."""
OF_A_LEDGER = "tag LIKE 'credit:%' OR tag LIKE 'referral:%'"


def dump(
    connection: Connection, company_id: int | None = None, tables: Mapping[str, str] = TABLES
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every company, or of one, as they would be read from a file."""
    of_one = f"company_id = {company_id}" if company_id else "1 = 1"
    found = {}
    for table, columns in tables.items():
        wanted = f" AND ({OF_A_LEDGER})" if table == "events" else ""
        rows = connection.execute(text(f"SELECT {columns} FROM {table} WHERE {of_one}{wanted}"))
        found[table] = [dict(row) for row in rows.mappings()]
    read: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(found, default=str))
    return read
