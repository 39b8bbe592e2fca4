"""Rows of a database of an older version, which lacks the columns that came later."""

from typing import Any

from sqlalchemy import column, insert, inspect, table
from sqlalchemy.orm import Session

from relay.models import Company
from tests.cast import unsaved_company


def company_before(session: Session, slug: str, **values: Any) -> int:
    """Write a company with the columns that are there; returns its id."""
    made = unsaved_company(slug, **values)
    there = {column["name"] for column in inspect(session.connection()).get_columns("companies")}
    known = [each for each in Company.__table__.columns if each.name in there]
    row = {each.name: _value(made, each) for each in known if each.name != "id"}
    older = table("companies", *(column(each.name, each.type) for each in known))
    return int(session.execute(insert(older).values(row).returning(older.c.id)).scalar_one())


def _value(made: Company, column: Any) -> Any:
    value = getattr(made, column.name)
    return column.default.arg if value is None and column.default is not None else value
