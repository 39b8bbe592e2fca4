"""Cells that say 「as above」 (〃, 同上): filled in from the row before, and said."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l

from relay.intake.columns import ColumnPlan
from relay.intake.fields import NAMES, Field
from relay.intake.result import Problem, TakenColumn
from relay.text import quoted
from relay.text.decoration import DITTO

_ONES_OWN = NAMES | {Field.EMAIL, Field.PHONE, Field.BIRTH_DATE, Field.SOURCE_ID, Field.PERSON_ID}
"""Taken from the row above only where that is the same person's."""
_WHO = (Field.NAME, Field.FAMILY)


class Above:
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
