"""Files about a candidate (書類): taken after a close look, kept under random names, gone with the person.

`kinds` looks at what a file is, `store` keeps the bytes, `scan` asks the operator's scanner, `words` finds what can be
searched for. A file is written before its row and deleted after it, so that no row ever points at nothing.
"""

from typing import IO

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import kinds, scan, store
from relay.errors import DomainError
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import (
    Attachment,
    Candidate,
    EventTag,
    FileKind,
    FileText,
    HerpConnection,
    Import,
    company_locks,
    event_data,
    record,
)
from relay.models.company_locks import CompanyLock

MAX_FILES = 5
"""So many files a person has at most (E-18)."""
MAX_OF_A_COMPANY = 2 * 1024**3
"""So many bytes all files of a company's people take at most."""
READ = "read-file"
"""The job that finds the words in a file."""


class FullAlready(DomainError):
    """Raise where a candidate has as many files as they may."""

    code = "too-many-files"
    message = _l("書類はお一人%(most)s件までです。要らないものを削除してから、保存してください。", most=MAX_FILES)


class CompanyFull(DomainError):
    """Raise where a company's files take as many bytes as they may."""

    code = "file-storage-full"
    message = _l(
        "自社の書類があわせて%(gigabytes)sGBになるため、保存できません。要らない書類を削除してから、保存してください。",
        gigabytes=MAX_OF_A_COMPANY // 1024**3,
    )


class KnownAlready(DomainError):
    """Raise where a file with the same bytes is stored, under any name."""

    code = "file-already-stored"
    message = _l("同じ内容のファイルが、すでに保存されています。")


def keep(
    session: Session, candidate: Candidate, name: str, content: IO[bytes], *, by_user_id: int | None
) -> Attachment:
    """Take a file about the person.

    Raises FullAlready, KnownAlready, CompanyFull, or what `kinds` and `scan` refuse it for.
    """
    kind = kinds.recognise(name, content)
    _refuse_what_does_not_fit(session, candidate, sha := store.sum_of(content))
    stored = store.put(content)
    try:
        scan.refuse_infected(store.path_of(stored))
        _refuse_beyond_the_company(session, candidate.company_id, kinds.size_of(content))
    except DomainError:
        store.remove([stored])
        raise
    file = Attachment(
        candidate_id=candidate.id,
        kind=kind,
        name=kinds.shown_name(name, kind),
        stored_as=stored,
        size=kinds.size_of(content),
        sha256=sha,
        state=FileText.NONE if kind in (FileKind.JPG, FileKind.PNG) else FileText.WAITING,
        at=clock.now(),
        by_user_id=by_user_id,
    )
    session.add(file)
    candidate.updated_at = clock.now()
    session.flush()
    if file.state is FileText.WAITING:
        jobs.enqueue(
            session, READ, key=f"{READ}:{file.id}", payload={"file_id": file.id}, company_id=candidate.company_id
        )
    _note(session, EventTag.FILE_ADDED, file)
    return file


def note_opened(session: Session, file: Attachment) -> None:
    """Log that the acting person opened the file; each time."""
    _note(session, EventTag.FILE_OPENED, file)


def remove(session: Session, file: Attachment) -> None:
    """Delete one file with its words; the bytes go once the transaction holds."""
    forget(session, Attachment.id == file.id)
    session.execute(delete(Attachment).where(Attachment.id == file.id))
    search_rows.index(session, [file.candidate_id])
    _note(session, EventTag.FILE_REMOVED, file)


def forget(session: Session, whose: object) -> None:
    """Let the bytes of these files go once the transaction that deletes their rows holds; for removal and erasure."""
    store.remove_after_commit(session, session.scalars(select(Attachment.stored_as).where(whose)).all())  # type: ignore[arg-type]


def sweep(session: Session, *, however_young: bool = False) -> int:
    """Delete stored files that no row names; returns how many. Needs a scope that sees every company's rows.

    A young file may still be on its way to its row and is left alone, unless nobody can be uploading.
    """
    gone = 0
    for names in store.stored(however_young=however_young):
        known = {
            stored
            for column in (
                Attachment.stored_as,
                *(Import.table_stored_as, Import.reading_stored_as, Import.people_stored_as),
                HerpConnection.stored_as,
            )
            for stored in session.scalars(select(column).where(column.in_(names)))
        }
        gone += store.remove(set(names) - known)
    return gone


def _refuse_what_does_not_fit(session: Session, candidate: Candidate, sha: str) -> None:
    """Refuse a file beyond the person's limits; their row is locked, so that no two uploads take the last place."""
    session.execute(select(Candidate.id).where(Candidate.id == candidate.id).with_for_update())
    mine = Attachment.candidate_id == candidate.id
    if session.scalar(select(Attachment.id).where(mine, Attachment.sha256 == sha).limit(1)) is not None:
        raise KnownAlready
    if (session.scalar(select(func.count(Attachment.id)).where(mine)) or 0) >= MAX_FILES:
        raise FullAlready


def _refuse_beyond_the_company(session: Session, company_id: int, size: int) -> None:
    """Refuse a file beyond the company's limit; its other uploads wait, so that no two take the same room."""
    company_locks.wait_for(session, CompanyLock.UPLOADS, company_id)
    taken = select(func.coalesce(func.sum(Attachment.size), 0)).where(Attachment.company_id == company_id)
    if session.scalars(taken).one() + size > MAX_OF_A_COMPANY:
        raise CompanyFull


def _note(session: Session, tag: EventTag, file: Attachment) -> None:
    record(
        session,
        tag,
        company_id=file.company_id,
        subject=("candidate", file.candidate_id),
        data=event_data.FileKept(file_id=file.id, kind=file.kind.value),
    )
