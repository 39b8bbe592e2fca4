"""Search tokens of a file's rows, made before the transaction that writes them, so that it is short."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from relay.intake.result import ImportRow, Reading
from relay.intake.rows import SOME
from relay.pool.search import indexing
from relay.text import sensitive_words

Prepared = dict[int, dict[str, Any]]
"""The search row of each row's person, by the row's number, as if it were the only word about them."""


def prepare(
    session: Session,
    company_id: int,
    reading: Reading,
    *,
    words_checked: bool,
    progress: Callable[[float], None] | None = None,
) -> Prepared:
    """Tokenise every row, as the session's database reads it; it is not asked for anything."""
    vector = session.get_bind().dialect.name == "postgresql"
    prepared: Prepared = {}
    for place, row in enumerate(reading.rows):
        if progress is not None and place % SOME == 0:
            progress(place / len(reading.rows))
        prepared[row.row] = indexing.prepare(company_id, 0, _texts(row, words_checked), vector=vector)
    return prepared


def _texts(row: ImportRow, words_checked: bool) -> list[str]:
    """In the order of relay.pool.search.indexing."""

    def allowed(*texts: str) -> list[str]:
        return [text for text in texts if words_checked or not sensitive_words(text)]

    words = [
        *(row.qualifications, row.wished_role, *allowed(*(tag for _kind, tag in row.tags))),
        *(row.position, row.stage, row.channel, row.channel_detail, *allowed(row.memo)),
        *allowed(*(step.comment for step in reversed(row.steps))),
    ]
    return indexing.document(name=row.name, kana=row.kana, email=row.email, phone=row.phone, words=filter(None, words))
