"""Notifying results: decides what is still open, queues one mail per application, and can be stopped until it leaves.

One act is one batch. All of it happens in the caller's transaction, or none of it (invariant 6).
While the company practises, the same act mails the person who pressed, and changes nothing but rows of practice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import decisions
from relay.mail import batches, letters, outbox, practice, sending_hours
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    EventTag,
    Message,
    MessageBatch,
    MessageState,
    Position,
    RejectionReason,
    User,
    event_data,
    record,
    scopes,
)
from relay.models.prepared import read
from relay.outreach import letter, placeholders, templates, wording
from relay.text import clean, clean_block, normalise_mail
from relay.text.sentence import Sentence

MAX_RECIPIENTS = 200
"""How many people one act tells."""

FURTHEST = timedelta(days=30)
"""How far ahead a mail is given its time."""

_LIVE = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class ResultNotification:
    """The result one person is to be told: by which text, for which reason (where still open), with which remark."""

    application_id: int
    reason: RejectionReason | None
    template_id: int
    remark: str = ""
    template_version_id: int | None = None
    """The wording that was looked at; without it the newest."""


@dataclass(frozen=True)
class Queued:
    """The queued mails: to the people, or, in practice, to the person who pressed."""

    batch: str
    count: int
    due_at: datetime
    """When the first of them leaves."""
    practice: bool = False


class _Person(NamedTuple):
    application: Application
    name: str
    email: str
    position: str


class CannotNotify(DomainError):
    """Raise where some people cannot be notified this way; nobody was. `application_ids` says who."""

    code = "cannot-notify"

    def __init__(self, message: object, application_ids: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.application_ids = list(application_ids)


class AlreadyNotified(CannotNotify):
    """Raise where a person was notified, or the mail is queued: there is never a second (C-11)."""

    code = "already-notified"


class EndedOtherwise(CannotNotify):
    """Raise where the application withdrew, was hired or is a duplicate: only a rejection gets this mail."""

    code = "not-rejected"


class AddressMissing(CannotNotify):
    """Raise where a recipient has no address."""

    code = "recipient-address-missing"


class RecipientReasonMissing(CannotNotify):
    """Raise where an open application would be rejected without a reason (B-4)."""

    code = "recipient-reason-missing"


class TextMissing(CannotNotify):
    """Raise where the template is gone or was never chosen."""

    code = "template-missing"


class TimeRefused(CannotNotify):
    """Raise where no mail leaves at the chosen time: it is past, too far away, or the company spares that hour."""

    code = "sending-time-refused"


class RemarkRefused(CannotNotify):
    """Raise where a remark promises a gift or is too long (B-16)."""

    code = "remark-refused"


def notify(
    session: Session,
    company: Company,
    notifications: Sequence[ResultNotification],
    *,
    by_user_id: int | None,
    batch: MessageBatch | None = None,
    due_at: datetime | None = None,
) -> Queued:
    """Reject what is open and queue a result mail for each, to leave after the company's delay, or at `due_at`.

    Whose mail would leave earlier than the company's rule allows gets a later time (relay.mail.sending_hours).
    Nothing is queued unless all can be. Raises AlreadyNotified, EndedOtherwise, AddressMissing, RecipientReasonMissing,
    TextMissing or RemarkRefused, each naming the people; TimeRefused for a `due_at` that cannot be. In practice a mail
    to `by_user_id` replaces each; raises NobodyPractises without such a member.
    """
    people = _locked(session, [notification.application_id for notification in notifications])
    _refuse(session, notifications, people)
    if due_at is not None:
        check_time(company, due_at)
    versions = _versions(session, notifications)
    batch = batch or batches.begin(session, company.id, by_user_id=by_user_id)
    due = _due_times(company, people.values(), due_at)
    told = Queued(batch.code, len(notifications), min(due.values()), practice=company.live_since is None)
    decided: Collection[int] = ()
    if told.practice:
        practice.forget(session, company.id, Message.batch_id == batch.id, Message.state == MessageState.SCHEDULED)
        _note_practice(session, company, told, by_user_id)
    else:
        reasons = [(people[each.application_id].application, each.reason) for each in notifications if each.reason]
        decided = decisions.reject_all(session, reasons, by_user_id=by_user_id)
        batches.mark_sent(batch)
    sender, moment = sender_name(session, by_user_id), clock.now()
    for notification in notifications:
        person, decided_here = people[notification.application_id], notification.application_id in decided
        values = merge_values(person.name, person.position, company.name, sender, notification.remark)
        message = outbox.queue(
            session,
            letter.NAME,
            company_id=company.id,
            to=person.email,
            subject=("application", notification.application_id),
            candidate_id=person.application.candidate_id,
            values=values,
            template_version_id=versions[notification.application_id],
            due_at=due[notification.application_id],
            batch_id=batch.id,
            reason=notification.reason,
            rejects=decided_here,
            by_user_id=by_user_id,
            practice=told.practice,
        )
        if not told.practice:
            _note(session, message, person.application, decided_here, moment)
    session.flush()
    return told


@scopes.in_company
def stop(session: Session, company_id: int, batch: str | None = None, message_id: int | None = None) -> int:
    """Keep back what has not left yet, of one act or of all, and take back the rejections those same acts made.

    With `message_id` that mail alone; the others of its act leave when they were to.

    Returns how many mails stay.
    """
    return outbox.cancel(session, company_id, batch, message_id)


def merge_values(name: str, position: str, company: str, sender: str, remark: str) -> dict[str, str]:
    """Return what the placeholders of a template stand for, for one person."""
    return {
        placeholders.NAME: clean(name),
        placeholders.POSITION: clean(position) or str(_l("当社の求人")),
        placeholders.COMPANY: company,
        placeholders.SENDER: sender,
        placeholders.REMARK: clean_block(remark),
    }


def remark_refusal(remark: str) -> Sentence | None:
    """Why a remark cannot be sent as it is, if it cannot (B-16)."""
    if len(remark) > wording.MAX_REMARK:
        return wording.too_long_sentence(len(remark), wording.MAX_REMARK)
    found = wording.gifts(remark)
    return wording.gift_sentence(found) if found else None


def listed_names(names: Iterable[str]) -> str:
    """Names as a sentence says them: a handful, then how many more."""
    every = [str(_l("%(name)sさん", name=name)) for name in names]
    shown = "、".join(every[:_NAMES_SHOWN])
    if len(every) > _NAMES_SHOWN:
        return str(_l("%(names)sほか%(more)s名", names=shown, more=len(every) - _NAMES_SHOWN))
    return shown


def check_time(company: Company, wanted: datetime) -> None:
    """Raise TimeRefused unless mails can leave at the chosen time; the sentence names the next time that can be."""
    moment = clock.now()
    if wanted < moment:
        raise TimeRefused(_l("%(when)sは過ぎています。これからの日時を選んでください。", when=_written(wanted)))
    if wanted > moment + FURTHEST:
        raise TimeRefused(
            _l(
                "%(when)sは先すぎます。%(days)s日以内の日時を選んでください。",
                when=_written(wanted),
                days=FURTHEST.days,
            )
        )
    if company.daytime_only and not sending_hours.is_open(wanted):
        raise TimeRefused(
            _l(
                "%(when)sは、夜間か休日のため送りません。次に送れるのは%(next)sです。日時を選び直してください。",
                when=_written(wanted),
                next=_written(sending_hours.next_open(wanted)),
            )
        )


def soonest(company: Company) -> datetime:
    """Return when a mail that is confirmed now leaves, if nothing but the hour keeps it."""
    moment = clock.now() + timedelta(minutes=company.send_delay_minutes)
    return sending_hours.next_open(moment) if company.daytime_only else moment


def _written(moment: datetime) -> str:
    return format_datetime(moment, _("M月d日（E） H:mm"))


def _due_times(company: Company, people: Iterable[_Person], due_at: datetime | None) -> dict[int, datetime]:
    """Return by application when its mail leaves: in earnest by the company's rule, in practice at once."""
    moment = clock.now()
    if company.live_since is None:
        return {person.application.id: moment for person in people}
    wanted = due_at or moment + timedelta(minutes=company.send_delay_minutes)
    return {
        each.id: sending_hours.earliest(company, wanted, applied_on=each.applied_on, recorded_at=each.created_at)
        for each in (person.application for person in people)
    }


def _note_practice(session: Session, company: Company, told: Queued, by_user_id: int | None) -> None:
    record(
        session,
        EventTag.PRACTICE_SENT,
        company_id=company.id,
        subject=("user", by_user_id),
        data=event_data.Counted(count=told.count),
    )


def _note(session: Session, message: Message, application: Application, decided_here: bool, moment: datetime) -> None:
    record(
        session,
        EventTag.RESULT_QUEUED,
        at=moment,
        company_id=application.company_id,
        subject=("application", application.id),
        data=event_data.ResultQueued(
            candidate_id=application.candidate_id, message_id=message.id, decided_here=decided_here
        ),
    )


def _locked(session: Session, application_ids: Sequence[int]) -> dict[int, _Person]:
    """Return the applications as they are now, locked until the transaction ends, so that two acts cannot tell one."""
    rows = session.execute(
        select(Application, Candidate.name, Candidate.email, Position.title)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Position, Position.id == Application.position_id)
        .where(Application.id.in_(application_ids))
        .order_by(Application.id)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    return {application.id: _Person(application, name, email, title or "") for application, name, email, title in rows}


def _refuse(session: Session, notifications: Sequence[ResultNotification], people: dict[int, _Person]) -> None:
    if not notifications:
        raise CannotNotify(_l("送る方がいません。「結果連絡」から選び直してください。"))
    if len(notifications) > MAX_RECIPIENTS:
        raise CannotNotify(_l("一度に送れるのは%(most)s名までです。分けて送ってください。", most=MAX_RECIPIENTS))
    if gone := [each.application_id for each in notifications if each.application_id not in people]:
        raise CannotNotify(_l("選んだ方のうち%(count)s名の記録が、消去されたか見つかりません。", count=len(gone)), gone)
    _refuse_states(session, people)
    for notification in notifications:
        person = people[notification.application_id]
        if person.application.status is ApplicationResult.OPEN and notification.reason is None:
            raise RecipientReasonMissing(
                _l("%(name)sさんの見送りの理由を選んでください。", name=person.name), [notification.application_id]
            )
        if (refusal := remark_refusal(clean_block(notification.remark))) is not None:
            raise RemarkRefused(
                _l("%(name)sさんのひとこと：%(why)s", name=person.name, why=refusal), [notification.application_id]
            )


def _refuse_states(session: Session, people: dict[int, _Person]) -> None:
    live = select(Message.subject_id).where(
        letters.telling_result(), Message.subject_id.in_(people), Message.state.in_(_LIVE)
    )
    on_their_way = set(session.scalars(live))
    told = [id_ for id_, person in people.items() if person.application.notified_at is not None or id_ in on_their_way]
    if told:
        names = listed_names(people[id_].name for id_ in told)
        raise AlreadyNotified(
            _l("%(names)sには、すでに結果を伝えたか、送信待ちの結果連絡があります。二重には送りません。", names=names),
            told,
        )
    ended = [
        id_
        for id_, each in people.items()
        if each.application.status not in (ApplicationResult.OPEN, ApplicationResult.REJECTED)
    ]
    if ended:
        names = listed_names(people[id_].name for id_ in ended)
        raise EndedOtherwise(
            _l("%(names)sの応募は、辞退・重複・入社で終わっているため、見送りの結果連絡は送りません。", names=names),
            ended,
        )
    if without := [id_ for id_, each in people.items() if not normalise_mail(each.email).value]:
        names = listed_names(people[id_].name for id_ in without)
        raise AddressMissing(_l("%(names)sには、送れるメールアドレスがありません。", names=names), without)


def _versions(session: Session, notifications: Sequence[ResultNotification]) -> dict[int, int]:
    """Return the wording of each mail: the one that was looked at, else the newest of its template."""
    newest = {text.id: text.version_id for text in templates.choices(session)}
    chosen = {each.application_id: each.template_version_id or newest.get(each.template_id) for each in notifications}
    if missing := [id_ for id_, version_id in chosen.items() if version_id is None]:
        raise TextMissing(_l("使うテンプレートが見つかりません。選び直してください。"), missing)
    return {id_: version_id for id_, version_id in chosen.items() if version_id is not None}


_LOGIN = select(User.name).where(User.id == bindparam("user"))


def sender_name(session: Session, user_id: int | None) -> str:
    """Return the name for {{担当者}}: the person who tells."""
    found = read(session, _LOGIN, user=user_id) if user_id else ()
    return next((name for (name,) in found if name), "") or str(_l("採用担当"))
