"""Making one record of two: everything about the person moves to the record that stays, and the other goes.

All in the caller's transaction and under the journal, so that it can be taken back whole. Referrals and the ledger are
never touched: the record with a completed referral is the one that stays. What a person asked for weighs more than what
they allowed: the narrower reason to keep them, the earlier day, and every wish to hear no more win.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import moving
from relay.candidates.retention import STRENGTH
from relay.errors import DomainError
from relay.indexing import alert_checks, search_rows
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import (
    ActionKind,
    Candidate,
    EventTag,
    MailClass,
    Merge,
    Message,
    MessageState,
    Note,
    OptOut,
    Referral,
    event_data,
    journal,
    record,
)
from relay.models.candidate_fields import CANDIDATE_FIELDS, CandidateField, FieldKind, MergePolicy, columns_of
from relay.models.journal import Recorder
from relay.models.retention import UNDO
from relay.text import format_phone

CHOSEN = tuple(field for field in CANDIDATE_FIELDS if field.merge is MergePolicy.CHOOSE)
FIELDS = (*(field.name for field in CHOSEN), "follow_up")
"""What HR chooses between."""
UNDO_FOR = timedelta(days=UNDO.number)
_UNDER_WAY = (MessageState.DRAFT, MessageState.SCHEDULED, MessageState.SENDING)
_STOPPED = (MailClass.RELAY, MailClass.PROMO)


class MailUnderWay(DomainError):
    """Raise where a result mail to one of the two is a draft, queued, or being sent."""

    code = "result-under-way"
    message = _l(
        "書きかけ、または送信を待っている結果連絡があるため、まとめませんでした。何も変わっていません。"
        "送信が終わるか、送信を取り消してから、もう一度お試しください。"
    )


class BothReferred(DomainError):
    """Raise where each of the two has a completed referral; those are never moved."""

    code = "both-referred"
    message = _l(
        "どちらの記録にもリレー完了があるため、まとめませんでした。何も変わっていません。"
        "リレー完了の記録は動かせないため、2つの記録のまま残してください。"
    )


class GoneMeanwhile(DomainError):
    """Raise where one of the two was merged or erased meanwhile."""

    code = "candidate-gone"
    message = _l("どちらかの記録が、すでにまとめられたか消去されています。何も変わっていません。")


@dataclass(frozen=True)
class Merged:
    """The record that stayed, and the journal's entry by which this is taken back."""

    candidate: Candidate
    entry_id: int


def merge(
    session: Session, company_id: int, ids: tuple[int, int], chosen: Mapping[str, int], *, by_user_id: int | None
) -> Merged:
    """Merge two records; `chosen` names for each of FIELDS whose value stays. In the company's scope.

    Raises GoneMeanwhile, MailUnderWay and BothReferred; then nothing has changed.
    """
    kept, gone = _both(session, ids)
    _refuse_mail(session, ids)
    data = event_data.CandidatesMerged(candidate_id=kept.id, merged_id=gone.id)
    with journal.kept(
        session, company_id, ActionKind.MERGED, by_user_id=by_user_id, data=data.as_json(), undo_for=UNDO_FOR
    ) as recorder:
        recorder.will_change(Candidate, [kept.id, gone.id], person=kept.id)
        values = {field: getattr(gone if chosen.get(field) == gone.id else kept, field) for field in FIELDS}
        _keep_what_was_not_chosen(session, recorder, kept, gone, values, by_user_id)
        _stop_as_asked(session, company_id, recorder, (kept, gone), values["email"])
        made = Merge(
            company_id=company_id,
            candidate_id=kept.id,
            merged_id=gone.id,
            erasure_key=gone.erasure_key,
            email_key=kept.email_key if values["email"] == gone.email else gone.email_key,
            by_user_id=by_user_id,
            at=clock.now(),
        )
        alert_checks.carry(session, kept.id, gone.id)
        moving.move(session, company_id, recorder, kept_id=kept.id, gone_id=gone.id)
        session.add(made)
        session.flush()
        recorder.made(Merge, [made.id], person=kept.id)
        _write(kept, gone, values)
        session.delete(gone)
        session.flush()
    search_rows.index(session, [kept.id], news=False)
    about = ("candidate", kept.id)
    record(session, EventTag.CANDIDATES_MERGED, company_id=company_id, subject=about, data=data)
    assert recorder.entry is not None
    return Merged(kept, recorder.entry.id)


def preselected(one: Candidate, other: Candidate) -> dict[str, int]:
    """Return whose value to offer for each field: what is there before what is empty, then what came later.

    Of two names the one whose parts are told apart, because a family name cannot be guessed.
    """
    newer, older = (one, other) if one.id > other.id else (other, one)
    chosen = {field: (newer if getattr(newer, field) else older).id for field in FIELDS}
    if " " in older.name.strip() and " " not in newer.name.strip():
        chosen["name"] = older.id
    return chosen


_REFERRED = select(Referral.candidate_id).where(Referral.candidate_id.in_(bindparam("people", expanding=True)))


def staying(session: Session, one: Candidate, other: Candidate) -> Candidate:
    """Which of the two records stays: the one with a completed referral, else the older. Raises BothReferred."""
    referred = set(session.scalars(_REFERRED, {"people": [one.id, other.id]}))
    if len(referred) > 1:
        raise BothReferred
    return one if one.id in referred or (not referred and one.id < other.id) else other


def merged_into(session: Session, candidate_id: int) -> int | None:
    """Return the record that this one became part of, if it did. In the company's scope."""
    return session.scalars(select(Merge.candidate_id).where(Merge.merged_id == candidate_id)).one_or_none()


def narrower(one: Candidate, other: Candidate) -> tuple[Any, date | None]:
    """Why and until when the merged person is kept: by the narrower reason, until the earlier day."""
    basis = min((one.basis, other.basis), key=STRENGTH.index)
    days = [day for day in (one.retain_until, other.retain_until) if day is not None]
    return basis, min(days) if len(days) == 2 else None


def _both(session: Session, ids: tuple[int, int]) -> tuple[Candidate, Candidate]:
    wanted = select(Candidate).where(Candidate.id.in_(ids)).order_by(Candidate.id).with_for_update()
    found = session.scalars(wanted).all()
    if len(found) != 2:
        raise GoneMeanwhile
    kept = staying(session, found[0], found[1])
    return kept, found[1] if kept is found[0] else found[0]


def _refuse_mail(session: Session, ids: tuple[int, int]) -> None:
    waiting = select(Message.id).where(Message.candidate_id.in_(ids), Message.state.in_(_UNDER_WAY)).limit(1)
    if session.scalars(waiting).first() is not None:
        raise MailUnderWay


def _keep_what_was_not_chosen(
    session: Session,
    recorder: Recorder,
    kept: Candidate,
    gone: Candidate,
    values: Mapping[str, Any],
    by_user_id: int | None,
) -> None:
    """Write texts that were not chosen (a name, an address) into a memo: nothing that was known is lost."""
    dropped = [
        format_phone(value) if field.kind is FieldKind.PHONE else str(value)
        for field in CHOSEN
        if field.kind is not FieldKind.DAY
        for value in dict.fromkeys((getattr(kept, field.name), getattr(gone, field.name)))
        if value and value != values[field.name]
    ]
    if not dropped:
        return
    body = str(_l("記録をまとめたときに選ばなかった内容：%(values)s", values="、".join(dropped)))
    note = Note(candidate_id=kept.id, body=body, at=clock.now(), by_user_id=by_user_id)
    session.add(note)
    session.flush()
    recorder.made(Note, [note.id], person=kept.id)


def _stop_as_asked(
    session: Session, company_id: int, recorder: Recorder, both: tuple[Candidate, Candidate], email: str
) -> None:
    """Carry an opt-out over: who asked at either address to hear no more hears no more at the one that stays."""
    addresses = [each.email for each in both if each.email]
    if not email:
        return
    for mail_class in _STOPPED:
        stopped = optouts.opted_out(session, company_id, addresses, mail_class)
        if stopped and email not in stopped:
            wish = OptOut(
                company_id=company_id,
                address_hash=address_hash(email),
                mail_class=mail_class,
                via=optouts.BY_MERGE,
                at=clock.now(),
            )
            session.add(wish)
            session.flush()
            recorder.made(OptOut, [wish.id], person=both[0].id)


def _merged(field: CandidateField, kept: Candidate, gone: Candidate, values: Mapping[str, Any]) -> Any:
    """Return the value that stays, by the field's policy."""
    both = (getattr(kept, field.name), getattr(gone, field.name))
    if field.merge is MergePolicy.CHOOSE:
        return values[field.name]
    if field.merge is MergePolicy.JOIN:
        return "、".join(dict.fromkeys(filter(None, both)))[: field.max_length]
    return both[0] or both[1]


def _write(kept: Candidate, gone: Candidate, values: Mapping[str, Any]) -> None:
    kept.basis, kept.retain_until = narrower(kept, gone)
    merged = {field.name: _merged(field, kept, gone, values) for field in CANDIDATE_FIELDS}
    changed = {name: value for name, value in merged.items() if value != getattr(kept, name)}
    for column, value in columns_of(changed).items():
        setattr(kept, column, value)
    kept.follow_up = values["follow_up"]
    stopped = [each.contact_stopped_at for each in (kept, gone) if each.contact_stopped_at is not None]
    kept.contact_stopped_at = min(stopped, default=None)
    objected = [each.record_objected_at for each in (kept, gone) if each.record_objected_at is not None]
    kept.record_objected_at = min(objected, default=None)
    kept.created_at = min(kept.created_at, gone.created_at)
    kept.updated_at = clock.now()
