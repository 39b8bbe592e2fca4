"""The demo's organisations: ready as a company that is live, and gone again without a trace."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import demo
from relay.demo.organisations import create_organisations
from relay.extensions import Base
from relay.identity import installation
from relay.mail import tokens
from relay.models import CodePurpose, Company, MailedCode, TokenPurpose, scopes
from relay.outreach import readiness
from tests.cast import make_company

NEVER_EMPTY = {"alembic_version", "heartbeats"}


def test_its_home_shows_no_red_check(session: Session) -> None:
    company = create_organisations(session, "a demo of fifteen letters").company
    with scopes.company(session, company.id):
        assert [check.key for check in readiness.go_live_checks(session, company) if not check.done] == []


def test_nothing_of_it_stays_behind(session: Session) -> None:
    organisations = create_organisations(session, "a demo of fifteen letters")
    tokens.mint(session, TokenPurpose.PASSWORD, organisations.agents[0].id)
    with scopes.company(session, organisations.company.id):
        session.add(
            MailedCode(
                purpose=CodePurpose.MAIL_TEST,
                subject_id=organisations.company.id,
                code_hash="a" * 64,
                created_at=organisations.company.created_at,
                expires_at=organisations.company.created_at,
            )
        )
    session.commit()
    demo.remove(session)
    session.commit()
    left = {
        name: session.connection().scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name not in NEVER_EMPTY
    }
    assert {name: count for name, count in left.items() if count} == {}


def test_beside_a_real_company_it_answers_for_nobody(session: Session) -> None:
    real = make_company(session, "acme", runs_installation=True)
    create_organisations(session, "a demo of fifteen letters")
    assert installation.get(session) is None
    demo.remove(session)
    assert session.scalars(select(Company.id)).all() == [real.id]
