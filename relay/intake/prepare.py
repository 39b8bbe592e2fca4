"""Search tokens of a file's rows, made before the transaction that writes them, so that it is short."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from typing import Any

from sqlalchemy.orm import Session

from relay.intake.result import ImportRow, Reading
from relay.pool.search import indexing
from relay.text import sensitive_words

Prepared = dict[int, dict[str, Any]]
"""The search row of each row's person, by the row's number, as if it were the only word about them."""

SOME = 2_000
"""After how many rows the progress is told."""
WORTH_A_PROCESS = 2_000
"""From how many rows on a second processor is made use of."""


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


def prepare_beside(
    session: Session, company_id: int, reading: Reading, *, words_checked: bool
) -> Callable[[], Prepared]:
    """Begin to tokenise in a process beside this one; the call of what is given waits for it.

    For a command, which has no threads that a fork would leave behind. The process touches no connection. Where it
    would gain nothing, or does not come to its end, the rows are tokenised here.
    """

    def here() -> Prepared:
        return prepare(session, company_id, reading, words_checked=words_checked)

    if len(reading.rows) < WORTH_A_PROCESS or len(os.sched_getaffinity(0)) < 2:
        return here
    forking = get_context("fork")
    receiving, sending = forking.Pipe(duplex=False)

    def child() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        receiving.close()  # else it would wait for ever to be heard where the command is killed
        with suppress(Exception):  # it fails again, and is told of, where the rows are awaited
            sending.send(here())

    process = forking.Process(target=child, daemon=True)
    process.start()
    sending.close()

    def there() -> Prepared:
        with receiving:
            try:
                prepared: Prepared = receiving.recv()
            except (EOFError, OSError):
                prepared = here()
        process.join()
        return prepared

    return there


def _texts(row: ImportRow, words_checked: bool) -> list[str]:
    """Return the texts in the order of relay.pool.search.indexing."""

    def allowed(*texts: str) -> list[str]:
        return [text for text in texts if words_checked or not sensitive_words(text)]

    words = [
        *allowed(*(tag for _kind, tag in row.tags)),
        *(row.position, row.stage, row.channel, row.channel_detail, *allowed(row.memo)),
        *allowed(*(step.comment for step in reversed(row.steps))),
    ]
    return indexing.document(row.facts, words=filter(None, words))
