"""`relay shell`: Python in the scope of one company, and a line in the log that it was opened."""

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.cli import main
from relay.models import Candidate, Company, Event, EventTag, scopes
from tests.cast import Cast, make_candidate, make_cast


def typed(*lines: str, company: str = "acme") -> str:
    """What the shell prints where these lines are typed into it."""
    result = CliRunner().invoke(main, ["shell", "--company", company], input="\n".join([*lines, ""]))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(autouse=True)
def cast(session: Session) -> Cast:
    """Everybody, and one candidate in each company."""
    cast = make_cast(session)
    make_candidate(session, cast.acme, "髙橋 花子")
    make_candidate(session, cast.other, "山田 太郎")
    session.commit()
    return cast


def test_session_company_and_models_are_at_hand_and_no_other_company_is_seen(cast: Cast) -> None:
    said = typed("print(company.slug)", "print(session.scalars(select(Candidate.name)).all())")
    assert cast.acme.slug in said
    assert "['髙橋 花子']" in said
    assert "山田" not in said


def test_the_log_says_that_it_was_opened_before_anything_is_typed(session: Session, cast: Cast) -> None:
    typed()
    line = session.scalars(select(Event).where(Event.tag == EventTag.SHELL_OPENED)).one()
    assert (line.company_id, line.actor_kind) == (cast.acme.id, "cli")


def test_only_what_is_committed_is_kept(session: Session, cast: Cast) -> None:
    change = "session.scalars(select(Candidate)).one().kana = "
    typed(f"{change}'タカハシ ハナコ'", "session.commit()", f"{change}'ヤマダ'")
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.kana)).one() == "タカハシ ハナコ"


def test_a_company_that_does_not_exist_is_refused_in_one_line(app: Flask, session: Session) -> None:
    result = CliRunner().invoke(main, ["shell", "--company", "nobody"])
    assert (result.exit_code, result.stderr.strip()) == (1, "「nobody」という企業はありません。")
    assert session.scalars(select(Event).where(Event.tag == EventTag.SHELL_OPENED)).all() == []
    assert session.scalars(select(Company).where(Company.slug == "nobody")).all() == []


def test_its_help_says_what_is_at_hand_and_what_is_kept() -> None:
    said = CliRunner().invoke(main, ["shell", "--help"]).output
    for word in ("session", "company", "select", "session.commit()", "操作ログ"):
        assert word in said
