"""Sheets as people really keep them: whose a column is, hidden sheets, totals, ditto marks, decorated names."""

import pytest

from relay.intake.fields import DropKind, Field
from relay.intake.reading import refusals
from relay.intake.rows.row import Reading
from relay.models import ApplicationResult
from tests.unit.intake.files import read, said
from tests.unit.intake.reading.test_workbook import one_sheet, saved

MAIL = ("メールアドレス", "結果")


def table(header: str, *rows: str) -> Reading:
    return read("\n".join((header, *rows)) + "\n")


def fields(reading: Reading) -> dict[str, Field]:
    return {column.name: column.field for column in reading.taken}


# whose column


@pytest.mark.parametrize(
    ("header", "row", "who"),
    [
        (
            "氏名（姓）,氏名（名）,氏名（セイ）,氏名（メイ）,メールアドレス,結果",
            "舞田,一子,マイタ,カズコ,a@mail.example,不採用",
            ("舞田 一子", "マイタ カズコ", "a@mail.example"),
        ),
        (
            "氏名（ローマ字）,氏名,メールアドレス,結果",
            "MAIDA Kazuko,舞田 一子,a@mail.example,不採用",
            ("舞田 一子", "", "a@mail.example"),
        ),
        (
            "氏名（英）,氏名（漢字）,氏名（カナ）,E-mail,結果",
            "Kazuko MAIDA,舞田 一子,マイダ カズコ,a@mail.example,不採用",
            ("舞田 一子", "マイダ カズコ", "a@mail.example"),
        ),
        (
            "氏名（保護者）,氏名（本人）,メールアドレス（保護者）,メールアドレス（本人）,結果",
            "舞田 親,舞田 一子,oya@mail.example,a@mail.example,不採用",
            ("舞田 一子", "", "a@mail.example"),
        ),
        (
            "候補者名,メールアドレス（エージェント）,メールアドレス（候補者）,結果",
            "舞田 一子,desk@agency.example,a@mail.example,不採用",
            ("舞田 一子", "", "a@mail.example"),
        ),
        (
            "Agent Email,Guardian's Name,Candidate Email,Full Name,Name (Kana),Status",
            "desk@agency.example,舞田 親,a@mail.example,舞田 一子,マイダ カズコ,Rejected",
            ("舞田 一子", "マイダ カズコ", "a@mail.example"),
        ),
        (
            "面接官氏名,担当者メール,母の氏名,応募者氏名,連絡先メールアドレス,判定",
            "試験 官,staff@mail.example,舞田 母,舞田 一子,a@mail.example,不採用",
            ("舞田 一子", "", "a@mail.example"),
        ),
        ("Name,氏名,メール,結果", "Kazuko Maida,舞田 一子,a@mail.example,不採用", ("舞田 一子", "", "a@mail.example")),
        ("氏名,連絡先,結果", "舞田 一子,a@mail.example,不採用", ("舞田 一子", "", "a@mail.example")),
    ],
)
def test_the_candidates_own_columns_are_taken_wherever_others_stand(
    header: str, row: str, who: tuple[str, ...]
) -> None:
    for turned in (False, True):
        cells = [line.split(",") for line in (header, row)]
        reading = table(*(",".join(reversed(line) if turned else line) for line in cells))
        assert not reading.refused, [str(problem.message) for problem in reading.problems]
        (person,) = reading.rows
        assert (person.name, person.facts["kana"], person.email, person.result) == (*who, ApplicationResult.REJECTED)


def test_the_day_of_the_application_beats_any_other_day() -> None:
    reading = table(
        "氏名,メール,登録日,更新日,応募日,結果", "舞田 一子,a@mail.example,2020/1/1,2026/4/1,2026/3/2,不採用"
    )
    assert str(reading.rows[0].applied_on) == "2026-03-02"
    assert [(column.name, column.kind) for column in reading.dropped] == [
        ("登録日", DropKind.REPEATED),
        ("更新日", DropKind.UNKNOWN),
    ]


def test_only_another_partys_address_is_no_address() -> None:
    reading = table("氏名,メールアドレス（エージェント）,結果", "舞田 一子,desk@agency.example,不採用")
    assert reading.rows[0].email == ""
    assert (1, None) in said(reading.notes), "nobody can be mailed, and that is said"


def test_only_another_partys_name_names_nobody() -> None:
    with pytest.raises(refusals.NoNameColumn):
        table("氏名（保護者）,メールアドレス（保護者）", "舞田 親,oya@mail.example")


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("氏名,メールアドレス（RA）,結果", ["舞田 一子,a@mail.example,不採用"]),
        ("氏名,メール,E-mail,結果", ["舞田 一子,a@mail.example,b@mail.example,不採用"]),
        ("氏名,あて先,結果", ["舞田 一子,a@mail.example,不採用"]),
        ("氏名,メールアドレス,結果", [f"舞田 {number},desk@agency.example,不採用" for number in range(8)]),
        ("氏名,メール,結果", [f"舞田 {number},送信済,不採用" for number in range(4)]),
    ],
    ids=["a word nobody knows", "two addresses", "an unknown header", "one address for all", "no addresses"],
)
def test_an_address_that_may_be_somebody_elses_is_asked_about(header: str, rows: list[str]) -> None:
    reading = table(header, *rows)
    assert (reading.refused, reading.rows) == (True, ())
    assert "「メールアドレス」の列がどれか" in str(reading.problems[0].message)


def test_several_addresses_of_ones_own_are_not_asked_about() -> None:
    reading = table(
        "氏名,PCメール,携帯メール,結果", "舞田 一子,,b@mail.example,不採用", "森 凛,c@mail.example,d@mail.example,"
    )
    assert [row.email for row in reading.rows] == ["b@mail.example", "c@mail.example"]


def test_the_result_of_another_time_is_not_this_ones() -> None:
    reading = table("氏名,メール,前回の結果,前回の応募日,応募日", "舞田 一子,a@mail.example,不採用,2020/1/1,2026/3/2")
    assert reading.refused, "whether it is the result is asked"
    assert Field.RESULT not in fields(reading).values()
    assert fields(reading)["応募日"] is Field.APPLIED_ON


# the result


@pytest.mark.parametrize("header", ["区分", "", "どうなったか", "ふりわけ結果など"])
def test_a_column_of_result_words_is_the_result_whatever_it_is_called(header: str) -> None:
    reading = table(
        f"氏名,メール,{header}", "舞田 一子,a@mail.example,不採用", "森 凛,b@mail.example,採用", "林 蓮,c@mail.example,"
    )
    assert [row.result for row in reading.rows] == [
        ApplicationResult.REJECTED,
        ApplicationResult.HIRED,
        ApplicationResult.OPEN,
    ]
    assert "結果の言葉があるため" in str(reading.warnings[0].message)


def test_mere_signs_make_no_result_and_their_absence_is_said_first() -> None:
    reading = table("氏名,メール,区分", "舞田 一子,a@mail.example,×", "森 凛,b@mail.example,○")
    assert {row.result for row in reading.rows} == {ApplicationResult.OPEN}
    assert "結果の列が見つかりません" in str(reading.warnings[0].message)
    assert not table("氏名,メール,結果", "舞田 一子,a@mail.example,×").warnings


def test_surnames_are_no_results() -> None:
    reading = table("姓,名,メール,結果", *(f"田中,花子,h{number}@mail.example,不採用" for number in range(5)))
    assert [row.name for row in reading.rows] == ["田中 花子"] * 5


# sheets


def test_a_hidden_sheet_never_beats_a_visible_one() -> None:
    book, hidden = one_sheet(
        ("氏名", "メールアドレス", "電話番号", "応募日", "結果"),
        ("見本 太郎", "mihon@mail.example", "090-0000-0000", "2020/1/1", "不採用"),
        title="マスタ",
    )
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("2026年度")
    shown.append(("氏名", *MAIL))
    shown.append(("表 花子", "hanako@mail.example", "不採用"))
    reading = read(saved(book))
    assert (reading.sheet, [row.name for row in reading.rows]) == ("2026年度", ["表 花子"])
    assert reading.warnings == ()


def test_a_hidden_sheet_is_read_only_where_nothing_else_is_a_table_and_that_is_said() -> None:
    book, cover = one_sheet(("応募者一覧",), title="表紙")
    people = book.create_sheet("データ")
    people.append(("氏名", *MAIL))
    people.append(("表 花子", "hanako@mail.example", "不採用"))
    people.sheet_state = "hidden"
    assert cover.title == "表紙"
    reading = read(saved(book))
    assert reading.sheet == "データ"
    assert any("非表示のシート" in str(note.message) for note in reading.notes)


def test_of_several_sheets_of_people_it_is_said_which_is_read() -> None:
    book, _first = one_sheet(("氏名", *MAIL), ("年度 一", "y1@mail.example", "不採用"), title="2025年度")
    second = book.create_sheet("2026年度")
    second.append(("氏名", "応募日", *MAIL))
    second.append(("年度 三", "2026/4/1", "y3@mail.example", "不採用"))
    book.create_sheet("集計").append(("月", "人数"))
    reading = read(saved(book))
    assert (reading.sheet, [row.name for row in reading.rows]) == ("2026年度", ["年度 三"])
    (warning,) = reading.warnings
    assert "シート「2026年度」だけを読み取りました。「2025年度」にも候補者の表があるようです" in str(warning.message)


# rows that are nobody, and cells that say 「as above」


def test_totals_sections_and_second_headings_are_nobody_and_said() -> None:
    reading = table(
        "No,氏名,メールアドレス,応募日,結果",
        ",漢字,アドレス,,",
        ",【営業】,,,",
        "1,合 計子,t1@mail.example,2026/4/1,不採用",
        "2,山田 太郎,t2@mail.example,2026/4/2,採用",
        "合計,,,,2名",
        ",以上,,,",
        ",計 2名,,,",
        "※個人情報につき取扱注意,,,,",
    )
    assert [row.name for row in reading.rows] == ["合 計子", "山田 太郎"]
    assert not reading.refused
    assert [note.row for note in reading.notes] == [2, 3, 6, 7, 8, 9]
    assert all("この行は取り込みません" in str(note.message) for note in reading.notes)


def test_a_total_with_a_figure_below_the_numbers_is_nobody() -> None:
    reading = table(
        "No,氏名,電話,メールアドレス,結果",
        "1,山田 太郎,090-1234-5678,t1@mail.example,採用",
        ",合計,1,1名,",
        "2,合 計子,110,t2@mail.example,不採用",
        ",計,0266-00-0000,,",
    )
    assert [row.name for row in reading.rows] == ["山田 太郎", "合 計子", "計"]
    assert [note.row for note in reading.notes if "この行は取り込みません" in str(note.message)] == [3]


def test_a_slip_of_the_pen_in_a_domain_is_said_and_kept() -> None:
    reading = table("氏名,メールアドレス", "誤 一,ichiro@gmial.com", "正 二,niko@gmail.com", "他 三,san@gmiel.example")
    assert [row.email for row in reading.rows] == ["ichiro@gmial.com", "niko@gmail.com", "san@gmiel.example"]
    (said,) = [str(note.message) for note in reading.notes if "打ち間違い" in str(note.message)]
    assert "「ichiro@gmial.com」は、gmail.comの打ち間違いかもしれません" in said


def test_as_above_is_filled_in_from_above_and_said() -> None:
    reading = table(
        "氏名,メールアドレス,応募職種,応募経路,応募日,結果",
        "同 一,a@mail.example,経理,ハローワーク,2026/3/2,不採用",
        "同 二,b@mail.example,〃,〃,〃,〃",
        "同 三,c@mail.example,同上,同上,同上,同上",
        "同 四,d@mail.example,↓,,2026/3/4,採用",
    )
    assert [row.position for row in reading.rows] == ["経理"] * 4
    assert [row.channel for row in reading.rows] == ["ハローワーク"] * 3 + [""]
    assert [row.result for row in reading.rows] == [ApplicationResult.REJECTED] * 3 + [ApplicationResult.HIRED]
    assert "「〃」を、上の行と同じ「経理」として取り込みます" in str(reading.notes[0].message)


def test_nobody_gets_the_address_of_whom_stands_above() -> None:
    reading = table("氏名,メールアドレス,結果", "同 一,a@mail.example,不採用", "同 二,〃,〃", "〃,〃,辞退")
    assert [(row.name, row.email) for row in reading.rows] == [
        ("同 一", "a@mail.example"),
        ("同 二", ""),
        ("同 二", ""),
    ]


# decoration


def test_names_lose_what_was_written_around_them_and_it_is_said() -> None:
    reading = table(
        "氏名,メールアドレス,メモ,結果",
        "李 小龍 様,a@mail.example,,不採用",
        "★吉田さん,b@mail.example,経理5年,不採用",
        "矢崎 大輔（再応募）,c@mail.example,,不採用",
        "山川 太郎（辞退）,d@mail.example,,",
        "山川 七郎／ヤマカワ シチロウ,e@mail.example,,不採用",
    )
    assert [row.name for row in reading.rows] == ["李 小龍", "吉田", "矢崎 大輔", "山川 太郎", "山川 七郎"]
    assert [row.memo for row in reading.rows] == [
        *("", "経理5年", "氏名の欄の書き添え：再応募", "氏名の欄の書き添え：辞退", "")
    ]
    assert reading.rows[4].facts["kana"] == "ヤマカワ シチロウ"
    assert reading.rows[3].result is ApplicationResult.OPEN
    messages = [str(note.message) for note in reading.notes]
    assert "「李 小龍 様」から「様」を除き、「李 小龍」として取り込みます。" in messages
    assert any("「辞退」は、選考の結果としては取り込みません" in message for message in messages)


@pytest.mark.parametrize("name", ["（氏名非公開）", "匿名", "A.K."])
def test_a_withheld_name_stays_and_is_said(name: str) -> None:
    reading = table("氏名,メールアドレス,結果", f"{name},a@mail.example,不採用")
    assert reading.rows[0].name == name
    assert "氏名が伏せられています" in str(reading.notes[0].message)


def test_a_list_of_employees_is_doubted() -> None:
    reading = table("社員番号,氏名,メールアドレス,入社日,退職日", "1,社 員一,a@mail.example,2020/4/1,2024/3/31")
    assert any("従業員の一覧のようです" in str(warning.message) for warning in reading.warnings)


def test_a_cell_that_holds_an_apostrophe_alone_is_empty() -> None:
    reading = table("氏名,メールアドレス,応募日,結果", '星 一,a@mail.example,"\'\n",不採用')
    assert (reading.refused, reading.rows[0].applied_on) == (False, None)
