"""`relay import --watch`: every file of a folder is brought in once, until the command is told to stop."""

import logging
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from relay.candidates.files import store
from relay.cli.imports import words
from relay.cli.imports.folder import DONE, REFUSED, WatchedFolder, reason_of, shown
from relay.extensions import begin_writing, db
from relay.identity import companies
from relay.infra.log_safety import trace_of
from relay.intake.planning.plan import Answers
from relay.intake.reading import refusals
from relay.intake.reading.refusals import FileRefused, FileTooLarge, UnknownFormat
from relay.intake.reading.sources import FORMATS
from relay.intake.reading.table import NamedPlace
from relay.intake.uploads import whole
from relay.intake.uploads.whole import Brought, WholeFile
from relay.models import Actor, act_as

log = logging.getLogger("relay.import")

LOOK_EVERY = 1.0
"""Seconds between looks into the folder."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """For whom files come in, and how."""

    company_id: int
    answers: Answers
    format: str | None
    place: NamedPlace


def watch(path: Path, slug: str, answers: Answers, format: str | None, place: NamedPlace, *, settle: float) -> None:
    """Bring in what is put into the folder, until SIGTERM or SIGINT. Raises FolderWatched, FolderGone, NotWritable."""
    if format is not None and format not in FORMATS:
        raise UnknownFormat(format, FORMATS)
    session = db.session()
    order = WatchOrder(companies.by_slug(session, slug).id, answers, format, place)
    session.rollback()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_signal: stopping.set())
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # somebody opens a file whose lease is asked for
    folder = WatchedFolder(path, settle, lambda sentence: click.echo(sentence, err=True))
    folder.claim()
    try:
        while not stopping.is_set():
            look(folder, order, stopping)
            stopping.wait(min(LOOK_EVERY, settle))
    finally:
        folder.release()


def look(folder: WatchedFolder, order: WatchOrder, stopping: threading.Event) -> None:
    """Bring in all files that are ready, one after the other."""
    for name in folder.ready():
        if stopping.is_set():
            return
        _take(folder, name, order)


def _take(folder: WatchedFolder, name: str, order: WatchOrder) -> None:
    """Bring one file in, write its report and move it away; what stops that is said, and it is tried again."""
    try:
        with store.nameless() as copy:
            if not _copied(folder, name, copy):
                return
            brought = _bring(copy, order)
        report = brought.report
        if brought.before is not None:
            report = report | {"already_imported_at": brought.before.isoformat()}
        folder.put_away(name, REFUSED if brought.is_refused else DONE, report, words.whole_text(name, brought))
        click.echo(words.verdict(name, brought))
    except OSError as error:
        folder.later(
            name,
            _(
                "「%(name)s」を読めないか、移せませんでした（%(reason)s）。そのまま残し、あとでもう一度試します。",
                name=shown(name),
                reason=reason_of(error),
            ),
        )
    except SQLAlchemyError as error:
        log.error("the database could not be used: %s", trace_of(error))
        folder.later(
            name,
            _(
                "データベースを使えないため、「%(name)s」はまだ取り込んでいません。あとでもう一度試します。",
                name=shown(name),
            ),
        )


def _copied(folder: WatchedFolder, name: str, goal: IO[bytes]) -> bool:
    """Copy the bytes that are to be read; returns whether nothing wrote meanwhile. No more than the limit is read."""
    if (source := folder.open(name)) is None:
        return False
    with source:
        left = refusals.MAX_BYTES + 1
        while left > 0 and (block := source.read(min(_BLOCK, left))):
            goal.write(block)
            left -= len(block)
        goal.flush()
        return folder.is_still(name, os.fstat(source.fileno()))


def _bring(copy: IO[bytes], order: WatchOrder) -> Brought:
    """Apply the copy in a transaction of its own, committed. A file that cannot be applied gets a report, too."""
    try:
        if copy.tell() > refusals.MAX_BYTES:
            raise FileTooLarge(megabytes=refusals.MAX_BYTES // refusals.MEGABYTE)
        copy.seek(0)
        begin_writing()
        session = db.session()
        act_as(session, Actor("cli"))
        brought = whole.bring(session, order.company_id, WholeFile(copy, order.format, order.place), order.answers)
        session.commit()
        return brought
    except FileRefused as refused:
        return whole.refused(str(refused))
    except (OSError, SQLAlchemyError):
        raise
    except Exception as error:  # a fault of ours: the other files go on
        log.exception("a file could not be applied: %s", trace_of(error), exc_info=False)
        sentence = _("Relayの誤りで取り込めませんでした。何も取り込んでいません。運営者に知らせてください。")
        return whole.refused(sentence)
    finally:
        db.session.rollback()
