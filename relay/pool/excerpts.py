"""The long texts around a person in which a search may have found its words."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from relay.models import ApplicationStep, Note

LONGEST = 20_000
"""A word further on in a text is found, but not shown."""


def texts_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's long texts by one statement, in the company's scope; those who have none are left out."""
    texts: dict[int, list[str]] = defaultdict(list)
    for candidate_id, text in session.execute(union_all(*_parts(candidate_ids))):
        texts[candidate_id].append(text)
    return dict(texts)


def _parts(candidate_ids: Sequence[int]) -> list[Select[Any]]:
    """One select per kind of text: whose it is, and its beginning."""
    notes = select(Note.candidate_id, func.substr(Note.body, 1, LONGEST)).where(Note.candidate_id.in_(candidate_ids))
    comments = select(ApplicationStep.candidate_id, func.substr(ApplicationStep.comment, 1, LONGEST)).where(
        ApplicationStep.candidate_id.in_(candidate_ids), ApplicationStep.comment != ""
    )
    return [notes, comments]
