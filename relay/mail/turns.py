"""Whose turn it is: companies come one after another, however much one of them has waiting."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session


class Turns:
    """Remembers who came last. What belongs to no company has a turn of its own, between the last and the first.

    Each worker has its own; what each of them does in turn is in turn for all.
    """

    def __init__(self) -> None:
        self._begun = False
        self._last: int | None = None

    def next(self, session: Session, wanted: Select[Any], company: InstrumentedAttribute[int | None]) -> Any:
        """The first row of `wanted` whose company comes next; locked, and what others hold is passed over."""
        for whose in self._in_turn(company):
            query = wanted.where(whose).order_by(None).order_by(company, *wanted._order_by_clauses)
            row = session.scalars(query.limit(1).with_for_update(skip_locked=True)).one_or_none()
            if row is not None:
                self._begun, self._last = True, getattr(row, company.key)
                return row
        return None

    def _in_turn(self, company: InstrumentedAttribute[int | None]) -> Iterator[ColumnElement[bool]]:
        nobody = company.is_(None)
        if self._last is None:
            yield from (company.is_not(None), nobody) if self._begun else (nobody, company.is_not(None))
        else:
            yield from (company > self._last, nobody, company <= self._last)
