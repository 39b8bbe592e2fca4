"""The words that a large file's people are found by: written in portions after the people, so that nobody waits long.

The people are listed as soon as the file is in; a kill between two portions costs a portion. A person who was changed
meanwhile is indexed as they are now, and one who is gone again is passed over.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.indexing import search_rows
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.models import Import, Job, JournalEntry, JournalImage, journal, scopes

KIND = "index-import"
AT_ONCE = 2_000
"""Rows of a file whose people are found as soon as they are written."""


def enqueue(session: Session, company_id: int, row: Import, entry: JournalEntry) -> None:
    """Leave the words of the people an import wrote to the worker, in the caller's transaction."""
    payload = {"entry_id": entry.id, "after": 0}
    jobs.enqueue(session, KIND, key=f"{KIND}:{row.id}", payload=payload, company_id=company_id)


def do(session: Session, job: Job) -> None:
    """Index the people an import made or changed, some hundred at a time, each portion committed."""
    with scopes.company(session, scopes.required(job.company_id)):
        wanted = select(JournalEntry).where(JournalEntry.id == job.payload["entry_id"])
        if (entry := session.scalars(wanted).one_or_none()) is None:
            return
        for images in journal.images_of(session, entry, about_people=True, after=job.payload["after"]):
            last = images[-1].id
            _index(session, images)
            job.payload = job.payload | {"after": last}
            jobs.go_on(session, job)


def _index(session: Session, images: Sequence[JournalImage]) -> None:
    new = {image.candidate_id for image in images if any(map(_is_new_person, image.rows))}
    people = {image.candidate_id for image in images if image.candidate_id is not None}
    search_rows.index_newcomers(session, {one for one in new if one is not None})
    search_rows.index(session, people - new)


def _is_new_person(image: dict[str, object]) -> bool:
    return image["table"] == "candidates" and image["was"] is None


JOBS = (JobKind(KIND, do, Queue.BULK_ACTIONS),)
