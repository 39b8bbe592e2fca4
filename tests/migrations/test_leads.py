"""Above 0042 a partner has leads and agents: its first login goes on as the lead, and nobody is locked out."""

import json

from sqlalchemy import Connection, Engine, text

from relay import migrations
from tests.migrations.stages import steps


def test_the_first_login_of_a_partner_is_its_lead_and_the_others_are_agents(filled: Engine) -> None:
    """Also after a downgrade, below which everybody is an agent: rights are not won by going down and up."""
    with filled.begin() as connection:
        first = connection.scalar(text("SELECT MIN(id) FROM users WHERE partner_id IS NOT NULL"))
        for name in ("later@agency.example", "gone@agency.example"):
            _add_colleague(connection, first, name)
    migrations.downgrade(filled, dict(steps())["0042"])
    assert _roles(filled, of="partner_id IS NOT NULL") == {"agent"}
    companies = _roles(filled, of="company_id IS NOT NULL")

    migrations.upgrade(filled)

    leads = "SELECT id FROM users WHERE role = 'lead'"
    with filled.begin() as connection:
        partners = connection.scalar(text("SELECT COUNT(DISTINCT partner_id) FROM users WHERE partner_id IS NOT NULL"))
        found = connection.scalars(text(leads)).all()
    assert first in found and len(found) == partners
    assert _roles(filled, of="partner_id IS NOT NULL") == {"lead", "agent"}
    assert _roles(filled, of="company_id IS NOT NULL") == companies, "no member's role is touched"


def test_a_first_login_that_is_disabled_is_passed_over(filled: Engine) -> None:
    with filled.begin() as connection:
        first = connection.scalar(text("SELECT MIN(id) FROM users WHERE partner_id IS NOT NULL"))
        _add_colleague(connection, first, "later@agency.example")
        connection.execute(text("UPDATE users SET disabled_at = created_at WHERE id = :id"), {"id": first})
    migrations.downgrade(filled, dict(steps())["0042"])
    migrations.upgrade(filled)
    with filled.begin() as connection:
        lead = connection.scalars(text("SELECT email FROM users WHERE role = 'lead'")).all()
    assert "later@agency.example" in lead


def test_mails_of_kinds_that_the_letter_does_not_know_below_are_not_sent_there(filled: Engine) -> None:
    with filled.begin() as connection:
        some = connection.scalar(text("SELECT MIN(id) FROM messages"))
        values = json.dumps({"partner": "つむぎ", "what": "left"})
        connection.execute(
            text("UPDATE messages SET letter = 'partner-joined', state = 'scheduled', \"values\" = :v WHERE id = :id"),
            {"v": values, "id": some},
        )
    migrations.downgrade(filled, dict(steps())["0042"])
    with filled.begin() as connection:
        state = connection.scalar(text("SELECT state FROM messages WHERE id = :id"), {"id": some})
    assert state == "cancelled"


def test_an_invitation_that_waits_makes_an_agent(filled: Engine) -> None:
    migrations.downgrade(filled, dict(steps())["0042"])
    with filled.begin() as connection:
        invited = connection.scalars(text("SELECT role FROM invitations WHERE partner_id IS NOT NULL")).all()
    migrations.upgrade(filled)
    with filled.begin() as connection:
        assert connection.scalars(text("SELECT role FROM invitations WHERE partner_id IS NOT NULL")).all() == invited


def _add_colleague(connection: Connection, of: int, email: str) -> None:
    """Copy a login of the partner, with an address of its own."""
    row = dict(connection.execute(text("SELECT * FROM users WHERE id = :id"), {"id": of}).mappings().one())
    row |= {"email": email, "email_key": email, "id": None}
    named = {name: value for name, value in row.items() if value is not None}
    columns, places = ", ".join(f'"{name}"' for name in named), ", ".join(f":{name}" for name in named)
    connection.execute(text(f"INSERT INTO users ({columns}) VALUES ({places})"), named)


def _roles(engine: Engine, *, of: str) -> set[str]:
    with engine.begin() as connection:
        return set(connection.scalars(text(f"SELECT role FROM users WHERE {of}")))
