"""Agnes of the agency and Sho of the school, each signed in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cast import Cast, browse, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


@pytest.fixture
def sho(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.sho)
