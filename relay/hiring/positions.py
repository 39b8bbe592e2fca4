"""Positions a company hires for (求人), found by title or made on the way."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Position
from relay.text import clean, name_key


def find_or_make(session: Session, title: str) -> Position | None:
    """Return the company's position of this title, made if it is new; None for an empty title."""
    return find_or_make_all(session, [title]).get(title)


def find_or_make_all(session: Session, titles: Iterable[str]) -> dict[str, Position]:
    """Return the position of each title as given; titles that differ only in width, case or spaces share one."""
    keys = {title: name_key(title) for title in dict.fromkeys(titles)}
    wanted = {key: clean(title)[:200] for title, key in reversed(keys.items()) if key}
    known = {position.title_key: position for position in _known(session, wanted)}
    for key, title in wanted.items():
        if key not in known:
            known[key] = _make(session, title, key)
    return {title: known[key] for title, key in keys.items() if key}


def _known(session: Session, keys: Iterable[str]) -> Iterable[Position]:
    return session.scalars(select(Position).where(Position.title_key.in_(list(keys))))


def _make(session: Session, title: str, key: str) -> Position:
    position = Position(title=title, title_key=key, created_at=clock.now())
    try:
        with session.begin_nested():
            session.add(position)
    except IntegrityError:  # someone else made it meanwhile
        position = next(iter(_known(session, [key])))
    return position
