"""The rows that follow a share at its partner: the person in its list, from the first share to the last, and the end.

Made, renewed and taken away in the transaction that changes the shares, by the verbs that do; an erasure deletes
both. Nothing here says what the partner may see: that is asked of the shares themselves (invariant 4).
With the last share end, too, the memos and states that the partner keeps for itself: nobody reads or writes them from
then on, a new share begins without them, and the sweep erases them after their term. And its reference gets a line, by
which the partner says that it deleted its copies (A-13, A-35), however the share ends: by a withdrawal, with a
partnership, or by its term. A share that runs out is found by the sweep, or by the consent that opens it again.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, insert, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.models import (
    Consent,
    EndedReference,
    PartnerNote,
    PartnerPerson,
    PartnerPersonWords,
    Profile,
    Share,
    WorkChange,
    WorkState,
    scopes,
)
from relay.models.locking import lock_profiles
from relay.models.partner_people import LAST
from relay.models.retention import PARTNER_RECORD, PROVISION
from relay.models.upsert import upsert
from relay.text.partner_words import word_row

CHUNK_SIZE = 500
LOOKED_BACK = timedelta(days=31)
"""How long a worker may have been at rest without a term that was over meanwhile being missed."""
KEPT: tuple[Any, ...] = (PartnerNote, WorkChange)
"""The tables of a partner's own rows."""
_MARKED = or_(PartnerPerson.work_state != WorkState.NEW, PartnerPerson.opened_at.is_not(None))
_SAME = (Share.partner_id == PartnerPerson.partner_id, Share.profile_id == PartnerPerson.profile_id)
_UNSYNCHRONISED = {"synchronize_session": False}


def follow(session: Session, share: Share) -> None:
    """Make the row of a share that was opened or renewed, or bring it up to date. The caller holds the person."""
    first = upsert(session, PartnerPerson).values(
        partner_id=share.partner_id, profile_id=share.profile_id, company_id=share.company_id, since=share.since
    )
    session.execute(first.on_conflict_do_nothing(index_elements=["partner_id", "profile_id"]))
    _renew(session, PartnerPerson.partner_id == share.partner_id, PartnerPerson.profile_id == share.profile_id)


def forget(session: Session, partner_id: int) -> None:
    """Take the row away in the scope of a person who has withdrawn all they gave to the partner."""
    session.execute(delete(PartnerPerson).where(PartnerPerson.partner_id == partner_id))


def close(session: Session, company_ids: Sequence[int]) -> None:
    """Follow the end of what came through these companies, in the partner's scope: who came through others stays."""
    through = select(Consent.profile_id).where(Consent.via_company_id.in_(company_ids))
    theirs = PartnerPerson.profile_id.in_(through)
    gone = delete(PartnerPerson).where(theirs, ~exists().where(*_SAME))
    session.execute(gone.execution_options(synchronize_session=False))
    _renew(session, theirs)


def note_opened(session: Session, profile_ids: Collection[int], user_id: int | None) -> None:
    """Note in the partner's scope that one of its users has read the records of these people now."""
    opened = update(PartnerPerson).where(PartnerPerson.profile_id.in_(profile_ids))
    session.execute(opened.values(opened_at=clock.now(), opened_by_user_id=user_id))


def _renew(session: Session, *which: ColumnElement[bool]) -> None:
    """Update what the rows say of the shares. They go by the newest consent, also where it is not shown now."""
    newest = select(func.max(Share.consent_id)).where(*_SAME).correlate(PartnerPerson).scalar_subquery()
    renewed = update(PartnerPerson).where(*which)
    session.execute(
        renewed.values(
            since=select(func.max(Share.since)).where(*_SAME).correlate(PartnerPerson).scalar_subquery(),
            company_id=_of(newest, Consent.via_company_id),
            role_order=_of(newest, _ordered("desired_role")),
            place_order=_of(newest, _ordered("place")),
        ).execution_options(synchronize_session=False)
    )
    index(session, *which)


def index(session: Session, *which: ColumnElement[bool]) -> None:
    """Write the words of these people, or of all in scope, where they are not those of the newest consent."""
    newest = select(func.max(Share.consent_id)).where(*_SAME).correlate(PartnerPerson).scalar_subquery()
    stale = or_(PartnerPersonWords.person_id.is_(None), PartnerPersonWords.consent_id != Consent.id)
    people = (
        select(
            PartnerPerson.id,
            PartnerPerson.partner_id,
            PartnerPerson.profile_id,
            Profile.code,
            Consent.id.label("consent_id"),
            Consent.facts,
        )
        .join(Profile, Profile.id == PartnerPerson.profile_id)
        .join(Consent, Consent.id == newest)
        .outerjoin(PartnerPersonWords, PartnerPersonWords.person_id == PartnerPerson.id)
        .where(*which, stale)
        .order_by(PartnerPerson.id)
        .limit(CHUNK_SIZE)
    )
    last = 0
    while some := session.execute(people.where(PartnerPerson.id > last)).all():
        _write_words(session, some)
        last = some[-1].id


def _write_words(session: Session, people: Sequence[Any]) -> None:
    vector = session.get_bind().dialect.name == "postgresql"
    rows = [
        {"person_id": each.id, "partner_id": each.partner_id, "profile_id": each.profile_id}
        | {"consent_id": each.consent_id}
        | word_row(each.partner_id, each.code, each.facts, vector=vector)
        for each in people
    ]
    earlier = delete(PartnerPersonWords).where(PartnerPersonWords.person_id.in_([row["person_id"] for row in rows]))
    session.execute(earlier.execution_options(synchronize_session=False))
    session.execute(insert(PartnerPersonWords), rows)


def _of(newest: Any, column: Any) -> Any:
    found: Select[Any] = select(column).where(Consent.id == newest)
    return found.correlate(PartnerPerson).scalar_subquery()


def _ordered(item: str) -> ColumnElement[str]:
    return func.coalesce(func.nullif(Consent.facts[item].as_string(), ""), LAST)


def end_records(session: Session, partner_id: int, profile_id: int | None = None) -> None:
    """End what the partner keeps about everybody, or this person, with whom no share is in force any more."""
    with scopes.partner(session, partner_id):
        _end_records(session, lambda table: true() if profile_id is None else table.profile_id == profile_id)


def _end_records(session: Session, whose: Callable[[Any], ColumnElement[bool]]) -> None:
    for table in KEPT:
        ended = update(table).where(whose(table), table.ended_at.is_(None), ~_shared(table))
        moment = func.coalesce(_ran_out(table), clock.now())
        session.execute(ended.values(ended_at=moment), execution_options=_UNSYNCHRONISED)
    begun_anew = update(PartnerPerson).where(whose(PartnerPerson), _MARKED, ~_shared(PartnerPerson))
    unmarked = {"work_state": WorkState.NEW, "opened_at": None, "opened_by_user_id": None}
    session.execute(begun_anew.values(unmarked), execution_options=_UNSYNCHRONISED)


def sweep(session: Session) -> int:
    """End what belongs to shares that have run out, of the next people (CHUNK_SIZE); returns at how many it looked.

    To be called until none is left, each time in a transaction of its own. The people are held, and what is ended is
    asked again then: a consent may be renewed at this very moment. What ended longer ago than the term is erased.
    """
    with scopes.everyone(session, "worker: what partners kept about people whose shares are over"):
        people = session.scalars(_run_out().limit(CHUNK_SIZE)).all()
        lock_profiles(session, people)
        _end_records(session, lambda table: table.profile_id.in_(people))
        for table in KEPT:
            over = delete(table).where(table.ended_at <= clock.now() - PARTNER_RECORD.length)
            session.execute(over, execution_options=_UNSYNCHRONISED)
    return len(people)


def _run_out() -> Select[int]:
    """Select the people of whom a partner still keeps something that belongs to shares which have run out."""
    marks = [(table, table.ended_at.is_(None)) for table in KEPT] + [(PartnerPerson, _MARKED)]
    kept = (
        exists().where(table.partner_id == Share.partner_id, table.profile_id == Share.profile_id, still)
        for table, still in marks
    )
    return select(Share.profile_id).where(Share.until < clock.now(), or_(*kept), ~_shared(Share)).distinct()


def _shared(table: Any) -> ColumnElement[bool]:
    share = aliased(Share)
    return exists().where(
        share.partner_id == table.partner_id, share.profile_id == table.profile_id, share.until >= clock.now()
    )


def _ran_out(table: Any) -> ColumnElement[datetime]:
    """Return when the last share ran out; nothing where none is left, for it was ended by an act just now."""
    share = aliased(Share)
    last = select(func.max(share.until)).where(
        share.partner_id == table.partner_id, share.profile_id == table.profile_id
    )
    return last.scalar_subquery()


def end_shares(session: Session, which: Callable[[Any], ColumnElement[bool]]) -> Sequence[str]:
    """End the shares that `which` selects of the model or an alias of it, in the scope of their person or partner.

    Returns the reference of each person whom a partner sees no more by it; each has its line. The caller holds them.
    """
    ended = _write_lines(session, _ending(which))
    session.execute(delete(Share).where(which(Share)).execution_options(synchronize_session=False))
    return ended


def note_expired(session: Session) -> int:
    """Write the lines of the next people whose last share's term is over (CHUNK_SIZE); returns at how many it looked.

    To be called across partners until none is left, each in a transaction of its own. Asked again once they are held:
    a consent may be renewed at this very moment. The shares stay, for they show nobody any more; a term that was over
    LOOKED_BACK ago has its line or needs none.
    """
    now = clock.now()
    over = _ending(lambda share: and_(share.until < now, share.until >= now - LOOKED_BACK))
    people = session.scalars(over.limit(CHUNK_SIZE)).all()
    lock_profiles(session, people)
    _write_lines(session, over.where(Share.profile_id.in_(people)))
    return len(people)


def _ending(which: Callable[[Any], ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Select whom a partner sees no more without these shares, as far as there is no line of it yet.

    The day of registration is the first of the shares that stood until now; of terms that are over, the last one's.
    """
    other = aliased(Share)
    stood = case((Share.until >= clock.now(), Share.since))
    goes_on = exists().where(
        other.profile_id == Share.profile_id,
        other.partner_id == Share.partner_id,
        other.until >= clock.now(),
        ~which(other),
    )
    return (
        select(
            Share.profile_id,
            Share.partner_id,
            Profile.code,
            func.max(Consent.partner_name).label("partner_name"),
            func.coalesce(func.min(stood), func.max(Share.since)).label("since"),
            func.max(Share.until).label("until"),
        )
        .join(Profile, Profile.id == Share.profile_id)
        .join(Consent, Consent.id == Share.consent_id)
        .where(which(Share), ~goes_on, ~_is_written())
        .group_by(Share.profile_id, Share.partner_id, Profile.code)
        .order_by(func.max(Share.until), Share.profile_id)
    )


def _is_written() -> ColumnElement[bool]:
    """Return whether there is a line of an end after the share began."""
    line = aliased(EndedReference)
    return exists().where(
        line.profile_id == Share.profile_id, line.partner_id == Share.partner_id, line.ended_at > Share.since
    )


def _write_lines(session: Session, ending: Select[*tuple[Any, ...]]) -> Sequence[str]:
    rows = session.execute(ending).all()
    for start in range(0, len(rows), CHUNK_SIZE):
        session.execute(insert(EndedReference), [_line_of(row) for row in rows[start : start + CHUNK_SIZE]])
    return [row.code for row in rows]


def _line_of(row: Any) -> dict[str, Any]:
    return {
        "profile_id": row.profile_id,
        "partner_id": row.partner_id,
        "person_code": row.code,
        "partner_name": row.partner_name,
        "registered_at": row.since,
        "ended_at": min(clock.now(), row.until),
        "keep_until": clock.today() + PROVISION.length,
    }


def lapse(session: Session, profile_id: int, partner_id: int) -> None:
    """Take back the request to delete where the person agrees once more; what was answered stays."""
    session.execute(
        delete(EndedReference).where(
            EndedReference.profile_id == profile_id,
            EndedReference.partner_id == partner_id,
            EndedReference.deleted_at.is_(None),
        )
    )
