"""The cast, ready for every test of the network."""

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    """The whole cast: Acme has a partnership with the agency Tsumugi and the school Manabi, Other has none."""
    return make_cast(session)
