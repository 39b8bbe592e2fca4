"""`relay import`: the contract's report, exit codes, and nothing written when refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.cli import main
from relay.models import Application, Candidate, Import, ImportState, NotifiedBy, scopes
from tests.cast import Cast, make_cast
from tests.db.intake.bringing import SAMPLES, sheet

KEYS = {
    *("format", "rows", "created", "updated", "rejected", "withdrew", "hired", "duplicates", "in_selection"),
    *("past_date", "left_out", "problems", "notes"),
}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def relay(*words: str) -> Result:
    return CliRunner().invoke(main, ["import", *words])


def imported(name: str, *more: str) -> dict[str, Any]:
    """The report of a sample imported for Acme."""
    result = relay(str(SAMPLES / name), "--company", "acme", "--basis", "stated", "--json", *more)
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def count(session: Session, cast: Cast, model: type) -> int:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_report_has_the_keys_of_the_contract(session: Session, cast: Cast) -> None:
    report = imported("herp.csv")
    assert set(report) == KEYS
    assert (report["format"], report["rows"], report["created"], report["updated"]) == ("herp", 240, 240, 0)
    assert (report["rejected"], report["withdrew"], report["hired"], report["in_selection"]) == (171, 25, 10, 34)
    assert (report["problems"], report["notes"]) == ([], [])
    assert count(session, cast, Candidate) == 240


def test_the_same_file_again_and_the_one_a_week_later(session: Session, cast: Cast) -> None:
    imported("herp.csv")
    again = imported("herp.csv")
    assert (again["created"], again["updated"]) == (0, 0)
    later = imported("herp-a-week-later.csv")
    assert (later["created"], later["updated"]) == (40, 17)


def test_a_dry_run_writes_nothing(session: Session, cast: Cast) -> None:
    dry = imported("herp.csv", "--dry-run")
    assert dry["created"] == 240
    assert count(session, cast, Candidate) == count(session, cast, Import) == 0
    assert imported("herp.csv") == dry


def test_told_and_past_are_answers(session: Session, cast: Cast) -> None:
    report = imported("herp.csv", "--told", "no", "--past", "leave")
    assert report["left_out"] == report["past_date"]
    assert count(session, cast, Candidate) == 240 - report["left_out"]
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).where(Application.notified_by == NotifiedBy.ELSEWHERE)) == 0
        assert session.scalars(select(Import.state)).all() == [ImportState.APPLIED]


def test_without_json_it_speaks_in_sentences(cast: Cast) -> None:
    result = relay(str(SAMPLES / "doda.csv"), "--company", "acme", "--basis", "stated")
    assert result.exit_code == 0
    assert "doda：120行（選考中120・見送り0" in result.stdout
    assert "メールは送られません" in result.stdout


@pytest.mark.parametrize("name", ["bad-rows.csv", "empty.csv", "header-only.csv", "not-a-table.csv"])
def test_a_broken_file_is_refused_in_one_line(session: Session, cast: Cast, name: str) -> None:
    result = relay(str(SAMPLES / "broken" / name), "--company", "acme", "--basis", "stated")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert "何も取り込んでいません" in result.stderr
    assert count(session, cast, Candidate) == count(session, cast, Import) == 0


def test_refused_rows_are_in_the_json(cast: Cast) -> None:
    result = relay(str(SAMPLES / "broken" / "bad-rows.csv"), "--company", "acme", "--basis", "stated", "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert [(one["row"], one["column"]) for one in problems] == [(2, "メールアドレス"), (2, "応募日"), (3, "名前")]
    assert all(one["message"] for one in problems)


def test_a_company_nobody_knows(cast: Cast) -> None:
    result = relay(str(SAMPLES / "herp.csv"), "--company", "nobody", "--basis", "stated")
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_the_page_limit_is_not_the_command_lines(session: Session, cast: Cast, tmp_path: Path) -> None:
    rows = [{"氏名": f"山田 {number}", "メールアドレス": f"y{number}@mail.example"} for number in range(2100)]
    path = tmp_path / "many.csv"
    path.write_bytes(sheet(rows))
    result = relay(str(path), "--company", "acme", "--basis", "selection", "--json")
    assert json.loads(result.stdout)["created"] == 2100
    assert count(session, cast, Candidate) == 2100


def test_of_several_sheets_with_people_one_is_named(session: Session, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for year, name in (("2026年度", "前田 澪"), ("2025年度", "前田 凛")):
            page = book.add_worksheet(year)
            for number, cells in enumerate((("この表の氏名",), ("氏名", "応募日", "結果"), (name, "10/3", "不採用"))):
                page.write_row(number, 0, cells)
        book.add_worksheet("集計").write_row(0, 0, ("月", "人数"))
    common = (str(path), "--company", "acme", "--basis", "stated", "--json")

    for more, words in (
        ((), "シートが2つ以上あります（「2026年度」「2025年度」）"),
        (("--sheet", "2024年度"), "このファイルにあるのは「2026年度」「2025年度」「集計」です"),
        (("--sheet", "集計"), "何も取り込んでいません"),
        (("--sheet", "2025年度", "--header-row", "3"), "何も取り込んでいません"),
    ):
        refused = relay(*common, *more)
        assert (refused.exit_code, words in refused.stderr) == (1, True), refused.stderr
        assert count(session, cast, Candidate) == 0
    no_sheets = relay(str(SAMPLES / "herp.csv"), "--company", "acme", "--basis", "stated", "--sheet", "2026年度")
    assert "CSVファイルにシートはありません" in no_sheets.stderr

    taken = relay(*common, "--sheet", "2025年度", "--header-row", "2")
    assert json.loads(taken.stdout)["created"] == 1, taken.stderr
    with scopes.company(session, cast.acme.id):
        [who] = session.scalars(select(Candidate)).all()
        [applied_on] = session.scalars(select(Application.applied_on)).all()
    assert (who.name, str(applied_on)) == ("前田 凛", "2025-10-03"), "of the year that the sheet is called"
