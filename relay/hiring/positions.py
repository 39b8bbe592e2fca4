"""Positions a company hires for (求人): found by title or made on the way, written in full, opened and closed.

A title leads to one position, and so do the titles it had before: a file that still brings one makes no second.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import posting
from relay.models import EventTag, FormerTitle, Position, PositionState, event_data, record
from relay.models.positions import MAX_TITLE
from relay.text import clean, name_key

FIELDS = (
    "title", "occupation_id", "description", "required_skills", "welcome_skills", "required_qualifications",
    "welcome_qualifications", "place", "employment", "salary_per", "salary_from", "salary_to", "headcount", "apply_at",
    *posting.WRITTEN,
)  # fmt: skip
"""The values a form asks about a position: its columns, then the items that only a posting says."""
COPIED = tuple(name for name in FIELDS if name != "title")
"""The values another position of the company can begin with."""


class TitleMissing(DomainError):
    """Raise for a position without a title."""

    code = "position-title-missing"
    message = _l("求人の名前を入力してください。")


class TitleTaken(DomainError):
    """Raise where another position has the title; the two can be merged instead."""

    code = "position-title-taken"

    def __init__(self, title: str) -> None:
        super().__init__(
            _l(
                "「%(title)s」という求人は、すでにあります。時期や拠点を加えた名前にするか、"
                "同じ募集であれば、求人の画面の「ほかの求人にまとめる」を使ってください。",
                title=title,
            )
        )


def find(session: Session, title: str) -> Position | None:
    """Return the company's position of this title, as it is called now."""
    return next(iter(_known(session, [name_key(title)])), None)


def find_or_make(session: Session, title: str) -> Position | None:
    """Return the company's position of this title, made if it is new; None for an empty title."""
    return find_or_make_all(session, [title]).get(title)


def find_all(session: Session, titles: Iterable[str]) -> dict[str, Position]:
    """Return the position of each title as given that leads to one, as it does now or did formerly."""
    keys = {title: name_key(title) for title in dict.fromkeys(titles)}
    known = _by_key(session, [key for key in keys.values() if key])
    return {title: known[key] for title, key in keys.items() if key in known}


def find_or_make_all(
    session: Session, titles: Iterable[str], *, ids: Mapping[str, int] = MappingProxyType({})
) -> dict[str, Position]:
    """Return the position of each title as given, whatever its state; its former titles lead to it, too.

    Titles that differ only in width, case or spaces share one. `ids`, by title, are for those that are made.
    """
    keys = {title: name_key(title) for title in dict.fromkeys(titles)}
    wanted = {key: title for title, key in reversed(keys.items()) if key}
    known = _by_key(session, wanted)
    for key, title in wanted.items():
        if key not in known:
            known[key] = _make(session, clean(title)[:MAX_TITLE], key, ids.get(title))
    return {title: known[key] for title, key in keys.items() if key}


_FORMER_TITLES = (
    select(FormerTitle.title).where(FormerTitle.position_id == bindparam("position")).order_by(FormerTitle.title_key)
)


def former_titles(session: Session, position_id: int) -> list[str]:
    """Return the other names by which files find the position."""
    return list(session.scalars(_FORMER_TITLES, {"position": position_id}))


def details(position: Position) -> dict[str, Any]:
    """Return what a form asks about the position, as it is stored; '' for an unwritten item of the posting."""
    return {
        name: position.posting.get(name, "") if name in posting.WRITTEN else getattr(position, name) for name in FIELDS
    }


def create(session: Session, values: Mapping[str, Any]) -> Position:
    """Make a position that is open, from what was entered. Raises TitleMissing and TitleTaken."""
    title, key = _usable_title(session, values.get("title", ""), None)
    position = Position(title=title, title_key=key, posting={}, created_at=clock.now(), confirmed_on=clock.today())
    _write(position, values)
    session.add(position)
    session.flush()
    record(session, EventTag.POSITION_ADDED, company_id=position.company_id, subject=("position", position.id))
    return position


def change(session: Session, position: Position, values: Mapping[str, Any]) -> list[str]:
    """Change what is among the values; return the names of what has another value now. The rest stays.

    Saving by hand means that the contents were seen, so they are confirmed on this day even where nothing changed
    (B-22). After a new title the old one still leads here. Raises TitleMissing and TitleTaken.
    """
    before, called = details(position), (position.title, position.title_key)
    if "title" in values:
        title, key = _usable_title(session, values["title"], position.id)
        if key != called[1]:
            session.add(_former(position, *called))
        position.title, position.title_key = title, key
    _write(position, values)
    position.confirmed_on = clock.today()
    session.flush()
    changed = [name for name, value in details(position).items() if value != before[name]]
    if changed:
        record(
            session,
            EventTag.POSITION_CHANGED,
            company_id=position.company_id,
            subject=("position", position.id),
            data=event_data.FieldsChanged(fields=tuple(changed)),
        )
    return changed


def set_state(session: Session, position: Position, state: PositionState) -> bool:
    """Open, pause or close the position; return whether that changed anything.

    Applications are left alone: a selection that runs goes on, and files still bring applications to a closed one.
    """
    if position.state is state:
        return False
    position.state = state
    position.closed_at = clock.now() if state is PositionState.CLOSED else None
    record(
        session,
        EventTag.POSITION_STATE_SET,
        company_id=position.company_id,
        subject=("position", position.id),
        data=event_data.PositionStateSet(state=state.value),
    )
    session.flush()
    return True


def _usable_title(session: Session, typed: str, own_id: int | None) -> tuple[str, str]:
    """Return title and key, no longer leading elsewhere. Raises TitleMissing and TitleTaken."""
    title = clean(typed)[:MAX_TITLE]
    key = name_key(title)
    if not key:
        raise TitleMissing
    other = find(session, title)
    if other is not None and other.id != own_id:
        raise TitleTaken(other.title)
    session.execute(delete(FormerTitle).where(FormerTitle.title_key == key))
    return title, key


def _write(position: Position, values: Mapping[str, Any]) -> None:
    items = {name: values[name] for name in posting.WRITTEN if name in values}
    position.posting = {name: text for name, text in (position.posting | items).items() if text}
    for name in FIELDS:
        if name in values and name != "title" and name not in posting.WRITTEN:
            setattr(position, name, values[name])


def _known(session: Session, keys: Iterable[str]) -> Iterable[Position]:
    return session.scalars(select(Position).where(Position.title_key.in_(list(keys))))


def _by_key(session: Session, keys: Iterable[str]) -> dict[str, Position]:
    wanted = list(keys)
    known = {position.title_key: position for position in _known(session, wanted)}
    return known | _formerly(session, [key for key in wanted if key not in known])


def _formerly(session: Session, keys: list[str]) -> dict[str, Position]:
    if not keys:
        return {}
    named = select(FormerTitle.title_key, Position).join(Position, Position.id == FormerTitle.position_id)
    return dict(session.execute(named.where(FormerTitle.title_key.in_(keys))).all())


def _former(position: Position, title: str, key: str) -> FormerTitle:
    return FormerTitle(position_id=position.id, title=title, title_key=key, created_at=clock.now())


def _make(session: Session, title: str, key: str, given_id: int | None) -> Position:
    position = Position(id=given_id, title=title, title_key=key, created_at=clock.now())
    try:
        with session.begin_nested():
            session.add(position)
    except IntegrityError:  # someone else made it meanwhile
        position = next(iter(_known(session, [key])))
    return position
