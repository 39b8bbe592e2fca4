"""The long texts around a person in which a search may have found its words."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from relay.models import ApplicationStep, Note

MAX_LENGTH = 20_000
"""A word further on in a text is found, but not shown."""


def texts_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's long texts by one statement, in the company's scope; those who have none are left out."""
    texts: dict[int, list[str]] = defaultdict(list)
    if not candidate_ids:
        return texts
    for candidate_id, text in session.execute(_texts(), {"people": list(candidate_ids)}):
        texts[candidate_id].append(text)
    return texts


@cache  # tricks: search by operators
def _texts() -> CompoundSelect[Any]:
    """Select whose it is, and its beginning, for every kind of text."""
    people: BindParameter[int] = bindparam("people", expanding=True)
    notes = select(Note.candidate_id, func.substr(Note.body, 1, MAX_LENGTH)).where(Note.candidate_id.in_(people))
    comments = select(ApplicationStep.candidate_id, func.substr(ApplicationStep.comment, 1, MAX_LENGTH)).where(
        ApplicationStep.candidate_id.in_(people), ApplicationStep.comment != ""
    )
    return union_all(notes, comments)
