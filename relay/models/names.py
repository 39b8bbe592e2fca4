"""Names of rows by their ids, for lists that refer to them."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def names_by_id(session: Session, name: InstrumentedAttribute[str], ids: Iterable[int | None]) -> dict[int, str]:
    """Select one text column of the rows with these ids, by one statement; by none where there is no id.

    Rows that are gone are not among them.
    """
    wanted = {each for each in ids if each is not None}
    return dict(session.execute(_names(name), {"wanted": list(wanted)}).all()) if wanted else {}


@cache  # tricks: portal.activity
def _names(name: InstrumentedAttribute[str]) -> Select[int, str]:
    return select(name.class_.id, name).where(name.class_.id.in_(bindparam("wanted", expanding=True)))
