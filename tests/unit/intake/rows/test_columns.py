"""Which column is whose and what: never another party's for the candidate's, never a guess where it is unsure."""

from collections import Counter
from time import process_time

from relay.intake.fields import Field
from relay.intake.reading.sources import SHEET
from relay.intake.reading.table import FileTable
from relay.intake.rows.columns import plan_columns
from relay.intake.rows.row import ColumnPlan, TakenColumn
from tests.unit.intake.generated import File, generate

FILES = 2_000
WHO = frozenset({Field.NAME, Field.FAMILY, Field.GIVEN, Field.EMAIL, Field.PHONE, Field.BIRTH_DATE})


def planned(header: list[str], rows: list[list[str]]) -> ColumnPlan:
    return plan_columns(FileTable(SHEET, "utf-8", ",", 1, tuple(header), tuple(enumerate(rows, start=2))))


def taken(plan: ColumnPlan) -> dict[int, Field]:
    return {column.index: column.field for column in plan.columns if isinstance(column, TakenColumn)}


def tells(file: File, index: int) -> bool:
    """Whether a column says anything: where everybody is in selection, nothing is lost without it."""
    return any(row[index] not in ("", "選考中") for row in file.rows)


def test_of_two_thousand_files_no_column_is_silently_taken_for_what_it_is_not() -> None:
    wrong: list[tuple[int, str, str, str]] = []
    missed: Counter[Field] = Counter()
    asked = unclear = 0
    begun = process_time()
    for seed in range(FILES):
        file = generate(seed)
        plan = planned(file.header, file.rows)
        found = taken(plan)
        in_question = {question.field for question in plan.questions}
        wrong += [
            (seed, column.header, str(found[index]), str(column.truth))
            for index, column in enumerate(file.columns)
            if index in found and found[index] is not column.truth
        ]
        missed.update(
            column.truth
            for index, column in enumerate(file.columns)
            if column.truth in (WHO | {Field.RESULT}) - in_question and index not in found and tells(file, index)
        )
        unclear += bool(file.unclear - in_question)
        asked += bool(plan.questions)
    took = process_time() - begun
    assert wrong == [], f"{len(wrong)} of {FILES} files, the first: {wrong[:5]}"
    assert not missed, f"left behind without a question: {missed}"
    assert not unclear, f"{unclear} files hold two claims, or none that is sure, and nobody is asked"
    assert asked < 0.1 * FILES, f"{asked} files are asked about; nobody reads so many questions"
    assert took < 30, f"{took:.1f} s"
