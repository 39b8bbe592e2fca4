"""The undo journal: images of one act's rows before it, keyed by person so that erasure reaches them.

An image says what a row was (nothing where the act made it) and, as a fingerprint, what the act made of it: undoing
(relay.bulk.undo) refuses where it was changed since. Core tables, which the scope guard cannot bind:
every statement here carries the company itself (tests/db/bulk/test_undo.py).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import JSON, Date, Index, Select, bindparam, delete, select
from sqlalchemy import Enum as EnumType
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Mapped, Session, mapped_column

from relay import clock
from relay.models import retention
from relay.models.base import (
    BigId,
    CompanyScoped,
    Key,
    Moment,
    Ref,
    Table,
    UtcDateTime,
    choice,
    company_table,
    keep,
    within_company,
)
from relay.models.base import delete as erased_with
from relay.models.inserting import converted, insert_rows

CHUNK_SIZE = 500
DAY = timedelta(days=1)
ENTRIES_KEPT = timedelta(days=30)
"""How long the line about an act stays after it can no longer be taken back."""
_UNREMARKABLE = frozenset({"updated_at"})
"""Columns whose change alone is no change to a person's eye."""
_LATER = frozenset({"record_objected_at", "apply_at", "link_code"})
"""Columns that a later version added: empty, they are left out of a hash, so what was done before it can be undone."""


class ActionKind(StrEnum):
    """Acts that can be taken back."""

    TAGGED = "tagged"
    UNTAGGED = "untagged"
    FOLLOW_UP_SET = "follow-up-set"
    TAGS_MERGED = "tags-merged"
    TAG_DROPPED = "tag-dropped"
    RULE_APPLIED = "rule-applied"
    IMPORTED = "imported"
    MERGED = "merged"
    EDITED = "edited"
    RESULT_RECORDED = "result-recorded"
    POSITIONS_MERGED = "positions-merged"


class JournalEntry(CompanyScoped, Table):
    """One act: who did it, to how many people, and until when it can be taken back."""

    __tablename__ = "journal_entries"
    __erasure__ = (keep("ids, counts and closed words only"),)
    __table_args__ = company_table(
        within_company("by_user_id", "users"),
        Index("ix_journal_entries_company_at", "company_id", "at", "id"),
    )

    id: Mapped[Key]
    action: Mapped[ActionKind] = mapped_column(choice(ActionKind, "action"))
    people: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Ids and counts the sentence about the act needs, never a name or free text of a person."""
    by_user_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[Moment]
    undo_until: Mapped[Moment]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_user_id: Mapped[int | None] = mapped_column(BigId)


class JournalImage(CompanyScoped, Table):
    """The image of one person's rows in one act: [{table, id, was, became}]; rows about nobody have no person."""

    __tablename__ = "journal_images"
    __erasure__ = (erased_with("candidate", "candidate_id"),)
    __retention__ = (retention.UNDO, retention.CANDIDATE)
    __personal__ = ("rows",)
    __table_args__ = company_table(
        within_company("entry_id", "journal_entries"),
        Index("ix_journal_images_company_entry", "company_id", "entry_id", "id"),
        Index("ix_journal_images_company_candidate", "company_id", "candidate_id"),
    )

    id: Mapped[Key]
    entry_id: Mapped[Ref]
    candidate_id: Mapped[int | None] = mapped_column(BigId)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


Values = dict[str, Any]
RowKey = tuple[str, int]


class MadeRows:
    """Images of rows that an act makes and does not touch again; they can be worked out before the rows are written.

    Nothing has to be read again, which matters where they are hundreds of thousands.
    """

    def __init__(self) -> None:
        self.images: dict[int | None, list[str]] = defaultdict(list)
        """By whom they are about, as JSON."""

    def add(self, model: Any, rows: Sequence[Values]) -> None:
        """Note rows, with the value of each of their columns."""
        name = model.__tablename__
        names = sorted(set(model.__table__.c.keys()) - _UNREMARKABLE)
        columns = [_told(column, [row[column] for row in rows]) for column in names]
        about = "id" if name == "candidates" else "candidate_id"
        for row, values in zip(rows, zip(*columns, strict=True), strict=True):
            became = _hashed(filter(None, values))
            image = f'{{"table": "{name}", "id": {row["id"]}, "was": null, "became": "{became}"}}'
            self.images[row[about]].append(image)


class Recorder:
    """Takes the images of one act. Rows are named before they change, and after they were made."""

    def __init__(self, session: Session, entry: JournalEntry) -> None:
        self.entry: JournalEntry | None = entry
        """None once nothing turned out to have changed."""
        self.found = False
        """Whether anything turned out to have changed."""
        self._session = session
        self._before: dict[RowKey, Values | None] = {}
        self._models: dict[str, Any] = {}
        self._owners: dict[RowKey, int] = {}
        self._whole: set[str] = set()
        self._made = MadeRows()

    def will_change(self, model: Any, ids: Iterable[int], *, person: int | None = None, whole: bool = False) -> None:
        """Keep these rows as they are now; to be called before they are updated or deleted.

        `person` is whom the images are about where the row itself does not say so, or says another. `whole`: a later
        change of any column, not only of those the act changed, keeps it from being taken back.
        """
        if whole:
            self._whole.add(model.__tablename__)
        self._session.flush()
        self._models[model.__tablename__] = model
        for row_id, values in read(self._session, model, self._company_id, ids):
            self._before.setdefault((model.__tablename__, row_id), values)
            self._own(model, row_id, person)

    def made(self, model: Any, ids: Iterable[int], *, person: int | None = None) -> None:
        """Note rows that the act has made."""
        self._models[model.__tablename__] = model
        for row_id in ids:
            self._before.setdefault((model.__tablename__, row_id), None)
            self._own(model, row_id, person)

    def made_as(self, rows: MadeRows) -> None:
        """Note rows that the act has made, by their images."""
        self._made = rows

    def finish(self) -> None:
        """Compare with what the rows are now, and write the images."""
        assert self.entry is not None
        self._session.flush()
        images = self._images()
        rows = [
            {
                "company_id": self._company_id,
                "entry_id": self.entry.id,
                "candidate_id": person,
                "rows": f"[{', '.join(found)}]",
            }
            for person, found in images.items()
        ]
        self.entry.people += sum(person is not None for person in images)
        self.found = bool(images)
        insert_rows(self._session.connection(), JournalImage, rows, as_stored={"rows"})

    @property
    def _company_id(self) -> int:
        assert self.entry is not None
        return self.entry.company_id

    def _own(self, model: Any, row_id: int, person: int | None) -> None:
        if person is not None:
            self._owners[model.__tablename__, row_id] = person

    def _images(self) -> dict[int | None, list[str]]:
        images = self._made.images
        for name, model in self._models.items():
            noted = {row_id: was for (table, row_id), was in self._before.items() if table == name}
            now = dict(read(self._session, model, self._company_id, noted))
            for row_id, was in noted.items():
                image = _image(was, now.get(row_id), whole=name in self._whole)
                if image is not None:
                    about = self._owners.get((name, row_id)) or _person(name, row_id, was or now.get(row_id) or {})
                    images[about].append(json.dumps({"table": name, "id": row_id} | image))
        return images


class Unrecorded(Recorder):
    """A recorder that keeps nothing: what a program told is put right by telling it again."""

    def __init__(self) -> None:
        """Begin without an entry."""

    def will_change(self, model: Any, ids: Iterable[int], *, person: int | None = None, whole: bool = False) -> None:
        """Keep no image."""

    def made(self, model: Any, ids: Iterable[int], *, person: int | None = None) -> None:
        """Note no row."""

    def made_as(self, rows: MadeRows) -> None:
        """Note no images."""


@contextmanager
def kept(
    session: Session,
    company_id: int,
    kind: ActionKind,
    *,
    by_user_id: int | None,
    data: dict[str, Any] | None = None,
    undo_for: timedelta = DAY,
) -> Iterator[Recorder]:
    """Keep what the block changes, in the company's scope and the caller's transaction, to be taken back."""
    entry = begin(session, company_id, kind, by_user_id=by_user_id, data=data, undo_for=undo_for)
    with chunk(session, entry) as recorder:
        yield recorder
    if not recorder.found:
        session.delete(entry)
        session.flush()
        recorder.entry = None


def begin(
    session: Session,
    company_id: int,
    kind: ActionKind,
    *,
    by_user_id: int | None,
    data: dict[str, Any] | None = None,
    undo_for: timedelta = DAY,
) -> JournalEntry:
    """Return the entry of an act that is done in chunks, each in a transaction of its own."""
    moment = clock.now()
    entry = JournalEntry(
        company_id=company_id,
        action=kind,
        people=0,
        data=data or {},
        by_user_id=by_user_id,
        at=moment,
        undo_until=moment + undo_for,
    )
    session.add(entry)
    session.flush()
    return entry


@contextmanager
def chunk(session: Session, entry: JournalEntry) -> Iterator[Recorder]:
    """Keep what the block changes as a part of the act; the entry stays even where nothing was."""
    recorder = Recorder(session, entry)
    yield recorder
    recorder.finish()


@cache  # tricks: portal.record_note
def _rows_of(table: SqlTable) -> Select[*tuple[Any, ...]]:
    return select(table).where(
        table.c.company_id == bindparam("company"), table.c.id.in_(bindparam("ids", expanding=True))
    )


def read(session: Session, model: Any, company_id: int, ids: Iterable[int]) -> Iterator[tuple[int, Values]]:
    """Yield the rows of these ids as they are now, as values that JSON can hold; some hundred a query."""
    rows_of = _rows_of(model.__table__)
    wanted = list(dict.fromkeys(ids))
    for start in range(0, len(wanted), CHUNK_SIZE):
        part = wanted[start : start + CHUNK_SIZE]
        for row in session.execute(rows_of, {"company": company_id, "ids": part}).mappings():
            yield row["id"], {name: _plain(value) for name, value in row.items()}


def fingerprint(values: Values, columns: Iterable[str] | None = None) -> str:
    """Return a short hash of a row, or of some of its columns, by which a later change is noticed."""
    names = sorted(set(values if columns is None else columns) - _UNREMARKABLE)
    return _hash(names, [values[name] for name in names])


def typed(model: Any, values: Values) -> Values:
    """Return the values of an image as the database takes them again."""
    table: SqlTable = model.__table__
    return {name: _typed(table.c[name].type, value) for name, value in values.items()}


def sweep(session: Session) -> None:
    """Drop the images of acts that can no longer be taken back, and later their lines. Needs a scope of everyone."""
    now = clock.now()
    over = select(JournalEntry.id).where(JournalEntry.undo_until <= now)
    session.execute(delete(JournalImage).where(JournalImage.entry_id.in_(over)))
    session.execute(delete(JournalEntry).where(JournalEntry.undo_until <= now - ENTRIES_KEPT))


def _hash(names: Sequence[str], values: Sequence[Any]) -> str:
    told = (_told_one(value) for name, value in zip(names, values, strict=True) if not _is_left_out(name, value))
    return _hashed(told)


def _hashed(told: Iterable[str]) -> str:
    """Return a hash of the values of a row, each as JSON writes it."""
    return sha256(f"[{', '.join(told)}]".encode()).hexdigest()[:16]


def _told(name: str, values: Iterable[Any]) -> list[str]:
    """Return each value of a column as JSON writes it, '' where the hash leaves it out (bench: relay import)."""
    if name in _LATER:
        return ["" if value is None else _told_one(value) for value in values]
    return converted(values, _told_one)


def _is_left_out(name: str, value: Any) -> bool:
    return value is None and name in _LATER


def _told_one(value: Any) -> str:
    if value.__class__ is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if value.__class__ is int:
        return str(value)
    plain = _plain(value)
    return encode_basestring(plain) if plain.__class__ is str else _as_json(plain)


def _image(was: Values | None, now: Values | None, *, whole: bool) -> dict[str, Any] | None:
    if was is None:
        return None if now is None else {"was": None, "became": fingerprint(now)}
    if now is None:
        return {"was": was, "became": None}
    changed = [name for name in was if was[name] != now[name]]
    if not changed:
        return None
    if whole:
        changed = list(was)
    return {"was": {name: was[name] for name in changed}, "became": fingerprint(now, changed)}


def _person(table: str, row_id: int, values: Values) -> int | None:
    return row_id if table == "candidates" else values.get("candidate_id")


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, EnumType) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def images_of(
    session: Session, entry: JournalEntry, *, about_people: bool, after: int = 0
) -> Iterator[Sequence[JournalImage]]:
    """Yield the images of an act, some hundred at a time: those about people, or those about nobody."""
    last = after
    mine = select(JournalImage).where(
        JournalImage.entry_id == entry.id, JournalImage.candidate_id.is_not(None) == about_people
    )
    while part := session.scalars(mine.where(JournalImage.id > last).order_by(JournalImage.id).limit(CHUNK_SIZE)).all():
        yield part
        last = part[-1].id


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_plain).encode
