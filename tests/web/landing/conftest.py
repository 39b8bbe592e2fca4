"""The cast with one relay link mailed, and a phone without a cookie."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.cast import Cast, make_cast
from tests.web.landing.phone import Phone


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)
