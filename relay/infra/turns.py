"""Turns of companies: one after another, however much one of them has waiting."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session


class Turns:
    """Remembers who came last. What belongs to no company has a turn of its own, between the last and the first.

    Each worker has its own: where each of them goes by turns, all of them together do.
    """

    def __init__(self) -> None:
        self._begun = False
        self._last: int | None = None

    def next(
        self, session: Session, wanted: Select[Any], company: InstrumentedAttribute[int | None], *order: Any
    ) -> Any:
        """Return the first row, by `order`, of the company whose turn it is, locked; None where nobody has any.

        Rows that another worker has locked are passed over.
        """
        for whose in self._in_turn(company):
            query = wanted.where(whose).order_by(company, *order).limit(1).with_for_update(skip_locked=True)
            if (row := session.scalars(query).one_or_none()) is not None:
                self._begun, self._last = True, getattr(row, company.key)
                return row
        return None

    def _in_turn(self, company: InstrumentedAttribute[int | None]) -> Iterator[ColumnElement[bool]]:
        nobody, somebody = company.is_(None), company.is_not(None)
        if self._last is not None:
            yield from (company > self._last, nobody, company <= self._last)
        else:
            yield from (somebody, nobody) if self._begun else (nobody, somebody)
