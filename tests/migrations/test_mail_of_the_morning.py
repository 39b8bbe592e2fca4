"""Below 0041 no agent is told in the morning: who is one by then has seen the list, and is told of what comes later."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from relay import migrations


def test_agents_of_before_are_told_of_nothing_that_came_before(filled: Engine) -> None:
    migrations.downgrade(filled, "0036")
    before = datetime.now(UTC) - timedelta(minutes=1)
    migrations.upgrade(filled)
    with filled.begin() as connection:
        agents = connection.execute(text("SELECT id, partner_id FROM users WHERE partner_id IS NOT NULL")).all()
        readers = connection.execute(text("SELECT user_id, partner_id, told_until, off_at FROM morning_readers")).all()
    assert agents
    assert sorted((each.user_id, each.partner_id) for each in readers) == sorted(map(tuple, agents))
    for each in readers:
        told = datetime.fromisoformat(str(each.told_until))
        assert (told if told.tzinfo else told.replace(tzinfo=UTC)) >= before
        assert each.off_at is None
