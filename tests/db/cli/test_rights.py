"""`relay erase` and `relay retention`: asked once more, one person, or everyone whose day has passed."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.models import Candidate, Company, scopes
from tests.cast import Cast, make_candidate, make_cast

MAIL = "hanako@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    cast = make_cast(session)
    for company in (cast.acme, cast.other):
        make_candidate(session, company, "高橋 花子", email=MAIL)
    session.commit()
    return cast


def relay(*words: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, list(words), input=said)


def names(session: Session, company: Company) -> list[str]:
    session.rollback()
    with scopes.company(session, company.id):
        return list(session.scalars(select(Candidate.name)))


def test_erase_asks_once_more(session: Session, cast: Cast) -> None:
    assert relay("erase", MAIL, said="n\n").exit_code == 1
    assert names(session, cast.acme) == ["高橋 花子"]
    assert relay("erase", MAIL, said="y\n").exit_code == 0
    assert names(session, cast.acme) == names(session, cast.other) == []


def test_erase_for_one_company_only(session: Session, cast: Cast) -> None:
    result = relay("erase", "Hanako@MAIL.example", "--company", "acme", "--yes")
    assert (result.exit_code, "候補者 1件" in result.stdout) == (0, True)
    assert (names(session, cast.acme), names(session, cast.other)) == ([], ["高橋 花子"])


def test_erase_says_when_there_is_nobody(session: Session, cast: Cast) -> None:
    result = relay("erase", "nobody@mail.example", "--yes")
    assert result.exit_code == 0
    assert "該当する方はいませんでした" in result.stdout


def test_retention_erases_those_whose_day_has_passed(session: Session, cast: Cast) -> None:
    make_candidate(session, cast.acme, "期限切れ", retain_until=clock.today() - timedelta(days=1))
    session.commit()
    dry = relay("retention", "run", "--dry-run")
    with scopes.company(session, cast.acme.id):
        number = session.scalar(select(Candidate.id).where(Candidate.name == "期限切れ"))
    why = "人材プールでの保管を、応募のときにお伝えしています 1名"
    assert f"株式会社acme: 1名が対象です（{why}）。候補者の記録の番号：{number}\n" in dry.stdout
    assert "期限切れ" not in dry.stdout
    assert "期限切れ" in names(session, cast.acme)
    assert "株式会社acme: 1名を消去しました" in relay("retention", "run").stdout
    assert names(session, cast.acme) == ["高橋 花子"]
    assert "期限を過ぎた方はいません" in relay("retention", "run").stdout
