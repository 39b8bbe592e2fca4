"""Prepared reads: statements that pages ask again and again, compiled once with the conditions of their scope.

To put a statement together, to look up its compiled form and to make objects of its rows costs more than to run it
(`tests.bench.partner`, `tests.bench.tricks`). Here it is compiled once for each database and kind of scope; the ids
of the scope in force are parameters, as the caller's values are. So it is bound as every other statement is
(tests/db/test_prepared.py), and runs in the transaction of its session.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, inspect, literal_column, select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.visitors import cloned_traverse

from relay.models import scopes

Made = TypeVar("Made")
Convert = Callable[[Any], Any] | None


class _Form(NamedTuple):
    """A statement in the words of one database."""

    text: str
    names: Sequence[str]
    fixed: Sequence[Any]
    """The value of each parameter as the driver takes it; None where it is known only when the statement runs."""
    open: Sequence[tuple[int, str, Callable[[], Any], Convert]]
    """The others: place, name, the value that the statement itself has, and what turns one into the driver's."""
    positional: bool
    how: Mapping[str, Any]
    """What the driver is told besides: psycopg, to plan the statement once a connection."""
    columns: Sequence[Convert] | None
    """What turns each column into a value of ours; None where the rows of the driver hold such already."""

    def told(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver is given them."""
        told = [*self.fixed]
        for place, name, own, convert in self.open:
            value = values[name] if name in values else own()
            told[place] = convert(value) if convert else value
        return told if self.positional else dict(zip(self.names, told, strict=True))

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return the rows as the driver has them.

        SQLAlchemy makes a result for each statement, which takes longer than a short one runs; it is asked where
        a listener wants to hear of statements. Raises its errors.
        """
        told = self.told(values)
        if connection.engine.dispatch.before_cursor_execute:
            return connection.exec_driver_sql(self.text, told if type(told) is dict else tuple(told)).all()
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self.text, told, **self.how)
            return cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            engine = connection.engine
            kind, hidden = connection.dialect.loaded_dbapi.Error, engine.hide_parameters
            raise DBAPIError.instance(self.text, told, error, kind, hidden, dialect=engine.dialect) from error
        finally:
            cursor.close()


class Prepared(Generic[Made]):
    """A select of columns, whose parameters are given when it is run; `make` is called with the columns of each row.

    A list of values that is given is as many parameters (`one_of`); one that never changes may stand in the statement.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], make: Callable[..., Made]) -> None:
        self.statement, self._make = statement, make
        self._forms: dict[tuple[str, tuple[frozenset[str], bool] | None], _Form] = {}

    def all(self, session: Session, **values: Any) -> list[Made]:
        """Return all rows. Raises ScopeMissing as any query does; values of no parameter are left alone."""
        session.flush()
        scope, connection = scopes.current(session) or scopes.Scope(), session.connection()
        kind = (connection.dialect.name, scope.kind)
        if (form := self._forms.get(kind)) is None:
            form = self._forms[kind] = _form(scopes.prepared(self._for(connection.dialect), scope), connection.dialect)
        rows = form.rows(connection, values | scope.values)
        if (columns := form.columns) is None:
            return [self._make(*row) for row in rows]
        return [
            self._make(*[convert(value) if convert else value for convert, value in zip(columns, row, strict=True)])
            for row in rows
        ]

    def _for(self, dialect: Dialect) -> Select[*tuple[Any, ...]]:
        return cloned_traverse(self.statement, {}, {"bindparam": partial(_write_out, dialect)})

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


def have_rows(session: Session, statements: Sequence[Select[*tuple[Any, ...]]], **values: Any) -> list[bool]:
    """Return of each of these kept statements whether it has rows, or counts any, by one statement that asks for all.

    They are given the same values.
    """
    return list(read(session, _whether(tuple(statements)), **values)[0])


@lru_cache(maxsize=32)  # tricks: home
def _whether(statements: tuple[Select[*tuple[Any, ...]], ...]) -> Select[*tuple[Any, ...]]:
    one: ColumnElement[int] = literal_column("1")
    bare = [each.with_only_columns(one, maintain_column_froms=True) for each in statements]
    return select(*(each.order_by(None).exists() for each in bare))


@cache  # tricks: record
def columns_of(kind: Any) -> tuple[InstrumentedAttribute[Any], ...]:
    """Return the columns of a table, which a prepared read selects in the place of its rows as objects."""
    return tuple(getattr(kind, column.key) for column in inspect(kind).column_attrs)


@cache  # tricks: record
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(column.key for column in columns_of(kind))


def shown(kind: Callable[[], Made], values: Sequence[Any]) -> Made:
    """Return a row as an object, by the values of `columns_of`: to be shown. It is of no session, so of what is done
    to it nothing is written.

    A session makes its objects a good deal slower, for it watches each for changes.
    """
    made = kind()
    made.__dict__.update(zip(_names(kind), values, strict=True))
    return made


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
    names = list(expanded.positiontup or expanded.parameters)
    fixed: list[Any] = [None] * len(names)
    left = []
    for place, name in enumerate(names):
        bind = compiled.binds.get(name)
        if bind is None:
            value, convert = expanded.additional_parameters[name], expanded.processors.get(name)
        else:
            value, convert = bind.value, bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind is not None and not (bind.unique and bind.callable is None):
            left.append((place, name, _own(bind), convert))
        else:
            fixed[place] = convert(value) if convert else value
    columns = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in statement.selected_columns]
    how = {"prepare": True} if dialect.driver == "psycopg" else {}
    return _Form(expanded.statement, names, fixed, left, compiled.positional, how, columns if any(columns) else None)


def _write_out(dialect: Dialect, bind: BindParameter[Any]) -> None:
    """Write what never changes into the statement: words of closed lists, lists, a yes or no, an empty text.

    SQLite prepares a statement again at each run where a parameter decides whether a partial index can be walked, which
    takes as long as the run (`tests.bench.tricks`, home); PostgreSQL does not walk such an index in a plan it keeps.
    A number, which is mostly a LIMIT, is written for PostgreSQL alone: without it, it takes a kept plan for a tenth
    of all rows and plans again each time, which takes longer than the run of a list (`tests.bench.http`, results_sent).
    SQLite with a LIMIT that it knows sorts a company's rows instead of walking their index.
    """
    constant = bind.value == "" or isinstance(bind.value, Enum | bool) or bind.expanding
    if dialect.name == "postgresql":
        constant = constant or isinstance(bind.value, int)
    if constant and bind.unique and bind.callable is None:
        bind.literal_execute = True


def _own(bind: BindParameter[Any]) -> Callable[[], Any]:
    """Return what gives the value that a statement itself has: its own, or of the time at which it runs."""
    if bind.required:
        return partial(_missing, bind.key)
    return bind.callable or (lambda: bind.value)


def _missing(name: str) -> Any:
    raise KeyError(f"{name}: a parameter of a prepared read")
