"""Deletion that deletes: walks what each table declares about a kind of person, children before parents (invariant 9).

Nothing here knows a table by heart except mails still under way and unapplied files, which need more than a deletion.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, delete, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import files, holds
from relay.candidates.files import store
from relay.extensions import Base
from relay.hiring import interviews
from relay.indexing import alert_checks
from relay.infra.keyed_hash import address_hash
from relay.intake.uploads.waiting import discard_all as discard_waiting
from relay.introductions import endings as introductions
from relay.kpis import month_counts
from relay.mail import practice
from relay.mail.mailbox import forget_address
from relay.models import (
    Attachment,
    Candidate,
    EventTag,
    HerpConnection,
    Import,
    JournalImage,
    Merge,
    Message,
    MessageState,
    Profile,
    SourceRecord,
    event_data,
    record,
    scopes,
)
from relay.models.base import ErasureRule, Person
from relay.models.locking import lock_companies, lock_company
from relay.network import company_links, consents, own_pages
from relay.rights import erased_keys
from relay.search import saved
from relay.text import mail_key

_CHUNK = 500
_UNDER_WAY = (MessageState.DRAFT, MessageState.SCHEDULED, MessageState.SENDING)


@dataclass(frozen=True)
class Erased:
    """How many were erased: people as companies knew them, registered people, and other rows by address."""

    candidates: int = 0
    profiles: int = 0
    others: int = 0

    def __bool__(self) -> bool:
        return bool(self.candidates or self.profiles or self.others)


def erase_candidates(
    session: Session,
    company_id: int,
    ids: Iterable[int],
    *,
    cause: str = "request",
    reason: str | None = None,
    asked_on: str | None = None,
    own_wish: bool = False,
) -> int:
    """Erase these people as the company knew them; returns how many there were.

    Referrals and the ledger stay as anonymous counts (A-27), and so do the person's own profile and shares. Mails that
    have not left are cancelled, and files not applied yet are dropped, because the person may be in them.
    `cause`, `reason` (closed words) and `asked_on` (a day, ISO 8601) go into the event, nothing of a person.
    `own_wish`: it is the company's own, which gives it no credit back for an interview to come.
    """
    erased = 0
    wanted = sorted(set(ids))
    lock_company(session, company_id)
    with scopes.company(session, company_id):
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found = list(session.scalars(select(Candidate.id).where(Candidate.id.in_(chunk)).order_by(Candidate.id)))
            if found:
                data = event_data.CandidateErased(
                    candidate_ids=tuple(found), cause=cause, reason=reason, asked_on=asked_on
                )
                _erase_found(session, company_id, found, data, own_wish=own_wish)
                erased += len(found)
        if erased:
            _drop_unapplied_files(session)
    session.expire_all()
    return erased


def erase_address(session: Session, email: str, company_id: int | None = None) -> Erased:
    """Erase the person of this mail address: in one company, or in all of them with the person's own profile.

    Partners who had the person's yes are told to stop and delete, by code alone (A-13). Where one company alone forgets
    the person, partners go on: a person who shares with one is told by mail, with the link that ends it.
    Records of provision stay for their term of three years (A-20), as does the wish not to be written to (C-5).
    Raises ErasureHeld, before anything is erased, while a hold is in force on one of the records (A-28).
    """
    key = mail_key(email)
    if not key:
        return Erased()
    with scopes.everyone(session, "erasure: one person may be known to several companies"):
        mine = (Candidate.email_key == key, *_in(Candidate, company_id))
        by_company: dict[int, list[int]] = {}
        merged = select(Merge.company_id, Merge.candidate_id).where(Merge.email_key == key, *_in(Merge, company_id))
        for known in (select(Candidate.company_id, Candidate.id).where(*mine), merged):
            for company, candidate_id in session.execute(known):
                by_company.setdefault(company, []).append(candidate_id)
        holds.refuse_held(session, [each for ids in by_company.values() for each in ids])
    lock_companies(session, by_company)  # before a mail: an interview that is called off takes them in this order
    candidates = sum(erase_candidates(session, company, ids) for company, ids in by_company.items())
    forget_address(key)
    profiles = 0 if company_id is not None else _erase_profiles(session, key)
    others = _erase_remains(session, key, company_id)
    if company_id is not None and candidates:
        own_pages.tell_that_sharing_goes_on(session, key)
    session.expire_all()
    return Erased(candidates, profiles, others)


def erase_profile(session: Session, profile_id: int) -> None:
    """Erase a registered person, by their own wish, and say so in a last mail, whose address goes when it has left.

    What companies know of them as an applicant stays.
    """
    with scopes.everyone(session, "erasure: a registered person belongs to no company"):
        found = select(Profile.email, Profile.email_key).where(Profile.id == profile_id)
        registered = session.execute(found).one_or_none()
    if registered is None:
        return
    forget_address(registered.email_key)
    company_links.forget_address(session, registered.email_key)
    _erase_registered(session, [profile_id])
    own_pages.tell_of_erasure(session, registered.email)
    session.expire_all()


def erase_ended_profiles(session: Session, ids: Sequence[int]) -> None:
    """Erase registered people whose day has come (A-44); what companies know of them as an applicant stays."""
    with scopes.everyone(session, "erasure: registered people belong to no company"):
        keys = session.scalars(select(Profile.email_key).where(Profile.id.in_(ids))).all()
    forget_address(*keys)
    for key in keys:
        company_links.forget_address(session, key)
    _erase_registered(session, ids)
    session.expire_all()


def erase_again(session: Session, hashes: Collection[str]) -> Erased:
    """Erase everyone whose random key has one of these hashes: they were erased after this data was backed up (A-26).

    What carries their address alone goes too, unless a person who was not erased has the same address.
    """
    with scopes.everyone(session, "restore: people erased since the backup, of any company"):
        candidates = _known_by(session, Candidate, hashes)
        profiles = _known_by(session, Profile, hashes)
        keys = sorted({row.email_key for row in (*candidates, *profiles) if row.email_key})
    by_company: dict[int, list[int]] = {}
    for row in candidates:
        by_company.setdefault(row.company_id, []).append(row.id)
    lock_companies(session, by_company)
    for company_id, ids in by_company.items():
        erase_candidates(session, company_id, ids, cause="restored")
    _erase_registered(session, [row.id for row in profiles])
    others = 0
    for key in keys:
        forget_address(key)
        others += _erase_remains_of_the_gone(session, key, by_company)
    session.expire_all()
    return Erased(len(candidates), len(profiles), others)


def _known_by(session: Session, model: Any, hashes: Collection[str]) -> list[Any]:
    columns = [model.id, model.erasure_key, model.email_key]
    if model is Candidate:
        columns.append(model.company_id)
    rows = session.execute(select(*columns).execution_options(yield_per=_CHUNK))
    return [row for row in rows if erased_keys.hash_of(row.erasure_key) in hashes]


def _erase_remains_of_the_gone(session: Session, key: str, company_ids: Iterable[int]) -> int:
    """Everywhere, where nobody has the address any more; else in those companies that know nobody by it."""
    with scopes.everyone(session, "restore: whether anybody else has the address of someone erased"):
        living = set(session.scalars(select(Candidate.company_id).where(Candidate.email_key == key)))
        registered = session.scalars(select(Profile.id).where(Profile.email_key == key).limit(1)).first()
    if not living and registered is None:
        return _erase_remains(session, key, None)
    return sum(_erase_remains(session, key, company_id) for company_id in set(company_ids) - living)


def _erase_found(
    session: Session, company_id: int, ids: Sequence[int], data: event_data.CandidateErased, *, own_wish: bool
) -> None:
    month_counts.keep_erased(session, company_id, ids)
    erased_keys.remember(session, session.scalars(select(Candidate.erasure_key).where(Candidate.id.in_(ids))))
    erased_keys.remember(session, session.scalars(select(Merge.erasure_key).where(Merge.candidate_id.in_(ids))))
    forget_address(*_addresses(session, ids))
    practice.forget(session, company_id, Message.candidate_id.in_(ids))
    _cancel_mails(session, Message.candidate_id.in_(ids))
    introductions.forget_people(session, company_id, ids, own_wish=own_wish)
    interviews.forget_people(session, ids)
    alert_checks.forget(session, alert_checks.hashes_of(session, ids).values(), company_id)
    saved.forget_people(session, ids)
    files.forget(session, Attachment.candidate_id.in_(ids))
    _walk(session, "candidate", ids)
    record(
        session,
        EventTag.CANDIDATE_ERASED,
        company_id=company_id,
        subject=("candidate", ids[0] if len(ids) == 1 else None),
        data=data,
    )


def _addresses(session: Session, ids: Sequence[int]) -> set[str]:
    """Return where mails to these people went, now and before."""
    now = session.scalars(select(Candidate.email).where(Candidate.id.in_(ids)))
    return {*now, *session.scalars(select(Message.to_address).where(Message.candidate_id.in_(ids)))}


def _erase_profiles(session: Session, key: str) -> int:
    with scopes.everyone(session, "erasure: a registered person belongs to no company"):
        ids = list(session.scalars(select(Profile.id).where(Profile.email_key == key)))
    _erase_registered(session, ids)
    return len(ids)


def _erase_registered(session: Session, ids: Sequence[int]) -> None:
    with scopes.everyone(session, "erasure: a registered person belongs to no company"):
        erased_keys.remember(session, session.scalars(select(Profile.erasure_key).where(Profile.id.in_(ids))))
        for profile_id in ids:
            consents.withdraw_all(session, profile_id, way="erased")  # tells each partner to stop and delete
        if ids:
            _cancel_mails(session, Message.profile_id.in_(ids))
            company_links.forget_people(session, ids)
            _walk(session, "profile", ids)
    for profile_id in ids:
        record(session, EventTag.PROFILE_ERASED, profile_id=profile_id, subject=("profile", profile_id))


def _erase_remains(session: Session, key: str, company_id: int | None) -> int:
    """Erase what holds the address itself (mails, pending registrations, imported values, files); returns a count."""
    with scopes.everyone(session, "erasure: an address may stand in several companies' mails"):
        _cancel_mails(session, func.lower(Message.to_address) == key, *_in(Message, company_id))
        count = _walk(session, "address", [key], company_id)
        company_links.forget_address(session, key, company_id)
        count += _forget_brought(session, key, company_id)
        count += alert_checks.forget(session, [address_hash(key)], company_id)
        count += _forget_images(session, key, company_id)
        dropped = _drop_unapplied_files(session, company_id)
    if count or dropped:
        data = event_data.CandidateErased(candidate_ids=(), cause="request", others=count)
        record(session, EventTag.CANDIDATE_ERASED, company_id=company_id, subject=("address", None), data=data)
    return count


def _walk(session: Session, person: Person, keys: Sequence[int] | Sequence[str], company_id: int | None = None) -> int:
    """Carry out every declared rule for this kind of person; returns how many rows were touched."""
    models = scopes.models_by_table()
    touched = 0
    for table in reversed(Base.metadata.sorted_tables):
        model = models[table.name]
        for rule in model.__erasure__:  # type: ignore[attr-defined]
            if rule.person == person and rule.act != "keep":
                touched += _apply(session, model, rule, keys, company_id)
    return touched


def _apply(session: Session, model: Any, rule: ErasureRule, keys: Sequence[Any], company_id: int | None) -> int:
    column = getattr(model, rule.by)
    if rule.person == "address":
        column = func.lower(column)
    where = [column.in_(keys), *_in(model, company_id)]
    if rule.act == "delete":
        statement: Any = delete(model).where(*where)
    else:
        empty = {name: _nothing(model.__table__.c[name]) for name in rule.columns}
        statement = update(model).where(*where).values(empty)
    return _count(session, statement)


def _nothing(column: Any) -> Any:
    """Return what an emptied column holds: NULL where it may, else the empty value of its type."""
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


def _in(model: Any, company_id: int | None) -> list[ColumnElement[bool]]:
    return [] if company_id is None else [model.company_id == company_id]


def _cancel_mails(session: Session, *whose: ColumnElement[bool]) -> None:
    """Cancel the mails that have not left."""
    session.flush()
    waiting = update(Message).where(*whose, Message.state.in_(_UNDER_WAY))
    cancelled = waiting.values(state=MessageState.CANCELLED, settled_at=clock.now(), lease_until=None)
    _count(session, cancelled)


def _forget_brought(session: Session, key: str, company_id: int | None) -> int:
    """Clear an address that HR corrected since from what the file brought."""
    mine = func.lower(SourceRecord.values["email"].as_string()) == key
    found = session.scalars(select(SourceRecord).where(mine, *_in(SourceRecord, company_id))).all()
    for source in found:
        source.values = {**source.values, "email": ""}
    session.flush()
    return len(found)


def _forget_images(session: Session, key: str, company_id: int | None) -> int:
    """Drop the journal images that hold a corrected address: undoing then leaves that person alone."""
    holding = func.lower(cast(JournalImage.rows, Text)).contains(key, autoescape=True)
    return _count(session, delete(JournalImage).where(holding, *_in(JournalImage, company_id)))


def _drop_unapplied_files(session: Session, company_id: int | None = None) -> int:
    """Discard what waits to be looked at, and what is being read at HERP, which is read from its first page again."""
    being_read = HerpConnection.stored_as.is_not(None), *_in(HerpConnection, company_id)
    for row in session.scalars(select(HerpConnection).where(*being_read).with_for_update()):
        store.remove_after_commit(session, [row.stored_as or ""])
        row.stored_as, row.stored_bytes, row.page, row.names_read, row.begun_at = None, 0, 1, False, clock.now()
    return discard_waiting(session, *_in(Import, company_id))


def _count(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
