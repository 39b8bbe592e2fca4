"""0031 takes the last day from people whose selection runs: it ended nobody so far, and would at once from there on."""

from sqlalchemy import Engine, text

from relay import migrations
from tests.migrations.contents import contents

RUNS = "EXISTS (SELECT 1 FROM applications a WHERE a.candidate_id = candidates.id AND a.status = 'open')"


def test_a_day_left_over_from_before_ends_nobody(filled: Engine) -> None:
    migrations.downgrade(filled, "0030")
    with filled.begin() as connection:
        connection.execute(text("UPDATE candidates SET retain_until = '2026-01-01'"))
        running = set(connection.scalars(text(f"SELECT id FROM candidates WHERE {RUNS}")))
        others = set(connection.scalars(text("SELECT id FROM candidates"))) - running
    assert running and others

    migrations.upgrade(filled)

    with filled.connect() as connection:
        dated = connection.scalars(text("SELECT id FROM candidates WHERE retain_until IS NOT NULL"))
        assert set(dated) == others
    [listed] = [contents(filled)["listed_applications"].only(["status", "retain_until"])]
    assert {day for status, day in listed if status == "open"} == {None}, "the list of 選考 follows"
