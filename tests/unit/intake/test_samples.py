"""The sample files, to the figure and to the field."""

from collections import Counter
from datetime import date
from unittest.mock import patch

import pytest

from relay.intake.fields import DropKind, Field
from relay.intake.reading.refusals import FileEmpty, FileRefused, HeaderOnly, NotATable
from relay.intake.rows import row
from relay.intake.rows.row import ImportRow, Reading
from relay.intake.rows.words import ImportedStep
from relay.models import ApplicationResult, RejectionReason, TagKind
from tests.unit.intake.files import read_sample, said


def results(reading: Reading) -> dict[str, int]:
    return {result.value: reading.count(result) for result in ApplicationResult}


@pytest.mark.parametrize("name", ["herp.csv", "hrmos.tsv", "doda.csv", "hand-kept.xlsx"])
def test_a_plain_row_is_read_as_any_other(name: str) -> None:
    with patch.object(row, "is_clean", lambda _text: False):
        with_care = read_sample(name)
    assert read_sample(name).rows == with_care.rows


def test_herp() -> None:
    reading = read_sample("herp.csv")
    assert (reading.format, reading.encoding, reading.delimiter, reading.header_row) == ("herp", "utf-8-sig", ",", 1)
    assert (reading.row_count, len(reading.rows)) == (240, 240)
    assert results(reading) == {"open": 34, "rejected": 171, "withdrew": 25, "duplicate": 0, "hired": 10}
    assert not reading.refused
    assert reading.notes == ()
    assert reading.dropped == ()
    assert len(reading.taken) == 12
    assert reading.rows[0] == ImportRow(
        row=2,
        source_id="H01000",
        facts={
            "name": "田中 健",
            "kana": "",
            "email": "tanaka.ken1000@mail.example",
            "phone": "07081177364",
            "birth_date": None,
            "qualifications": "",
            "desired_role": "",
            "reapply": None,
        },
        position="[中途]カスタマーサポート",
        channel="求人媒体",
        channel_detail="doda",
        stage="最終選考",
        applied_on=date(2025, 11, 1),
        decided_on=None,
        result=ApplicationResult.REJECTED,
        reason=RejectionReason.SKILLS,
        tags=((TagKind.REASON, "スキル不足"),),
        memo="電話対応 Zendesk 英語。評価1",
        steps=(ImportedStep("評価", score=1),),
        result_said=True,
    )
    assert reading.rows[2].name == "𠮷野 拓也"


def test_herp_tags_are_assessments_or_finer_reasons() -> None:
    tags = Counter(tag for row in read_sample("herp.csv").rows for tag in row.tags)
    assert tags == {
        (TagKind.REASON, "スキル不足"): 32,
        (TagKind.REASON, "条件不一致(給与)"): 25,
        (TagKind.REASON, "カルチャー不一致"): 23,
        (TagKind.REASON, "充足済み"): 21,
        (TagKind.EVALUATION, "再スカウト候補"): 29,
        (TagKind.EVALUATION, "経験不足だがポテンシャル高"): 23,
        (TagKind.EVALUATION, "他職種向き"): 18,
    }


def test_herp_says_why_somebody_was_rejected_in_a_label() -> None:
    reasons = Counter(row.reason for row in read_sample("herp.csv").rows if row.result is ApplicationResult.REJECTED)
    assert reasons == {
        RejectionReason.SKILLS: 32,
        RejectionReason.CONDITIONS: 25,
        RejectionReason.FILLED: 21,
        None: 93,
    }


def test_herp_a_week_later() -> None:
    reading = read_sample("herp-a-week-later.csv")
    assert results(reading) == {"open": 20, "rejected": 115, "withdrew": 20, "duplicate": 0, "hired": 5}
    earlier = {row.source_id: row for row in read_sample("herp.csv").rows}
    both = [(earlier[row.source_id], row) for row in reading.rows if row.source_id in earlier]
    assert len(both) == 120
    assert sum(before.phone != after.phone for before, after in both) == 17
    assert all(before.name == after.name and before.email == after.email for before, after in both)


def test_doda() -> None:
    reading = read_sample("doda.csv")
    assert (reading.format, reading.encoding, reading.row_count) == ("doda", "cp932", 120)
    assert results(reading) == {"open": 120, "rejected": 0, "withdrew": 0, "duplicate": 0, "hired": 0}
    assert [(column.name, column.kind) for column in reading.dropped] == [
        ("郵便番号", DropKind.NEED),
        ("都道府県名", DropKind.NEED),
        ("住所①", DropKind.NEED),
        ("性別", DropKind.LAW),
    ]
    first = reading.rows[0]
    assert (first.name, first.facts["kana"], first.phone) == ("渡邉 大輔", "ワタナベ ダイスケ", "09077669516")
    assert (first.facts["birth_date"], first.position, first.channel) == (date(2002, 7, 27), "人事", "doda")
    assert first.source_id is None
    assert first.applied_on is None


def test_doda_says_which_names_lost_characters() -> None:
    reading = read_sample("doda.csv")
    assert said(reading.notes) == [(6, "姓漢字"), (45, "姓漢字"), (72, "姓漢字")]
    assert "失われた文字" in str(reading.notes[0].message)
    assert reading.rows[4].name == "?野 翔太"


def test_bad_rows_are_refused_one_by_one() -> None:
    reading = read_sample("broken/bad-rows.csv")
    assert reading.refused
    assert reading.row_count == 5
    assert said(reading.problems) == [(2, "メールアドレス"), (2, "応募日"), (3, "名前")]
    messages = [str(problem.message) for problem in reading.problems]
    assert "「not-an-address」には @ がありません" in messages[0]
    assert "2026年2月28日ではありませんか" in messages[1]
    assert "氏名がありません" in messages[2]
    assert said(reading.notes) == [(5, None), (6, "名前")]
    assert "4行目と同じ内容" in str(reading.notes[0].message)
    assert "「=」で始まります" in str(reading.notes[1].message)
    assert reading.problems[0].as_json() == {"row": 2, "column": "メールアドレス", "message": messages[0]}


@pytest.mark.parametrize(
    ("name", "refusal", "words"),
    [
        ("broken/empty.csv", FileEmpty, "何も入っていません"),
        ("broken/header-only.csv", HeaderOnly, "候補者の行がありません"),
        ("broken/not-a-table.csv", NotATable, "表として読めません"),
    ],
)
def test_broken_files_are_refused_in_words(name: str, refusal: type[FileRefused], words: str) -> None:
    with pytest.raises(refusal) as refused:
        read_sample(name)
    assert words in str(refused.value)
    assert "何も取り込んでいません" in str(refused.value)


def test_every_taken_column_of_herp_has_its_field() -> None:
    fields = [column.field for column in read_sample("herp.csv").taken]
    assert fields == [
        Field.SOURCE_ID,
        Field.APPLIED_ON,
        Field.NAME,
        Field.EMAIL,
        Field.PHONE,
        Field.CHANNEL,
        Field.CHANNEL_DETAIL,
        Field.STAGE,
        Field.POSITION,
        Field.RESULT,
        Field.TAGS,
        Field.MEMO,
    ]
