"""Prepared reads: statements that pages ask again and again, compiled once with the conditions of their scope.

To put a statement together, to look up its compiled form and to make objects of its rows costs more than to run it
(`tests.bench.partner`, `tests.bench.tricks`). Here it is compiled once for each database and kind of scope; the ids
of the scope in force are parameters, as the caller's values are. So it is bound as every other statement is
(tests/db/test_prepared.py), and runs in the transaction of its session.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay.models import scopes

Made = TypeVar("Made")
Convert = Callable[[Any], Any] | None


class _Form(NamedTuple):
    """A statement in the words of one database."""

    text: str
    parameters: Sequence[tuple[str, Callable[[], Any], Convert]]
    """Each with the value that the statement itself has for it, and what turns a value into one of the driver's."""
    positional: bool
    columns: Sequence[Convert] | None
    """What turns each column into a value of ours; None where the rows of the driver hold such already."""

    def told(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver is given them."""
        told = []
        for name, own, convert in self.parameters:
            value = values[name] if name in values else own()
            told.append(convert(value) if convert else value)
        if self.positional:
            return tuple(told)
        return dict(zip((name for name, _own, _convert in self.parameters), told, strict=True))


class Prepared(Generic[Made]):
    """A select of columns, whose parameters are given when it is run; `make` is called with the columns of each row.

    A list of values that is given is as many parameters (`one_of`); one that never changes may stand in the statement.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], make: Callable[..., Made]) -> None:
        self.statement, self._make = statement, make
        self._forms: dict[tuple[str, frozenset[str] | None], _Form] = {}

    def all(self, session: Session, **values: Any) -> list[Made]:
        """Return all rows. Raises ScopeMissing as any query does; values of no parameter are left alone."""
        session.flush()
        scope, connection = scopes.current(session) or scopes.Scope(), session.connection()
        kind = (connection.dialect.name, None if scope.reason else scope.active)
        if (form := self._forms.get(kind)) is None:
            form = self._forms[kind] = _form(scopes.prepared(self.statement, scope), connection.dialect)
        rows = connection.exec_driver_sql(form.text, form.told(values | scope.values)).all()
        if (columns := form.columns) is None:
            return [self._make(*row) for row in rows]
        return [
            self._make(*[convert(value) if convert else value for convert, value in zip(columns, row, strict=True)])
            for row in rows
        ]

    def first(self, session: Session, **values: Any) -> Made | None:
        """Return the first row, None where there is none; the statement says which that is."""
        return next(iter(self.all(session, **values)), None)


_READS: WeakKeyDictionary[Select[*tuple[Any, ...]], Prepared[Any]] = WeakKeyDictionary()  # tricks: home


def read(session: Session, statement: Select[*tuple[Any, ...]], **values: Any) -> list[Any]:
    """Return the rows of a statement of columns that is kept, as tuples named by its columns.

    What is made of it here is kept as long as the process, so a statement that is put together at a request has no
    place here (tests/web/portal/test_kept_statements.py).
    """
    if (known := _READS.get(statement)) is None:
        names = statement.selected_columns.keys()
        known = _READS[statement] = Prepared(statement, namedtuple("Row", names, rename=True))
    return known.all(session, **values)


def one_of(column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str, many: int) -> ColumnElement[bool]:
    """Return the condition that a column is one of so many parameters, which `numbered` gives."""
    return column.in_([bindparam(f"{name}_{number}", type_=column.type) for number in range(many)])


def numbered(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the parameters of `one_of`."""
    return {f"{name}_{number}": value for number, value in enumerate(values)}


def rounded(values: Sequence[Any]) -> list[Any]:
    """Return the values, the last so often again that their number is a power of two: so few statements are kept."""
    return [*values, *[values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values))] if values else []


def _form(statement: Any, dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect)
    given = {name: None for name, bind in compiled.binds.items() if bind.required}
    lists = [name for name in given if compiled.binds[name].expanding]
    assert not lists, f"{lists}: a list in a prepared read: relay.models.prepared.one_of"
    # lists that never change are written out, each value a parameter of its own
    expanded = compiled.construct_expanded_state(given)
    parameters = []
    for name in expanded.positiontup or expanded.parameters:
        if (bind := compiled.binds.get(name)) is not None:
            parameters.append((name, _own(bind), bind.type.dialect_impl(dialect).bind_processor(dialect)))
        else:
            value = partial(_fixed, expanded.additional_parameters[name])
            parameters.append((name, value, expanded.processors.get(name)))
    columns = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in statement.selected_columns]
    return _Form(
        expanded.statement,
        parameters,
        compiled.positional,
        columns if any(columns) else None,
    )


def _fixed(value: Any) -> Any:
    return value


def _own(bind: BindParameter[Any]) -> Callable[[], Any]:
    """Return what gives the value that a statement itself has: fixed, or of the time at which it runs."""
    if bind.required:
        return partial(_missing, bind.key)
    return lambda: bind.effective_value


def _missing(name: str) -> Any:
    raise KeyError(f"{name}: a parameter of a prepared read")
