"""Every revision up and down, on both databases, with something in every table."""

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from relay import migrations
from relay.extensions import Base
from relay.models import Candidate, Company, list_triggers, scopes
from relay.models.triggers import NEVER_DELETED, NEVER_UPDATED
from tests.cast import make_candidate, make_company
from tests.migrations.contents import built, contents, lost, never_reusing, tables, triggers
from tests.migrations.stages import steps
from tests.prepared import Prepared, opened

ACTS = ("insert", "delete", "update")
MEANT: dict[str, frozenset[str]] = {
    "0003": frozenset({"jobs"}),
    "0005": frozenset({"heartbeats"}),
    "0007": frozenset({"companies.second_factor_required", "partners.second_factor_required"}),
    "0008": frozenset({"jobs"}),
    "0009": frozenset({"imports.state"}),
    "0011": frozenset({"events", "relay_links.state"}),
    "0012": frozenset({"jobs"}),
    "0013": frozenset(
        {f"imports.{name}" for name in ("state", "table_stored_as", "reading_stored_as", "figures", "size")}
    ),
    "0015": frozenset({"messages.values"}),
    "0016": frozenset({"events.data", "jobs", "journal_entries.data", "journal_images.rows", "source_records.values"}),
    "0031": frozenset({"candidates.retain_until", "listed_applications.retain_until", "application_counts"}),
    "0032": frozenset({"jobs"}),
    "0034": frozenset({"mail_templates", "mail_template_versions"}),
    "0042": frozenset({"users.role", "invitations.role"}),
    "0045": frozenset({"consents.purpose"}),
    "0057": frozenset({"application_counts"}),
    "0073": frozenset({"recounts", "jobs"}),
}
"""What a revision is meant to change in rows that are there: revision → "table" or "table.column"."""


def test_the_newest_revision_equals_the_models(newest: Engine) -> None:
    assert migrations.differences(newest) == []


def test_the_migrations_build_what_the_models_would(newest: Engine, each: Prepared) -> None:
    """Also what Alembic does not compare: checks, partial indexes, ids that are never reused."""
    migrated = built(newest)
    modelled = _built_by_models(each)

    for table in modelled:
        assert migrated[table] == modelled[table], table
    assert migrated.keys() == modelled.keys()


def test_down_to_nothing_and_up_again(newest: Engine) -> None:
    """All the way in one go: the newest one came there step by step."""
    first = built(newest)

    migrations.downgrade(newest, "base")

    assert tables(newest) == []
    assert migrations.current(newest) is None
    migrations.upgrade(newest)
    assert migrations.is_current(newest)
    assert built(newest) == first


def test_upgrading_again_changes_nothing(filled: Engine) -> None:
    before = contents(filled)

    migrations.upgrade(filled)

    assert lost(before, contents(filled)) == []


def test_every_table_is_filled(filled: Engine) -> None:
    """Otherwise the walk below would prove nothing about the table."""
    held = contents(filled)
    assert [table.name for table in Base.metadata.sorted_tables if not held[table.name].rows] == []


def test_each_revision_down_and_up_keeps_the_rows_of_tables_that_stay(filled: Engine) -> None:
    for revision, below in steps():
        high, excused = contents(filled), MEANT.get(revision, frozenset())
        migrations.downgrade(filled, below)
        low = contents(filled)
        assert lost(high, low, excused) == [], f"down from {revision}"
        migrations.upgrade(filled, revision)
        assert lost(low, contents(filled), excused) == [], f"up to {revision}"
        migrations.downgrade(filled, below)
    assert tables(filled) == []


def test_append_only_tables_refuse_changes_after_an_upgrade(filled: Engine) -> None:
    for table in NEVER_UPDATED:
        assert _refuses(filled, f"UPDATE {table} SET id = id"), f"{table} can be changed"
    for table in NEVER_DELETED:
        assert _refuses(filled, f"DELETE FROM {table}"), f"{table} can be emptied"


def test_every_guard_is_a_trigger_in_the_database(newest: Engine) -> None:
    wanted = {f"{table}_no_update" for table in NEVER_UPDATED} | {f"{table}_no_delete" for table in NEVER_DELETED}
    wanted |= {"match_checks_insert", "match_checks_update"}
    wanted |= {name for name, _body in list_triggers.sqlite()}
    if newest.dialect.name == "sqlite":
        wanted |= {f"{table}_{act}" for table in ("candidate_fts", "partner_people_fts") for act in ACTS}
    assert triggers(newest) == wanted


def test_the_id_of_the_newest_person_is_not_given_again(newest: Engine) -> None:
    with Session(newest) as session:
        company = make_company(session, "acme")
        session.commit()
        gone = _add_and_delete(session, company)
        again = make_candidate(session, company).id

    assert again > gone


def test_every_id_column_is_one_that_is_never_reused(newest: Engine) -> None:
    numbered = {table.name for table in Base.metadata.sorted_tables if "id" in table.columns}
    assert numbered - never_reusing(newest) == set()


def test_the_revisions_are_known_by_the_names_of_their_files() -> None:
    """So that the web server can tell whether its database is current without loading Alembic."""
    script = ScriptDirectory(str(migrations.FOLDER))
    assert migrations.known() == {each.revision for each in script.walk_revisions()}
    assert migrations.head() == script.get_current_head()


def _built_by_models(each: Prepared) -> dict[str, dict[str, object]]:
    with each.copy() as url, opened(url) as engine:
        Base.metadata.create_all(engine)
        return built(engine)


def _refuses(engine: Engine, statement: str) -> bool:
    with engine.connect() as connection, connection.begin() as transaction:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            return "append-only" in str(error)
        finally:
            transaction.rollback()
    return False


def _add_and_delete(session: Session, company: Company) -> int:
    """The id of somebody who was the newest and is gone."""
    make_candidate(session, company, email="first@mail.example")
    newest = make_candidate(session, company, email="second@mail.example")
    session.commit()
    with scopes.company(session, company.id):
        assert newest.id == session.scalar(select(func.max(Candidate.id)))
        session.delete(newest)
        session.commit()
    return newest.id
