"""Above 0047 a number of free introductions counts once its agency says that its fee table allows it (B-18)."""

from sqlalchemy import Engine, text

from relay import migrations
from tests.migrations.stages import steps


def test_numbers_stay_and_wait_for_the_fee_table(filled: Engine) -> None:
    migrations.downgrade(filled, dict(steps())["0047"])
    with filled.begin() as connection:
        connection.execute(text("UPDATE partnerships SET free_introductions_per_year = 4"))
        before = connection.execute(text("SELECT id, free_introductions_per_year FROM partnerships ORDER BY id")).all()
    migrations.upgrade(filled)
    with filled.begin() as connection:
        after = connection.execute(text("SELECT id, free_introductions_per_year FROM partnerships ORDER BY id")).all()
        words = connection.execute(text("SELECT fee_table_allows_on, fee_table_allows_by_user_id FROM partnerships"))
        assert after == before and after
        assert set(words.all()) == {(None, None)}


def test_going_back_keeps_the_numbers(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.execute(
            text("UPDATE partnerships SET free_introductions_per_year = 3, fee_table_allows_on = accepted_on")
        )
    migrations.downgrade(filled, dict(steps())["0047"])
    with filled.begin() as connection:
        numbers = connection.scalars(text("SELECT free_introductions_per_year FROM partnerships")).all()
        assert set(numbers) == {3}
