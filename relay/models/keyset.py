"""Pages of a list by keyset: a page begins beside the row that ended the last one, however many rows come before it.

A cursor is that row's sort values as text, part of the address of a page. It means nothing outside its list, opens
nothing (scopes still hold), and may be typed by anybody: one that cannot be read begins at the top of the list.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, false, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay import clock
from relay.models.prepared import read

Row = TypeVar("Row")
Values = tuple[Any, ...]
Rows = Select[*tuple[Any, ...]]
Expression = ColumnElement[Any] | InstrumentedAttribute[Any]

_EMPTY = "~"
_BLANK = "~e"
_TICK = timedelta(microseconds=1)
_LONGEST = 1_000  # characters of a cursor
_INTEGER, _BIG = 2**31 - 1, 2**63 - 1
"""PostgreSQL refuses to compare a column with a number that it could not hold."""
_NUMBER = r"-?[0-9]{1,18}"
_PATTERNS: dict[type, str] = {
    datetime: _NUMBER,  # microseconds
    date: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    int: _NUMBER,
    float: r"-?[0-9]{1,18}(?:\.[0-9]{1,22})?(?:e[-+][0-9]{1,3})?",
    StrEnum: r"[^-]+",
    str: r"[^-]*",
}


class Start(NamedTuple):
    """Where a page begins: behind the row of these sort values, or before it."""

    values: Values
    backwards: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the values by the names of their parameters, for a statement that is kept and run at any place."""
        return {f"place_{number}": value for number, value in enumerate(self.values)}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows in the order of their list, and the cursors of the pages on either side: empty where there is none."""

    rows: Sequence[Row] = ()
    next: str = ""
    """The `after` of the page that follows."""
    previous: str = ""
    """The `before` of the page that precedes."""
    at_top: bool = True
    """Whether no place in the list was asked for."""


class SortColumn:
    """One column of an order. Where it may be NULL, such rows come last, whatever its direction.

    A column without NULL may hold `last`, or more than that, in rows without a value: they come last, too, and an
    index over the column answers both directions (`Keyset.walks`).
    """

    def __init__(self, expression: Expression, *, descending: bool, nullable: bool, last: Any = None) -> None:
        self.expression, self.descending, self.nullable, self.last = expression, descending, nullable, last
        self._type = expression.type.python_type
        self._kind = next(kind for kind in _PATTERNS if issubclass(self._type, kind))
        self._greatest = _BIG if isinstance(expression.type, BigInteger) else _INTEGER
        self.pattern = f"(~|{_PATTERNS[self._kind]})" if nullable else f"({_PATTERNS[self._kind]})"

    @property
    def parted(self) -> bool:
        """Return whether rows without a value come behind the others against the direction of the column."""
        return self.last is not None and self.descending

    @property
    def least(self) -> Any:
        """Return a value in the place of all but `last`."""
        return {datetime: clock.EPOCH, date: date.min, int: 0, float: 0.0}.get(self._kind, "")

    def order(self, *, backwards: bool) -> ColumnElement[Any]:
        """Return the term of ORDER BY."""
        term = self.expression.desc() if self.descending != backwards else self.expression.asc()
        if not self.nullable:
            return term
        return term.nulls_first() if backwards else term.nulls_last()

    def beyond(self, place: Any, value: Any, *, backwards: bool) -> ColumnElement[bool]:
        """Return the condition of rows that come behind a value, or before it; `place` is the parameter it is in."""
        if value is None:
            return self.expression.is_not(None) if backwards else false()
        apart = self.expression < place if self.descending != backwards else self.expression > place
        return or_(apart, self.expression.is_(None)) if self.nullable and not backwards else apart

    def write(self, value: Any) -> str:
        """Return the value as part of a cursor."""
        if value is None:
            return _EMPTY
        if isinstance(value, datetime):
            return str((value - clock.EPOCH) // _TICK)
        if isinstance(value, str):
            return value.replace("~", "~t").replace("-", "~d") or _BLANK
        return value.isoformat() if isinstance(value, date) else str(value)

    def read(self, text: str) -> Any:
        """Return the value. Raises ValueError and OverflowError for what no value of this column is written as."""
        if self.nullable and text == _EMPTY:
            return None
        if self._kind is datetime:
            return clock.EPOCH + int(text) * _TICK
        if self._kind is date:
            return date.fromisoformat(text)
        if self._kind is int and abs(int(text)) > self._greatest:
            raise OverflowError
        return self._type(text.replace(_BLANK, "").replace("~d", "-").replace("~t", "~"))


def ascending(expression: Expression, *, nullable: bool = False) -> SortColumn:
    """Order by a column, the least first."""
    return SortColumn(expression, descending=False, nullable=nullable)


def descending(expression: Expression, *, nullable: bool = False, last: Any = None) -> SortColumn:
    """Order by a column, the greatest first, and rows from the value `last` on behind all others."""
    return SortColumn(expression, descending=True, nullable=nullable, last=last)


class Keyset:
    """The order of a list. Its columns together are unique, so the last is mostly an id."""

    def __init__(self, *columns: SortColumn) -> None:
        self._columns = columns
        self._written = re.compile("[-.]".join(column.pattern for column in columns), re.DOTALL)
        self._kept: WeakKeyDictionary[Rows, dict[tuple[object, ...], Rows]] = WeakKeyDictionary()

    def page(
        self,
        session: Session,
        statement: Rows,
        make: Callable[..., Row],
        *,
        after: str = "",
        before: str = "",
        limit: int,
        values: Mapping[str, Any] | None = None,
    ) -> Page[Row]:
        """Return the page behind one cursor, or before another; `make` is called with the columns of each row.

        A statement that is kept comes with the `values` of its parameters: what is made of it here is kept, too; one
        of columns is run as a prepared read.
        """
        start, width = self.start(after=after, before=before), len(self._columns)
        found: Sequence[Any] = ()
        if values is None:
            for walk in self.walks(statement.add_columns(*self.columns), start, limit + 1):
                found = [*found, *session.execute(walk)][: limit + 1]
                if len(found) > limit:
                    break
        else:
            given = {**values, **(start.parameters if start is not None else {})}
            kept = self._keyed_once(statement, start, limit + 1)
            found = session.execute(kept, given).all() if _makes_objects(statement) else read(session, kept, **given)
        return self.cut([(make(*row[:-width]), tuple(row[-width:])) for row in found], start, limit)

    def start(self, *, after: str = "", before: str = "") -> Start | None:
        """Read a cursor; `before` is followed where both are given. None is the top, also for what cannot be read."""
        typed = before or after
        written = self._written.fullmatch(typed) if 0 < len(typed) <= _LONGEST and "\0" not in typed else None
        if written is None:
            return None
        try:
            values = [column.read(text) for column, text in zip(self._columns, written.groups(), strict=True)]
        except (ValueError, OverflowError):
            return None
        return Start(tuple(values), backwards=bool(before))

    @property
    def columns(self) -> list[Expression]:
        """Return what a row is put in its place by."""
        return [column.expression for column in self._columns]

    def anywhere(self, backwards: bool | None) -> Start | None:
        """Return a place for a statement that is kept, given by its parameters when it runs; None is the top."""
        return None if backwards is None else Start((0,) * len(self._columns), backwards)

    def cursor(self, values: Values) -> str:
        """Return the cursor of a row with these sort values."""
        return "-".join(column.write(value) for column, value in zip(self._columns, values, strict=True))

    def place_of(self, session: Session, statement: Rows) -> str:
        """Return the cursor of the one row that the statement selects; empty where there is none."""
        row = session.execute(statement.with_only_columns(*(column.expression for column in self._columns))).first()
        return self.cursor(tuple(row)) if row is not None else ""

    def walks(self, statement: Rows, start: Start | None, rows: int) -> list[Rows]:
        """Return the statements that hold the page together, each one walk of an index over the columns.

        There are two where rows without a value come last and the column falls: first those with one.
        """
        first = self._columns[0]
        if not first.parted:
            return [self.slice(statement, start, rows)]
        known, without = statement.where(first.expression < first.last), statement.where(first.expression >= first.last)
        if start is None:
            return [self._walk(known, None, rows), self._walk(without, None, rows)]
        # away from the other part the place alone bounds a walk: with two bounds SQLite takes the one of fewer columns
        if not self._behind(start):
            here = self._walk(known if start.backwards else statement, start, rows)
            return [here] if start.backwards else [here, self._walk(without, None, rows)]
        here = self._walk(statement if start.backwards else without, start, rows)
        return [here, self._walk(known, None, rows, backwards=True)] if start.backwards else [here]

    def any_place(self, start: Start | None) -> Start | None:
        """Return a place for a statement that is kept, as `anywhere`: with the same walks as this one."""
        if start is None:
            return None
        first, *others = self._columns
        place = first.last if self._behind(start) else first.least
        return Start((place, *(column.least for column in others)), start.backwards)

    def _behind(self, start: Start) -> bool:
        """Return whether a place is among the rows without a value, where those are walked by themselves."""
        first = self._columns[0]
        return first.parted and bool(start.values[0] >= first.last)

    def _walk(self, statement: Rows, start: Start | None, rows: int, *, backwards: bool = False) -> Rows:
        if start is not None:
            statement, backwards = statement.where(self._beyond(start)), start.backwards
        return statement.order_by(*(column.order(backwards=backwards) for column in self._columns)).limit(rows)

    def slice(self, statement: Rows, start: Start | None, rows: int | ColumnElement[int] | None) -> Rows:
        """Return the statement narrowed to so many rows from there on: in reverse where the start is backwards."""
        if start is not None:
            statement = statement.where(self._beyond(start))
        return statement.order_by(*self.order(start)).limit(rows)

    def order(self, start: Start | None = None) -> list[ColumnElement[Any]]:
        """Return the terms of ORDER BY for a page that begins there."""
        backwards = start is not None and start.backwards
        terms = [column.order(backwards=backwards) for column in self._columns]
        if self._columns[0].parted:
            without = case((self._columns[0].expression >= self._columns[0].last, 1), else_=0)
            return [without.desc() if backwards else without.asc(), *terms]
        return terms

    def cut(self, found: Sequence[tuple[Row, Values]], start: Start | None, limit: int) -> Page[Row]:
        """Return the page that `limit` + 1 rows with their sort values make, in the order they were selected."""
        more, shown = len(found) > limit, found[:limit]
        if not shown:
            return Page(at_top=start is None)
        backwards = start is not None and start.backwards
        shown = shown[::-1] if backwards else shown
        return Page(
            [row for row, _values in shown],
            next=self.cursor(shown[-1][1]) if backwards or more else "",
            previous=self.cursor(shown[0][1]) if (more if backwards else start is not None) else "",
            at_top=start is None,
        )

    def _keyed(self, statement: Rows, start: Start | None, rows: int) -> Rows:
        return self.slice(statement.add_columns(*(column.expression for column in self._columns)), start, rows)

    def _keyed_once(self, statement: Rows, start: Start | None, rows: int) -> Rows:
        """Return the same for a statement that is kept. Where a place has no value, the condition is another."""
        kept = self._kept.setdefault(statement, {})
        shape = (rows, start and start.backwards, start and tuple(value is None for value in start.values))
        if shape not in kept:
            kept[shape] = self._keyed(statement, start, rows)
        return kept[shape]

    def _beyond(self, start: Start) -> ColumnElement[bool]:
        places = [
            bindparam(name, value, type_=column.expression.type)
            for column, (name, value) in zip(self._columns, start.parameters.items(), strict=True)
        ]
        first, falling = self._columns[0], self._columns[0].descending != start.backwards
        if all(column.descending == first.descending and not column.nullable for column in self._columns):
            # of one direction: a comparison of rows, which an index over the columns answers
            row, place = tuple_(*(column.expression for column in self._columns)), tuple_(*places)
            return row < place if falling else row > place
        condition: ColumnElement[bool] = false()
        for column, place, value in reversed(list(zip(self._columns, places, start.values, strict=True))):
            same = column.expression.is_(None) if value is None else column.expression == place
            condition = or_(column.beyond(place, value, backwards=start.backwards), and_(same, condition))
        if first.nullable:
            return condition
        # said again of the first column alone, so that an index is walked from there
        return and_(first.expression <= places[0] if falling else first.expression >= places[0], condition)


def _makes_objects(statement: Rows) -> bool:
    return any(each["expr"] is each["entity"] for each in statement.column_descriptions)


def newest(expression: Expression) -> Keyset:
    """Return the order of a list by its ids, or other numbers that grow, the newest first."""
    return Keyset(descending(expression))
