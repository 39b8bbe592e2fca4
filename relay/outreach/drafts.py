"""Results being written: one draft per person, kept while someone writes, so that neither a lost session nor a
closed tab loses a word, and the page that shows each mail has an address without personal data in it.

A draft is a Message of state `draft`, and what holds for all of them is in their MessageBatch; sending queues new
messages of the same batch and deletes the drafts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.mail import batches, letters, outbox
from relay.models import BatchState, Company, MailClass, Message, MessageBatch, MessageState, RejectionReason
from relay.models.retention import MAIL_DRAFT
from relay.outreach import draft_rows, letter, pending_results, placeholders, results, templates
from relay.outreach.draft_rows import ROWS, Choice, Draft, DraftRow, drafts_of, load
from relay.outreach.mailings import UNDELIVERED
from relay.text import clean_block, normalise_mail, sensitive_words
from relay.text.sentence import Sentence

KEPT = timedelta(days=MAIL_DRAFT.number)
"""How long an unfinished draft waits."""


@dataclass(frozen=True)
class Change:
    """The typed changes for one person. `sure` confirms words the law keeps out (A-22)."""

    own: Choice
    remark: str = ""
    sure: bool = False


class _Earlier(NamedTuple):
    """The text written to one person before, to be taken up again."""

    own: Choice
    remark: str
    rejects: bool | None = None


_NOTHING = _Earlier(Choice(), "")


@dataclass(frozen=True)
class RemarkProblem:
    """A remark that was not saved, and why; `words` lists those that can be confirmed."""

    message_id: int
    sentence: Sentence
    words: tuple[str, ...] = ()


class PeopleChanged(DomainError):
    """Raise where the people to be rejected are not those that were shown."""

    code = "people-changed"
    message = _l(
        "確認しているあいだに、選考中の方の人数が変わりました。まだ誰も見送りにしていません。もう一度確認してください。"
    )


class NobodyToNotify(results.CannotNotify):
    """Raise where none of the selected people can be notified (any more)."""

    code = "nobody-to-notify"


def start(
    session: Session, company: Company, application_ids: Sequence[int], *, by_user_id: int, resume: str = ""
) -> Draft:
    """Begin to write to those of the applications that can still be told, 200 at most.

    What the same person typed for them before, in a window since closed, is taken up again; with `resume`, what the
    mails of that act said that were stopped or did not arrive. Raises NobodyToNotify.
    """
    people = pending_results.notifiable(session, application_ids[: results.MAX_RECIPIENTS])
    if not people:
        raise NobodyToNotify(_l("選んだ方には、すでに結果を伝えたか、送信待ちの結果連絡があります。"))
    batch, moment = batches.begin(session, company.id, by_user_id=by_user_id), clock.now()
    earlier = (
        _mails_again(session, resume)
        if resume
        else _left_unfinished(session, [person.application_id for person in people], by_user_id)
    )
    for person in people:
        own, remark, rejects = earlier.get(person.application_id, _NOTHING)
        session.add(
            Message(
                company_id=company.id,
                letter=letter.NAME,
                mail_class=MailClass.RELAY,
                subject_kind="application",
                subject_id=person.application_id,
                candidate_id=person.candidate_id,
                to_address=normalise_mail(person.email).value,
                values={placeholders.REMARK: remark},
                once_per_subject=True,
                batch_id=batch.id,
                reason=own.reason,
                template_id=own.template_id,
                rejects=rejects,
                state=MessageState.DRAFT,
                due_at=moment,
                message_id=outbox.new_message_id(),
                created_at=moment,
                by_user_id=by_user_id,
            )
        )
    session.flush()
    draft = load(session, batch.code)
    assert draft is not None
    common = _alike(draft.rows)
    kept = {row.message_id: Change(_apart_from(common, row.own), row.remark, sure=True) for row in draft.rows}
    save(session, company, batch.code, common, kept, by_user_id=by_user_id)
    return load(session, batch.code) or draft


def save(
    session: Session,
    company: Company,
    batch: str,
    common: Choice,
    changes: Mapping[int, Change],
    *,
    by_user_id: int,
) -> list[RemarkProblem]:
    """Keep what was typed. A remark that needs a second thought is not kept, and is answered with a Problem."""
    problems: list[RemarkProblem] = []
    texts = templates.choices(session)
    sender = results.sender_name(session, by_user_id)
    for row in session.execute(ROWS, {"batch": batch}):
        message: Message = row.Message
        row.MessageBatch.reason, row.MessageBatch.template_id = common.reason, common.template_id
        remark = draft_rows.remark_of(message)
        if (typed := changes.get(message.id)) is not None:
            message.reason, message.template_id = typed.own.reason, typed.own.template_id
            remark = _kept_remark(message, typed, remark, problems)
        text = draft_rows.text_for(draft_rows.own_choice(message), common, row.stage, texts)
        message.values = results.merge_values(row.name, row.position or "", company.name, sender, remark)
        message.template_version_id = text.version_id if text else None
    session.flush()
    return problems


def confirm_rejections(
    session: Session, company: Company, batch: str, reason: RejectionReason, *, expected: int, by_user_id: int
) -> None:
    """Note that telling is meant to reject those of the draft who are in selection, all for this reason.

    Nothing is decided yet: that happens when the results are queued. What was meant in practice is
    asked again in earnest. `expected` is the number that was shown; raises PeopleChanged where it is another by now.
    """
    batches.hold(session, batch)
    messages = {each.id: each for each in session.scalars(select(Message).where(*drafts_of(batch)).with_for_update())}
    draft = load(session, batch)
    if draft is None or len(draft.in_selection) != expected:
        raise PeopleChanged
    for row in draft.in_selection:
        messages[row.message_id].rejects = company.live_since is not None
    save(session, company, batch, Choice(reason, draft.common.template_id), {}, by_user_id=by_user_id)


def drop(session: Session, batch: str, message_id: int) -> None:
    """Leave one person out; nothing changes for them."""
    session.execute(delete(Message).where(*drafts_of(batch), Message.id == message_id))


def discard(session: Session, batch: str) -> int:
    """Stop writing and forget what was typed for these people; nothing changes for them. Returns how many they were."""
    begun = session.execute(select(Message.subject_id, Message.by_user_id).where(*drafts_of(batch))).all()
    for by_user_id in {each.by_user_id for each in begun}:
        ids = [each.subject_id for each in begun if each.by_user_id == by_user_id]
        session.execute(delete(Message).where(*_unfinished(ids, by_user_id), ~batches.mails_of(batch)))
    _discard(session, MessageBatch.code == batch)
    return len(session.scalars(delete(Message).where(*drafts_of(batch)).returning(Message.id)).all())


def send(
    session: Session,
    company: Company,
    batch: str,
    *,
    expected: int,
    by_user_id: int,
    due_at: datetime | None = None,
) -> results.Queued:
    """Tell everyone of the draft who can be reached, exactly as shown, after the delay or at `due_at`.

    `expected` is the number that was confirmed.

    Raises what results.tell raises; AlreadyNotified and NobodyToNotify also when the people changed since the
    confirmation.
    """
    act = batches.hold(session, batch)
    session.execute(select(Message.id).where(*drafts_of(batch)).with_for_update())
    draft = load(session, batch)
    if act is None or draft is None:
        raise NobodyToNotify(
            _l(
                "この結果連絡は、すでに送信を受け付けたか、取り消されています。"
                "「送信待ち」か「未連絡」で確認してください。"
            )
        )
    if len(draft.sendable) != expected:
        if draft.notified:
            names = results.listed_names(row.name for row in draft.notified)
            raise results.AlreadyNotified(
                _l("%(names)sには、ほかの画面から先に結果を伝えています。まだ誰にも送っていません。", names=names),
                [row.application_id for row in draft.notified],
            )
        raise results.CannotNotify(
            _l("確認のあとで宛先が変わりました。まだ誰にも送っていません。もう一度確認してください。")
        )
    if draft.unconfirmed:
        raise results.CannotNotify(
            _l("選考中の方が含まれています。まだ誰にも送っていません。見送りにする方を、先に確認してください。")
        )
    notifications = [_notification(row) for row in draft.sendable]
    queued = results.notify(session, company, notifications, by_user_id=by_user_id, batch=act, due_at=due_at)
    if not queued.practice:  # practised words stay, to be sent in earnest later
        session.execute(delete(Message).where(*drafts_of(batch)))
    return queued


def stopped_applications(session: Session, batch: str) -> list[int]:
    """Return the applications whose results of this act were stopped."""
    stopped = (batches.mails_of(batch), letters.telling_result(), Message.state == MessageState.CANCELLED)
    query = select(Message.subject_id).where(*stopped)
    return [id_ for id_ in session.scalars(query.order_by(Message.id)) if id_ is not None]


def was_sent(session: Session, batch: str) -> bool:
    """Return whether this act of writing has been sent (or stopped after that)."""
    sent_at = select(MessageBatch.sent_at).where(MessageBatch.code == batch)
    return session.scalar(sent_at) is not None


def _alike(rows: Sequence[DraftRow]) -> Choice:
    """Return what everyone was given alike when this was written before."""
    reasons, template_ids = {row.own.reason for row in rows}, {row.own.template_id for row in rows}
    return Choice(reasons.pop() if len(reasons) == 1 else None, template_ids.pop() if len(template_ids) == 1 else None)


def _apart_from(common: Choice, own: Choice) -> Choice:
    return Choice(
        None if own.reason == common.reason else own.reason,
        None if own.template_id == common.template_id else own.template_id,
    )


def _kept_remark(message: Message, typed: Change, before: str, problems: list[RemarkProblem]) -> str:
    """Return the remark that is kept of what was typed for one person; a doubtful one stays as it was before."""
    remark = clean_block(typed.remark)
    if (refusal := results.remark_refusal(remark)) is not None:
        problems.append(RemarkProblem(message.id, refusal))
        return before
    words = tuple(sensitive_words(remark))
    if words and not typed.sure:
        problems.append(RemarkProblem(message.id, _sensitive_sentence(words), words))
        return before
    return remark


def _sensitive_sentence(words: Sequence[str]) -> Sentence:
    return _l(
        "「%(words)s」は、選考で扱ってはいけない情報に触れているかもしれません。書き直すか、問題のない内容か確認してください。",
        words="」「".join(words),
    )


def _notification(row: DraftRow) -> results.ResultNotification:
    return results.ResultNotification(
        application_id=row.application_id,
        reason=row.reason if row.needs_reason else None,
        template_id=row.template.id if row.template else 0,
        remark=row.remark,
        template_version_id=row.template.version_id if row.template else None,
    )


def _mails_again(session: Session, batch: str) -> dict[int | None, _Earlier]:
    """Return what those mails of an act said that were stopped or did not arrive, by application.

    A stopped one took its rejection back, so it is confirmed again as it was.
    """
    unread = (MessageState.CANCELLED, *UNDELIVERED)
    query = select(Message).where(batches.mails_of(batch), Message.state.in_(unread)).order_by(Message.id)
    texts = {text.version_id: text.id for text in templates.choices(session)}
    return {
        mail.subject_id: _Earlier(
            Choice(mail.reason, texts.get(mail.template_version_id or 0)),
            draft_rows.remark_of(mail),
            (mail.rejects or None) if mail.state is MessageState.CANCELLED else None,
        )
        for mail in session.scalars(query)
    }


def _unfinished(application_ids: Sequence[int], by_user_id: int | None) -> tuple[Any, ...]:
    return (
        Message.batch_id.is_not(None),
        Message.state == MessageState.DRAFT,
        Message.by_user_id == by_user_id,
        Message.subject_id.in_(application_ids),
    )


def _left_unfinished(session: Session, application_ids: Sequence[int], by_user_id: int) -> dict[int | None, _Earlier]:
    """Return what this person last typed for these applications and neither sent nor gave up."""
    query = (
        select(Message, MessageBatch)
        .join(MessageBatch, MessageBatch.id == Message.batch_id)
        .where(*_unfinished(application_ids, by_user_id))
        .order_by(Message.id)
    )
    return {
        mail.subject_id: _Earlier(
            Choice(mail.reason or act.reason, mail.template_id or act.template_id), draft_rows.remark_of(mail)
        )
        for mail, act in session.execute(query)
    }


def _discard(session: Session, which: ColumnElement[bool]) -> None:
    """Note that nobody goes on writing what was never sent."""
    given_up = update(MessageBatch).where(which, MessageBatch.state == BatchState.DRAFT)
    session.execute(given_up.values(state=BatchState.DISCARDED))


def sweep(session: Session) -> None:
    """Delete the mails that nobody finished within a week. Needs a scope that sees every company's rows."""
    long_ago = clock.now() - KEPT
    _discard(session, MessageBatch.created_at < long_ago)
    session.execute(
        delete(Message).where(
            Message.batch_id.is_not(None), Message.state == MessageState.DRAFT, Message.created_at < long_ago
        )
    )
