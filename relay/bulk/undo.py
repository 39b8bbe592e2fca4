"""Taking an act back (元に戻す): every row becomes what it was, or nothing happens because it was changed since.

Core tables, which the scope guard cannot bind: every statement carries the company (tests/db/bulk/test_undo.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
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

_NAMED = 10
_ON_THEIR_WAY = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)


class CannotUndo(DomainError):
    """Raise where the bulk action cannot be undone (any more); the message says why."""

    code = "cannot-undo"


class ChangedSince(DomainError):
    """Raise where what the bulk action did was changed since; nothing is undone."""

    code = "changed-since-action"

    def __init__(self, names: Sequence[str], count: int) -> None:
        self.names, self.count = names, count
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
    session: Session,
    company_id: int,
    entry_id: int,
    *,
    by_user_id: int | None,
    index: bool = True,
    leave_changed: bool = False,
) -> JournalEntry:
    """Take the act back as a whole, in the company's scope and the caller's transaction.

    Words that others use by now (a tag, a position the act had made), or have completed since, stay. Raises CannotUndo
    where the act is unknown, too long ago or taken back already, or what it removed has been made again, and
    ChangedSince, naming whom. An import goes back without those people where `leave_changed` asks for it: they keep
    everything it brought. Without `index` the search words are left to `index_in_chunks`.
    """
    entry = session.scalars(select(JournalEntry).where(JournalEntry.id == entry_id).with_for_update()).one_or_none()
    if entry is None or (entry.undone_at is None and entry.undo_until <= clock.now()):
        raise CannotUndo(_l("元に戻せる期間が過ぎています。何も変わっていません。"))
    if entry.undone_at is not None:
        raise CannotUndo(_l("この操作は、すでに元に戻されています。"))
    left = changed_since(session, company_id, entry)
    if left and not (leave_changed and entry.action is ActionKind.IMPORTED):
        _refuse_changed(session, left)
    _restore_all(session, company_id, entry, index, frozenset(left))
    if left:
        entry.data = entry.data | {"left": len(left)}
    entry.undone_at, entry.undone_by_user_id = clock.now(), by_user_id
    record(
        session,
        EventTag.ACTION_UNDONE,
        company_id=company_id,
        subject=("journal-entry", entry.id),
        data=event_data.ActionUndone(act=entry.action.value, people=entry.people - len(left)),
    )
    if entry.action is ActionKind.IMPORTED:  # the same file may come in again
        session.execute(update(Import).where(Import.id == entry.data.get("import_id")).values(digest=None))
    if entry.action is ActionKind.RESULT_RECORDED:
        about = event_data.ApplicationDecided(candidate_id=entry.data["candidate_id"])
        subject = ("application", entry.data["application_id"])
        record(session, EventTag.APPLICATION_PUT_BACK, company_id=company_id, subject=subject, data=about)
    session.flush()
    session.expire_all()
    return entry


def index_in_chunks(session: Session, entry: JournalEntry) -> Iterator[int]:
    """Write the search words of everybody an act was about, some hundred at a time; between, the caller may commit."""
    for images in journal.images_of(session, entry, about_people=True):
        people = {person for row in _rows(images) for person in _concerned(row)}
        still = session.scalars(select(Candidate.id).where(Candidate.id.in_(people))).all()
        search_rows.index(session, still, news=False)
        yield len(still)


def changed_since(session: Session, company_id: int, entry: JournalEntry) -> list[int]:
    """Return the people whose rows are no longer what the act made of them, or who gained others if it made them."""
    changed: dict[int, None] = {}
    for images in journal.images_of(session, entry, about_people=True):
        rows = _rows(images)
        for person in (*_changed(session, company_id, rows), *_being_notified(session, entry, rows)):
            changed[person] = None
    return list(changed)


def _refuse_changed(session: Session, changed: Sequence[int]) -> None:
    named = select(Candidate.name).where(Candidate.id.in_(changed[:_NAMED])).order_by(Candidate.id)
    raise ChangedSince(session.scalars(named).all(), len(changed))


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


# what changed since


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


def _restore_all(
    session: Session, company_id: int, entry: JournalEntry, index: bool, left: Collection[int] = ()
) -> None:
    """Restore all: a tag that was given up before the people who carried it; a position that was made goes last.

    The people `left` are passed over; what nobody is named in stays where they use it.
    """
    for images in journal.images_of(session, entry, about_people=False):
        _restore(session, company_id, [row for row in _rows(images) if row.became is None], index)
    for images in journal.images_of(session, entry, about_people=True):
        _restore(session, company_id, _rows(image for image in images if image.candidate_id not in left), index)
    for images in journal.images_of(session, entry, about_people=False):
        _restore(session, company_id, [row for row in _rows(images) if row.became is not None], index)


def _restore(session: Session, company_id: int, rows: Sequence[_Row], index: bool) -> None:
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
    if index:
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
