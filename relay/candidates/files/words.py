"""The words in a file, for the search: found by the worker in a process of its own that may take little and no longer.

Whatever a file does to the library that reads it, it does it there.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates.files import READ, store
from relay.indexing import search_rows
from relay.infra.jobs import JobKind
from relay.models import Attachment, FileText, Job, scopes
from relay.text import clean_block

PATIENCE = 60
MAX_LENGTH = 50_000
"""So many characters of a file can be found; the search holds no more of one person anyway."""
_READER = Path(__file__).with_name("reader.py")


def read(session: Session, job: Job) -> None:
    """Find the words in one file and let the search know them. The database is let go of meanwhile."""
    company_id, file_id = scopes.required(job.company_id), int(job.payload["file_id"])
    with scopes.company(session, company_id):
        found = session.execute(
            select(Attachment.stored_as, Attachment.kind).where(Attachment.id == file_id)
        ).one_or_none()
    session.rollback()
    if found is None:
        return
    text = words_in(store.path_of(found.stored_as), found.kind)
    with scopes.company(session, company_id):
        file = session.scalars(select(Attachment).where(Attachment.id == file_id).with_for_update()).one_or_none()
        if file is None:
            return
        file.text = text or ""
        file.state = FileText.UNREADABLE if text is None else FileText.READ if text else FileText.NONE
        search_rows.index(session, [file.candidate_id])


def words_in(path: Path, kind: str) -> str | None:
    """Return the words of the file at `path`; None where they cannot be read."""
    command = [sys.executable, "-I", str(_READER), kind]
    with path.open("rb") as file, tempfile.TemporaryFile() as out:
        try:
            subprocess.run(  # noqa: S603  (our own program)
                command, stdin=file, stdout=out, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True, env={}
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return None
        out.seek(0)
        return clean_block(out.read(4 * MAX_LENGTH).decode("utf-8", errors="ignore"))[:MAX_LENGTH]


JOBS = (JobKind(READ, read),)
