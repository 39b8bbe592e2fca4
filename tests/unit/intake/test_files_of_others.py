"""Files as forms, systems and people write them: days, numbers and addresses in every shape, headers in two lines."""

import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from relay.intake.fields import Field
from relay.intake.reading import refusals
from relay.intake.rows.row import Reading
from relay.models import ApplicationResult
from tests.unit.intake.files import TODAY, read
from tests.unit.intake.test_dirty_sheets import table

DAYS = st.dates(date(2015, 1, 1), TODAY)
MONTHS = "January February March April May June July August September October November December".split()


def days(*cells: str, header: str = "応募日") -> Reading:
    """A file with these days, a person each."""
    return table(
        f"氏名,メールアドレス,{header},結果",
        *(f'人 {n},p{n}@mail.example,"{cell}",不採用' for n, cell in enumerate(cells)),
    )


def read_days(*cells: str, header: str = "応募日") -> list[date | None]:
    """The days of a file that is not refused."""
    reading = days(*cells, header=header)
    assert not reading.problems, [str(one.message) for one in reading.problems]
    return [row.applied_on for row in reading.rows]


@given(
    DAYS,
    st.integers(0, 23),
    st.sampled_from(
        [
            "{d:%Y}/{d:%m}/{d:%d} {h}:05:09 {half} GMT+9",
            "{d:%Y}/{d:%m}/{d:%d} {half} {h}:05:09 GMT+9",
            "{d:%Y}/{d.month}/{d.day} {half}{h}:05",
            "{d:%Y}-{d:%m}-{d:%d} {h}:05 {ampm}",
            "{month} {d.day}, {d.year}",
            "{month} {d.day}, {d.year} {h}:05 {ampm}",
            "{short} {d.day} {d.year} {H:02d}:05",
            "{d.day}-{short}-{d:%y}",
            "{d.day} {month} {d.year}",
            "Wed {short} {d:%d} {d.year} {H:02d}:05:00 GMT+0900 (日本標準時)",
            "'{d.year}/{d.month}/{d.day}",
            "{d.year}/{d.month}/{d.day}〜",
        ]
    ),
)
def test_a_day_is_that_day_however_it_is_written(day: date, hour: int, form: str) -> None:
    month = MONTHS[day.month - 1]
    cell = form.format(
        d=day, month=month, short=month[:3], H=hour, h=hour % 12 or 12,
        half="午前" if hour < 12 else "午後", ampm="AM" if hour < 12 else "PM",
    )  # fmt: skip
    assert read_days(cell) == [day]


@given(st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 1)))  # noqa: DTZ001  (of Greenwich, as the header says)
def test_times_of_greenwich_are_days_in_japan(moment: datetime) -> None:
    there = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=9))).date()
    assert read_days(f"{moment:%Y-%m-%d %H:%M}", header="Applied At (GMT)") == [there]
    assert read_days(f"{moment:%Y-%m-%d %H:%M:%S} GMT+0") == [there]


@given(st.lists(DAYS, min_size=1, max_size=6), st.booleans())
def test_the_order_of_month_and_day_is_that_of_the_file(some: list[date], month_first: bool) -> None:
    form = "{d.month:02d}/{d.day:02d}/{d.year}" if month_first else "{d.day:02d}/{d.month:02d}/{d.year}"
    reading = days(*(form.format(d=day) for day in some))
    if any(day.day > 12 for day in some) or all(day.day == day.month for day in some):
        assert [row.applied_on for row in reading.rows] == some
        assert bool([one for one in reading.notes if "順に書かれている" in str(one.message)]) == any(
            day.day > 12 for day in some
        )
    else:
        assert "月と日のどちらが先か分かりません" in str(reading.problems[0].message), "never guessed"


def test_days_that_contradict_each_other_show_no_order() -> None:
    reading = days("4/15/2026", "15/4/2026", "4/5/2026")
    assert [row.applied_on for row in reading.rows] == [date(2026, 4, 15)] * 2
    assert [one.row for one in reading.problems] == [4]


def test_a_year_of_two_figures_is_said() -> None:
    reading = days("26/4/1")
    assert reading.rows[0].applied_on == date(2026, 4, 1)
    assert "2026-04-01として読みました" in str(reading.notes[0].message)


@pytest.mark.parametrize("cell", ["昨日", "2026/13/1", "4/1", "13/13/2026", "Foo 3, 2026", "2026/2/30 午前 9:00"])
def test_what_is_no_day_is_refused_and_not_guessed(cell: str) -> None:
    assert len(days(cell).problems) == 1


@given(st.dates(date(2005, 1, 1), TODAY), st.booleans())
def test_numbers_of_days_count_from_the_year_the_workbook_says(day: date, since_1904: bool) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": since_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["氏名", "応募日", "結果"])
        sheet.write_row(
            1, 0, ["高橋 花子", (day - (date(1904, 1, 1) if since_1904 else date(1899, 12, 30))).days, "不採用"]
        )
        sheet.write_string(2, 0, "鈴木 太郎")
        sheet.write_datetime(2, 1, datetime.combine(day, time()), book.add_format({"num_format": "yyyy/mm/dd"}))
    assert [row.applied_on for row in read(out.getvalue()).rows] == [day, day]


# forms


def test_the_answers_of_a_form() -> None:
    reading = table(
        "タイムスタンプ,ユーザー名,お名前（漢字）,連絡のつくお電話番号,希望する職種をお選びください（複数可）,志望動機をお聞かせください",
        "2026/10/03 11:59:59 午後 GMT+9,form@mail.example,秋山 澪,090-1111-2222,接客;厨房,近所だから",
    )
    (row,) = reading.rows
    assert (row.name, row.email, row.applied_on) == ("秋山 澪", "form@mail.example", date(2026, 10, 3))
    assert (row.facts["desired_role"], row.position) == ("接客;厨房", ""), "two wishes are no position"
    assert "近所だから" in row.memo


def test_an_account_beside_no_time_stamp_may_be_anybodys() -> None:
    assert table("氏名,ユーザー名", "秋山 澪,form@mail.example", "秋山 凛,rin@mail.example").problems


# numbers and addresses

NUMBERS = st.from_regex(r"0[789]0-[1-9][0-9]{3}-[0-9]{4}", fullmatch=True)
BETWEEN = st.sampled_from([" ", " / ", ",", "、", "\n", "；", " | "])


def contact(header: str, *cells: str) -> Reading:
    return table(f"氏名,{header},結果", *(f'人 {n},"{cell}",不採用' for n, cell in enumerate(cells)))


@given(NUMBERS, NUMBERS, BETWEEN)
def test_of_two_numbers_in_one_cell_the_first_is_taken_and_said(one: str, other: str, between: str) -> None:
    reading = contact("電話番号", f"{one}{between}{other}")
    assert reading.rows[0].phone == one.replace("-", "")
    assert any("最初の電話番号だけ" in str(note.message) for note in reading.notes)


@given(
    NUMBERS, BETWEEN, st.booleans(), st.sampled_from(["連絡先", "連絡先（メール・電話）", "電話番号", "メール/電話"])
)
def test_an_address_and_a_number_in_one_cell_are_both_taken(phone: str, between: str, first: bool, header: str) -> None:
    both = f"{phone}{between}some.one@mail.example" if first else f"some.one@mail.example{between}{phone}"
    row, number, mail = contact(header, both, phone, "two@mail.example").rows
    assert (row.email, row.phone) == ("some.one@mail.example", phone.replace("-", ""))
    assert (number.email, number.phone) == ("", phone.replace("-", ""))
    assert (mail.email, mail.phone) == ("two@mail.example", "")


@pytest.mark.parametrize("whose", ["母", "保護者", "エージェント", "緊急連絡先"])
def test_what_is_anothers_by_its_brackets_is_not_the_candidates(whose: str) -> None:
    reading = contact("電話番号", f"090-1234-5678（{whose}）", f"090-1111-2222 / 03-1234-5678({whose})")
    assert [row.phone for row in reading.rows] == ["", "09011112222"]
    assert "ご本人のものではないようです" in str(reading.notes[1].message)
    assert contact("メールアドレス", f"haha@mail.example（{whose}）").rows[0].email == ""


def test_brackets_behind_an_address_go_and_a_comma_in_it_is_asked_about() -> None:
    reading = contact("メールアドレス", "mio@mail.example（携帯）", "mio@mail,example")
    assert [row.email for row in reading.rows] == ["mio@mail.example", ""]
    assert "「.」の書き間違いではありませんか" in str(reading.notes[0].message)


@pytest.mark.parametrize("local", ["mio..a", "mio.", ".mio"])
def test_old_addresses_with_and_without_quotes(local: str) -> None:
    reading = contact("メールアドレス", f"{local}@docomo.ne.jp", f'""{local}""@docomo.ne.jp')
    assert [row.email for row in reading.rows] == [f"{local}@docomo.ne.jp"] * 2


@given(st.sampled_from(["=1+1", "+81 90-1234-5678", "-ハイフン", "@mio"]))
def test_the_apostrophe_before_a_formula_is_no_part_of_a_cell(text: str) -> None:
    plain, guarded = (table("氏名,タグ,電話番号", f"{mark}{text},{mark}{text},{mark}{text}") for mark in ("", "'"))
    assert [row.facts for row in plain.rows] == [row.facts for row in guarded.rows]


def test_an_apostrophe_that_belongs_to_a_name_stays() -> None:
    assert table("氏名,結果", "O'Brien Mio,不採用").rows[0].name == "O'Brien Mio"


# headers in two lines, lists of others


def test_the_steps_above_their_days_and_results() -> None:
    reading = table(
        "中途採用 一覧,,,,,,",
        ",書類選考,,一次面接,,最終,",
        "氏名,日付,合否,日付,合否,日付,合否",
        "秋山 澪,2026/3/2,○,2026/3/9,×,,",
        "秋山 凛,2026/3/3,×,,,,",
        "秋山 蓮,2026/3/4,○,2026/3/10,○,2026/3/17,内定→辞退",
        "秋山 翔,2026/3/5,○,,,,",
    )
    assert [(row.name, row.result) for row in reading.rows] == [
        ("秋山 澪", ApplicationResult.REJECTED),
        ("秋山 凛", ApplicationResult.REJECTED),
        ("秋山 蓮", ApplicationResult.WITHDREW),
        ("秋山 翔", ApplicationResult.OPEN),
    ]
    assert [(step.name, step.on, step.result) for step in reading.rows[0].steps] == [
        ("書類選考", date(2026, 3, 2), "○"),
        ("一次面接", date(2026, 3, 9), "×"),
    ]


def test_an_empty_last_result_leaves_the_end_to_the_steps() -> None:
    reading = table("氏名,一次合否,二次合否,最終合否", "秋山 澪,○,×,", "秋山 凛,○,○,採用")
    assert [row.result for row in reading.rows] == [ApplicationResult.REJECTED, ApplicationResult.HIRED]


@pytest.mark.parametrize("header", ["社員No,氏名,所属", "氏名,所属部署,入社年月日,役職", "Name,Department,Hire Date"])
def test_lists_of_employees_are_doubted(header: str) -> None:
    cells = ["秋山 澪" if re.search("氏名|Name", name) else "x" for name in header.split(",")]
    assert any("従業員の一覧のようです" in str(one.message) for one in table(header, ",".join(cells)).warnings)


def test_a_list_of_applicants_with_a_department_is_not() -> None:
    reading = table("氏名,部署,役職,応募日,結果", "秋山 澪,営業部,課長,2026/3/1,不採用")
    assert not reading.warnings


# other kinds of file


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (packed("mimetype", "content.xml"), ".ods"),
        (packed("Index/Document.iwa", "Metadata/Properties.plist"), ".numbers"),
        (packed("Index.zip", "preview.jpg"), ".numbers"),
        (json.dumps([{"氏名": "秋山 澪"}]).encode(), ".json"),
        (json.dumps({"people": []}, indent=2).encode(), ".json"),
        (b"BEGIN:VCARD\r\nFN:x", ".vcf"),
    ],
)
def test_other_kinds_of_file_are_called_what_they_are(data: bytes, kind: str) -> None:
    with pytest.raises(refusals.NotATableFile, match=re.escape(kind)):
        read(data)


def test_a_header_that_is_its_own_fields_name() -> None:
    reading = table("氏名,応募した求人,結果", "秋山 澪,経理,見送り")
    assert [column.field for column in reading.taken] == [Field.NAME, Field.POSITION, Field.RESULT]
