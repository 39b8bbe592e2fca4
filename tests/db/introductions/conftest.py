"""Acme's desk, ready for every test of introductions."""

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, make_cast
from tests.db.introductions import build
from tests.db.introductions.build import Desk


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    """One credit, one position with times, and Tsumugi that takes twelve credits a year."""
    return build.desk(session, cast)
