"""Names of rows by their ids, for lists that refer to them."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session


def names_by_id(session: Session, name: InstrumentedAttribute[str], ids: Iterable[int | None]) -> dict[int, str]:
    """Select one text column of the rows with these ids, by one statement; by none where there is no id.

    Rows that are gone are not among them.
    """
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return dict(session.execute(select(name.class_.id, name).where(name.class_.id.in_(wanted))).all())
