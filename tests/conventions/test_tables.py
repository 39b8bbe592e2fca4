"""Tables: what erasure does is declared, nothing points into another company, lists have their index."""

from typing import Any

import pytest
from sqlalchemy import JSON, Enum, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy import Table as SqlTable

from relay import registry
from relay.models import Table
from relay.models.base import CompanyScoped, ErasureRule, blank
from relay.models.retention import CANDIDATE, FILES, PAST_DATE, PROFILE, RETENTIONS, UNFINISHED, Retention

MODELS: dict[str, Any] = dict(sorted((mapper.local_table.name, mapper.class_) for mapper in Table.registry.mappers))
COMPANY_TABLES = {name: model for name, model in MODELS.items() if issubclass(model, CompanyScoped)}

ORGANISATIONS = {
    "api_keys",
    "companies",
    "cost_files",
    "feeds",
    "former_titles",
    "guarantee_terms",
    "herp_connections",
    "hiring_baselines",
    "learned_weights",
    "import_mappings",
    "kpi_targets",
    "result_words",
    "legal_checks",
    "partners",
    "partnerships",
    "installation",
    "mail_servers",
    "installation_mail_server",
    "mail_templates",
    "mail_template_versions",
    "positions",
    "privacy_texts",
    "purpose_texts",
    "related_companies",
    "retention_terms",
    "tag_rules",
    "tags",
    "webhook_attempts",
    "webhook_endpoints",
    "webhook_messages",
}
"""Tables about organisations and their own words; no row of theirs is about a candidate."""
STAFF = {"users", "user_sessions", "recovery_codes", "invitations"}
"""Tables about people who sign in."""
NOT_PERSONAL = {
    "*": {
        "hash", "address_hash", "token_hash", "wording_hash", "password_hash", "key", "kind", "letter",
        "message_id", "locale", "source", "format", "consumer", "via", "way", "purpose", "wording_version", "wording",
        "items", "code_hash", "erasure_key", "actor_kind", "subject_kind", "tag", "request_id",
    },
    "alerts": {"criteria_hash"},
    "api_keys": {"public_id", "scopes", "secret_hash"},
    "kept_answers": {"body", "endpoint", "repeated_key", "request_hash"},
    "application_steps": {"name", "result"},
    "application_counts": {"stage"},
    "applications": {"channel", "channel_detail", "stage"},
    "bulk_runs": {"action"},
    "attachments": {"stored_as"},
    "costs": {"channel"},
    "candidate_orders": {"stage_order"},
    "candidate_search": {"company"},
    "credit_entries": {"reason"},
    "events": {"data", "ip"},
    "heartbeats": {"name"},
    "interview_invitations": {"uid"},
    "interview_slots": {"place"},
    "introduction_links": {"licence_number", "legal_identity"},
    "introduction_requests": {"advice", "meets_with", "posting", "title"},
    "journal_entries": {"data"},
    "incidents": {"account", "what"},
    "partner_incidents": {"codes", "measures", "what"},
    "herp_candidacies": {"digest", "key_hash"},
    "imports": {"report", "digest", "figures", "table_stored_as", "reading_stored_as", "people_stored_as"},
    "jobs": {"payload", "last_error"},
    "listed_applications": {"stage", "stage_order"},
    "messages": {"failure"},
    "mistakes": {"contact_name", "contact_phone"},
    "message_batches": {"code"},
    "company_words": {"word", "word_key", "meaning"},
    "duplicate_pairs": {"reasons"},
    "ended_references": {"person_code", "partner_name"},
    "erased_keys": {"key_hash"},
    "pending_registrations": {"pin_hash"},
    "partner_people_words": {"partner"},
    "practice_registrations": {"partners"},
    "consents": {"partner_name", "legal_identity", "withheld"},
    "profiles": {"code", "hidden_items"},
    "provision_records": {"person_code", "company_snapshot", "partner_snapshot"},
    "referrals": {"void_reason", "network_hash"},
    "related_consents": {"recipient"},
    "related_provisions": {"company_snapshot", "recipient"},
    "source_records": {"source_id", "person_id"},
}  # fmt: skip
"""Columns of text that hold no datum of a candidate: hashes, words of closed lists, ids, and a company's own terms.

events.data holds ids and counts (A-27); events.ip is the network address an act came from, kept with the
log (E-21); jobs.last_error is cut to the name of the error; imports.report and imports.figures hold counts and
rows; journal_entries.data holds ids and counts.
"""
ACROSS_COMPANIES = {
    "ix_api_keys_partner_id": "a partner lists its keys",
    "ix_webhook_messages_made": "the worker forgets messages after their days in the log, of any company",
    "ix_introduction_requests_due": "the worker ends the requests nobody answered, of any company",
    "ix_introduction_requests_partner_waiting": "an agency is told how many requests wait for it, of all companies",
    "ix_introduction_requests_partner": "a partner's agents list the requests to it",
    "ix_introductions_partner": "a partner's agents list the introductions it made",
    "ix_openings_consents_profile": "the own page looks for what one person told any company",
    "ix_outcome_consents_profile": "the own page looks for what one person told any company",
    "ix_related_consents_profile": "the own page looks for what one person told any company",
    "ix_related_provisions_keep_until": "the worker drops records whose term is over, of any company",
    "ix_related_provisions_profile": "the copy of the own page holds what any company told",
    "ix_candidates_retain": "the worker asks which companies have someone past their date",
    "ix_messages_staff": "the worker forgets mails to staff a year after they were queued, of any company and of none",
    "ix_merges_email": "erasing an address finds whose record it was before a merge, in every company",
    "ix_messages_profile": "mails to a registered person belong to no company",
    "ix_messages_relay_link": "mails with links that were asked for belong to no company",
    "ix_messages_turn": "the worker takes the mail that is due next, company after company",
    "ix_referrals_network": "the worker drops networks older than a day, of any company",
    "ix_messages_letter": "the worker takes letters about logins first, of any company",
    "ix_invitations_partner": "a partner's agents list whom they invited",
    "ix_messages_to_address": "erasing an address finds its mails in every company",
    "ix_candidate_search_tsv": "the search index carries the company as a token of its own",
}
KEPT_THOUGH_PERSONAL = {
    "invitations": "staff of a company or partner, swept a month after the invitation ends",
    "practice_registrations": "an invented person, typed by a member who practises; swept after a month",
    "users": "a login of a company or partner, not a candidate",
    "user_sessions": "a browser of a login, gone when it signs out or runs out",
    "saved_searches": "a colleague's words; one that names an erased person goes (tests/db/rights/test_erasure.py)",
    "bulk_runs": "a search stays beside the act only while the worker is at it",
}


def texts(model: Any) -> set[str]:
    kinds = (String, JSON, LargeBinary)
    return {
        column.name
        for column in model.__table__.columns
        if isinstance(column.type, kinds) and not isinstance(column.type, Enum)
    }


def columns_named(constraint: Any) -> list[str]:
    return [column.name for column in constraint.columns]


@pytest.mark.parametrize("name", MODELS)
def test_each_table_declares_what_erasure_does(name: str) -> None:
    rules = MODELS[name].__dict__.get("__erasure__")
    assert rules, f"{name}: declare __erasure__ (delete, blank or keep with its reason)"
    for rule in rules:
        assert isinstance(rule, ErasureRule)
        assert rule.act != "keep" or len(rule.reason) > 10, f"{name}: say why it is kept"
        named = {rule.by, *rule.columns} - {""}
        assert named <= set(MODELS[name].__table__.columns.keys()), f"{name}: {named} are not all columns"
        assert rule.act == "keep" or rule.by, f"{name}: say by which column the person is found"


@pytest.mark.parametrize("name", MODELS)
def test_personal_columns_exist(name: str) -> None:
    assert set(MODELS[name].__personal__) <= set(MODELS[name].__table__.columns.keys())


@pytest.mark.parametrize("name", sorted(MODELS.keys() - ORGANISATIONS - STAFF))
def test_each_column_of_text_is_personal_or_known_not_to_be(name: str) -> None:
    known = set(MODELS[name].__personal__) | NOT_PERSONAL["*"] | NOT_PERSONAL.get(name, set())
    undeclared = texts(MODELS[name]) - known
    assert not undeclared, f"{name}: put {sorted(undeclared)} into __personal__, or here with the reason why not"


def test_the_list_of_impersonal_columns_holds_nothing_that_is_gone() -> None:
    for name, columns in NOT_PERSONAL.items():
        there = set().union(*map(texts, MODELS.values())) if name == "*" else texts(MODELS[name])
        assert columns <= there, f"{name}: {sorted(columns - there)}"


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.__personal__])
def test_what_is_personal_is_erased_or_kept_for_a_reason_written_here(name: str) -> None:
    rules: list[ErasureRule] = list(MODELS[name].__erasure__)
    if any(rule.act == "delete" for rule in rules):
        return
    blanked = {column for rule in rules if rule.act == "blank" for column in rule.columns}
    lawful = any(rule.act == "keep" and rule.person != "nobody" for rule in rules)
    assert set(MODELS[name].__personal__) <= blanked or lawful or name in KEPT_THOUGH_PERSONAL


def ends(model: Any, column: str, term: Retention) -> bool:
    """Whether this term ends the column: by a job or an act of its own, or by erasing the person."""
    person = {CANDIDATE: "candidate", PAST_DATE: "candidate", UNFINISHED: "candidate", PROFILE: "profile"}.get(term)
    if person is None:
        return True
    rules = [rule for rule in model.__erasure__ if rule.person == person]
    return any(rule.act == "delete" or (rule.act == "blank" and column in rule.columns) for rule in rules)


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.__personal__])
def test_each_personal_column_says_why_how_long_and_what_ends_it(name: str) -> None:
    model = MODELS[name]
    for column in model.__personal__:
        assert any(ends(model, column, term) for term in model.__retention__), (
            f"{model.__module__}, table {name}, column {column}: nothing says why it is kept, for how long and "
            "what ends it. Put a term of relay/models/retention.py into __retention__, beside __erasure__."
        )


def test_a_column_without_a_term_is_named() -> None:
    class Forgotten:
        __erasure__ = (blank("candidate", "candidate_id", "name"),)
        __retention__ = (CANDIDATE,)

    assert ends(Forgotten, "name", CANDIDATE)
    assert not ends(Forgotten, "phone", CANDIDATE)


def test_each_term_belongs_to_a_table_or_a_file_and_is_ended_by_a_job_that_runs() -> None:
    declared = {term for model in MODELS.values() for term in model.__retention__} | set(FILES)
    assert declared == set(RETENTIONS)
    assert {term.ended_by for term in RETENTIONS} - {""} <= {job.name for job in registry.JOBS}


@pytest.mark.parametrize("name", COMPANY_TABLES)
def test_a_companys_table_can_be_the_target_of_a_reference_within_it(name: str) -> None:
    table: SqlTable = COMPANY_TABLES[name].__table__
    unique = [columns_named(constraint) for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    assert "id" not in table.columns or ["company_id", "id"] in unique


@pytest.mark.parametrize("name", COMPANY_TABLES)
def test_a_reference_cannot_leave_the_company(name: str) -> None:
    for constraint in COMPANY_TABLES[name].__table__.constraints:
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name in COMPANY_TABLES:
            assert columns_named(constraint)[0] == "company_id", f"{name}: {constraint.referred_table.name}"


@pytest.mark.parametrize("name", COMPANY_TABLES)
def test_the_indexes_of_a_companys_table_begin_with_the_company(name: str) -> None:
    for index in COMPANY_TABLES[name].__table__.indexes:
        first = next(iter(index.columns)).name
        assert first == "company_id" or index.name in ACROSS_COMPANIES, f"{index.name} begins with {first}"


@pytest.mark.parametrize("name", MODELS)
def test_ids_are_never_reused(name: str) -> None:
    table: SqlTable = MODELS[name].__table__
    if "id" in table.columns:
        assert table.dialect_options["sqlite"]["autoincrement"] is True
        assert table.columns["id"].identity is not None


def test_money_and_consent_cannot_be_rewritten() -> None:
    from relay.models.triggers import NEVER_DELETED, NEVER_UPDATED

    assert {"credit_entries", "credit_referrals", "events"} <= set(NEVER_DELETED) & set(NEVER_UPDATED)
    assert {"consents", "consent_withdrawals", "provision_records"} <= set(NEVER_UPDATED)
    assert set(NEVER_DELETED) | set(NEVER_UPDATED) <= set(MODELS)
