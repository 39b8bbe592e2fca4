"""Sheets as people keep them by hand: what their columns are called, and what stands in the column of reasons."""

import csv
import io
from datetime import date

import pytest

from relay.intake.fields import Field
from relay.intake.rows.reader import read_rows
from relay.intake.rows.row import Reading
from relay.models import ApplicationResult, RejectionReason
from tests.unit.intake.files import said

TODAY = date(2026, 11, 21)


def read(*rows: dict[str, str]) -> Reading:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return read_rows(out.getvalue().encode(), filename="一覧.csv", today=TODAY)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("メルアド", Field.EMAIL),
        ("連絡先（携帯）", Field.PHONE),
        ("TEL1", Field.PHONE),
        ("応募先職種", Field.POSITION),
        ("募集媒体名", Field.CHANNEL),
        ("紹介エージェント", Field.CHANNEL_DETAIL),
        ("現在の選考状況", Field.RESULT),
        ("NG理由", Field.REASON),
        ("お祈りメール送信日", Field.DECIDED_ON),
        ("Rejection Date", Field.DECIDED_ON),
        ("面接日", Field.STEP),
        ("一次", Field.STEP),
        ("二次_結果", Field.STEP),
        ("ご経歴", Field.HISTORY),
        ("備考2", Field.MEMO),
        ("タグ１", Field.TAGS),
    ],
)
def test_columns_are_known_by_what_people_call_them(header: str, field: Field) -> None:
    reading = read({"氏名": "高橋 花子", header: ""})
    assert [(column.name, column.field) for column in reading.taken[1:]] == [(header, field)]


@pytest.mark.parametrize("header", ["最終学歴", "担当者", "入社可能日", "オンライン", "更新日時", "書類"])
def test_what_is_no_field_stays_behind_and_is_named(header: str) -> None:
    reading = read({"氏名": "高橋 花子", header: "x"})
    assert [column.name for column in reading.dropped] == [header]


@pytest.mark.parametrize(
    ("stated", "why", "result", "reason"),
    [
        ("不合格", "スキル不足", ApplicationResult.REJECTED, RejectionReason.SKILLS),
        ("選考終了(不採用)", "他候補者を採用", ApplicationResult.REJECTED, RejectionReason.COMPARISON),
        ("選考終了", "年収", ApplicationResult.REJECTED, RejectionReason.CONDITIONS),
        ("選考終了（辞退）", "他社に決まったため", ApplicationResult.WITHDREW, None),
        ("", "応募者辞退", ApplicationResult.WITHDREW, None),
        ("書類選考NG", "", ApplicationResult.REJECTED, None),
        ("選考中", "", ApplicationResult.OPEN, None),
        ("選考中", "スキル不足", ApplicationResult.OPEN, None),
        ("不合格", "技術面は問題ありませんでした。年収が合わず見送り", ApplicationResult.REJECTED, None),
    ],
)
def test_a_column_of_why_it_ended_holds_the_end_or_what_led_to_it(
    stated: str, why: str, result: ApplicationResult, reason: RejectionReason | None
) -> None:
    (row,) = read({"氏名": "高橋 花子", "選考ステータス": stated, "終了理由": why}).rows
    assert (row.result, row.reason) == (result, reason)
    assert [step.comment for step in row.steps] == ([] if end_alone(why) else [why])


def end_alone(why: str) -> bool:
    """Whether the words say how it ended and nothing more."""
    return why in ("", "応募者辞退")


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ("○", "×", ApplicationResult.REJECTED),
        ("○", "辞退", ApplicationResult.WITHDREW),
        ("○", "", ApplicationResult.OPEN),
        ("○", "4/20予定", ApplicationResult.OPEN),
    ],
)
def test_where_no_column_says_how_it_ended_the_last_step_does(
    first: str, second: str, result: ApplicationResult
) -> None:
    (row,) = read({"氏名": "高橋 花子", "一次": first, "二次": second}).rows
    assert row.result is result


@pytest.mark.parametrize(
    ("first", "second", "result"), [("○", "×", ApplicationResult.REJECTED), ("辞退", "", ApplicationResult.WITHDREW)]
)
def test_an_empty_cell_of_why_it_ended_says_nothing_against_the_steps(
    first: str, second: str, result: ApplicationResult
) -> None:
    steps = {"氏名": "高橋 花子", "一次": first, "二次": second}
    assert read(steps | {"終了理由": ""}).rows[0].result is result
    assert read(steps | {"選考ステータス": "", "終了理由": ""}).rows[0].result is ApplicationResult.OPEN, (
        "an empty state is one"
    )
    assert read(steps | {"終了理由": "問題なし"}).rows[0].result is ApplicationResult.OPEN, (
        "what was not understood was said to be open"
    )


def test_a_system_that_leaves_the_end_empty_says_that_the_selection_goes_on() -> None:
    known = {"応募ID": "1", "求人ID": "2", "氏名": "高橋 花子"}
    reading = read(known | {"1次ステップ": "面接", "1次ステップ結果": "不合格", "選考終了理由": ""})
    assert reading.format == "hrmos"
    assert [step.result for step in reading.rows[0].steps] == ["不合格"]
    assert reading.rows[0].result is ApplicationResult.OPEN


def test_whoever_withdrew_at_a_step_did_so_whatever_stands_to_the_right() -> None:
    reading = read({"氏名": "高橋 花子", "一次": "辞退", "二次": "○"})
    assert reading.rows[0].result is ApplicationResult.WITHDREW
    assert said(reading.notes)[1:] == [(2, "一次")], "what was read from a step is said"


def test_a_reason_nobody_knows_is_kept_and_named() -> None:
    reading = read({"氏名": "高橋 花子", "終了理由": "グリーン"})
    assert reading.rows[0].result is ApplicationResult.OPEN
    assert reading.rows[0].steps[0].comment == "グリーン"
    assert (2, "終了理由") in said(reading.notes)
