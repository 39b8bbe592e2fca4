"""Reading a file of applicants from its bytes to rows, without touching anything else.

The only entry to this room's reading; what is done with the rows is decided elsewhere.
"""

from collections.abc import Callable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l

from relay.intake import facts, refusals, selection
from relay.intake.above import Above
from relay.intake.cells import RowCells
from relay.intake.columns import ColumnPlan, fingerprint, plan_columns
from relay.intake.fields import Field
from relay.intake.layout import why_nobody
from relay.intake.limits import MAX_BYTES
from relay.intake.reading import FileTable, read_table
from relay.intake.result import ImportRow, Problem, Reading, after
from relay.intake.sources import ImportSource
from relay.intake.warnings import unanswered, warnings_of
from relay.models import ApplicationResult
from relay.text import clean, quoted

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
) -> Reading:
    """Read a file of applicants: rows, and per row what refuses the file and what is only worth knowing.

    Raises a FileRefused when it cannot be read as a table of people at all. Repeated rows are taken once; of two
    rows with the same id the later one counts. `chosen` is asked for what HR said of columns in files of this
    shape.
    """
    table = read_table(data, format=format, max_rows=max_rows, max_bytes=max_bytes, lenient=chosen is not None)
    said = chosen(fingerprint(table)) if chosen else None
    return rows_of(table, filename=filename, today=today, chosen=said)


def rows_of(table: FileTable, *, filename: str, today: date, chosen: Mapping[str, str] | None = None) -> Reading:
    """Read the rows of a table, as HR said its columns are to be taken. Raises NoNameColumn.

    While there is something to be asked about the columns nobody is read: the questions are what refuses the file.
    """
    plan = plan_columns(table, chosen)
    questions = tuple(unanswered(table, plan))
    if not questions and not {Field.NAME, Field.FAMILY} & plan.picks.keys():
        raise refusals.NoNameColumn(table.header)
    reader = _Reader(table, plan, today)
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
        warnings=tuple(warnings_of(table, plan, reader.rows.values())),
    )


class _Reader:
    """Goes through the rows once and remembers which it has seen."""

    def __init__(self, table: FileTable, plan: ColumnPlan, today: date) -> None:
        self.rows: dict[str | int, ImportRow] = {}
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self._table = table
        self._plan = plan
        self._today = today
        self._seen: dict[tuple[str, ...], int] = {}
        self._above = Above(plan)
        self._note_the_whole()
        if Field.EMAIL not in plan.picks:
            message = _l("メールアドレスの列がないため、取り込んだ方にメールを送れません。")
            self.notes.append(Problem(table.header_row, None, message))

    def read(self, row: int, cells: list[str]) -> None:
        cells, said = self._above.filled_in(row, [cell.strip() for cell in cells])
        self.notes += said
        content = tuple(cells)
        first = self._seen.setdefault(content, row)
        if first != row:
            message = _l("%(first)s行目と同じ内容です。1件として取り込みます。", first=first)
            self.notes.append(Problem(row, None, message))
            return
        reading = RowCells(row, cells, self._plan)
        if (why := why_nobody(reading)) is not None:
            self.notes.append(Problem(row, None, why))
            return
        found = _import_row(reading, self._table.source, today=self._today)
        facts.note_looks(reading, width=len(self._table.header))
        self._keep(found, reading)
        self.problems += reading.problems
        self.notes += reading.notes

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
        """Say which sheet of a workbook is taken, and that hidden rows are taken like any other."""
        table = self._table
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
        if table.hides_rows:
            message = _l("表示されていない行があります。表示されている行と同じように取り込みます。")
            self.notes.append(Problem(table.header_row, None, message))


def _import_row(cells: RowCells, source: ImportSource, *, today: date) -> ImportRow:
    result = selection.read_result(cells, source)
    decided_on = facts.read_day(cells, Field.DECIDED_ON, today=today)
    steps = selection.read_steps(cells, decided_on)
    tags = selection.read_tags(cells)
    if decided_on is None:
        decided_on = max((step.on for step in steps if step.on and step.on <= today), default=None)
    if result is ApplicationResult.OPEN and selection.left_to_steps(cells, source):
        result = selection.result_of_steps(cells, steps)
    name = facts.read_name(cells)
    result_said = result is not ApplicationResult.OPEN or selection.says_how_it_stands(cells, source)
    if not result_said:
        selection.note_result_beside_name(cells, name)
    about = facts.read_facts(cells, name, today=today)
    return ImportRow(
        row=cells.row,
        source_id=facts.read_line(cells, Field.SOURCE_ID) or None,
        person_id=facts.read_line(cells, Field.PERSON_ID),
        facts=about,
        position=facts.read_line(cells, Field.POSITION)
        or ("" if cells.column(Field.POSITION) else about[Field.DESIRED_ROLE]),
        channel=facts.read_line(cells, Field.CHANNEL) or source.channel,
        channel_detail=facts.read_line(cells, Field.CHANNEL_DETAIL),
        stage=facts.read_line(cells, Field.STAGE) or selection.last_step(steps, cells),
        applied_on=facts.read_day(cells, Field.APPLIED_ON, today=today),
        decided_on=None if result is ApplicationResult.OPEN else decided_on,
        result=result,
        result_said=result_said,
        reason=selection.read_reason(cells, result, tags),
        tags=tags,
        memo=facts.read_memo(cells, name),
        steps=steps,
    )
