"""Search tokens of a file's rows, made before the transaction that writes them, so that it is short."""

from typing import Any

from relay.intake.result import ImportRow, Reading
from relay.pool import indexing
from relay.text import sensitive_words

Prepared = dict[int, dict[str, Any]]
"""The search row of each row's person, by the row's number, as if it were the only word about them."""


def prepare(company_id: int, reading: Reading, *, words_checked: bool) -> Prepared:
    """Tokenise every row. Pure: no database is asked."""
    return {row.row: indexing.prepare(company_id, 0, _texts(row, words_checked)) for row in reading.rows}


def _texts(row: ImportRow, words_checked: bool) -> list[str]:
    free = [*(tag for _kind, tag in row.tags), row.memo, *(step.comment for step in row.steps)]
    allowed = [text for text in free if words_checked or not sensitive_words(text)]
    words = [row.qualifications, row.wished_role, row.position, row.stage, row.channel, row.channel_detail, *allowed]
    return indexing.document(name=row.name, kana=row.kana, email=row.email, phone=row.phone, words=filter(None, words))
