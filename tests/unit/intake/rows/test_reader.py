"""What single rows and columns say: taken, dropped, refused or noted."""

from datetime import date

import pytest

from relay.intake.fields import DropKind, Field
from relay.models import ApplicationResult
from tests.unit.intake.files import read, said


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("お名前", Field.NAME),
        ("氏名（漢字）", Field.NAME),
        ("【必須】氏名", Field.NAME),
        ("氏　名 *", Field.NAME),
        ("氏名（ふりがな）", Field.KANA),
        ("ふりがな", Field.KANA),
        ("ﾌﾘｶﾞﾅ", Field.KANA),
        ("E-mail", Field.EMAIL),
        ("Email", Field.EMAIL),
        ("Ｅメール", Field.EMAIL),
        ("メール", Field.EMAIL),
        ("TEL", Field.PHONE),
        ("携帯電話（日中つながる番号）", Field.PHONE),
        ("電話番号(ハイフンなし)", Field.PHONE),
        ("ポジション", Field.POSITION),
        ("応募職種", Field.POSITION),
        ("応募日時", Field.APPLIED_ON),
        ("ステータス", Field.RESULT),
        ("選考結果", Field.RESULT),
        ("備考", Field.MEMO),
    ],
)
def test_hand_kept_headers_are_understood(header: str, field: Field) -> None:
    reading = read(f"氏名,{header}\n山田,\n" if field is not Field.NAME else f"{header},番外\n山田,\n")
    assert field in [column.field for column in reading.taken]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("性別", DropKind.LAW),
        ("顔写真URL", DropKind.LAW),
        ("配偶者の有無", DropKind.LAW),
        ("扶養家族数", DropKind.LAW),
        ("国籍", DropKind.LAW),
        ("本籍地", DropKind.LAW),
        ("宗教", DropKind.LAW),
        ("障がいの有無", DropKind.LAW),
        ("健康状態", DropKind.LAW),
        ("年齢", DropKind.LAW),
        ("現住所", DropKind.NEED),
        ("郵便番号", DropKind.NEED),
        ("都道府県", DropKind.NEED),
        ("家族の電話番号", DropKind.LAW),
        ("社員番号", DropKind.UNKNOWN),
    ],
)
def test_columns_left_behind_have_a_reason_and_leave_no_trace(header: str, kind: DropKind) -> None:
    reading = read(f"氏名,{header},メールアドレス\n山田,ひみつ,a@mail.example\n")
    assert [(column.name, column.kind) for column in reading.dropped] == [(header, kind)]
    assert str(reading.dropped[0].reason).endswith("取り込みません。")
    assert "ひみつ" not in repr(reading.rows)


def test_several_columns_may_feed_one_field() -> None:
    reading = read("氏名,電話番号1,電話番号2,メモ,備考\n山田,,03-1234-5678,一,二\n")
    assert (reading.rows[0].phone, reading.rows[0].memo) == ("0312345678", "一\n二")


def test_of_two_columns_for_one_field_hr_says_which() -> None:
    reading = read("氏名,名前,メール\n山田,太郎,a@mail.example\n")
    assert [(column.name, column.kind) for column in reading.dropped] == [
        ("氏名", DropKind.ASKED),
        ("名前", DropKind.ASKED),
    ]
    assert "「氏名」の列がどれか、決められません（「氏名」「名前」）" in str(reading.problems[0].message)


def test_of_two_columns_that_say_the_same_the_first_is_taken() -> None:
    reading = read("氏名,名前,メール\n山田,山田,a@mail.example\n佐藤,,b@mail.example\n")
    assert [(column.name, column.kind) for column in reading.dropped] == [("名前", DropKind.REPEATED)]
    assert not reading.refused


def test_a_column_without_a_header() -> None:
    reading = read("氏名,,メール,\n山田,あれこれ,a@mail.example,\n")
    assert [column.name for column in reading.dropped] == ["2列目（見出しなし）"]


def test_family_and_given_names_become_one() -> None:
    reading = read("姓,名,セイ,メイ\n髙橋,健,たかはし,ｹﾝ\nソン,,,\n,,,\n")
    assert [(row.name, row.facts["kana"]) for row in reading.rows] == [("髙橋 健", "タカハシ ケン"), ("ソン", "")]


def test_names_stay_as_typed() -> None:
    assert read("氏名\n髙橋　𠮷男\n").rows[0].name == "髙橋　𠮷男"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("氏名,メール\n,a@mail.example\n", [(2, "氏名")]),
        ("姓,名,メール\n,太郎,\n", []),
        ("氏名,メール\n-,a@mail.example\n", [(2, "氏名")]),
        ("氏名,メール\n山田,yamada\n", [(2, "メール")]),
        ("氏名,応募日\n山田,2026/02/30\n", [(2, "応募日")]),
        ("氏名,応募日\n山田,平成32年4月1日\n", [(2, "応募日")]),
        ("氏名,生年月日\n山田,1990/2/31\n", [(2, "生年月日")]),
        ("氏名,不合格日\n山田,きのう\n", [(2, "不合格日")]),
        ("氏名,メール,応募日\n山田,yamada,x\n", [(2, "メール"), (2, "応募日")]),
    ],
)
def test_what_refuses_a_file(text: str, problems: list[tuple[int, str]]) -> None:
    reading = read(text)
    assert said(reading.problems) == problems
    assert reading.refused == bool(problems)
    assert len(reading.rows) == (0 if problems else 1)


@pytest.mark.parametrize(
    ("header", "value", "words"),
    [
        ("メール", "", "メールを送れません"),
        ("メール", "なし", "メールを送れません"),
        ("メール", "taro..x@docomo.ne.jp", "見慣れない形"),
        ("メール", "a@mail.example b@mail.example", "2つ以上"),
        ("メール", "山@mail.example", "メールを送れる形ではありません"),
        ("電話番号", "090-1234-56789", "桁数"),
        ("電話番号", "9012345678", "0を補って"),
        ("電話番号", "携帯", "読めません"),
        ("応募日", "2027/01/01", "今日より先"),
        ("結果", "グリーン", "選考中として"),
        ("メモ", "うつ病で休職", "「うつ病」"),
        ("タグ", "国籍", "「国籍」"),
        ("メモ", "=1+1", "「=」で始まります"),
        ("メモ", "文字\ufffd化け", "失われた文字"),
        ("メモ", "あ" * 10_001, "先頭の10,000文字"),
    ],
)
def test_what_is_only_noted(header: str, value: str, words: str) -> None:
    mail = "" if header == "メール" else ",a@mail.example"
    reading = read(f"氏名,{header}{mail and ',メール'}\n山田,{value}{mail}\n")
    assert not reading.refused
    assert said(reading.notes) == [(2, header)]
    assert words in str(reading.notes[0].message)
    assert reading.rows[0].name == "山田"


def test_a_file_without_addresses_says_so_once() -> None:
    reading = read("氏名\n山田\n佐藤\n")
    assert said(reading.notes) == [(1, None)]
    assert "メールを送れません" in str(reading.notes[0].message)


def test_numbers_protected_from_excel_are_unwrapped() -> None:
    reading = read('氏名,電話番号,メール\n山田,="09012345678",a@mail.example\n')
    assert reading.rows[0].phone == "09012345678"
    assert reading.notes == ()


def test_repeated_rows_are_taken_once() -> None:
    reading = read("氏名,メール\n山田,a@mail.example\n佐藤,b@mail.example\n山田, a@mail.example \n")
    assert (reading.row_count, [row.row for row in reading.rows]) == (3, [2, 3])
    assert said(reading.notes) == [(4, None)]


def test_of_two_rows_with_one_id_the_later_counts() -> None:
    reading = read(
        "応募ID,氏名,メール,結果\nA1,山田,a@mail.example,\nA2,佐藤,b@mail.example,\nA1,山田,a@mail.example,辞退\n"
    )
    assert [(row.row, row.source_id, row.result) for row in reading.rows] == [
        (3, "A2", ApplicationResult.OPEN),
        (4, "A1", ApplicationResult.WITHDREW),
    ]
    assert said(reading.notes) == [(4, "応募ID")]
    assert "「A1」は2行目にもあります" in str(reading.notes[0].message)


def test_a_row_that_is_wider_than_the_header() -> None:
    reading = read("氏名,メール\n山田,a@mail.example,はみ出し,\n佐藤,b@mail.example,,\n鈴木\n")
    assert said(reading.notes) == [(2, None), (4, "メール")]
    assert "はみ出し" in str(reading.notes[0].message)


def test_an_end_brings_its_day_and_a_running_selection_none() -> None:
    reading = read(
        "氏名,結果,不合格日,辞退日,応募日\n山田,不合格,2026/10/1,,\n佐藤,,2026/10/1,,令和8年4月1日\n鈴木,辞退,,R8.9.1,\n"
    )
    assert [row.decided_on for row in reading.rows] == [date(2026, 10, 1), None, date(2026, 9, 1)]
    assert reading.rows[1].applied_on == date(2026, 4, 1)


def test_a_status_that_runs_and_a_result_that_ended() -> None:
    assert read("氏名,ステータス,選考終了理由\n山田,最終面接,内定辞退\n").rows[0].result is ApplicationResult.WITHDREW


def test_control_characters_never_reach_a_row() -> None:
    reading = read("氏名,メモ\n山田\u202e\x07太郎,一\x00二\n")
    assert (reading.rows[0].name, reading.rows[0].memo) == ("山田太郎", "一二")


def test_every_sentence_is_plain_text_and_ends_as_one() -> None:
    reading = read("氏名,メール,電話番号,応募日,結果,性別\n,x,y,z,w,v\n=山田?,,1,2099/1/1,w,v,u\n")
    remarks = [*reading.problems, *reading.notes]
    assert len(remarks) >= 8
    for remark in remarks:
        assert isinstance(remark.as_json()["message"], str)
        assert str(remark.message).endswith("。")
