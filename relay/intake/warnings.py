"""Warnings about a whole file before anything else, and what HR has to say before it can be read."""

from collections.abc import Iterable, Iterator

from flask_babel import lazy_gettext as _l

from relay.intake.columns import ColumnPlan, column_keys
from relay.intake.fields import LABELS, Field
from relay.intake.reading import FileTable
from relay.intake.result import ImportRow, Problem
from relay.intake.synonyms import header_key
from relay.models import ApplicationResult
from relay.text import clean, quoted

_OF_EMPLOYEES = frozenset(
    map(header_key, "社員番号 従業員番号 社員コード 社員ID 退職日 退社日 EmployeeID EmployeeNumber".split())
)


def warnings_of(table: FileTable, plan: ColumnPlan, rows: Iterable[ImportRow]) -> Iterator[Problem]:
    """Give what concerns everybody in the file: first of all that nothing says how the selections ended."""
    if Field.RESULT not in plan.picks and all(row.result is ApplicationResult.OPEN for row in rows):
        message = _l(
            "結果の列が見つかりません。このまま取り込むと、全員が選考中になります。"
            "見送りや辞退の方がいるときは、「列の対応を修正する」で、その列に「選考の結果」を選んでください。"
        )
        yield Problem(table.header_row, None, message)
    for column in plan.by_cells:
        message = _l(
            "「%(column)s」の列に結果の言葉があるため、選考の結果として読み取りました。", column=quoted(column)
        )
        yield Problem(table.header_row, column, message)
    if _OF_EMPLOYEES & set(column_keys(table.header)):
        message = _l("従業員の一覧のようです。候補者のファイルかどうか、取り込む前に確認してください。")
        yield Problem(table.header_row, None, message)
    if table.other_people:
        others = "".join(f"「{quoted(name)}」" for name in table.other_people[:5])
        message = _l(
            "シート「%(sheet)s」だけを読み取りました。%(others)sにも候補者の表があるようです。"
            "そちらも取り込むときは、そのシートだけのファイルにして、別に取り込んでください。",
            sheet=quoted(table.sheet),
            others=others,
        )
        yield Problem(table.header_row, None, message)


def unanswered(table: FileTable, plan: ColumnPlan) -> Iterator[Problem]:
    """Give each question about the columns as what has to be put right; until it is answered the file is refused."""
    for question in plan.questions:
        names = [quoted(clean(table.header[index])) for index in question.columns]
        message = _l(
            "「%(field)s」の列がどれか、決められません（%(columns)s）。列の対応で選んでください。",
            field=LABELS[question.field],
            columns="".join(f"「{name}」" for name in names),
        )
        yield Problem(table.header_row, names[0], message)
