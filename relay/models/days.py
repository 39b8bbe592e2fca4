"""Calendar days in SQL, which SQLite and PostgreSQL each say in words of their own."""

from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement


class japan_day(FunctionElement[Any]):
    """The day in Japan on which a moment falls (F-20)."""

    type = Date()
    name = "japan_day"
    inherit_cache = True


class first_of_month(FunctionElement[Any]):
    """The first day of the month in which a day lies."""

    type = Date()
    name = "first_of_month"
    inherit_cache = True


class days_between(FunctionElement[Any]):
    """The number of days from the first to the second day."""

    type = Integer()
    name = "days_between"
    inherit_cache = True


@compiles(japan_day, "sqlite")
def _japan_day_sqlite(element: japan_day, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+9 hours')"


@compiles(japan_day, "postgresql")
def _japan_day_postgresql(element: japan_day, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AT TIME ZONE 'Asia/Tokyo' AS DATE)"


@compiles(first_of_month, "sqlite")
def _first_of_month_sqlite(element: first_of_month, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, 'start of month')"


@compiles(first_of_month, "postgresql")
def _first_of_month_postgresql(element: first_of_month, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(date_trunc('month', {compiler.process(element.clauses, **options)}) AS DATE)"


@compiles(days_between, "sqlite")
def _days_between_sqlite(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_between_postgresql(element: days_between, compiler: SQLCompiler, **options: Any) -> str:
    first, second = (compiler.process(each, **options) for each in element.clauses)
    return f"({second} - {first})"
