"""The long form of the numbers counted again: two hundred random histories."""

import pytest
from sqlalchemy.orm import Session

from tests.cast import make_cast
from tests.db.kpis.test_recount import play

HISTORIES = 200


def test_every_number_of_two_hundred_histories_is_what_another_program_counts(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(session, make_cast(session), monkeypatch, seeds=range(HISTORIES))
