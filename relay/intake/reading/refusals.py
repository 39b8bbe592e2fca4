"""Limits of a file of applicants, and why a file cannot be read at all.

Each sentence says what happened, that nothing was written, and what to do next.
"""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError
from relay.text import Sentence, quoted

MEGABYTE = 1024 * 1024

MAX_BYTES = 50 * MEGABYTE
"""A file as it is sent."""
MAX_ROWS = 50_000
"""People of one file."""
MAX_COLUMNS = 200
"""Columns in which something stands."""
MAX_CELL = 32_767
"""Characters of one cell, as many as Excel itself holds; what stands behind is cut before anything looks at it."""
MAX_LINE = MAX_COLUMNS * MAX_CELL
"""Characters of one line of a CSV file."""
MAX_LINES = 1_048_576
"""Lines of a CSV file, empty ones among them; as many as a sheet of Excel has."""
MAX_CSV_CELLS = MAX_ROWS * MAX_COLUMNS
"""Cells of a CSV file, empty ones among them."""
MAX_SHEET_XML = 20 * MEGABYTE
"""One sheet of a workbook, unpacked."""
MAX_PART = 50 * MEGABYTE
"""Any other part of a workbook that is read (its texts), unpacked."""
MAX_UNPACKED = 100 * MEGABYTE
"""All parts of a workbook that are read, unpacked."""
MAX_PARTS = 2_000
MAX_MERGES = 200
"""Merged ranges of one sheet."""
MAX_CELLS = 6_000_000
"""Rows times columns of the areas its sheets fill; each is held as a whole."""

MAX_WAITING_FILES = 5
"""Files of a company that wait for answers or are being read."""
MAX_WAITING_BYTES = 100 * MEGABYTE
"""What those take on the disk."""


_SHOWN_COLUMNS = 6


class FileRefused(DomainError):
    """Raise where a file cannot be imported as it is; nothing was written."""

    code = "file-refused"


class FileEmpty(FileRefused):
    """Raise for a file without content."""

    code = "import-file-empty"
    message = _l("このファイルには何も入っていません。何も取り込んでいません。書き出し直したファイルをお選びください。")


class FileTooLarge(FileRefused):
    """Raise for a file of more bytes than are read at once."""

    code = "import-file-too-large"

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(
            _l(
                "このファイルは%(megabytes)sMBを超えているため、読み込めません。何も取り込んでいません。"
                "ファイルを分けて、もう一度お選びください。",
                megabytes=megabytes,
            )
        )


class NotATableFile(FileRefused):
    """Raise where the bytes are those of another kind of file, named by `kind`."""

    code = "not-a-table-file"

    def __init__(self, kind: Sentence) -> None:
        super().__init__(
            _l(
                "これは%(kind)sです。読み込めるのはExcelブック（.xlsx）とCSVファイルです。何も取り込んでいません。"
                "元のソフトで「Excelブック」か「CSV UTF-8」として保存し直したファイルをお選びください。",
                kind=kind,
            )
        )


class WorkbookLocked(FileRefused):
    """Raise for a workbook that opens with a password only."""

    code = "workbook-locked"
    message = _l(
        "このExcelブックにはパスワードがかかっているため、読み込めません。何も取り込んでいません。"
        "パスワードを外して保存し直したファイルをお選びください。"
    )


class WorkbookDamaged(FileRefused):
    """Raise for a damaged workbook."""

    code = "workbook-damaged"
    message = _l(
        "このExcelブックは壊れているようで、開けません。何も取り込んでいません。"
        "Excelで開いて保存し直したファイルをお選びください。"
    )


class WorkbookTooLarge(FileRefused):
    """Raise where the workbook, unpacked, is too large to hold."""

    code = "workbook-too-large"
    message = _l(
        "このExcelブックは、開くと大きくなりすぎるため読み込めません。何も取り込んでいません。"
        "候補者の表だけを新しいブックに貼り付けて、もう一度お選びください。"
    )


class SheetTooLarge(FileRefused):
    """Raise where one sheet, unpacked, is too large."""

    code = "sheet-too-large"

    def __init__(self, sheet: str, *, megabytes: int) -> None:
        super().__init__(
            _l(
                "シート「%(sheet)s」は、開くと%(megabytes)sMBを超えるため読み込めません。何も取り込んでいません。"
                "シートを分けるか、「CSV UTF-8」として保存し直したファイルをお選びください。",
                sheet=quoted(sheet),
                megabytes=megabytes,
            )
        )


class TooManyMerges(FileRefused):
    """Raise for a sheet with more merged cells than a list of people has."""

    code = "too-many-merged-cells"

    def __init__(self, sheet: str, *, limit: int) -> None:
        super().__init__(
            _l(
                "シート「%(sheet)s」には、結合されたセルが%(limit)sか所を超えてあるため読み込めません。"
                "何も取り込んでいません。セルの結合を解除して、もう一度お選びください。",
                sheet=quoted(sheet),
                limit=limit,
            )
        )


class TooManyColumns(FileRefused):
    """Raise for a table wider than any list of people."""

    code = "too-many-columns"

    def __init__(self, *, limit: int, sheet: str = "") -> None:
        where = _l("シート「%(sheet)s」", sheet=quoted(sheet)) if sheet else _l("このファイル")
        super().__init__(
            _l(
                "%(where)sには、%(limit)s列より右にも書き込みがあるため読み込めません。何も取り込んでいません。"
                "要らない列を削除して、もう一度お選びください。",
                where=where,
                limit=limit,
            )
        )


class LineTooLong(FileRefused):
    """Raise for a line longer than any row of a table."""

    code = "line-too-long"

    def __init__(self, *, line: int) -> None:
        super().__init__(
            _l(
                "%(line)s行目が長すぎるため、表として読めません。何も取り込んでいません。"
                "1行に1名ずつ、%(columns)s列以内で書き出し直したファイルをお選びください。",
                line=line,
                columns=MAX_COLUMNS,
            )
        )


class TableTooLarge(FileRefused):
    """Raise where lines and cells, empty ones included, exceed what is read."""

    code = "table-too-large"
    message = _l(
        "このファイルは、空の行や列も合わせると大きすぎるため読み込めません。何も取り込んでいません。"
        "候補者の行と要る列だけを新しいファイルに貼り付けて、もう一度お選びください。"
    )


class ReadingEnded(FileRefused):
    """Raise where reading took more memory or time than it may, or crashed the reader."""

    code = "reading-ended"
    message = _l(
        "このファイルは、読み取りに時間がかかりすぎるか、開くと大きくなりすぎるため読み込めません。"
        "何も取り込んでいません。候補者の表だけを新しいファイルに貼り付けるか、ファイルを分けて、"
        "もう一度お選びください。"
    )


class TooManyWaiting(FileRefused):
    """Raise where a company has as many files waiting for answers as it may."""

    code = "too-many-files-waiting"

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            _l(
                "取り込みを待っているファイルが%(limit)s件あるため、これ以上は受け付けられません。"
                "このファイルは保存していません。下の一覧のファイルを取り込むか破棄してから、もう一度お選びください。",
                limit=limit,
            )
        )


class TooMuchWaiting(FileRefused):
    """Raise where a company's waiting files would take more room than they may."""

    code = "too-many-bytes-waiting"

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(
            _l(
                "取り込みを待っているファイルと合わせて%(megabytes)sMBを超えるため、受け付けられません。"
                "このファイルは保存していません。下の一覧のファイルを取り込むか破棄してから、もう一度お選びください。",
                megabytes=megabytes,
            )
        )


class ReadingAnother(FileRefused):
    """Raise while another file of the company is read, or as many of others as are read at once."""

    code = "reading-another-file"
    message = _l(
        "いま、ほかのファイルを読み取っています。このファイルは保存していません。"
        "10秒ほど待ってから、もう一度お選びください。"
    )


class DroppedMeanwhile(FileRefused):
    """Raise where an erasure dropped every waiting file while this one was read."""

    code = "file-dropped-by-erasure"
    message = _l(
        "読み取っているあいだに、どなたかの情報が消去されたため、このファイルも破棄しました。"
        "何も取り込んでいません。もう一度お選びください。"
    )


class FileGone(FileRefused):
    """Raise where the file was discarded or applied at the same moment."""

    code = "import-file-gone"
    message = _l("このファイルは、ほかの画面で取り込まれたか、破棄されました。画面を開き直してください。")


class NotDecodable(FileRefused):
    """Raise where no character encoding of Japanese files fits the bytes."""

    code = "not-decodable"
    message = _l(
        "このファイルの文字コードを読み取れません。文字化けしたまま取り込まないよう、何も取り込んでいません。"
        "「CSV UTF-8」として保存し直したファイルをお選びください。"
    )


class NotATable(FileRefused):
    """Raise for text without columns."""

    code = "not-a-table"
    message = _l(
        "このファイルは表として読めません。何も取り込んでいません。"
        "1行に1名ずつ、列がカンマかタブで区切られたファイルをお選びください。"
    )


class QuoteNotClosed(FileRefused):
    """Raise where a quotation mark opens a cell and never closes, so that the end of its row is unknown."""

    code = "quote-not-closed"

    def __init__(self, *, row: int) -> None:
        super().__init__(
            _l(
                "%(row)s行目で始まる引用符（ダブルクォーテーション）が閉じられていないため、行の区切りが分かりません。"
                "何も取り込んでいません。その行を修正して、もう一度お選びください。",
                row=row,
            )
        )


class HeaderOnly(FileRefused):
    """Raise for a header row without rows below it."""

    code = "header-only"

    def __init__(self, *, header_row: int) -> None:
        super().__init__(
            _l(
                "見出し（%(row)s行目）の下に、候補者の行がありません。何も取り込んでいません。"
                "書き出すときの期間や条件を確認してください。",
                row=header_row,
            )
        )


class NoNameColumn(FileRefused):
    """Raise where no column holds names."""

    code = "no-name-column"

    def __init__(self, columns: Iterable[str]) -> None:
        named = [quoted(column) for column in columns if column.strip()]
        shown = "".join(f"「{column}」" for column in named[:_SHOWN_COLUMNS]) + (
            "…" if len(named) > _SHOWN_COLUMNS else ""
        )
        super().__init__(
            _l(
                "氏名の列が見つかりません（読めた列：%(columns)s）。何も取り込んでいません。"
                "「氏名」「メールアドレス」のように、列の名前を書いた行を付けて、もう一度お選びください。",
                columns=shown,
            )
        )


class TooManyRows(FileRefused):
    """Raise for more people than may be imported at once from here."""

    code = "too-many-rows"

    def __init__(self, *, rows: int, limit: int) -> None:
        super().__init__(
            _l(
                "このファイルには%(rows)s行あります。一度に取り込めるのは%(limit)s行までです。何も取り込んでいません。"
                "ファイルを分けて、もう一度お選びください。",
                rows=f"{rows:,}",
                limit=f"{limit:,}",
            )
        )


class SeveralSheets(FileRefused):
    """Raise where several sheets of a workbook hold people and none was named."""

    code = "several-sheets"

    def __init__(self, sheets: Iterable[str]) -> None:
        super().__init__(
            _l(
                "候補者の表のあるシートが2つ以上あります（%(sheets)s）。何も取り込んでいません。"
                "「--sheet」に続けて、取り込むシートの名前を入力してください。",
                sheets=_listed(sheets),
            )
        )


class UnknownSheet(FileRefused):
    """Raise for the name of a sheet that the file does not have; a CSV file has none."""

    code = "unknown-sheet"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        sheets = _listed(known)
        super().__init__(
            _l(
                "「%(name)s」というシートはありません。このファイルにあるのは%(sheets)sです。何も取り込んでいません。",
                name=quoted(name),
                sheets=sheets,
            )
            if sheets
            else _l(
                "CSVファイルにシートはありません。「--sheet」を外して、もう一度お試しください。何も取り込んでいません。"
            )
        )


def _listed(sheets: Iterable[str]) -> str:
    return "".join(f"「{quoted(sheet)}」" for sheet in sheets)


class UnknownFormat(FileRefused):
    """Raise for the name of a format that does not exist."""

    code = "unknown-format"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            _l(
                "「%(name)s」という形式はありません。使えるのは、%(known)sです。何も取り込んでいません。",
                name=quoted(name),
                known=", ".join(known),
            )
        )
