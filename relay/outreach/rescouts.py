"""Writing to people of the pool about an open position (再スカウト): each mail is seen before it is sent (C-2).

One act is one batch, which can be stopped until it leaves, as with results. A mail is sent as it was shown or not at
all: its seal comes back with the form, and another text, position or remark makes another seal.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.hiring import position_facts
from relay.infra import jobs
from relay.mail import allowance, batches, compose, outbox
from relay.mail.compose import MailWords
from relay.models import BatchKind, Company, MailClass, Message, MessageState, Position, PositionState, Rescout
from relay.outreach import placeholders, rescout_letter, rescout_people, results
from relay.outreach.rescout_people import RescoutRecipient
from relay.outreach.results import Queued
from relay.outreach.templates import TemplateText
from relay.text import clean, clean_block, sensitive_words

SHARES_JOB = "rescout-shares"
"""Notes how well the people fitted as they were written to, before their answers change it (relay.insight.learning)."""
MAX_RECIPIENTS = 20
"""How many people one act writes to: as many mails as are read before they are sent."""


@dataclass(frozen=True)
class RescoutDraft:
    """One mail as it would leave: to whom, with which remark, and the seal by which it is known again."""

    to: RescoutRecipient
    remark: str
    mail: MailWords

    @property
    def seal(self) -> str:
        """Return a hash of everything its reader will read."""
        return hashlib.sha256(f"{self.to.email}\n{self.mail.subject}\n{self.mail.text}".encode()).hexdigest()


@dataclass(frozen=True)
class Seen:
    """The mail to one person as it came back from the page that showed it."""

    candidate_id: int
    seal: str
    remark: str = ""
    singly: bool = False
    """Whether this very mail got a yes of its own, which people need who were merely informed (C-2)."""


class PositionNotOpen(DomainError):
    """Raise for a position the company does not hire for now."""

    code = "position-not-open"
    message = _l("募集中の求人ではないため、送りませんでした。募集を再開してから、もう一度お試しください。")


class NobodyToRescout(DomainError):
    """Raise where none of the chosen may be written to, or all have been."""

    code = "nobody-to-rescout"
    message = _l(
        "送る方が選ばれていないか、いま送れる方がいません。文面を読んで、送る方にチェックを入れてから、もう一度送ってください。まだ誰にも送っていません。"
    )


class RescoutMailChanged(DomainError):
    """Raise where a mail is no longer the one that was shown."""

    code = "rescout-mail-changed"
    message = _l(
        "表示したあとに文面の変わったメールがあります。まだ誰にも送っていません。いまの文面を確認してください。"
    )


class RescoutRemarkRefused(DomainError):
    """Raise where a remark is too long or promises a gift (B-16)."""

    code = "rescout-remark-refused"


class RescoutRemarkDoubted(DomainError):
    """Raise where a remark holds words the law keeps out, until it is confirmed (A-22)."""

    code = "rescout-remark-doubted"


def drafts(
    session: Session,
    company: Company,
    position: Position,
    people: Sequence[RescoutRecipient],
    text: TemplateText,
    remarks: dict[int, str],
    *,
    by_user_id: int,
) -> list[RescoutDraft]:
    """Return the mails to those of the people who may be written to, as `send` would queue them, not stored."""
    sender = results.sender_name(session, by_user_id)
    reached = [(each, clean_block(remarks.get(each.candidate_id, ""))) for each in people if each.bar is None]
    mails = compose.previews(
        session, [_message(company, position, each, text, sender, remark) for each, remark in reached]
    )
    return [RescoutDraft(each, remark, mail) for (each, remark), mail in zip(reached, mails, strict=True)]


def send(
    session: Session,
    company: Company,
    position: Position,
    text: TemplateText,
    seen: Sequence[Seen],
    *,
    by_user_id: int,
    confirmed: bool = False,
) -> Queued:
    """Queue the mails that were shown, to leave after the company's delay, in the hours of result mails.

    Left out are people who may be written to no more, and those who were merely informed without a yes of their own.
    Raises PositionNotOpen, NobodyToRescout, RescoutMailChanged, RescoutRemarkRefused, RescoutRemarkDoubted unless
    `confirmed`, PracticeOnly; then nothing was queued.
    """
    allowance.one_at_a_time(session)
    _hold_open(session, position)
    back = {each.candidate_id: each for each in seen[:MAX_RECIPIENTS]}
    people = rescout_people.recipients(session, company.id, position.id, list(back))
    wanted = [each for each in people if each.bar is None and (back[each.candidate_id].singly or not each.singly)]
    if not wanted:
        raise NobodyToRescout
    remarks = {id_: each.remark for id_, each in back.items()}
    written = drafts(session, company, position, wanted, text, remarks, by_user_id=by_user_id)
    for each in written:
        _check_remark(each, confirmed)
    if any(each.seal != back[each.to.candidate_id].seal for each in written):
        raise RescoutMailChanged
    return _queue(session, company, text, position, written, by_user_id)


def _hold_open(session: Session, position: Position) -> None:
    """Hold the position as it is now. Raises PositionNotOpen."""
    held = select(Position).where(Position.id == position.id).with_for_update(key_share=True)
    if session.scalars(held.execution_options(populate_existing=True)).one().state is not PositionState.OPEN:
        raise PositionNotOpen


def _check_remark(written: RescoutDraft, confirmed: bool) -> None:
    """Raise RescoutRemarkRefused, or RescoutRemarkDoubted unless `confirmed`."""
    if (refusal := results.remark_refusal(written.remark)) is not None:
        raise RescoutRemarkRefused(_l("%(name)sさんのひとこと：%(why)s", name=written.to.name, why=refusal))
    words = sensitive_words(written.remark)
    if words and not confirmed:
        raise RescoutRemarkDoubted(
            _l(
                "%(name)sさんのひとことの「%(words)s」は、選考で扱ってはいけない情報に触れているかもしれません。"
                "書き直すか、問題のない内容か確認してください。",
                name=written.to.name,
                words="」「".join(words),
            )
        )


def _message(
    company: Company, position: Position, to: RescoutRecipient, text: TemplateText, sender: str, remark: str
) -> Message:
    facts = [[str(label), fact] for label, fact in position_facts.terms(position)]
    return Message(
        company_id=company.id,
        letter=rescout_letter.NAME,
        mail_class=MailClass.PROMO,
        candidate_id=to.candidate_id,
        to_address=to.email,
        state=MessageState.DRAFT,
        template_version_id=text.version_id,
        values={
            placeholders.NAME: clean(to.name),
            placeholders.OFFERED: position.title,
            placeholders.COMPANY: company.name,
            placeholders.SENDER: sender,
            placeholders.REMARK: remark,
            rescout_letter.FACTS: facts,
        },
    )


def _queue(
    session: Session,
    company: Company,
    text: TemplateText,
    position: Position,
    written: Sequence[RescoutDraft],
    by_user_id: int,
) -> Queued:
    batch = batches.begin(session, company.id, by_user_id=by_user_id, kind=BatchKind.RESCOUT)
    batches.mark_sent(batch)
    due, sender = results.soonest(company), results.sender_name(session, by_user_id)
    rows: list[Rescout] = []
    for each in written:
        message = outbox.queue(
            session,
            rescout_letter.NAME,
            company_id=company.id,
            to=each.to.email,
            subject=("application", each.to.application_id),
            candidate_id=each.to.candidate_id,
            values=_message(company, position, each.to, text, sender, each.remark).values,
            template_version_id=text.version_id,
            due_at=due,
            batch_id=batch.id,
            by_user_id=by_user_id,
        )
        rows.append(
            Rescout(
                candidate_id=each.to.candidate_id,
                position_id=position.id,
                message_id=message.id,
                created_at=clock.now(),
            )
        )
    session.add_all(rows)
    session.flush()
    noted = {"position_id": position.id, "rescout_ids": [row.id for row in rows]}
    jobs.enqueue(session, SHARES_JOB, key=f"{SHARES_JOB}:{batch.id}", payload=noted, company_id=company.id)
    return Queued(batch.code, len(written), due)
