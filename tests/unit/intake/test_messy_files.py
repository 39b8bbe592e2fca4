"""Files as neighbouring products, offices and forms write them, each read whole: what is nobody, whose, and when."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from relay.intake.fields import Field
from relay.intake.rows.row import ImportRow, Reading
from relay.models import ApplicationResult
from tests.unit.intake.files import read

REJECTED, WITHDREW, OPEN, HIRED = (
    *(ApplicationResult.REJECTED, ApplicationResult.WITHDREW),
    *(ApplicationResult.OPEN, ApplicationResult.HIRED),
)


def people(reading: Reading, *wanted: Callable[[ImportRow], Any]) -> list[tuple[Any, ...]]:
    """Some facts of each row of a file that is not refused."""
    assert not reading.problems, [str(one.message) for one in reading.problems]
    return [tuple(fact(row) for fact in wanted) for row in reading.rows]


def name(row: ImportRow) -> str:
    return row.name


def kana(row: ImportRow) -> str:
    return str(row.facts["kana"])


def email(row: ImportRow) -> str:
    return row.email


def phone(row: ImportRow) -> str:
    return row.phone


def position(row: ImportRow) -> str:
    return row.position


def applied(row: ImportRow) -> str:
    return str(row.applied_on)


def result(row: ImportRow) -> ApplicationResult:
    return row.result


def workbook(
    rows: Sequence[Sequence[str | float]], merged: Sequence[tuple[int, int, int, int]] = (), *, name: str = "一覧"
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        for top, left, bottom, right in merged:
            sheet.merge_range(top, left, bottom, right, rows[top][left])
    return out.getvalue()


def test_family_and_given_name_below_a_merged_heading() -> None:
    rows = (
        ("2026年度 応募者管理表",), ("※社外秘",), (),
        ("No.", "氏名", "", "電話", "メール", "応募日", "合否"),
        ("", "姓", "名", "", "", "", ""),
        (1, "山田", "太郎", "090-1234-5678", "y@mail.example", "2026/4/1", "不採用"),
        (2, "佐藤", "花子", 8012345678, "s@mail.example", "2026/4/2", "入社"),
        ("合計", "2名"),
    )  # fmt: skip
    reading = read(workbook(rows, [(3, 1, 3, 2)]))
    assert people(reading, name, phone, email, result) == [
        ("山田 太郎", "09012345678", "y@mail.example", REJECTED),
        ("佐藤 花子", "08012345678", "s@mail.example", HIRED),
    ]
    assert [(one.row, str(one.message)[:8]) for one in reading.notes if one.column is None] == [
        (5, "見出しが2行あり"), (8, "「2名」は見出し"),
    ]  # fmt: skip


def test_headings_in_two_lines_of_which_the_lower_names_more() -> None:
    reading = read(
        ",氏名,,連絡先,,応募日,合否\n,姓,名,電話,メール,,\n1,山田,太郎,090-1234-5678,y@mail.example,2026/4/1,否\n"
    )
    assert people(reading, name, phone, email, applied, result) == [
        ("山田 太郎", "09012345678", "y@mail.example", "2026-04-01", REJECTED)
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "No,氏名,メール,応募,選考\n,,,日,結果\n",
        "No,氏名,メール,応募,合否\n,,アドレス,日,\n",
        "No,氏名,メールアドレス,応募,合否\n,漢字,アドレス,日,\n",
        "No,氏名,連絡先,応募,\n,,メール,日,合否\n",
        ",,,応募,\nNo,氏名,メール,日,合否\n",
    ],
)
def test_a_header_that_is_split_over_two_lines(headings: str) -> None:
    reading = read(f"{headings}1,山田 太郎,y@mail.example,2026/4/1,不採用\n2,佐藤 花子,s@mail.example,2026/4/2,入社\n")
    assert people(reading, name, email, applied, result) == [
        ("山田 太郎", "y@mail.example", "2026-04-01", REJECTED),
        ("佐藤 花子", "s@mail.example", "2026-04-02", HIRED),
    ]


def dated(title: str, *cells: str, header: str = "応募日") -> Reading:
    lines = (f"人 {number},{cell},不採用\n" for number, cell in enumerate(cells))
    return read(f"{title},,\n,,\n氏名,{header},結果\n{''.join(lines)}")


@pytest.mark.parametrize(
    ("title", "cell", "day"),
    [
        ("2026年度　中途採用　応募者一覧", "10/3", "2026-10-03"),
        ("2025年度応募者", "3/31", "2026-03-31"),
        ("令和８年度 応募者（令和8年4月〜令和9年3月）", "4月1日(水)", "2026-04-01"),
        ("R7年度", "01/05 9:30", "2026-01-05"),
        ("応募者管理表（2026年）", "1/5", "2026-01-05"),
        ("2025年12月の応募者", "12/24", "2025-12-24"),
        ("2025年度 応募者一覧（2026年10月1日現在）", "4/20", "2025-04-20"),
    ],
)
def test_a_day_without_a_year_is_of_the_year_the_sheet_names(title: str, cell: str, day: str) -> None:
    reading = dated(title, cell, "2026/4/2")
    assert people(reading, applied) == [(day,), ("2026-04-02",)]
    assert f"とあるため、{day}として読みました" in str(reading.notes[-1].message)
    of_column = dated("応募者一覧", cell, header=f"応募日（{title[:8]}）") if "年度" in title[:8] else reading
    assert people(of_column, applied)[0] == (day,)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        *(
            (title, "には年がありません")
            for title in ("応募者一覧", "2025年度〜2026年度", "2027年度 新卒採用", "2026年4月入社")
        ),
        ("2026年11月の応募者", "には年がありません"),
        ("2026年度と2023年", "には年がありません"),
        ("2027年度 応募者", "今日より先になります"),
        ("2026/10/1 現在", "には年がありません"),
    ],
)
def test_where_the_year_is_in_doubt_it_is_asked_for(title: str, words: str) -> None:
    [problem] = dated(title, "10/3", "2026/4/2").problems
    assert words in str(problem.message)


def test_nobody_is_born_in_the_year_of_the_sheet() -> None:
    reading = read("2026年度 応募者,,\n氏名,生年月日,結果\n山田 太郎,4/1,不採用\n")
    assert [one.column for one in reading.problems] == ["生年月日"]
    named = read(workbook((("氏名", "応募日"), ("山田 太郎", "10/3")), name="2026年度"))
    assert people(named, applied) == [("2026-10-03",)], "the name of the sheet is a title too"


@pytest.mark.parametrize(
    "line",
    [
        *(
            "営業部,,,",
            ",4月,,",
            ",2026年4月分,,",
            ",---,,",
            ",- 1 / 2 ページ -,,",
            ",印刷日：2026/11/1,,",
            "営業部 計,1,,1",
        ),
        *(
            "4月応募分,,,",
            ",,,小計",
            ",■ 製造部（第一工場）,,",
            ",営業第二課,,",
            "総計,2,,2名",
            ",2026年度,,",
            ",※再掲,,",
        ),
    ],
)
def test_lines_of_the_sheet_are_nobody_and_said(line: str) -> None:
    reading = read(f"部門,氏名,メール,結果\n{line}\n営業部,長谷部 誠,h@mail.example,辞退\n,長谷部,,\n")
    assert people(reading, name) == [("長谷部 誠",), ("長谷部",)]
    assert any(one.row == 2 and "この行は取り込みません" in str(one.message) for one in reading.notes)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        *((each, date(2026, 4, 1)) for each in ("令8.4.1", "2026/04/01 09:12:33 JST", "2026 4 1", "2026/04/01 水")),
        *(
            (each, date(2026, 4, 1))
            for each in ("20260401091233", "2026年4月1日頃", "2026/4/1 受付分"[:8], "4/1/26 9:15:02")
        ),
        *((each, date(2019, 5, 1)) for each in ("令和元年5月1日", "R元.5.1", "5/1/19")),
    ],
)
def test_more_ways_to_write_a_day(cell: str, day: date) -> None:
    reading = read(f"氏名,応募日,結果\n山田 太郎,{cell},不採用\n佐藤 花子,4/13/26,\n")
    assert people(reading, applied)[0] == (str(day),)


def test_headers_in_half_width_katakana_and_columns_apart_by_strokes() -> None:
    half = "ｼﾒｲ,ﾌﾘｶﾞﾅ,ﾒｰﾙｱﾄﾞﾚｽ,ﾃﾞﾝﾜﾊﾞﾝｺﾞｳ,ｵｳﾎﾞﾋﾞ,ｹｯｶ\n山田 太郎,ﾔﾏﾀﾞ ﾀﾛｳ,y@mail.example,9012345678,2026/4/1,不採用\n"
    expected = [("山田 太郎", "ヤマダ タロウ", "y@mail.example", "09012345678", "2026-04-01", REJECTED)]
    for text in (half, half.replace(",", "|"), half.replace(",", "\t")):
        for encoding in ("utf-8", "cp932", "utf-16"):
            assert people(read(text, encoding=encoding), name, kana, email, phone, applied, result) == expected


def test_a_reading_called_shimei_beside_the_name() -> None:
    reading = read("氏名,シメイ,進捗\n山田 太郎,ヤマダ タロウ,書類NG\n佐藤 花子,サトウ ハナコ,一次面接\n")
    assert people(reading, name, kana, result) == [
        ("山田 太郎", "ヤマダ タロウ", REJECTED),
        ("佐藤 花子", "サトウ ハナコ", OPEN),
    ]
    assert [row.result_said for row in reading.rows] == [True, False]


def test_microsofts_form_and_the_consent_it_asks_for() -> None:
    reading = read(
        "ID,開始時刻,完了時刻,メール,名前,氏名（漢字）,お電話番号,選考後も応募情報を保管し、ご案内してもよいですか\n"
        "1,4/1/26 9:12:33,4/1/26 9:15:02,anonymous,,山田 太郎,090-1234-5678(18時以降),はい\n"
        "2,4/13/26 9:12:33,4/13/26 9:15:02,anonymous,,佐藤 花子,080-1234-5678,いいえ\n"
    )
    assert people(reading, name, phone, applied, lambda row: row.consented) == [
        ("山田 太郎", "09012345678", "2026-04-01", True),
        ("佐藤 花子", "08012345678", "2026-04-13", False),
    ]


def test_jobcan_with_names_in_parts() -> None:
    reading = read(
        "候補者ID,候補者名(姓),候補者名(名),候補者名カナ(姓),候補者名カナ(名),求人タイトル,応募媒体,選考ステップ,選考状況\n"
        "1,山田,太郎,ヤマダ,タロウ,営業,doda,二次面接,不採用\n"
    )
    assert people(reading, name, kana, position, result) == [("山田 太郎", "ヤマダ タロウ", "営業", REJECTED)]


def test_engage_where_somebody_works_now_is_no_result() -> None:
    reading = read(
        "応募日時,求人名,求人管理番号,氏名,現在の状況,選考状況\n"
        "2026/04/01 10:00,ホール,E1,山田 太郎,離職中,不採用\n2026/04/02 10:00,ホール,E1,佐藤 花子,在職中,\n"
    )
    assert people(reading, name, position, result) == [("山田 太郎", "ホール", REJECTED), ("佐藤 花子", "ホール", OPEN)]
    assert not reading.rows[1].result_said


def test_the_sheet_behind_a_form() -> None:
    header = ("タイムスタンプ", "メールアドレス", "氏名", "電話番号（ハイフンなし）", "希望職種", "応募のきっかけ")
    asked = "個人情報の取扱いに同意しますか"
    told = ("2026/10/3 9:12:33", "m@mail.example", "前田 澪", 9011112222, "製造", "ハローワーク")
    reading = read(workbook(((*header, asked), (*told, "同意する"))))
    assert people(
        reading, name, email, phone, position, applied, lambda row: row.channel, lambda row: row.consented
    ) == [("前田 澪", "m@mail.example", "09011112222", "製造", "2026-10-03", "ハローワーク", None)], (
        "who agrees to how data are handled has not agreed to be kept"
    )
    assert "先頭の0が失われている" in str(reading.notes[0].message)


def test_indeed_in_japanese_with_a_word_that_may_mean_anything() -> None:
    reading = read(
        "名前,メールアドレス,電話番号,対応状況,採用の見込み,応募日,求人タイトル,求人の勤務地,出典,興味のレベル\n"
        "前田 澪,m@mail.example,+81 90 1111 2222,不採用,いいえ,2026-10-02,配送,長野県,Indeed,\n"
        "前田 凛,r@mail.example,,連絡済,,2026-10-03,配送,長野県,Indeed,\n"
        "前田 蓮,n@mail.example,,審査待ち,,2026-10-04,配送,長野県,Indeed,\n"
    )
    assert people(reading, phone, position, lambda row: row.channel, result) == [
        ("+819011112222", "配送", "Indeed", REJECTED), ("", "配送", "Indeed", OPEN), ("", "配送", "Indeed", OPEN),
    ]  # fmt: skip
    assert [word for word, _rows in reading.strange] == ["連絡済"], "asked, not guessed"


def test_wantedly_indeed_and_the_public_office() -> None:
    wantedly = read("氏名,募集タイトル,ステータス\n山田 太郎,エンジニア募集！,不採用\n")
    assert people(wantedly, position, result) == [("エンジニア募集！", REJECTED)]
    indeed = read("name,email,status,job title,date\n山田 花子,h@mail.example,Awaiting Review,ドライバー,2026-04-02\n")
    assert people(indeed, position, applied, result) == [("ドライバー", "2026-04-02", OPEN)]
    office = read("紹介日,求職者氏名,求人番号,職種,採否結果\n令和8年4月1日,山田 太郎,13010-1-1,事務,不採用\n")
    assert people(office, applied, position, result) == [("2026-04-01", "事務", REJECTED)]


def test_an_agencys_list_gives_its_own_address_to_nobody() -> None:
    reading = read(
        "推薦日,推薦エージェント,担当CA,候補者名,担当CAメールアドレス,推薦ポジション,選考ステータス\n"
        "2026/4/1,ABC社,佐々木,山田 太郎,ca@agency.example,営業,書類NG\n"
    )
    assert people(reading, name, email, position, applied, result) == [
        ("山田 太郎", "", "営業", "2026-04-01", REJECTED)
    ]


def test_an_address_and_a_number_under_one_way_to_reach_somebody() -> None:
    reading = read("氏名,連絡先,結果\n山田 太郎,090-1234-5678 / y@mail.example,-\n佐藤 花子,s@mail.example,ー\n")
    assert people(reading, email, phone) == [("y@mail.example", "09012345678"), ("s@mail.example", "")]
    assert [row.result_said for row in reading.rows] == [False, False], "a dash says nothing"
    assert [column.field for column in reading.columns if hasattr(column, "field")][1] is Field.CONTACT


@pytest.mark.parametrize(
    "typed",
    ["×山田 太郎", "氏名：山田 太郎", "山田 太郎 25歳", "山田 太郎 <y@mail.example>", "山田 太郎 / Taro Yamada"],
)
def test_more_that_is_no_part_of_a_name(typed: str) -> None:
    reading = read(f"氏名,メール,結果\n{typed},y@mail.example,不採用\n")
    assert people(reading, name) == [("山田 太郎",)]
    assert [one.row for one in reading.notes] == [2], "and it is said"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *((word, OPEN) for word in ("応募受付", "面接設定済", "キープ", "内々定", "In Review")),
        *(("辞", WITHDREW), ("採", HIRED), ("二重応募", ApplicationResult.DUPLICATE)),
    ],
)
def test_more_words_for_results(word: str, meant: ApplicationResult) -> None:
    reading = read(f"氏名,合否\n山田 太郎,{word}\n")
    assert people(reading, result) == [(meant,)]
    assert not reading.strange
