"""Files of costs as people keep them: three shapes, many words, months and sums in any dress, and never a guess."""

from datetime import date
from io import BytesIO
from random import Random
from typing import Any

import pytest

from relay.insight.costs.file_reading import read
from relay.insight.costs.file_words import CellProblem, is_total, kind_of, read_month, read_yen
from relay.intake.rows.days import SheetYear
from relay.models import CostKind
from relay.text.spreadsheet import workbook

OCTOBER = date(2026, 10, 1)
SEEDS = 30


def told(content: str | bytes, sheet: str = "") -> dict[str, Any]:
    data = content if isinstance(content, bytes) else content.encode()
    return read([BytesIO(data)], sheet=sheet)


def sums(content: str | bytes) -> list[tuple[int, str, str, str, list[int | None]]]:
    found = told(content)
    assert "refused" not in found, found
    assert found["problem_count"] == 0, found["problems"]
    return [(row, month[:7], word, channel, yen) for row, month, word, channel, yen in found["sums"]]


def book(rows: list[list[str]]) -> bytes:
    with workbook(rows) as made:
        return made.read()


@pytest.mark.parametrize(
    "typed",
    [
        "2026-10", "2026/10", "2026.10", "2026年10月", "２０２６年１０月分", "令和8年10月", "R8.10", "Ｒ8年10月",
        "202610", "Oct-26", "October 2026", "2026/10/31", "2026-10-01 00:00", "2026年10月度", "令和8年10月15日",
    ],
)  # fmt: skip
def test_a_month_is_read_in_any_dress(typed: str) -> None:
    assert read_month(typed) == OCTOBER


@pytest.mark.parametrize("typed", ["10月", "10", "2026年", "2026/13", "2026", "来月", "46296", "10/2026/1", "x" * 200])
def test_a_month_without_a_year_is_no_month(typed: str) -> None:
    with pytest.raises(CellProblem):
        read_month(typed)


def test_a_year_that_the_file_says_goes_from_april_where_it_is_a_fiscal_one() -> None:
    assert read_month("10月", SheetYear(2026, "2026年度", is_fiscal=True)) == OCTOBER
    assert read_month("2月", SheetYear(2026, "2026年度", is_fiscal=True)) == date(2027, 2, 1)
    assert read_month("2月", SheetYear(2026, "2026年")) == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("typed", "yen"),
    [
        ("1,200円", 1_200), ("12万円", 120_000), ("¥1,200", 1_200), ("￥１，２００", 1_200), ("１２００円", 1_200),
        ("12.5万", 125_000), ("12万5千円", 125_000), ("1億", 100_000_000), ("3百万円", 3_000_000), ("1200.0", 1_200),
        ("\\1,200-", 1_200), ("0", 0),
        ("", None), ("-", None), ("－", None), ("ー", None), ("なし", None), (" 1 200 ", 1_200),
    ],
)  # fmt: skip
def test_a_sum_is_read_in_any_dress(typed: str, yen: int | None) -> None:
    assert read_yen(typed) == yen


@pytest.mark.parametrize(
    "typed", ["▲1,200", "△500", "-500", "(1,200)", "（1,200）", "¥-500", "－５００", "マイナス3万"]
)
def test_a_sum_below_zero_is_refused_and_says_what_to_do(typed: str) -> None:
    with pytest.raises(CellProblem) as problem:
        read_yen(typed)
    assert "0円より小さい" in str(problem.value.message)


@pytest.mark.parametrize(
    "typed", ["約12万円", "1,200円（税込）", "1.2E+06", "12,34", "未定", "1200.5", "9" * 12, "$100", "1" * 99]
)
def test_what_is_no_plain_sum_is_never_guessed(typed: str) -> None:
    with pytest.raises(CellProblem):
        read_yen(typed)


def test_a_unit_of_a_column_or_of_the_table_counts_unless_the_cell_says_its_own() -> None:
    assert read_yen("120", 1_000) == 120_000
    assert read_yen("12万円", 1_000) == 120_000
    assert sums("月,経路,費目,金額（千円）\n2026-10,Indeed,広告,120\n")[0][4] == [120_000]
    assert sums("採用費用,,単位：万円,\n月,経路,費目,金額\n2026-10,Indeed,広告,1.5\n")[0][4] == [15_000]


def test_totals_are_known_and_words_that_only_look_so_are_not() -> None:
    assert all(map(is_total, ["合計", "10月小計", "総計", "計", "Indeed 計", "平均", "Total", "累計"]))
    assert not any(map(is_total, ["統計", "設計", "会計ソフト", "Indeed", "計測ツール"]))


def test_a_kind_is_known_by_plain_words_alone() -> None:
    assert [kind_of(word) for word in ("紹介手数料", "エージェント", "求人広告費", "媒体", "Relay", "その他")] == [
        CostKind.AGENCY_FEE,
        CostKind.AGENCY_FEE,
        CostKind.ADVERTISING,
        CostKind.ADVERTISING,
        CostKind.RELAY,
        CostKind.OTHER,
    ]
    assert [kind_of(word) for word in ("Indeed", "会社説明会", "採用費", "")] == [None] * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_row_for_each_sum_is_read_in_any_encoding(encoding: str, delimiter: str) -> None:
    rows = (
        ["■採用コスト一覧"], [], ["対象月", "支払先", "費用の種類", "ご請求額", "メモ"],
        ["2026年10月", "リクナビ", "求人広告", "12万円", "山田さん"], ["", "", "", "", ""],
        ["令和8年11月", "", "紹介手数料", "350000", ""], ["合計", "", "", "470000", ""], ["※確定した額です"],
    )  # fmt: skip
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    assert sums(content) == [
        (4, "2026-10", "求人広告", "リクナビ", [120_000]),
        (6, "2026-11", "紹介手数料", "", [350_000]),
    ]
    assert [note[0] for note in told(content)["notes"]] == [7]
    assert "山田" not in str(told(content))


def test_months_as_columns_take_their_year_from_the_title_or_the_row_above() -> None:
    titled = "2026年度 採用費\n媒体,4月,5月,3月,合計\nIndeed,1,2,3,6\n計,1,2,3,6\n"
    assert [each[1:4] for each in sums(titled)] == [
        ("2026-04", "", "Indeed"), ("2026-05", "", "Indeed"), ("2027-03", "", "Indeed"),
    ]  # fmt: skip
    above = ",2026年,,2027年\n媒体,11月,12月,1月\nIndeed,1,2,3\n"
    assert [each[1] for each in sums(above)] == ["2026-11", "2026-12", "2027-01"]
    without = told("媒体,11月,12月\nIndeed,1,2\ndoda,1,2\n")
    assert [(row, column) for row, column, _why in without["problems"]] == [(1, "11月"), (1, "12月")]


def test_channels_as_columns_leave_numbers_of_people_and_notes_out() -> None:
    content = (
        "月,Indeed,応募数,リクナビ,紹介手数料,予算,備考,合計\n2026-10,100,5,,300,999,x,400\n2026-11,,3,200,,999,y,200\n"
    )
    assert sums(content) == [
        (2, "2026-10", "", "Indeed", [100]),
        (2, "2026-10", "紹介手数料", "", [300]),
        (3, "2026-11", "", "リクナビ", [200]),
    ]
    assert told(content)["dropped"] == ["応募数", "予算", "備考"]


def test_a_year_in_a_column_of_its_own_is_taken() -> None:
    assert sums("年,月,経路,金額\n2026,10,Indeed,5\n")[0][1] == "2026-10"
    assert sums("年度,月,経路,金額\n2026,2月,Indeed,5\n")[0][1] == "2027-02"


def test_a_kind_among_the_channels_is_no_channel() -> None:
    wide = "2026年度\n媒体,4月\nIndeed,1\nエージェント,2\n紹介手数料,3\nその他,4\n"
    assert [each[2:4] for each in sums(wide.replace("4月", "4月,5月"))] == [
        ("", "Indeed"), ("", "エージェント"), ("紹介手数料", ""), ("その他", ""),
    ]  # fmt: skip


def test_several_columns_of_sums_are_kept_side_by_side() -> None:
    found = told("月,経路,費目,税抜,税込\n2026-10,Indeed,広告,100,110\n2026-10,doda,広告,,220\n")
    assert found["amounts"] == ["税抜", "税込"]
    assert [each[4] for each in found["sums"]] == [[100, 110], [None, 220]]


def test_a_workbook_is_read_like_a_text() -> None:
    assert sums(book([["月", "経路", "費目", "金額"], ["2026年10月", "Indeed", "求人広告", "1,200円"]])) == [
        (2, "2026-10", "求人広告", "Indeed", [1_200])
    ]


def test_a_sheet_that_is_not_there_is_named() -> None:
    assert "2027" in told(book([["月", "金額"], ["2026-10", "1"]]), sheet="2027")["refused"]


@pytest.mark.parametrize(
    "content",
    [
        "", "氏名,電話\n山田,090\n", "月,金額\n", "月,金額\n2026-10,\n", "金額\n100\n", "\x00\x01",
        "月,経路\n2026-10,Indeed\n", '月,金額\n"2026-10,5\n', "月,金額\n" + "2026-10,5\n" * 3_001,
    ],
)  # fmt: skip
def test_what_holds_no_costs_is_refused_in_words_that_do_not_speak_of_people(content: str) -> None:
    refused = told(content)["refused"]
    assert "何も取り込んでいません" in refused
    assert "候補者" not in refused


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_that_people_do_to_a_file_is_lost_or_counted_twice(seed: int) -> None:
    """Whatever the shape, the encoding, the order and the mess: the sums of the file are those that were written."""
    random = Random(seed)  # noqa: S311  (a test's own mess)
    wanted, content = _messy(random)
    found = told(content)
    assert "refused" not in found, found
    assert found["problem_count"] == 0, found["problems"]
    read_sums = sorted((month[:7], word or channel, yen[0]) for _row, month, word, channel, yen in found["sums"])
    assert read_sums == sorted(wanted)


def _messy(random: Random) -> tuple[list[tuple[str, str, int]], bytes]:
    months = [f"2026-{number:02d}" for number in random.sample(range(1, 13), 4)]
    channels = random.sample(["Indeed", "リクナビ", "マイナビ", "doda", "ハローワーク"], 3)
    wanted = [
        (month, channel, random.randrange(0, 2_000_000))
        for month in months
        for channel in channels
        if random.random() < 0.8
    ] or [(months[0], channels[0], 1)]
    table = _long(random, wanted) if random.random() < 0.4 else _crossed(random, wanted, months, channels)
    if random.random() < 0.5:
        table.insert(0, [random.choice(["採用費用の一覧", "■媒体費", "2026年度"])])
    for _each in range(random.randrange(3)):
        table.insert(random.randrange(2, len(table) + 1), [])
    width = max(map(len, table))
    lines = (",".join(f'"{cell}"' for cell in [*row, *[""] * (width - len(row))]) for row in table)
    return wanted, "\r\n".join(lines).encode(random.choice(["utf-8", "utf-8-sig", "cp932"]))


def _long(random: Random, wanted: list[tuple[str, str, int]]) -> list[list[str]]:
    heads = {
        "month": ["月", "年月", "対象月"],
        "channel": ["経路", "媒体名", "支払先"],
        "sum": ["金額", "ご請求額", "費用"],
        "": ["備考", "No."],
    }
    order = random.sample(["month", "channel", "sum", ""], 4)
    rows = [
        [
            {"month": _month(random, month), "channel": channel, "sum": _yen(random, yen), "": "1"}[each]
            for each in order
        ]
        for month, channel, yen in wanted
    ]
    total = ["合計" if each == "month" else "999" if each == "sum" else "" for each in order]
    return [[random.choice(heads[each]) for each in order], *rows, total]


def _crossed(
    random: Random, wanted: list[tuple[str, str, int]], months: list[str], channels: list[str]
) -> list[list[str]]:
    cells = {(month, channel): _yen(random, yen) for month, channel, yen in wanted}
    if random.random() < 0.5:
        rows = [[channel, *(cells.get((month, channel), "") for month in months), "9"] for channel in channels]
        return [["媒体", *(_month(random, month) for month in months), "合計"], *rows, ["計", *["9"] * 5]]
    used = [channel for channel in channels if any(channel == each[1] for each in wanted)]
    rows = [[_month(random, month), *(cells.get((month, channel), "-") for channel in used), "9"] for month in months]
    return [["月", *used, "合計"], *rows, ["合計", *["9"] * (len(used) + 1)]]


def _month(random: Random, month: str) -> str:
    year, number = month.split("-")
    plain = int(number)
    return random.choice([month, f"{year}/{plain}", f"{year}年{plain}月", f"令和8年{plain}月", f"{year}{number}"])


def _yen(random: Random, yen: int) -> str:
    written = [f"{yen}", f"{yen:,}", f"￥{yen:,}", f"{yen:,}円"]
    return random.choice([*written, f"{yen // 10_000}万円"] if yen and yen % 10_000 == 0 else written)
