"""Files of other systems: recognised by their headers, in whatever order, with the four ends kept apart."""

import csv
import io
from random import Random

import pytest

from relay.intake.rows.row import ImportRow, Reading
from relay.models import ApplicationResult, Reapply
from tests.unit.intake.files import SAMPLES, read, read_sample

TALENTIO = """
候補者ID,氏名,フリガナ,メールアドレス,電話番号,職種,チャネル,チャネル詳細,ステージ,ステータス,登録日,一次面接評価,一次面接コメント
T1,山田 花,ヤマダ ハナ,h@mail.example,09011112222,経理,エージェント,青空紹介,最終面接,fail,2026/3/1,4,説明が具体的
T2,佐藤 健,サトウ ケン,ken@mail.example,09033334444,経理,媒体,doda,一次面接,reject,2026/3/2,3,
T3,森 凛,モリ リン,rin@mail.example,09055556666,営業,紹介,,内定,pass,2026/3/3,5,
T4,林 蓮,ハヤシ レン,ren@mail.example,09077778888,営業,紹介,,書類選考,ongoing,2026/3/4,,
"""
JOBCAN = """
候補者ID,候補者名（姓）,候補者名（名）,メールアドレス,電話番号,求人タイトル,応募媒体,選考ステップ,選考状況,応募日,書類選考結果,一次面接日,一次面接結果
1001,山田,花子,hana@mail.example,090-1111-2222,経理,Indeed,一次面接,不採用,2026-03-01,合格,2026-03-10,不合格
1002,佐藤,健,ken@mail.example,090-3333-4444,経理,Indeed,書類選考,選考辞退,2026-03-02,合格,,
"""
LEVER = """
Candidate Name,Email(s),Phone(s),Posting,Origin,Source,Stage,Archive Reason,Tags,Applied At
Hana Yamada,h@mail.example,+81 90-1111-2222,Accountant,Applied,LinkedIn,Onsite,Underqualified,"finance,keep",2026-03-01
Ken Sato,"ken@mail.example, ken2@mail.example",,Accountant,Sourced,LinkedIn,Offer,Offer declined,,2026-03-02
Rin Mori,rin@mail.example,,Sales,Applied,Indeed,Offer,Hired,,2026-03-03
Ren Hayashi,ren@mail.example,,Sales,Applied,Indeed,Phone screen,,,2026-03-04
"""
GREENHOUSE = """
Application ID,First Name,Last Name,Email,Phone,Job Name,Status,Stage,Source,Rejection Reason,Applied On,Rejected On
501,Hana,Yamada,hana@mail.example,090-1111-2222,Accountant,Rejected,Onsite,LinkedIn,Lacking skills,2026-03-01,2026-03-20
502,Ken,Sato,ken@mail.example,,Accountant,Rejected,Offer,LinkedIn,Candidate withdrew,2026-03-02,2026-03-21
503,Rin,Mori,rin@mail.example,,Sales,Hired,Offer,Indeed,,2026-03-03,
504,Ren,Hayashi,ren@mail.example,,Sales,Active,Review,Indeed,,2026-03-04,
"""
FOUR = [ApplicationResult.REJECTED, ApplicationResult.WITHDREW, ApplicationResult.HIRED, ApplicationResult.OPEN]


def results(reading: Reading) -> list[ApplicationResult]:
    return [row.result for row in reading.rows]


def facts(row: ImportRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__ if name != "steps"} | {
        "steps": {(step.name, step.on, step.score, step.result, step.comment) for step in row.steps},
        "tags": set(row.tags),
    }


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("talentio", TALENTIO, FOUR),
        ("jobcan", JOBCAN, FOUR[:2]),
        ("lever", LEVER, FOUR),
        ("greenhouse", GREENHOUSE, FOUR),
    ],
)
def test_a_system_is_known_by_its_headers(name: str, text: str, expected: list[ApplicationResult]) -> None:
    reading = read(text.lstrip())
    assert (reading.format, results(reading), reading.problems) == (name, expected, ())


def test_talentio_calls_a_withdrawal_reject() -> None:
    first, second, *_rest = read(TALENTIO.lstrip()).rows
    assert (first.channel, first.channel_detail, first.stage) == ("エージェント", "青空紹介", "最終面接")
    assert [(step.name, step.score, step.comment) for step in first.steps] == [("一次面接", 4, "説明が具体的")]
    assert second.result is ApplicationResult.WITHDREW
    assert read("氏名,結果\n山田,reject\n").rows[0].result is ApplicationResult.REJECTED


def test_jobcan_results_of_steps_are_kept_with_their_days() -> None:
    row = read(JOBCAN.lstrip()).rows[0]
    assert [(step.name, str(step.on), step.result) for step in row.steps] == [
        ("書類選考", "None", "合格"),
        ("一次面接", "2026-03-10", "不合格"),
    ]
    assert (row.name, row.position, row.channel, str(row.decided_on)) == ("山田 花子", "経理", "Indeed", "2026-03-10")


def test_lever_keeps_origin_and_source_and_the_first_of_several_addresses() -> None:
    first, second, *_rest = read(LEVER.lstrip()).rows
    assert (first.channel, first.channel_detail, first.phone) == ("Applied", "LinkedIn", "+819011112222")
    assert {tag for _kind, tag in first.tags} == {"finance", "keep", "Underqualified"}
    assert second.email == "ken@mail.example"


def test_greenhouse_reasons_and_days() -> None:
    row = read(GREENHOUSE.lstrip()).rows[0]
    assert (row.source_id, row.name, str(row.decided_on)) == ("501", "Yamada Hana", "2026-03-20")
    assert [(step.name, step.comment) for step in row.steps] == [("Rejection Reason", "Lacking skills")]


@pytest.mark.parametrize(
    "header",
    [
        "応募ID,選考ポジション名,応募日,氏名,氏名（ふりがな）,メールアドレス,選考ステータス",
        "応募者ID,求人ID,求人名,応募日時,氏名,メールアドレス,選考ステータス",
        "応募ID,求人ID,求人名,応募日,氏名,メールアドレス,1次ステップ,不合格日",
    ],
)
def test_older_headers_of_hrmos(header: str) -> None:
    cells = {
        "氏名": "山田 花子",
        "メールアドレス": "h@mail.example",
        "選考ステータス": "不合格",
        "不合格日": "2026/4/1",
    }
    row = ",".join(cells.get(name, "2026/3/1" if "日" in name else "x") for name in header.split(","))
    for encoding in ("utf-8", "utf-16", "utf-16-le", "cp932"):
        reading = read(f"{header}\n{row}\n".replace(",", "\t"), encoding=encoding)
        assert (reading.format, results(reading)) == ("hrmos", [ApplicationResult.REJECTED])


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "header"),
    [("herp.csv", "utf-8-sig", ",", 0), ("hrmos.tsv", "utf-16", "\t", 2), ("doda.csv", "cp932", ",", 0)],
)
def test_another_order_encoding_and_delimiter_read_the_same(
    name: str, encoding: str, delimiter: str, header: int
) -> None:
    text = (SAMPLES / name).read_bytes().decode(encoding)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[header:]
    order = list(range(len(rows[0])))
    Random(4).shuffle(order)  # noqa: S311  (dice, not a secret)
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([row[place] for place in order] for row in rows)
    again = read(out.getvalue(), encoding="utf-16-be")
    plain = read_sample(name)
    steps_apart = name != "hrmos.tsv"  # the last step tells the stage: there the order of steps is the order of columns
    assert again.format == plain.format
    for one, other in zip(again.rows, plain.rows, strict=True):
        expected = facts(other) | {"row": one.row}
        found = facts(one)
        if not steps_apart:
            expected.pop("stage"), found.pop("stage")
        assert found == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        *[(word, Reapply.YES) for word in ("あり", "希望する", "はい", "○", "可")],
        *[(word, Reapply.MAYBE) for word in ("機会があれば", "条件次第", "わからない", "△")],
        *[(word, Reapply.NO) for word in ("なし", "希望しない", "いいえ", "×")],
        ("", None),
    ],
)
def test_the_persons_own_answer_about_applying_again(typed: str, expected: Reapply | None) -> None:
    row = read(f"氏名,再応募意向,保有資格,希望職種,応募職種\n山田,{typed},日商簿記2級,経理,総務\n").rows[0]
    assert (row.facts["reapply"], row.facts["qualifications"], row.facts["desired_role"], row.position) == (
        expected,
        "日商簿記2級",
        "経理",
        "総務",
    )


def test_a_withdrawals_reason_alone_says_how_it_ended() -> None:
    reading = read("氏名,辞退理由,見送り理由\n山田,他社決定,\n佐藤,,スキル不足\n森,,\n")
    assert results(reading) == [ApplicationResult.WITHDREW, ApplicationResult.REJECTED, ApplicationResult.OPEN]


def test_gender_photo_and_family_stay_behind_however_they_are_called() -> None:
    reading = read("氏名,性別,顔写真,扶養家族数,配偶者の有無,メモ\n山田,女,x.jpg,2,有,経理5年\n")
    assert [column.name for column in reading.dropped] == ["性別", "顔写真", "扶養家族数", "配偶者の有無"]
    assert reading.rows[0].memo == "経理5年"
