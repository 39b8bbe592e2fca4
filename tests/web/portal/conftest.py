"""What the portal's tests stand on: the cast, one known candidate, and signed-in browsers."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.indexing import search_rows
from relay.models import Application, Candidate, scopes
from relay.outreach import templates
from relay.text import kana_key
from tests.cast import Cast, browse, make_application, make_candidate, make_cast, make_position
from tests.web.portal.desk import Desk

HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    """髙橋 花子 of Acme, whose application for 経理 is open."""
    kana = "タカハシ ハナコ"
    candidate = make_candidate(session, cast.acme, "髙橋 花子", kana=kana, kana_key=kana_key(kana), phone="09012345678")
    make_application(session, candidate, make_position(session, cast.acme, "経理"))
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [candidate.id])
    session.commit()
    return candidate


@pytest.fixture
def stranger(session: Session, cast: Cast) -> Candidate:
    """A candidate of another company."""
    candidate = make_candidate(session, cast.other, "他社 太郎")
    make_application(session, candidate)
    with scopes.company(session, cast.other.id):
        search_rows.index(session, [candidate.id])
    session.commit()
    return candidate


@pytest.fixture
def application(session: Session, hanako: Candidate) -> Application:
    with scopes.company(session, hanako.company_id):
        return session.query(Application).filter_by(candidate_id=hanako.id).one()


@pytest.fixture
def ada(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.ada)


@pytest.fixture
def vic(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.vic)


@pytest.fixture
def desk(session: Session, cast: Cast, ada: FlaskClient) -> Desk:
    """Ada at work on results, with Acme's standard texts."""
    templates.install_defaults(session, cast.acme.id)
    session.commit()
    return Desk(session, cast, ada)
