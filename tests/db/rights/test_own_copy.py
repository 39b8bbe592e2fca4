"""Everything that is stored about a registered person is in their copy, or left out for a reason that is written."""

from relay.models import scopes
from relay.rights import own_copy

MODELS = {name: model for name, model in scopes.models_by_table().items() if hasattr(model, "profile_id")}


def test_no_table_with_a_persons_number_is_forgotten() -> None:
    assert {each.name for each in own_copy.TABLES} | own_copy.NOT_COPIED.keys() == MODELS.keys()


def test_every_column_is_copied_or_left_out_for_a_reason() -> None:
    for table in own_copy.TABLES:
        columns = set(table.model.__table__.columns.keys())
        told = table.labels.keys() - {"company", "subject", "partner_name", "given_at"} | (
            columns & table.labels.keys()
        )
        assert told | table.left_out.keys() == columns, table.name
        assert not told & table.left_out.keys(), table.name


def test_what_erasure_calls_personal_is_in_it() -> None:
    """But for forms in which something is looked for, and what is filled into mails."""
    for table in own_copy.TABLES:
        personal = set(table.model.__personal__) - {"email_key", "phone_key", "values", "reason"}
        assert personal <= table.labels.keys(), table.name
