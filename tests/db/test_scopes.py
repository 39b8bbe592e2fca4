"""A query asks for someone, or it does not run; and it never reaches beyond them."""

import pytest
from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import ScopeMissing
from relay.models import Candidate, Company, Note, Profile, Share, User, scopes
from tests.cast import make_candidate, make_cast


def test_a_query_without_scope_raises(session: Session) -> None:
    make_cast(session)
    with pytest.raises(ScopeMissing):
        session.execute(select(Candidate.id)).all()
    with pytest.raises(ScopeMissing):
        session.execute(select(Company.id).where(exists().where(Candidate.company_id == Company.id))).all()
    with pytest.raises(ScopeMissing):
        session.execute(update(Candidate).values(name="x"))


def test_each_company_sees_and_changes_only_its_own(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    foreign = make_candidate(session, cast.other, "髙橋 太郎")
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.name)).all() == ["高橋 花子"]
        assert session.scalar(select(func.count()).select_from(Candidate)) == 1
        assert session.scalar(select(exists().where(Candidate.name == "髙橋 太郎"))) is False
        session.execute(update(Candidate).values(name="changed"))
    with scopes.company(session, cast.other.id):
        assert session.scalars(select(Candidate.name)).all() == [foreign.name]


def test_a_row_cannot_point_into_another_company(session: Session) -> None:
    cast = make_cast(session)
    foreign = make_candidate(session, cast.other)
    with pytest.raises(IntegrityError), scopes.company(session, cast.acme.id):
        session.add(Note(candidate_id=foreign.id, body="x", at=clock.now()))
    session.rollback()


def test_a_new_row_takes_the_company_in_scope_and_no_other(session: Session) -> None:
    cast = make_cast(session)
    foreign = Candidate(company_id=cast.other.id, name="x", name_key="x", basis="stated")
    foreign.created_at = foreign.updated_at = clock.now()
    with pytest.raises(ScopeMissing), scopes.company(session, cast.acme.id):
        session.add(foreign)


def test_a_company_cannot_read_what_belongs_to_person_and_partner(session: Session) -> None:
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        for model in (Share, Profile):
            with pytest.raises(ScopeMissing):
                session.scalars(select(model)).all()


def test_scopes_nest_and_end(session: Session) -> None:
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        assert {user.email for user in session.scalars(select(User))} == {
            "ada@acme.example",
            "adam@acme.example",
            "vic@acme.example",
        }
        with scopes.everyone(session, "test"), scopes.company(session, cast.other.id):
            assert [user.email for user in session.scalars(select(User))] == ["mona@other.example"]
        assert len(session.scalars(select(User)).all()) == 3
    with pytest.raises(ScopeMissing):
        session.scalars(select(User)).all()


def test_a_verb_enters_the_company_it_names_and_reaches_out_of_no_other(session: Session) -> None:
    cast = make_cast(session)
    make_candidate(session, cast.acme, "高橋 花子")
    make_candidate(session, cast.other, "髙橋 太郎")

    @scopes.in_company
    def names(session: Session, company_id: int) -> list[str]:
        return list(session.scalars(select(Candidate.name).where(Candidate.company_id == company_id)))

    assert names(session, cast.acme.id) == ["高橋 花子"]
    with scopes.everyone(session, "test"):
        assert names(session, cast.other.id) == ["髙橋 太郎"]
    with scopes.company(session, cast.other.id):
        assert names(session, cast.other.id) == ["髙橋 太郎"]
        assert names(session, cast.acme.id) == []
    with pytest.raises(ScopeMissing):
        session.scalars(select(Candidate.name)).all()


def test_a_tenant_that_is_missing_is_an_error_and_not_a_tenant_without_rows() -> None:
    assert scopes.required(7) == 7
    with pytest.raises(ScopeMissing):
        scopes.required(None)
