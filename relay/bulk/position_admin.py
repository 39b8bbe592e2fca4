"""Changing a position with everything that refers to it: searches and rules that ask for it, words people are found by.

Merging two is an act on everybody who applied (relay.bulk.runs) and can be taken back.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay.bulk import actions, references, runs
from relay.errors import DomainError
from relay.hiring import positions
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import Position

_ABOVE_ALL = 2**62


class SamePosition(DomainError):
    """Raise where a position would be merged into itself, or into one that does not exist."""

    code = "position-merge-target-invalid"
    message = _l("まとめる先を、いまあるほかの求人の中から選んでください。何も変わっていません。")


def change(session: Session, position: Position, values: Mapping[str, Any]) -> list[str]:
    """Change the position, and let what asks for it by its title ask for the new one; return what changed.

    People who applied are found by the new title afterwards: at once, or by the worker where they are many.
    Raises TitleMissing and TitleTaken.
    """
    title, key = position.title, position.title_key
    changed = positions.change(session, position, values)
    if position.title != title:
        references.follow(session, references.NewName.of_position(key, position))
        _find_by_new_title(session, position, from_title=title)
    return changed


def other_position(session: Session, position: Position, title: str) -> Position:
    """Return the position of this title, into which `position` can be merged. Raises SamePosition."""
    other = positions.find(session, title)
    if other is None or other.id == position.id:
        raise SamePosition
    return other


def _find_by_new_title(session: Session, position: Position, *, from_title: str) -> None:
    people = actions.applicants(session, position.id, _ABOVE_ALL, runs.SYNC_LIMIT + 1)
    if len(people) <= runs.SYNC_LIMIT:
        search_rows.index(session, people, news=False)
        return
    payload = {"position_id": position.id}
    key = f"position-words:{position.id}:{from_title}"
    jobs.enqueue(session, "position-words", key=key, payload=payload, company_id=position.company_id)
