"""Taking an act back (元に戻す): every row becomes what it was, or nothing happens because it was changed since.

A great act goes back in portions, so that nobody waits for the whole of it: `check` looks at everybody first, and
people changed between that look and their portion stay as they are.

Core tables, which the scope guard cannot bind: every statement carries the company (tests/db/bulk/test_undo.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import applied_rules
from relay.errors import DomainError
from relay.extensions import Base
from relay.hiring import unfinished
from relay.indexing import alert_checks, search_rows
from relay.mail import letters
from relay.models import (
    ActionKind,
    AlertHit,
    Application,
    Candidate,
    CandidateTag,
    EventTag,
    Import,
    InterviewInvitation,
    Message,
    MessageState,
    event_data,
    journal,
    record,
    record_each,
    scopes,
)
from relay.models.journal import JournalEntry, JournalImage, Values

NAMED = 10
"""So many of those who changed since are named."""
_BEGUN = "undoing"
"""Where in the data of an act it is noted how far taking it back is."""
_ON_THEIR_WAY = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)


class CannotUndo(DomainError):
    """Raise where the bulk action cannot be undone (any more); the message says why."""

    code = "cannot-undo"


class ChangedSince(DomainError):
    """Raise where what the bulk action did was changed since; nothing is undone."""

    code = "changed-since-action"

    def __init__(self, people: Sequence[int], names: Sequence[str]) -> None:
        self.people, self.names = people, names
        count = len(people)
        shown = "、".join(names)
        super().__init__(
            _l(
                "そのあとに記録の変わった方がいるため、元に戻しませんでした（%(names)s）。何も変わっていません。",
                names=shown,
            )
            if count <= len(names)
            else _l(
                "そのあとに記録の変わった方がいるため、元に戻しませんでした（%(names)sほか、あわせて%(count)s名）。何も変わっていません。",
                names=shown,
                count=count,
            )
        )


@dataclass(frozen=True)
class _Row:
    """One image on its way back."""

    model: Any
    id: int
    was: Values | None
    became: str | None
    person: int | None


def undo(
    session: Session, company_id: int, entry_id: int, *, by_user_id: int | None, leave_changed: bool = False
) -> JournalEntry:
    """Take the act back as a whole, in the company's scope and the caller's transaction.

    Words that others use by now (a tag, a position the act had made), or have completed since, stay. Raises CannotUndo
    where the act is unknown, too long ago or taken back already, or what it removed has been made again, and
    ChangedSince, naming whom. An import goes back without those people where `leave_changed` asks for it: they keep
    everything it brought.
    """
    entry = _held(session, entry_id)
    left = _changed_of(session, company_id, entry, leave_changed)
    _restore(session, company_id, _about_nobody(session, entry, made=False))
    for images in journal.images_of(session, entry, about_people=True):
        _restore(session, company_id, _rows(image for image in images if image.candidate_id not in left))
    _restore(session, company_id, _about_nobody(session, entry, made=True))
    _note_undone(session, company_id, entry, by_user_id, len(left))
    return entry


def check(session: Session, company_id: int, entry_id: int, *, leave_changed: bool = False) -> None:
    """Raise what `undo` raises before it changes anything. An act of which a portion is back already goes on."""
    entry = _known(session, entry_id)
    if _BEGUN not in entry.data:
        _changed_of(session, company_id, entry, leave_changed)


def in_portions(session: Session, company_id: int, entry_id: int, *, by_user_id: int | None) -> Iterator[int]:
    """Take an act back that was checked, some hundred people at a time; between, the caller commits.

    Goes on where an earlier run stopped, and yields how many people it looked at. People changed since, or whose
    place others have taken, are left out and counted. Raises CannotUndo before the first portion only.
    """
    entry = _held(session, entry_id)
    if _BEGUN not in entry.data:
        _restore(session, company_id, _about_nobody(session, entry, made=False))
        _begin(entry)
        yield 0
    while images := _next_images(session, entry := _held(session, entry_id)):
        begun, last, people = entry.data[_BEGUN], images[-1].id, len(images)
        left = _restore_unchanged(session, company_id, entry, images)
        entry.data = entry.data | {_BEGUN: begun | {"after": last, "left": begun["left"] + left}}
        yield people
    begun = entry.data[_BEGUN]
    _restore(session, company_id, _about_nobody(session, entry, made=True))
    entry.data = {name: value for name, value in entry.data.items() if name != _BEGUN}
    entry.undo_until = datetime.fromisoformat(begun["until"])
    _note_undone(session, company_id, entry, by_user_id, begun["left"])


def _held(session: Session, entry_id: int) -> JournalEntry:
    """Return the act as `_known` does, held until the transaction ends."""
    session.execute(select(JournalEntry.id).where(JournalEntry.id == entry_id).with_for_update())
    return _known(session, entry_id)


def _known(session: Session, entry_id: int) -> JournalEntry:
    """Return the act as it is now. Raises CannotUndo where it cannot go back."""
    wanted = select(JournalEntry).where(JournalEntry.id == entry_id)
    entry = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if entry is None or (entry.undone_at is None and entry.undo_until <= clock.now()):
        raise CannotUndo(_l("元に戻せる期間が過ぎています。何も変わっていません。"))
    if entry.undone_at is not None:
        raise CannotUndo(_l("この操作は、すでに元に戻されています。"))
    return entry


def _begin(entry: JournalEntry) -> None:
    """Note that a portion is back, and keep the images of the others for a day where their time ends before."""
    begun = {"after": 0, "left": 0, "until": entry.undo_until.isoformat()}
    entry.data = entry.data | {_BEGUN: begun}
    entry.undo_until = max(entry.undo_until, clock.now() + journal.DAY)


def _next_images(session: Session, entry: JournalEntry) -> Sequence[JournalImage]:
    return next(journal.images_of(session, entry, about_people=True, after=entry.data[_BEGUN]["after"]), ())


def _note_undone(session: Session, company_id: int, entry: JournalEntry, by_user_id: int | None, left: int) -> None:
    if left:
        entry.data = entry.data | {"left": left}
    entry.undone_at, entry.undone_by_user_id = clock.now(), by_user_id
    record(
        session,
        EventTag.ACTION_UNDONE,
        company_id=company_id,
        subject=("journal-entry", entry.id),
        data=event_data.ActionUndone(act=entry.action.value, people=entry.people - left),
    )
    if entry.action is ActionKind.IMPORTED:  # the same file may come in again
        session.execute(update(Import).where(Import.id == entry.data.get("import_id")).values(digest=None))
    if entry.action is ActionKind.RESULT_RECORDED:
        about = event_data.ApplicationDecided(candidate_id=entry.data["candidate_id"])
        subject = ("application", entry.data["application_id"])
        record(session, EventTag.APPLICATION_PUT_BACK, company_id=company_id, subject=subject, data=about)
    session.flush()
    session.expire_all()


# what changed since


def _changed_of(session: Session, company_id: int, entry: JournalEntry, leave_changed: bool) -> frozenset[int]:
    """Return who changed since and may be left out. Raises ChangedSince where nobody may."""
    changed = _changed_since(session, company_id, entry)
    if changed and not (leave_changed and entry.action is ActionKind.IMPORTED):
        named = select(Candidate.name).where(Candidate.id.in_(changed[:NAMED])).order_by(Candidate.id)
        raise ChangedSince(changed, session.scalars(named).all())
    return frozenset(changed)


def _changed_since(session: Session, company_id: int, entry: JournalEntry) -> list[int]:
    """Return the people whose rows are no longer what the act made of them, or who gained others if it made them."""
    changed: dict[int, None] = {}
    for images in journal.images_of(session, entry, about_people=True):
        changed |= dict.fromkeys(_changed_among(session, company_id, entry, _rows(images)))
    return list(changed)


def _changed_among(session: Session, company_id: int, entry: JournalEntry, rows: Sequence[_Row]) -> Iterator[int]:
    yield from _changed(session, company_id, rows)
    yield from _being_notified(session, entry, rows)


def _rows(images: Iterable[JournalImage]) -> list[_Row]:
    models = scopes.models_by_table()
    return [
        _Row(models[each["table"]], each["id"], each["was"], each["became"], image.candidate_id)
        for image in images
        for each in image.rows
    ]


def _by_model(rows: Iterable[_Row]) -> dict[Any, list[_Row]]:
    grouped: dict[Any, list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[row.model].append(row)
    return grouped


def _changed(session: Session, company_id: int, rows: Sequence[_Row]) -> Iterator[int]:
    for model, mine in _by_model(rows).items():
        now = dict(journal.read(session, model, company_id, [row.id for row in mine]))
        undated = now
        if model is Candidate:
            now = applied_rules.without_follow_ups(session, now, [row.id for row in mine if row.was is None])
            dated = unfinished.dated(session, list(now))  # by the calendar, and nobody's decision
            undated = now | {id_: now[id_] | {"retain_until": None} for id_ in dated}
        yield from (
            row.person
            for row in mine
            if row.person is not None and _differs(row, now.get(row.id)) and _differs(row, undated.get(row.id))
        )
    yield from _invited(session, rows)
    made = [row.id for row in rows if row.model is Candidate and row.was is None]
    if made:
        yield from _gained(session, made, rows)


def _invited(session: Session, rows: Sequence[_Row]) -> Iterator[int]:
    """Yield the people who were invited to an interview since, for an application that the act made."""
    made = {row.id: row.person for row in rows if row.model is Application and row.was is None}
    invited = select(InterviewInvitation.application_id).where(InterviewInvitation.application_id.in_(made))
    for application_id in session.scalars(invited) if made else ():
        person = made[application_id]
        if person is not None:
            yield person


def _differs(row: _Row, now: Values | None) -> bool:
    """Return whether a row differs. One the act made and that was removed since does not; nor does what is computed."""
    if row.model.__derived__:
        return False
    if row.became is None:
        return now is not None
    if row.was is None:
        return now is not None and journal.fingerprint(now) != row.became
    return now is None or journal.fingerprint(now, row.was) != row.became


def _being_notified(session: Session, entry: JournalEntry, rows: Sequence[_Row]) -> Iterator[int]:
    """To whom a result mail leaves since about an application that would be put back."""
    concerned = {row.id: row.person for row in rows if row.model is Application and row.was is not None}
    notified = select(Message.subject_id).where(
        letters.telling_result(),
        Message.subject_id.in_(concerned),
        Message.state.in_(_ON_THEIR_WAY),
        Message.created_at >= entry.at,
    )
    for application_id in session.scalars(notified) if concerned else ():
        person = concerned.get(application_id or 0)
        if person is not None:
            yield person


def _gained(session: Session, made: Sequence[int], rows: Sequence[_Row]) -> Iterator[int]:
    """Yield, of the people an act made, those about whom something else has been written since: mails, tags, notes …"""
    own = {(row.model, row.id) for row in rows}
    own |= {(CandidateTag, row_id) for row_id in applied_rules.tags_by_rules(session, made)}
    for model, column in _tables_about_people():
        about = getattr(model, column)
        for row_id, person in session.execute(select(model.id, about).where(about.in_(made))):
            if (model, row_id) not in own:
                yield person


def _tables_about_people() -> Iterator[tuple[Any, str]]:
    for model in scopes.models_by_table().values():
        if model in (Candidate, JournalImage, AlertHit) or model.__derived__:  # type: ignore[attr-defined]
            continue
        for rule in model.__erasure__:  # type: ignore[attr-defined]
            if rule.person == "candidate" and rule.act != "keep":
                yield model, rule.by


# putting back


def _about_nobody(session: Session, entry: JournalEntry, *, made: bool) -> list[_Row]:
    """Return rows that name nobody: what was given up comes back before those who had it, what was made goes last."""
    rows = (row for images in journal.images_of(session, entry, about_people=False) for row in _rows(images))
    return [row for row in rows if (row.became is not None) == made]


def _restore_unchanged(session: Session, company_id: int, entry: JournalEntry, images: Sequence[JournalImage]) -> int:
    """Restore the people not changed since; return how many are left out."""
    by_person: dict[int | None, list[_Row]] = defaultdict(list)
    for row in (rows := _rows(images)):
        by_person[row.person].append(row)
    changed = set(_changed_among(session, company_id, entry, rows))
    going = [mine for person, mine in by_person.items() if person not in changed]
    return len(changed) + _restore_free(session, company_id, going)


def _restore_free(session: Session, company_id: int, people: Sequence[Sequence[_Row]]) -> int:
    """Restore these people, but those whose place others have taken, found by halves; returns how many they are."""
    if not people:
        return 0
    try:
        with session.begin_nested():
            _restore(session, company_id, [row for mine in people for row in mine])
    except (CannotUndo, IntegrityError):
        if len(people) == 1:
            return 1
        half = len(people) // 2
        return _restore_free(session, company_id, people[:half]) + _restore_free(session, company_id, people[half:])
    return 0


def _restore(session: Session, company_id: int, rows: Sequence[_Row]) -> None:
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    grouped = sorted(_by_model(rows).items(), key=lambda pair: order[pair[0].__tablename__])
    for model, mine in grouped:
        if gone := [journal.typed(model, row.was) for row in mine if row.became is None and row.was is not None]:
            _bring_back(session, model, gone)
    for model, mine in grouped:
        _put_back(session, company_id, model, [row for row in mine if row.was is not None and row.became is not None])
    going = [row.id for row in rows if row.model is Candidate and row.was is None]
    applied_rules.remove_tags(session, going)
    alert_checks.remember(session, going)
    _drop_derived(session, going)
    for model, mine in reversed(grouped):
        _take_away(session, company_id, model, [row for row in mine if row.was is None])
    redated = [row.id for row in rows if row.model is Candidate and (row.was or {}).get("retain_until")]
    unfinished.take_days_away(session, redated)
    people = {person for row in rows for person in _concerned(row)}
    session.expire_all()
    still = session.scalars(select(Candidate.id).where(Candidate.id.in_(people))).all()
    search_rows.index(session, still, news=False)
    record_each(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=company_id,
        people=still,
        data=event_data.CandidateChanged(undone=True),
    )


def _bring_back(session: Session, model: Any, gone: Sequence[Values]) -> None:
    """Insert rows that the act had deleted. Raises CannotUndo where others have their name by now."""
    try:
        with session.begin_nested():
            session.execute(insert(model.__table__), gone)
    except IntegrityError as taken:
        message = _l("同じ名前のタグや求人が、そのあとに作られたため、元に戻しませんでした。何も変わっていません。")
        raise CannotUndo(message) from taken


def _concerned(row: _Row) -> Iterator[int]:
    """Yield the people whose search words the row belongs to: of two merged into one, both."""
    named = (row.person, (row.was or {}).get("candidate_id"), row.id if row.model is Candidate else None)
    return (person for person in named if person is not None)


def _put_back(session: Session, company_id: int, model: Any, rows: Sequence[_Row]) -> None:
    """Put rows back, by one statement for all in which the same columns changed."""
    table = model.__table__
    by_columns: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    for row in rows:
        assert row.was is not None
        was = {f"was_{name}": value for name, value in journal.typed(model, row.was).items()}
        by_columns[tuple(sorted(row.was))].append(was | {"of": company_id, "row": row.id})
    for columns, values in by_columns.items():
        mine = (table.c.company_id == bindparam("of")) & (table.c.id == bindparam("row"))
        put = {name: bindparam(f"was_{name}", type_=table.c[name].type) for name in columns}
        session.connection().execute(update(table).where(mine).values(put), values)


def _drop_derived(session: Session, people: Collection[int]) -> None:
    """Drop what is computed from people who are about to go."""
    for model in scopes.models_by_table().values():
        for rule in model.__erasure__ if model.__derived__ else ():  # type: ignore[attr-defined]
            if rule.person == "candidate":
                session.execute(delete(model).where(getattr(model, rule.by).in_(people)))


def _take_away(session: Session, company_id: int, model: Any, rows: Sequence[_Row]) -> None:
    table = model.__table__
    about_people = [row.id for row in rows if row.person is not None]
    session.execute(delete(table).where(table.c.company_id == company_id, table.c.id.in_(about_people)))
    about_nobody = [row for row in rows if row.person is None]
    now = dict(journal.read(session, model, company_id, [row.id for row in about_nobody]))
    for row in about_nobody:
        if not _differs(row, now.get(row.id)):  # else a colleague has written more into it
            _take_away_unless_used(session, delete(table).where(table.c.company_id == company_id, table.c.id == row.id))


def _take_away_unless_used(session: Session, statement: Any) -> None:
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError:
        return
