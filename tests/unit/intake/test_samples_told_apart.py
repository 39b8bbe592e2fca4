"""The samples once more, field by field, against plain csv and openpyxl: no code of the product."""

import csv
import io
from collections import Counter
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from relay.models import ApplicationResult, TagKind
from tests.unit.intake.files import SAMPLES, read_sample

ENDS = {
    "": ApplicationResult.OPEN,
    "選考中": ApplicationResult.OPEN,
    "不採用": ApplicationResult.REJECTED,
    "不合格": ApplicationResult.REJECTED,
    "見送り": ApplicationResult.REJECTED,
    "応募者辞退": ApplicationResult.WITHDREW,
    "辞退": ApplicationResult.WITHDREW,
    "重複応募": ApplicationResult.DUPLICATE,
    "入社": ApplicationResult.HIRED,
    "入社決定": ApplicationResult.HIRED,
    "採用": ApplicationResult.HIRED,
}


def rows_of(name: str, encoding: str, delimiter: str, header: int) -> list[dict[str, str]]:
    text = (SAMPLES / name).read_bytes().decode(encoding)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]


def japanese_day(typed: str) -> date | None:
    return datetime.strptime(typed, "%Y年%m月%d日").date() if typed else None  # noqa: DTZ007  (a day, no moment)


def digits(typed: str) -> str:
    return typed.replace("-", "")


def test_hrmos_is_recognised_below_two_lines_of_titles() -> None:
    reading = read_sample("hrmos.tsv")
    assert (reading.format, reading.encoding, reading.delimiter, reading.header_row) == ("hrmos", "utf-16", "\t", 3)
    assert (reading.row_count, len(reading.rows), reading.problems, reading.notes) == (180, 180, (), ())
    assert [column.name for column in reading.dropped] == ["求人ID"]
    assert {result.value: reading.count(result) for result in ApplicationResult} == {
        "open": 30,
        "rejected": 119,
        "withdrew": 19,
        "duplicate": 6,
        "hired": 6,
    }


def test_hrmos_field_by_field() -> None:
    read = read_sample("hrmos.tsv").rows
    for row, truth in zip(read, rows_of("hrmos.tsv", "utf-16", "\t", 2), strict=True):
        assert (row.source_id, row.name, row.email.lower()) == (
            truth["応募ID"],
            truth["氏名"],
            truth["メールアドレス"].lower(),
        )
        assert (row.phone, row.position, row.channel) == (truth["電話番号"], truth["求人名"], truth["応募経路"])
        assert row.applied_on == japanese_day(truth["応募日"])
        assert row.result is ENDS[truth["選考ステータス"]]
        ended = japanese_day(truth["不合格日"] or truth["辞退日"])
        if ended:
            assert row.decided_on == ended
        assert [tag for _kind, tag in row.tags] == list(filter(None, [truth["ラベル"]]))
        assert row.memo == f"職歴：{truth['職歴']}"


def test_hrmos_steps_become_history() -> None:
    read = read_sample("hrmos.tsv").rows
    for row, truth in zip(read, rows_of("hrmos.tsv", "utf-16", "\t", 2), strict=True):
        expected = [
            (
                truth[f"{nth}次ステップ"],
                japanese_day(truth[f"{nth}次ステップ実施日"]),
                truth[f"{nth}次ステップステータス"],
            )
            for nth in (1, 2, 3)
            if truth[f"{nth}次ステップ"]
        ]
        assert row.stage == expected[-1][0]
        if truth["辞退理由（分類）"]:
            last = row.steps[-1]
            assert (last.name, last.comment, last.on) == (
                "辞退理由",
                truth["辞退理由（分類）"],
                japanese_day(truth["辞退日"]),
            )
            expected.append((last.name, last.on, ""))
        assert [(step.name, step.on, step.result) for step in row.steps] == expected


def test_the_hand_kept_workbook_field_by_field() -> None:
    reading = read_sample("hand-kept.xlsx")
    assert (reading.format, reading.encoding, reading.sheet, reading.row_count) == ("sheet", "xlsx", "応募者一覧", 60)
    assert (reading.problems, reading.notes, reading.dropped) == ((), (), ())
    grid = list(load_workbook(SAMPLES / "hand-kept.xlsx").active.iter_rows(values_only=True))
    for row, values in zip(reading.rows, grid[1:], strict=True):
        truth = dict(zip(grid[0], values, strict=True))
        assert (row.name, row.facts["kana"]) == (truth["お名前"], truth["フリガナ"].replace("\u3000", " "))
        assert (row.phone, row.email) == (digits(truth["携帯"]), truth["Eメール"])
        when = truth["応募日"]
        assert row.applied_on == (when.date() if isinstance(when, datetime) else japanese_day(when))
        assert row.position == row.facts["desired_role"] == truth["希望職種"]
        assert row.result is ENDS[truth["結果"]]
        skills = truth["スキル・資格"].split("、")
        reason = list(filter(None, [truth["お見送り理由"]]))
        assert [tag for _kind, tag in row.tags] == reason + skills
        assert [tag for kind, tag in row.tags if kind is TagKind.SKILL] == skills
        score, comment = truth["面接官コメント"].removeprefix("評価").split("。\n")
        steps = {step.name: step for step in row.steps}
        assert (steps["面接官コメント"].score, steps["面接官コメント"].comment) == (int(score), comment)
        assert [step.comment for name, step in steps.items() if name == "お見送り理由"] == reason


def test_what_one_holds_is_told_from_what_one_can() -> None:
    held = Counter(
        entry for row in read_sample("hand-kept.xlsx").rows for entry in row.facts["qualifications"].split("、")
    )
    assert held.keys() - {""} == {"日商簿記2級", "正看護師", "1級施工管理技士", "統計検定2級", "フォークリフト"}


@pytest.mark.parametrize("name", ["herp.csv", "herp-a-week-later.csv"])
def test_herp_scores_are_read_from_the_memo(name: str) -> None:
    for row, truth in zip(read_sample(name).rows, rows_of(name, "utf-8-sig", ",", 0), strict=True):
        assert [step.score for step in row.steps] == [int(truth["メモ"][-1])]
        assert row.memo == truth["メモ"]
        assert row.result is ENDS[truth["選考終了理由"]]


def test_doda_field_by_field() -> None:
    for row, truth in zip(read_sample("doda.csv").rows, rows_of("doda.csv", "cp932", ",", 0), strict=True):
        assert row.name == f"{truth['姓漢字']} {truth['名漢字']}"
        assert row.facts["kana"] == f"{truth['姓カナ']} {truth['名カナ']}"
        assert (row.phone, row.position) == (digits(truth["電話番号1"]), truth["求人名称"])
        assert str(row.facts["birth_date"]) == truth["生年月日"].replace("/", "-")
