"""Reading a company's applications at HERP page by page, as jobs: killed at any moment, the next one goes on.

What was read lies in a file that the connection names, with the number of the next page; both change in one
transaction, so a page counts once. A request is counted before it is made. Where HERP, or our own limit, asks to wait,
the job ends and the next one is due then.
"""

import json
import os
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.connect.herp import bringing, client, connection
from relay.connect.herp.client import HerpFailed, HerpPage
from relay.connect.herp.connection import READ
from relay.infra import jobs, vault
from relay.infra.jobs import JobKind
from relay.infra.vault import SealBroken
from relay.models import HerpConnection, HerpTrouble, Job, scopes

KIND = "herp"
"""The kind of the job that begins to read, every day, for each company that is connected."""
EACH_COMPANY = "worker: which companies are connected with HERP"
STALE = timedelta(hours=20)
"""What was read so long ago is read again from the first page on."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""After failures in a row; after the last, nothing is asked until the next day or until HR begins to read."""
_PASSES = frozenset({HerpTrouble.AWAY, HerpTrouble.BUSY, HerpTrouble.LIMIT})


def begin_all(session: Session, job: Job) -> None:
    """Begin to read for every company that is connected."""
    with scopes.everyone(session, EACH_COMPANY):
        companies = session.scalars(select(HerpConnection.company_id).order_by(HerpConnection.company_id)).all()
    for company_id in companies:
        connection.begin(session, company_id)
        jobs.go_on(session, job)


def read(session: Session, job: Job) -> None:
    """Read page after page, until the end, a failure or a limit; committed after each."""
    company_id = scopes.required(job.company_id)
    with scopes.company(session, company_id):
        if connection.waits_for_a_look(session, company_id):
            return
        while (place := _next_request(session, company_id)) is not None:
            jobs.keep(session, job)
            try:
                page = client.page_of(_key_of(place), "candidacies" if place.names_read else "requisitions", place.page)
            except HerpFailed as failed:
                _note(session, company_id, failed)
                return
            if _kept(session, company_id, place, page):
                session.commit()
                bringing.bring(session, company_id)
                return
            jobs.go_on(session, job)
        jobs.keep(session, job)


class _Place:
    """A page that is about to be read, and the sealed key for it; the row itself may change meanwhile."""

    def __init__(self, row: HerpConnection) -> None:
        self.key, self.page, self.names_read, self.begun_at = row.key, row.page, row.names_read, row.begun_at

    def is_place_of(self, row: HerpConnection) -> bool:
        """Return whether nothing else read this page, and the reading was not begun again."""
        here = (row.page, row.names_read, row.begun_at)
        return here == (self.page, self.names_read, self.begun_at)


def _next_request(session: Session, company_id: int) -> _Place | None:
    """Count the next request and return its place; None where there is nothing to read, or not yet."""
    row = connection.of_company(session, company_id, lock=True)
    if row is None or row.page == 0:
        return None
    if row.begun_at is not None and row.begun_at < clock.now() - STALE:
        connection.restart(session, row)
    if not connection.may_ask(row):
        connection.ask_again(session, row)
        return None
    session.flush()
    return _Place(row)


def _key_of(place: _Place) -> str:
    try:
        return vault.unseal(place.key)
    except SealBroken as broken:
        raise HerpFailed(HerpTrouble.SEALED) from broken


def _note(session: Session, company_id: int, failed: HerpFailed) -> None:
    """Note why nothing came: what passes is tried again from this page on, everything else waits for a person."""
    session.rollback()
    row = connection.of_company(session, company_id, lock=True)
    if row is None:
        return
    row.trouble = failed.trouble
    if failed.trouble not in _PASSES or row.tries >= len(WAITS):
        connection.drop_read(session, row)
        return
    later = clock.now() + WAITS[row.tries]
    row.not_before = failed.not_before or later
    row.tries += failed.trouble is not HerpTrouble.LIMIT
    connection.ask_again(session, row)


def _kept(session: Session, company_id: int, place: _Place, page: HerpPage) -> bool:
    """Keep a page with the place of the next one; returns whether it was the last."""
    row = connection.of_company(session, company_id, lock=True)
    if row is None or not place.is_place_of(row):
        return False
    row.trouble, row.tries, row.answered_at = None, 0, clock.now()
    row.not_before = page.not_before or row.not_before
    _append(row, [[place.names_read, item] for item in page.items])
    if page.goes_on:
        row.page += 1
    elif not row.names_read:
        row.page, row.names_read = 1, True
    else:
        return True
    return False


def _append(row: HerpConnection, lines: list[Any]) -> None:
    """Write behind what is kept; what a killed process wrote there, and never committed, is written over."""
    if row.stored_as is None:
        row.stored_as, file = store.begin()
    else:
        file = store.path_of(row.stored_as).open("r+b")
    with file:
        file.truncate(row.stored_bytes)
        file.seek(row.stored_bytes)
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n")
        file.flush()
        os.fsync(file.fileno())
        row.stored_bytes = file.tell()


JOBS = (JobKind(KIND, begin_all), JobKind(READ, read))
