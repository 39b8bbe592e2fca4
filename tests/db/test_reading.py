"""Transactions of PostgreSQL that only read: READ ONLY, with statements that stay planned, and whole after a fault."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.orm import Session

from relay.extensions import only_reading
from relay.models import Candidate, prepared, scopes
from tests.cast import make_candidate, make_cast

pytestmark = pytest.mark.parametrize("app", ["postgresql"], indirect=True)

NAMES = select(Candidate.name).order_by(Candidate.id)


def test_what_only_reads_cannot_write_and_what_follows_can(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    session.commit()
    with scopes.company(session, cast.acme.id):
        with only_reading(), pytest.raises(InternalError, match="read-only transaction"):
            session.execute(update(Candidate).values(name="別の名"))
        session.rollback()
        session.execute(update(Candidate).values(name="鈴木 花子"))
        session.commit()
        assert [row.name for row in prepared.read(session, NAMES)] == ["鈴木 花子"]


def test_prepared_reads_outlive_the_page_and_searches_are_planned_each_time(session: Session) -> None:
    cast = make_cast(session)
    session.commit()
    with scopes.company(session, cast.acme.id), only_reading():
        for _page in range(8):
            prepared.read(session, NAMES)
            session.execute(NAMES)
            session.rollback()
        kept = session.execute(text("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%candidates%'"))
        assert len(kept.all()) == 1
        session.rollback()


def test_a_server_that_went_away_amid_a_page_is_found_again_by_the_next(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    session.commit()
    with scopes.company(session, cast.acme.id), only_reading():
        prepared.read(session, NAMES)
        with pytest.raises(DBAPIError):
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        session.rollback()
        assert [row.name for row in prepared.read(session, NAMES)] == ["高橋 花子"]
        session.rollback()
