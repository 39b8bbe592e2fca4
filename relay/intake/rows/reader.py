"""Reading a file of applicants from its bytes to rows, without touching anything else.

The only entry to reading; what is done with the rows is decided elsewhere. Cells that say 「as above」 (〃, 同上) are
filled in from the row before, and rows of a sheet that are nobody (合計, 【営業】, 以上, second headings) are left out;
both are said.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from flask_babel import lazy_gettext as _l

from relay.intake.fields import LABELS, NAMES, Field
from relay.intake.reading import refusals
from relay.intake.reading.refusals import MAX_BYTES
from relay.intake.reading.sources import ImportSource, are_headings, header_key
from relay.intake.reading.table import FileTable, NamedPlace, read_table
from relay.intake.rows import facts
from relay.intake.rows.columns import column_keys, fingerprint, plan_columns
from relay.intake.rows.days import style_of, year_of
from relay.intake.rows.row import (
    MAX_WORD,
    ROW,
    WORD,
    ColumnPlan,
    ImportRow,
    Problem,
    Reading,
    RowCells,
    TakenColumn,
    after,
)
from relay.intake.rows.words import HEADINGS_AS_NAMES
from relay.models import ApplicationResult
from relay.text import Sentence, clean, quoted
from relay.text.decoration import DITTO, is_layout

Chosen = Callable[[str], Mapping[str, str] | None]


def read_rows(
    data: bytes,
    *,
    filename: str,
    today: date,
    format: str | None = None,
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
    chosen: Chosen | None = None,
    named: NamedPlace | None = None,
) -> Reading:
    """Read a file of applicants: rows, and per row what refuses the file and what is only worth knowing.

    Raises a FileRefused when it cannot be read as a table of people at all. Repeated rows are taken once; of two
    rows with the same id the later one counts. `chosen` is asked for what HR said of columns in files of this
    shape. With `named` a workbook with several sheets of people is refused until one of them is named.
    """
    lenient = chosen is not None
    table = read_table(data, format=format, max_rows=max_rows, max_bytes=max_bytes, lenient=lenient, named=named)
    said = chosen(fingerprint(table)) if chosen else None
    return rows_of(table, filename=filename, today=today, chosen=said)


def rows_of(table: FileTable, *, filename: str, today: date, chosen: Mapping[str, str] | None = None) -> Reading:
    """Read the rows of a table, as HR said its columns are to be taken. Raises NoNameColumn.

    While there is something to be asked about the columns nobody is read: the questions are what refuses the file.
    """
    plan = plan_columns(table, chosen)
    questions = tuple(_unanswered(table, plan))
    if not questions and not {Field.NAME, Field.FAMILY} & plan.picks.keys():
        raise refusals.NoNameColumn(table.header)
    reader = _Reader(table, plan, today, chosen or {})
    for row, cells in () if questions else table.rows:
        reader.read(row, cells)
    return Reading(
        filename=clean(filename),
        format=table.source.name,
        encoding=table.encoding,
        delimiter=table.delimiter,
        header_row=table.header_row,
        sheet=table.sheet,
        fingerprint=fingerprint(table),
        columns=plan.columns,
        row_count=len(table.rows),
        rows=tuple(sorted(reader.rows.values(), key=lambda row: row.row)),
        problems=questions or tuple(reader.problems),
        notes=tuple(reader.notes),
        warnings=(*reader.left_out(), *_warnings_of(table, plan, reader.rows.values())),
        strange=tuple(reader.strange.most_common(_ASKED_AT_ONCE)),
    )


_ASKED_AT_ONCE = 20
_NOTHING = frozenset("- ー ― — – － − ‐ -- anonymous".split())
"""What is written where nothing is to be said; so do Microsoft's forms where nobody had to sign in."""
_DATED = (Field.APPLIED_ON, Field.DECIDED_ON)
_DAYS = (*_DATED, Field.BIRTH_DATE)


def _cells_of(table: FileTable, plan: ColumnPlan, fields: Iterable[Field]) -> Iterator[str]:
    places = [index for field in fields for index, _name in plan.picks.get(field, ())]
    return (cells[index] for _row, cells in table.rows for index in places if index < len(cells))


def _headers_of(plan: ColumnPlan, fields: Iterable[Field]) -> list[str]:
    return [name for field in fields for _index, name in plan.picks.get(field, ())]


class _Reader:
    """Goes through the rows once and remembers which it has seen."""

    def __init__(self, table: FileTable, plan: ColumnPlan, today: date, chosen: Mapping[str, str]) -> None:
        self.strange: Counter[str] = Counter()
        self.rows: dict[str | int, ImportRow] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._left = {int(key.removeprefix(ROW)) for key in chosen if key.startswith(ROW)}
        words = {key.removeprefix(WORD): ApplicationResult(one) for key, one in chosen.items() if key.startswith(WORD)}
        self._source = replace(table.source, results={**table.source.results, **words}) if words else table.source
        self._table = table
        self._plan = plan
        self._today = today
        self._seen: dict[tuple[str, ...], int] = {}
        self._above = _Above(plan)
        of_sheet = year_of((table.sheet, *table.titles, *_headers_of(plan, _DATED)))
        self._days = style_of(_cells_of(table, plan, _DAYS), since_1904=table.since_1904, of_sheet=of_sheet)
        self._note_the_whole()
        if not plan.picks.keys() & {Field.EMAIL, Field.CONTACT}:
            message = _l("メールアドレスの列がないため、取り込んだ方にメールを送れません。")
            self.notes.append(Problem(table.header_row, None, message))

    def read(self, row: int, cells: list[str]) -> None:
        stripped = ["" if (text := cell.strip()) in _NOTHING else text for cell in cells]
        cells, said = self._above.filled_in(row, stripped)
        if row in self._left:
            return
        self.notes += said
        content = tuple(cells)
        first = self._seen.setdefault(content, row)
        if first != row:
            message = _l("%(first)s行目と同じ内容です。1件として取り込みます。", first=first)
            self.notes.append(Problem(row, None, message))
            return
        reading = RowCells(row, cells, self._plan, self._days)
        if (why := _why_nobody(reading)) is not None:
            self.notes.append(Problem(row, None, why))
            return
        found = _import_row(reading, self._source, today=self._today)
        reading.note_looks(width=len(self._table.header))
        self._keep(found, reading)
        self.problems += reading.problems
        self.notes += reading.notes
        self.strange.update(set(reading.strange))

    def left_out(self) -> list[Problem]:
        """Say which rows stay behind because HR wants it so."""
        if not (left := sorted(self._left & {row for row, _cells in self._table.rows})):
            return []
        message = _l("取り込まないことにした行：%(rows)s", rows="、".join(map(str, left)))
        return [Problem(self._table.header_row, None, message)]

    def _keep(self, found: ImportRow, reading: RowCells) -> None:
        key = found.source_id or found.row
        earlier = self.rows.get(key)
        if earlier is not None:
            message = _l(
                "「%(id)s」は%(row)s行目にもあります。あとに書かれたこの行の内容を取り込みます。",
                id=quoted(str(key)),
                row=earlier.row,
            )
            reading.note(reading.column(Field.SOURCE_ID), message)
            found = after(earlier, found)
        if not reading.problems:
            self.rows[key] = found

    def _note_the_whole(self) -> None:
        """Say which sheet of a workbook is taken, that hidden rows are taken like any other, how days were read."""
        table = self._table
        if self._days.month_first is not None:
            message = (
                _l("日付は、月・日・年の順に書かれているものとして読みました。")
                if self._days.month_first
                else _l("日付は、日・月・年の順に書かれているものとして読みました。")
            )
            self.notes.append(Problem(table.header_row, None, message))
        if table.other_sheets:
            others = "".join(f"「{quoted(name)}」" for name in table.other_sheets[:5])
            message = _l(
                "シート「%(sheet)s」を読み取りました。ほかのシート（%(others)s）は取り込みません。",
                sheet=quoted(table.sheet),
                others=others,
            )
            self.notes.append(Problem(table.header_row, None, message))
        if table.is_hidden:
            message = _l("表示されているシートに候補者の表がないため、非表示のシートを読み取りました。")
            self.notes.append(Problem(table.header_row, None, message))
        if table.second_row:
            message = _l("見出しが2行あります。上下の見出しを合わせて読み取りました。")
            self.notes.append(Problem(table.second_row, None, message))
        if table.hides_rows:
            message = _l("表示されていない行があります。表示されている行と同じように取り込みます。")
            self.notes.append(Problem(table.header_row, None, message))


def _import_row(cells: RowCells, source: ImportSource, *, today: date) -> ImportRow:
    result = facts.read_result(cells, source)
    decided_on = facts.read_day(cells, Field.DECIDED_ON, today=today)
    steps = facts.read_steps(cells, decided_on)
    tags = facts.read_tags(cells)
    if decided_on is None:
        decided_on = max((step.on for step in steps if step.on and step.on <= today), default=None)
    if result is ApplicationResult.OPEN and facts.left_to_steps(cells, source):
        result = facts.result_of_steps(cells, steps)
    name = facts.read_name(cells)
    result_said = result is not ApplicationResult.OPEN or facts.says_how_it_stands(cells, source)
    if not result_said:
        facts.note_result_beside_name(cells, name)
    about = facts.read_facts(cells, name, today=today)
    return ImportRow(
        row=cells.row,
        source_id=facts.read_line(cells, Field.SOURCE_ID) or None,
        person_id=facts.read_line(cells, Field.PERSON_ID),
        facts=about,
        position=facts.read_line(cells, Field.POSITION)
        or ("" if cells.column(Field.POSITION) else facts.one_role(about[Field.DESIRED_ROLE])),
        channel=facts.read_line(cells, Field.CHANNEL) or source.channel,
        channel_detail=facts.read_line(cells, Field.CHANNEL_DETAIL),
        stage=facts.read_line(cells, Field.STAGE) or facts.last_step(steps, cells),
        applied_on=facts.read_day(cells, Field.APPLIED_ON, today=today),
        decided_on=None if result is ApplicationResult.OPEN else decided_on,
        result=result,
        result_said=result_said,
        reason=facts.read_reason(cells, result, tags),
        tags=tags,
        memo=facts.read_memo(cells, name),
        steps=steps,
        told=facts.read_answer(cells, Field.TOLD),
        consented=facts.read_answer(cells, Field.CONSENT),
    )


# as above


_ONES_OWN = NAMES | {Field.EMAIL, Field.PHONE, Field.BIRTH_DATE, Field.SOURCE_ID, Field.PERSON_ID}
"""Taken from the row above only where that is the same person's."""
_WHO = (Field.NAME, Field.FAMILY)


class _Above:
    """Remembers the row before, as it was filled in itself."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._columns = [column for column in plan.columns if isinstance(column, TakenColumn)]
        self._who = [column.index for column in self._columns if column.field in _WHO]
        self._before: list[str] = []

    def filled_in(self, row: int, cells: list[str]) -> tuple[list[str], list[Problem]]:
        """Give the row with every 「as above」 filled in, and what is to be said of it. Cells are trimmed."""
        said: list[Problem] = []
        if not DITTO.isdisjoint(cells):
            cells = [*cells]
            said = list(self._fill(row, cells))
        self._before = cells
        return cells, said

    def _fill(self, row: int, cells: list[str]) -> Iterator[Problem]:
        same_person = all(self._is_as_above(cells, index) for index in self._who)
        for column in self._columns:
            if column.index >= len(cells) or (mark := cells[column.index]) not in DITTO:
                continue
            above = self._before[column.index] if column.index < len(self._before) else ""
            if above and (same_person or column.field not in _ONES_OWN):
                cells[column.index] = above
                message = _l(
                    "「%(mark)s」を、上の行と同じ「%(above)s」として取り込みます。", mark=mark, above=quoted(above)
                )
            else:
                cells[column.index] = ""
                message = _l("「%(mark)s」が指す上の行の内容が分からないため、空欄にします。", mark=mark)
            yield Problem(row, column.name, message)

    def _is_as_above(self, cells: list[str], index: int) -> bool:
        here = cells[index] if index < len(cells) else ""
        before = self._before[index] if index < len(self._before) else ""
        return here in DITTO or here == before


# nobody


def _why_nobody(cells: RowCells) -> Sentence | None:
    """Say why a row is no person's; None for every other row."""
    name = next(filter(None, (cells.first(field)[1] for field in (*_WHO, Field.GIVEN))), "")
    if name in HEADINGS_AS_NAMES and are_headings(cells.every_cell()):
        return _l("見出しの続きの行のようです。この行は取り込みません。列の対応を確認してください。")
    if cells.filled(Field.BIRTH_DATE) or not all(_FIGURE.fullmatch(value) for value in _ways_to_reach(cells)):
        return None
    seen = name if name else next((cell for cell in cells.every_cell() if cell.strip()), "")
    alone = sum(bool(cell.strip()) for cell in cells.every_cell()) == 1
    if is_layout(seen) or any(map(_is_total, cells.every_cell())) or (alone and (not name or _SECTION.search(name))):
        return _l("「%(text)s」は見出しや合計の行のようです。この行は取り込みません。", text=quoted(seen))
    return None


def _ways_to_reach(cells: RowCells) -> Iterator[str]:
    return (value for field in (Field.EMAIL, Field.PHONE) for _column, value in cells.filled(field))


_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})?[名人件社]?")
"""No number to call: what a line of totals has below the column of numbers or addresses."""
_TOTAL = re.compile(r"(?:総?合計|小計|総計|累計|計)[:：]?")
_SECTION = re.compile(
    r"(?:営業|製造|総務|経理|人事|開発|技術|企画|管理|販売|物流|品質|購買|事業|業務|本社|第.)[^\s]*[部課係室]$"
    r"|(?:支店|支社|営業所|事業所|工場|本社|センター|グループ|チーム)$"
)
"""What is alone in a row and called like a department: 営業部, and not 長谷部."""


def _is_total(cell: str) -> bool:
    return len(cell) <= MAX_WORD and _TOTAL.fullmatch("".join(cell.split())) is not None


# the whole file


_OF_EMPLOYEES = frozenset(
    map(
        header_key,
        "社員番号 従業員番号 職員番号 社員コード 社員ID 社員No 退職日 退社日 EmployeeID EmployeeNumber".split(),
    )
)
_MAYBE_OF_EMPLOYEES = frozenset(
    map(
        header_key,
        "所属 所属部署 所属部門 部署 部門 部署名 入社日 入社年月日 雇用形態 役職 等級 職位 勤続年数 基本給 Department"
        " HireDate".split(),
    )
)
_OF_APPLICATIONS = frozenset(
    {Field.POSITION, Field.APPLIED_ON, Field.RESULT, Field.CHANNEL, Field.STAGE, Field.REASON, Field.STEP}
)


def _warnings_of(table: FileTable, plan: ColumnPlan, rows: Iterable[ImportRow]) -> Iterator[Problem]:
    """Give what concerns everybody in the file: first of all that nothing says how the selections ended."""
    if Field.RESULT not in plan.picks and all(row.result is ApplicationResult.OPEN for row in rows):
        message = _l(
            "結果の列が見つかりません。このまま取り込むと、全員が選考中になります。"
            "見送りや辞退の方がいるときは、「列の対応を修正する」で、その列に「選考の結果」を選んでください。"
        )
        yield Problem(table.header_row, None, message)
    if Field.TOLD in plan.picks:
        message = _l(
            "「%(column)s」の列に書かれた方は、その内容のとおりに、結果を連絡済みか未連絡かを記録します。空欄の方は、下の答えになります。",
            column=quoted(plan.picks[Field.TOLD][0][1]),
        )
        yield Problem(table.header_row, None, message)
    if Field.CONSENT in plan.picks:
        message = _l(
            "「%(column)s」の列で同意した方は同意のある方として、同意していない方は選考のためだけに保管する方として記録します。"
            "空欄の方は、下の答えになります。",
            column=quoted(plan.picks[Field.CONSENT][0][1]),
        )
        yield Problem(table.header_row, None, message)
    for column in plan.by_cells:
        message = _l(
            "「%(column)s」の列に結果の言葉があるため、選考の結果として読み取りました。", column=quoted(column)
        )
        yield Problem(table.header_row, column, message)
    keys = set(column_keys(table.header))
    of_staff = len(_MAYBE_OF_EMPLOYEES & keys) > 1 and not _OF_APPLICATIONS & plan.picks.keys() and not plan.steps
    if _OF_EMPLOYEES & keys or of_staff:
        message = _l("従業員の一覧のようです。候補者のファイルかどうか、取り込む前に確認してください。")
        yield Problem(table.header_row, None, message)
    if table.other_people:
        others = "".join(f"「{quoted(name)}」" for name in table.other_people[:5])
        message = _l(
            "シート「%(sheet)s」だけを読み取りました。%(others)sにも候補者の表があるようです。"
            "取り込むシートが正しいか、確認してください。",
            sheet=quoted(table.sheet),
            others=others,
        )
        yield Problem(table.header_row, None, message)


def _unanswered(table: FileTable, plan: ColumnPlan) -> Iterator[Problem]:
    """Give each question about the columns as what has to be put right; until it is answered the file is refused."""
    for question in plan.questions:
        names = [quoted(clean(table.header[index])) for index in question.columns]
        message = _l(
            "「%(field)s」の列がどれか、決められません（%(columns)s）。列の対応で選んでください。",
            field=LABELS[question.field],
            columns="".join(f"「{name}」" for name in names),
        )
        yield Problem(table.header_row, names[0], message)
