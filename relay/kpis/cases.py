"""Columns of a case, and how statements of cases are put together.

A case is one row that a number counts. Its statement selects `case_id`, the person and the application it is about
(where it is about one), the day it counts on, and a key and a number by which counts are kept apart.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, literal, null
from sqlalchemy.orm import InstrumentedAttribute

from relay.models import CaseKind

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
NO_KEY, NO_NUMBER = literal(""), literal(0, BigInteger)
NOBODY: ColumnElement[Any] = cast(null(), BigInteger)


@dataclass(frozen=True)
class Cases:
    """The statement of the cases of a kind; `kept` says that an erased person's go on counting (A-27).

    They do where the case is a thing of the past; who waits, is in the pool or in a selection is not there any more.
    Cases whose rows outlive the person are counted as before and need no keeping.
    """

    kind: CaseKind
    select: Select[*tuple[Any, ...]]
    kept: bool = False


def columns(
    case_id: Column,
    day: Column,
    *,
    candidate_id: Column = NOBODY,
    application_id: Column = NOBODY,
    key: Column = NO_KEY,
    number: Column = NO_NUMBER,
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a case under their names."""
    return (
        case_id.label("case_id"),
        candidate_id.label("candidate_id"),
        application_id.label("application_id"),
        day.label("day"),
        cast(key, String).label("key"),
        cast(number, BigInteger).label("number"),
    )
