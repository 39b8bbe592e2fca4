"""Encoding, delimiter, header row and row numbers are found; what is no table is refused in words."""

import codecs
import csv
import io
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.intake.reading import refusals
from relay.intake.rows.row import Reading
from tests.unit.intake.files import SAMPLES, read

HEADER = ["氏名", "メールアドレス", "メモ"]
# Characters that CP932 gives back as they were (〜 − ‖ come back changed).
CP932_SAFE = st.text(st.sampled_from("髙﨑①㈱高橋健アイウｱｲｳabc 　,;\t\"\n'=+。、ー"), max_size=12)


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def without_container(reading: Reading) -> tuple[object, ...]:
    return reading.rows, reading.row_count, [note.as_json() for note in reading.notes], len(reading.problems)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_any_encoding_and_delimiter(encoding: str, found: str, delimiter: str) -> None:
    rows = [HEADER, ["髙橋 﨑", "a@mail.example", "①, ㈱; メモ"], ["山田", "b@mail.example", ""]]
    reading = read(table(rows, delimiter), encoding=encoding)
    assert (reading.encoding, reading.delimiter) == (found, delimiter)
    assert [(row.name, row.email, row.memo) for row in reading.rows] == [tuple(row) for row in rows[1:]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["euc_jp", "iso2022_jp"])
def test_the_encodings_of_older_systems(encoding: str, delimiter: str) -> None:
    rows = [["氏名", "フリガナ", "メモ"], ["山田 太郎", "ヤマダ タロウ", "話し方が明るい"]]
    reading = read(table(rows, delimiter), encoding=encoding)
    assert [(row.name, row.facts["kana"], row.memo) for row in reading.rows] == [tuple(rows[1])]


def test_euc_jp_with_the_characters_vendors_added() -> None:
    text = "氏名,フリガナ,メモ\n髙橋 健﨑,タカハシ ケンザキ,①㈱サンプル ⅳ 纊\n"
    vendors = b"".join(_euc_of_vendors(character) for character in text)
    row = read(vendors).rows[0]
    assert (row.name, row.memo) == ("髙橋 健﨑", "①㈱サンプル ⅳ 纊")


def _euc_of_vendors(character: str) -> bytes:
    if character.isascii():
        return character.encode()
    if character in "髙﨑①㈱ⅳ纊":
        return bytes.fromhex(
            {"髙": "fce2", "﨑": "f9f5", "①": "ada1", "㈱": "adea", "ⅳ": "fcf4", "纊": "f9a1"}[character]
        )
    return character.encode("euc_jp")


@pytest.mark.parametrize("encoding", ["gb2312", "euc_kr"])
def test_encodings_made_like_euc_jp_are_not_taken_for_it(encoding: str) -> None:
    text = {"gb2312": "姓名,邮件\n张伟,a@mail.example\n", "euc_kr": "이름,메일\n김철수,a@mail.example\n"}[encoding]
    assert text.encode(encoding).decode("euc_jp"), "it would decode, into garbled names"
    with pytest.raises(refusals.NotDecodable):
        read(text, encoding=encoding)


def test_half_width_katakana_of_cp932_are_not_taken_for_euc_jp() -> None:
    text = "name,memo\nYamada,･ｱ･ｲ･ｳ\n"
    assert "ケゲ" in text.encode("cp932").decode("euc_jp"), "it would decode, into garbled words"
    assert read(text, encoding="cp932").encoding == "cp932"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_of_either_kind_with_and_without_its_mark(encoding: str, delimiter: str, mark: str) -> None:
    data = (mark + table([HEADER, ["𠮷野 髙橋", "", ""]], delimiter)).encode(encoding)
    assert read(data).rows[0].name == "𠮷野 髙橋"


@given(st.lists(st.lists(CP932_SAFE, min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_same_table_reads_the_same_in_both_encodings(rows: list[list[str]]) -> None:
    text = table([HEADER, ["山田", "a@mail.example", ""], *rows])
    assert without_container(read(text, encoding="utf-8")) == without_container(read(text, encoding="cp932"))


def test_the_header_need_not_be_the_first_row() -> None:
    reading = read("応募者一覧\r\n出力日,2026年11月1日\r\n\r\n氏名,メールアドレス\r\n山田,a@mail.example\r\n")
    assert reading.header_row == 4
    assert reading.rows[0].row == 5


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    reading = read('氏名,メモ\n山田,"一行目\n二行目\n三行目"\n\n,\n佐藤,x\n')
    assert [(row.row, row.name) for row in reading.rows] == [(2, "山田"), (5, "佐藤")]
    assert reading.row_count == 2
    assert reading.rows[0].memo == "一行目\n二行目\n三行目"


def test_old_macintosh_line_ends() -> None:
    assert [row.name for row in read("氏名,メモ\r山田,x\r佐藤,y\r").rows] == ["山田", "佐藤"]


def test_a_single_column_of_names_is_a_table() -> None:
    assert [row.name for row in read("氏名\n山田\n佐藤\n").rows] == ["山田", "佐藤"]


def test_a_quote_inside_a_cell_does_no_harm() -> None:
    assert read('氏名,メモ\n山田,"a"b\n佐藤,5" disk\n').rows[1].memo == '5" disk'


@pytest.mark.parametrize(
    ("data", "refusal", "words"),
    [
        (b"", refusals.FileEmpty, "何も入っていません"),
        (b"\xef\xbb\xbf \r\n", refusals.FileEmpty, "何も入っていません"),
        ("氏名,メールアドレス".encode(), refusals.HeaderOnly, "候補者の行がありません"),
        ("氏名,メールアドレス\n,\n\n".encode(), refusals.HeaderOnly, "1行目"),
        ("商品,値段\nりんご,100\n".encode(), refusals.NoNameColumn, "「商品」「値段」"),
        ("本日は晴天なり。".encode(), refusals.NotATable, "表として読めません"),
        (b")" * 4000, refusals.NotATable, "表として読めません"),
        (b"PK\x03\x04" + bytes(100) + b"xl/workbook.xml", refusals.WorkbookDamaged, "壊れているよう"),
        (b"PK\x05\x06" + bytes(100), refusals.NotATableFile, "これは圧縮ファイルです"),
        (b"%PDF-1.7\n", refusals.NotATableFile, "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", refusals.NotATableFile, "古い形式のExcelブック"),
        (b"\x89PNG\r\n", refusals.NotATableFile, "画像"),
        (b"\xff\xd8\xff\xe0", refusals.NotATableFile, "画像"),
        (b"\n<!DOCTYPE html><table>", refusals.NotATableFile, "ウェブページ"),
        ("氏名\n山田\n".encode("utf-16-le")[:-1], refusals.NotATable, "表として読めません"),
        ("氏名\n山田\n".encode() + b"\xff\xfd", refusals.NotDecodable, "文字コード"),
        (
            ("name,email\n" + "髙橋健太,a@mail.example\n" * 9).encode().replace(b"\xe5\xa4\xaa", b"\xe5", 1),
            refusals.NotDecodable,
            "文字コード",
        ),
        (codecs.BOM_UTF8 + "氏名\n山田".encode("cp932"), refusals.NotDecodable, "文字コード"),
        ('氏名,メモ\n山田,x\n佐藤,"閉じない\n鈴木,y\n'.encode(), refusals.QuoteNotClosed, "3行目"),
        (("氏名\n" + "あ" * 200_000).encode(), refusals.NotATable, "表として読めません"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(data: bytes, refusal: type[refusals.FileRefused], words: str) -> None:
    with pytest.raises(refusal) as refused:
        read(data)
    assert words in str(refused.value)
    assert "何も取り込んでいません" in str(refused.value)


def test_more_rows_than_the_page_takes() -> None:
    text = "氏名\n" + "".join(f"山田{i}\n" for i in range(2_001))
    with pytest.raises(refusals.TooManyRows) as refused:
        read(text, max_rows=2_000)
    assert "2,001行" in str(refused.value)
    assert "2,000行まで" in str(refused.value)
    assert read(text.removesuffix("山田2000\n"), max_rows=2_000).row_count == 2_000


def test_no_more_is_held_than_may_be_taken() -> None:
    text = "氏名\n" + "\n" * 150_000 + "山田\n" * 30_000
    tracemalloc.start()
    with pytest.raises(refusals.TooManyRows):
        read(text, max_rows=2_000)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(text), "as lists of cells it would be some hundred bytes a line"


def test_a_million_columns_are_not_read() -> None:
    empty = "氏名" + "," * 1_000_000 + "\n" + "山田\n" * 200 + "佐藤" + "," * 1_000_000
    start = time.process_time()
    assert read(empty).row_count == 201
    with pytest.raises(refusals.TooManyColumns, match="200列"):
        read(empty + "x\n")
    assert time.process_time() - start < 10


def test_more_bytes_than_are_read() -> None:
    with pytest.raises(refusals.FileTooLarge) as refused:
        read("氏名\n山田\n" + "x" * 1024 * 1024, max_bytes=1024 * 1024)
    assert "1MB" in str(refused.value)


def test_a_format_can_be_forced() -> None:
    assert read((SAMPLES / "herp.csv").read_bytes(), format="sheet").format == "sheet"
    with pytest.raises(refusals.UnknownFormat) as refused:
        read("氏名\n山田\n", format="nope")
    assert "herp, hrmos, talentio, jobcan, doda, lever, greenhouse, sheet" in str(refused.value)


def test_damaged_utf_8_is_never_taken_for_cp932() -> None:
    whole = ("name,email\n" + "髙橋健太,a@mail.example\n" * 3).encode()
    damaged = whole.replace("髙".encode(), b"\xe9\xab", 1)
    assert "鬮" in damaged.decode("cp932"), "it would decode, into garbled names"
    with pytest.raises(refusals.NotDecodable):
        read(damaged)
    assert read(whole.decode(), encoding="cp932").rows[0].name == "髙橋健太"


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    for content in (data, "氏名,メール,応募日\n".encode() + data):
        outcome = _read_or_refusal(content)
        if isinstance(outcome, refusals.FileRefused):
            assert str(outcome).endswith("。")
        else:
            assert len(outcome.rows) <= outcome.row_count


def _read_or_refusal(content: bytes) -> Reading | refusals.FileRefused:
    try:
        return read(content)
    except refusals.FileRefused as refused:
        return refused
