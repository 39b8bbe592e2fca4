"""The activity (一括操作の履歴): what was done to many people at once, by whom, and taking it back.

An act on some thousand people is taken back by the worker; whether that worked is then read here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.bulk.actions import ActivityNames
from relay.bulk.undo import ChangedSince
from relay.errors import DomainError
from relay.infra import jobs
from relay.models import (
    ActionKind,
    BulkRun,
    Candidate,
    Job,
    JobState,
    JournalEntry,
    JournalImage,
    Position,
    Tag,
    TagRule,
    User,
)
from relay.models.keyset import Page, newest
from relay.models.names import names_by_id

SYNC_LIMIT = 2_000
"""As many people are put back within the request."""
PAGE = 50
_NEWEST = newest(JournalEntry.id)
_FEW = 3
"""So many people an act is about are named beside it."""


class StillRunning(DomainError):
    """Raise while the bulk action runs, or is being undone."""

    code = "action-still-running"
    message = _l("まだ終わっていない操作です。終わってから、もう一度お試しください。何も変わっていません。")


class NothingToUndo(DomainError):
    """Raise where the person did nothing today that could be undone."""

    code = "nothing-to-undo"
    message = _l("元に戻せる操作はありません。")


@dataclass(frozen=True)
class ActivityEntry:
    """One bulk action with what a page says about it."""

    entry: JournalEntry
    by: str
    undone_by: str
    running: BulkRun | None
    going_back: bool
    refused: tuple[Sequence[str], int]
    """Whose changes kept the worker from taking it back: some names, and how many in all."""
    names: Sequence[str] = ()
    """Whom it was about, where they are few and it can still be taken back."""

    @property
    def can_be_undone(self) -> bool:
        """Return whether taking it back may be tried now."""
        waiting = self.running is not None or self.going_back
        return self.entry.undone_at is None and self.entry.undo_until > clock.now() and not waiting

    @property
    def can_leave_changed(self) -> bool:
        """Return whether it can be taken back without the people who changed since."""
        return self.can_be_undone and self.entry.action is ActionKind.IMPORTED and self.refused[1] > 0


_EVERY = select(JournalEntry)


def listed(session: Session, company_id: int, *, after: str = "") -> tuple[Page[ActivityEntry], ActivityNames]:
    """Return a page of the company's acts of the last thirty days, newest first, and the names they refer to."""
    found = _NEWEST.page(session, _EVERY, lambda entry: entry, after=after, limit=PAGE, values={})
    page: Sequence[JournalEntry] = found.rows
    names = names_by_id(session, User.name, (each for row in page for each in (row.by_user_id, row.undone_by_user_id)))
    running = _running(session, page)
    going_back = _going_back(session, company_id)
    people = names_by_id(session, Candidate.name, (each for row in page for each in _all_refused(row)["ids"]))
    few = _few_of(session, page)
    items = [
        ActivityEntry(
            entry,
            by=names.get(entry.by_user_id or 0, ""),
            undone_by=names.get(entry.undone_by_user_id or 0, ""),
            running=running.get(entry.id),
            going_back=entry.id in going_back,
            refused=_refused(entry, people),
            names=few.get(entry.id, ()),
        )
        for entry in page
    ]
    referred = ActivityNames(
        names_by_id(session, Tag.name, _named_in(page, "tag_id", "into_id")),
        names_by_id(session, TagRule.condition, _named_in(page, "rule_id")),
        names_by_id(session, Position.title, _named_in(page, "into_position_id")),
    )
    return replace(found, rows=items), referred


def take_back(
    session: Session, company_id: int, entry: JournalEntry, *, by_user_id: int | None, leave_changed: bool = False
) -> bool:
    """Take the act back, in the caller's transaction; False where the worker will do it.

    Raises StillRunning, CannotUndo, and ChangedSince with the names of those who changed since.
    """
    if _running(session, [entry]) or entry.id in _going_back(session, company_id):
        raise StillRunning
    if entry.people <= SYNC_LIMIT or entry.undone_at is not None or entry.undo_until <= clock.now():
        undo.undo(session, company_id, entry.id, by_user_id=by_user_id, leave_changed=leave_changed)
        return True
    entry.data = {name: value for name, value in entry.data.items() if name != "refused"}
    payload = {"entry_id": entry.id, "by_user_id": by_user_id, "leave_changed": leave_changed}
    key = f"undo:{entry.id}:{clock.now():%Y%m%dT%H%M%S%f}"
    jobs.enqueue(session, "undo", key=key, payload=payload, company_id=company_id)
    return False


def last_of(session: Session, user_id: int) -> JournalEntry:
    """Return the newest act of this person that can still be taken back. Raises NothingToUndo."""
    own = select(JournalEntry).where(
        JournalEntry.by_user_id == user_id,
        JournalEntry.undone_at.is_(None),
        JournalEntry.undo_until > clock.now(),
    )
    entry = session.scalars(own.order_by(JournalEntry.id.desc()).limit(1)).one_or_none()
    if entry is None:
        raise NothingToUndo
    return entry


def note_refusal(session: Session, entry_id: int, refused: ChangedSince) -> None:
    """Keep with the act whose changes kept it from being taken back."""
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == entry_id)).one()
    told = {"ids": list(refused.people[: undo.NAMED]), "count": len(refused.people)}
    entry.data = entry.data | {"refused": told}


_RUNNING = select(BulkRun).where(
    BulkRun.entry_id.in_(bindparam("entries", expanding=True)), BulkRun.finished_at.is_(None)
)


def _running(session: Session, entries: Sequence[JournalEntry]) -> dict[int, BulkRun]:
    found = session.scalars(_RUNNING, {"entries": [entry.id for entry in entries]})
    return {item.entry_id: item for item in found}


_GOING_BACK = select(Job.payload).where(
    Job.kind == "undo",
    Job.company_id == bindparam("company"),
    Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
)


def _going_back(session: Session, company_id: int) -> set[int]:
    found = session.scalars(_GOING_BACK, {"company": company_id})
    return {payload["entry_id"] for payload in found}


def _refused(entry: JournalEntry, people: dict[int, str]) -> tuple[Sequence[str], int]:
    refused = _all_refused(entry)
    return [people[each] for each in refused["ids"] if each in people], refused["count"]


def _all_refused(entry: JournalEntry) -> dict[str, Any]:
    return entry.data.get("refused") or {"ids": [], "count": 0}


def _named_in(entries: Sequence[JournalEntry], *keys: str) -> set[int]:
    return {entry.data[key] for entry in entries for key in keys if key in entry.data}


_FEW_OF = (
    select(JournalImage.entry_id, Candidate.name)
    .join(Candidate, Candidate.id == JournalImage.candidate_id)
    .where(JournalImage.entry_id.in_(bindparam("entries", expanding=True)))
    .order_by(JournalImage.id)
)


def _few_of(session: Session, entries: Sequence[JournalEntry]) -> dict[int, list[str]]:
    """Return the names of the people each small act was about, as they are now; who was erased is not among them."""
    ids = [entry.id for entry in entries if entry.people <= _FEW]
    found: dict[int, list[str]] = {}
    for entry_id, name in session.execute(_FEW_OF, {"entries": ids}):
        found.setdefault(entry_id, []).append(name)
    return found
