"""The demo's year is lived by day, whenever the demo is made."""

from datetime import datetime

import pytest

from relay import clock
from relay.demo.year import last_morning
from relay.mail import sending_hours


@pytest.mark.parametrize(
    ("made", "lived"),
    [("2026-12-01 20:30", "2026-12-01 10:00"), ("2026-12-02 03:00", "2026-12-01 10:00"), ("2026-12-02 10:00",) * 2],
)
def test_a_demo_that_is_made_at_night_sends_its_mails_by_day(made: str, lived: str) -> None:
    with clock.at(datetime.fromisoformat(made).replace(tzinfo=clock.JAPAN)):
        moment = last_morning()
    assert moment == datetime.fromisoformat(lived).replace(tzinfo=clock.JAPAN)
    assert sending_hours.is_open(moment)
