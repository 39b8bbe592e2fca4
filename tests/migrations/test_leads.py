"""Above 0042 a partner has leads and agents: everybody who was there goes on as a lead, and nobody is locked out."""

from sqlalchemy import Engine, text

from relay import migrations
from tests.migrations.stages import steps


def test_everybody_of_a_partner_who_was_there_is_a_lead(filled: Engine) -> None:
    migrations.downgrade(filled, dict(steps())["0042"])
    assert _roles(filled, of="partner_id IS NOT NULL") == {"agent"}
    companies = _roles(filled, of="company_id IS NOT NULL")

    migrations.upgrade(filled)

    assert _roles(filled, of="partner_id IS NOT NULL") == {"lead"}
    assert _roles(filled, of="company_id IS NOT NULL") == companies, "no member's role is touched"


def test_an_invitation_that_waits_makes_an_agent(filled: Engine) -> None:
    migrations.downgrade(filled, dict(steps())["0042"])
    with filled.begin() as connection:
        invited = connection.scalars(text("SELECT role FROM invitations WHERE partner_id IS NOT NULL")).all()
    migrations.upgrade(filled)
    with filled.begin() as connection:
        assert connection.scalars(text("SELECT role FROM invitations WHERE partner_id IS NOT NULL")).all() == invited


def _roles(engine: Engine, *, of: str) -> set[str]:
    with engine.begin() as connection:
        return set(connection.scalars(text(f"SELECT role FROM users WHERE {of}")))
