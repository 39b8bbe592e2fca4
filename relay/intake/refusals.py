"""Why a file cannot be read at all.

Each sentence says what happened, that nothing was written, and what to do next.
"""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError
from relay.intake.limits import MAX_COLUMNS
from relay.text import Sentence, quoted

_SHOWN_COLUMNS = 6


class FileRefused(DomainError):
    """A file that cannot be imported as it is; nothing was written."""


class FileEmpty(FileRefused):
    """Nothing is in the file."""

    def __init__(self) -> None:
        super().__init__(
            _l("このファイルには何も入っていません。何も取り込んでいません。書き出し直したファイルをお選びください。")
        )


class FileTooLarge(FileRefused):
    """The file has more bytes than are read at once."""

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(
            _l(
                "このファイルは%(megabytes)sMBを超えているため、読み込めません。何も取り込んでいません。"
                "ファイルを分けて、もう一度お選びください。",
                megabytes=megabytes,
            )
        )


class NotATableFile(FileRefused):
    """The bytes are those of another kind of file, named by `kind`."""

    def __init__(self, kind: Sentence) -> None:
        super().__init__(
            _l(
                "これは%(kind)sです。読み込めるのはExcelブック（.xlsx）とCSVファイルです。何も取り込んでいません。"
                "元のソフトで「Excelブック」か「CSV UTF-8」として保存し直したファイルをお選びください。",
                kind=kind,
            )
        )


class WorkbookLocked(FileRefused):
    """The workbook opens with a password only."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このExcelブックにはパスワードがかかっているため、読み込めません。何も取り込んでいません。"
                "パスワードを外して保存し直したファイルをお選びください。"
            )
        )


class WorkbookDamaged(FileRefused):
    """The workbook is damaged."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このExcelブックは壊れているようで、開けません。何も取り込んでいません。"
                "Excelで開いて保存し直したファイルをお選びください。"
            )
        )


class WorkbookTooLarge(FileRefused):
    """Unpacked, the workbook would be too much to hold."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このExcelブックは、開くと大きくなりすぎるため読み込めません。何も取り込んでいません。"
                "候補者の表だけを新しいブックに貼り付けて、もう一度お選びください。"
            )
        )


class SheetTooLarge(FileRefused):
    """One sheet of the workbook is too long, unpacked."""

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
    """A sheet with more merged cells than a list of people has."""

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
    """A table wider than any list of people."""

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
    """A line that no row of a table is as long as."""

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
    """Lines and cells without end, most of them empty."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このファイルは、空の行や列も合わせると大きすぎるため読み込めません。何も取り込んでいません。"
                "候補者の行と要る列だけを新しいファイルに貼り付けて、もう一度お選びください。"
            )
        )


class ReadingEnded(FileRefused):
    """Reading the file took more memory or time than it may, or brought the reader down."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このファイルは、読み取りに時間がかかりすぎるか、開くと大きくなりすぎるため読み込めません。"
                "何も取り込んでいません。候補者の表だけを新しいファイルに貼り付けるか、ファイルを分けて、"
                "もう一度お選びください。"
            )
        )


class TooManyWaiting(FileRefused):
    """A company has as many files waiting for answers as it may."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(
            _l(
                "取り込みを待っているファイルが%(limit)s件あるため、これ以上は受け付けられません。"
                "このファイルは保存していません。下の一覧のファイルを取り込むか破棄してから、もう一度お選びください。",
                limit=limit,
            )
        )


class TooMuchWaiting(FileRefused):
    """What a company has waiting for answers would take more room than it may."""

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(
            _l(
                "取り込みを待っているファイルと合わせて%(megabytes)sMBを超えるため、受け付けられません。"
                "このファイルは保存していません。下の一覧のファイルを取り込むか破棄してから、もう一度お選びください。",
                megabytes=megabytes,
            )
        )


class ReadingAnother(FileRefused):
    """Another file of the company is being read, or as many of others as are read at once."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "いま、ほかのファイルを読み取っています。このファイルは保存していません。"
                "10秒ほど待ってから、もう一度お選びください。"
            )
        )


class DroppedMeanwhile(FileRefused):
    """While the file was read somebody was erased, and with them every file that waited."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "読み取っているあいだに、どなたかの情報が消去されたため、このファイルも破棄しました。"
                "何も取り込んでいません。もう一度お選びください。"
            )
        )


class FileGone(FileRefused):
    """Somebody discarded or applied the file at the same moment."""

    def __init__(self) -> None:
        super().__init__(_l("このファイルは、ほかの画面で取り込まれたか、破棄されました。画面を開き直してください。"))


class NotDecodable(FileRefused):
    """No character encoding of Japanese files fits the bytes."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このファイルの文字コードを読み取れません。文字化けしたまま取り込まないよう、何も取り込んでいません。"
                "「CSV UTF-8」として保存し直したファイルをお選びください。"
            )
        )


class NotATable(FileRefused):
    """Text, but without columns."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "このファイルは表として読めません。何も取り込んでいません。"
                "1行に1名ずつ、列がカンマかタブで区切られたファイルをお選びください。"
            )
        )


class QuoteNotClosed(FileRefused):
    """A quotation mark opens a cell and never closes, so where rows end is unknown."""

    def __init__(self, *, row: int) -> None:
        super().__init__(
            _l(
                '%(row)s行目で始まる引用符（"）が閉じられていないため、行の区切りが分かりません。'
                "何も取り込んでいません。その行を修正して、もう一度お選びください。",
                row=row,
            )
        )


class HeaderOnly(FileRefused):
    """A header row, and no one below it."""

    def __init__(self, *, header_row: int) -> None:
        super().__init__(
            _l(
                "見出し（%(row)s行目）の下に、候補者の行がありません。何も取り込んでいません。"
                "書き出すときの期間や条件を確認してください。",
                row=header_row,
            )
        )


class NoNameColumn(FileRefused):
    """Columns, but none that holds names."""

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
    """More people than may be taken at once where the file was given."""

    def __init__(self, *, rows: int, limit: int) -> None:
        super().__init__(
            _l(
                "このファイルには%(rows)s行あります。一度に取り込めるのは%(limit)s行までです。何も取り込んでいません。"
                "ファイルを分けて、もう一度お選びください。",
                rows=f"{rows:,}",
                limit=f"{limit:,}",
            )
        )


class UnknownFormat(FileRefused):
    """A format was asked for by a name that Relay does not know."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            _l(
                "「%(name)s」という形式はありません。使えるのは %(known)s です。何も取り込んでいません。",
                name=quoted(name),
                known=", ".join(known),
            )
        )
