"""What a row itself says of its person: that the result was told, that they agreed to be kept."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.intake.planning.plan import Answers, draw, past_by_basis
from relay.models import Application, Candidate, RetentionBasis, scopes
from tests.cast import make_cast
from tests.db.intake.bringing import bring, read, sheet

SELECTION, STATED, CONSENTED = RetentionBasis
MIO, RIN, REN = ({"氏名": name, "応募日": "2026/11/1", "結果": "不採用"} for name in ("秋山 澪", "秋山 凛", "秋山 蓮"))


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(("yes", "no"), [("済", "未"), ("連絡済み", "まだ"), ("2026/11/5", "×"), ("✓", "未連絡")])
def test_whoever_was_told_is_said_row_by_row(session: Session, told: bool, yes: str, no: str) -> None:
    acme = make_cast(session).acme
    bring(session, acme, sheet([MIO | {"結果連絡": yes}, RIN | {"結果連絡": no}, REN | {"結果連絡": ""}]), told=told)
    with scopes.company(session, acme.id):
        rows = session.execute(select(Candidate.name, Application.notified_at).join(Application))
        heard = {name: at is not None for name, at in rows}
    assert heard == {"秋山 澪": True, "秋山 凛": False, "秋山 蓮": told}


@pytest.mark.parametrize("basis", RetentionBasis)
@pytest.mark.parametrize("header", ["人材プールでの保管に同意しますか", "選考後の保管への同意", "保管同意"])
def test_whoever_agreed_to_be_kept_is_said_row_by_row(session: Session, basis: RetentionBasis, header: str) -> None:
    acme = make_cast(session).acme
    people = sheet([MIO | {header: "同意する"}, RIN | {header: "同意しない"}, REN | {header: ""}])
    bring(session, acme, people, basis=basis)
    with scopes.company(session, acme.id):
        kept = {name: why for name, why in session.execute(select(Candidate.name, Candidate.basis))}  # noqa: C416
        assert bring(session, acme, people, basis=basis).updated == 0
    assert kept == {"秋山 澪": CONSENTED, "秋山 凛": SELECTION, "秋山 蓮": basis}


def test_the_figures_before_applying_count_by_each_ones_own_word(session: Session) -> None:
    acme = make_cast(session).acme
    old = {"応募日": "2026/3/1", "選考終了日": "2026/3/10", "保管同意": "はい"}
    with scopes.company(session, acme.id):
        plan = draw(session, read(sheet([MIO | old, RIN | old | {"保管同意": ""}])), Answers(None))
        assert past_by_basis(plan) == {SELECTION: 1, STATED: 1, CONSENTED: 0}


def test_agreeing_to_the_handling_of_data_is_no_consent_to_be_kept(session: Session) -> None:
    acme = make_cast(session).acme
    bring(session, acme, sheet([MIO | {"個人情報の取扱いに同意しますか": "同意する"}]), basis=SELECTION)
    with scopes.company(session, acme.id):
        assert session.scalars(select(Candidate.basis)).one() is SELECTION


def test_both_are_said_before_anything_is_taken() -> None:
    reading = read(sheet([MIO | {"結果連絡": "さあ", "保管同意": "はい"}]))
    assert [str(one.message)[:9] for one in reading.warnings] == ["「結果連絡」の列に", "「保管同意」の列で"]
    assert "はいかいいえか読み取れません" in "".join(str(one.message) for one in reading.notes)
