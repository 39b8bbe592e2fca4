"""Below 0033 nobody knows the purpose of selection records: texts name the others on, and its wordings go (A-42)."""

import json

from sqlalchemy import Engine, text

from relay import migrations

WORDING = (
    "INSERT INTO purpose_texts (purpose, version, text, created_at, company_id) VALUES ('record', 1, 'x', :now, :of)"
)
NAMED = {"purposes": {"pool": 1, "record": 1}, "requests": "書面で"}


def test_a_published_text_is_read_by_the_version_below(filled: Engine) -> None:
    with filled.begin() as connection:
        of, now = connection.execute(text("SELECT company_id, created_at FROM privacy_texts")).one()
        connection.execute(text(WORDING), {"now": now, "of": of})
        connection.execute(text("UPDATE privacy_texts SET sections = :named"), {"named": json.dumps(NAMED)})
    migrations.downgrade(filled, "0032")
    with filled.begin() as connection:
        sections = connection.scalar(text("SELECT sections FROM privacy_texts"))
        kept = json.loads(sections) if isinstance(sections, str) else sections
        assert kept == {"purposes": {"pool": 1}, "requests": "書面で"}
        assert connection.scalars(text("SELECT purpose FROM purpose_texts")).all() == ["pool"]
    migrations.upgrade(filled)
    assert migrations.is_current(filled)
