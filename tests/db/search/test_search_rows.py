"""A person's search row is written once for an act, however much the act writes about the person."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates import notes, tags
from relay.extensions import db
from relay.indexing import search_rows
from relay.models import (
    Alert,
    Candidate,
    CandidateSearch,
    CheckCause,
    Company,
    QueuedAlertCheck,
    scopes,
)
from relay.models.inserting import upsert_rows
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests.cast import make_candidate, make_company, make_position
from tests.statements import counted


@pytest.fixture
def acme(session: Session) -> Company:
    return make_company(session, "acme")


@pytest.fixture
def hanako(session: Session, acme: Company) -> Candidate:
    made = make_candidate(session, acme)
    session.commit()
    return made


def found(session: Session, acme: Company, q: str) -> list[int]:
    return candidate_search.ids(session, acme.id, Query(q=q))


def written(statements: list[str]) -> int:
    return sum(each.startswith("INSERT INTO candidate_search ") for each in statements)


def annotated(session: Session, hanako: Candidate) -> None:
    """Two tags and a memo."""
    for name in ("簿記", "英語"):
        tags.add_tag(session, tags.find_or_make(session, name), [hanako.id], by_user_id=None)
    notes.add_note(session, hanako, "面談で決算を語った", by_user_id=None)


def test_it_is_written_once_before_the_commit(session: Session, acme: Company, hanako: Candidate) -> None:
    with counted(db.engine) as statements, scopes.company(session, acme.id):
        annotated(session, hanako)
        assert written(statements) == 0
        session.commit()
    assert written(statements) == 1
    with scopes.company(session, acme.id):
        assert all(found(session, acme, q) == [hanako.id] for q in ("簿記", "英語", "決算", "花子"))


def test_it_is_written_where_the_scope_was_left_before_the_commit(
    session: Session, acme: Company, hanako: Candidate
) -> None:
    with scopes.company(session, acme.id):
        annotated(session, hanako)
    session.commit()
    with scopes.company(session, acme.id):
        assert found(session, acme, "決算") == [hanako.id]


def test_the_same_transaction_finds_what_it_wrote(session: Session, acme: Company, hanako: Candidate) -> None:
    with scopes.company(session, acme.id):
        annotated(session, hanako)
        assert found(session, acme, "決算") == [hanako.id]
        notes.add_note(session, hanako, "年末に退職", by_user_id=None)
        mine = select(CandidateSearch.body).where(CandidateSearch.candidate_id == hanako.id)
        assert "退職" in session.scalars(mine).one()


def test_what_was_rolled_back_is_forgotten(session: Session, acme: Company, hanako: Candidate) -> None:
    with scopes.company(session, acme.id):
        annotated(session, hanako)
        session.rollback()
        with counted(db.engine) as statements:
            session.execute(select(Candidate.id))
            session.commit()
        assert written(statements) == 0
        assert found(session, acme, "決算") == []


def test_a_savepoint_writes_nothing_yet(session: Session, acme: Company, hanako: Candidate) -> None:
    with scopes.company(session, acme.id), counted(db.engine) as statements:
        notes.add_note(session, hanako, "面談で決算を語った", by_user_id=None)
        with session.begin_nested():
            notes.add_note(session, hanako, "年末に退職", by_user_id=None)
        assert written(statements) == 0
        session.commit()
        assert written(statements) == 1


def test_the_cause_that_counts_reaches_the_alerts(session: Session, acme: Company, hanako: Candidate) -> None:
    with scopes.company(session, acme.id):
        opening = make_position(session, acme)
        session.add(Alert(position_id=opening.id, criteria_hash="", created_at=hanako.created_at))
        search_rows.index(session, [hanako.id])
        search_rows.index_newcomers(session, [hanako.id])
        search_rows.index(session, [hanako.id], news=False)
        session.commit()
        assert session.scalars(select(QueuedAlertCheck.cause)).all() == [CheckCause.NEW]


def test_a_row_of_another_company_is_never_replaced(session: Session, acme: Company, hanako: Candidate) -> None:
    with scopes.company(session, acme.id):
        search_rows.index(session, [hanako.id])
        session.commit()
    other = make_company(session, "other")
    row = search_rows.prepare(other.id, hanako.id, ["奪われた"], search_rows.WorkTexts())
    upsert_rows(session.connection(), CandidateSearch, [row], key="candidate_id")
    with scopes.company(session, acme.id):
        assert "奪" not in session.scalars(select(CandidateSearch.body)).one()
