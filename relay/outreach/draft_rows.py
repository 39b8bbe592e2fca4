"""The writing page's rows: who is being written to, what was typed so far, and what became of them meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from relay.mail import batches, letters
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    Message,
    MessageBatch,
    MessageState,
    Position,
    RejectionReason,
)
from relay.outreach import cautions, pending_results, placeholders, templates
from relay.outreach.templates import TemplateText
from relay.text import sensitive_words


@dataclass(frozen=True)
class Choice:
    """A reason and a text: one person's own, or what holds for all who have none."""

    reason: RejectionReason | None = None
    template_id: int | None = None


@dataclass(frozen=True)
class DraftRow:
    """One person on the writing page."""

    message_id: int
    application_id: int
    candidate_id: int
    name: str
    kana: str
    address: str
    position: str
    stage: str
    applied_on: date | None
    recorded_at: datetime
    status: ApplicationResult
    decided_reason: RejectionReason | None
    is_notified: bool
    bounced: bool
    own: Choice
    reason: RejectionReason | None
    """The reason that will be recorded: their own, that of all, or the one already on record."""
    template: TemplateText | None
    remark: str
    sure: tuple[str, ...]
    rejecting: bool
    """Whether somebody has confirmed that telling rejects this person."""

    @property
    def needs_reason(self) -> bool:
        """Return whether telling decides this application."""
        return self.status is ApplicationResult.OPEN

    @property
    def sendable(self) -> bool:
        """Return whether a mail can go to this person at all."""
        return bool(self.address) and not self.bounced and not self.is_notified


@dataclass(frozen=True)
class Draft:
    """A batch of result mails being written: what all share, and a row for each person."""

    batch: str
    common: Choice
    rows: Sequence[DraftRow]
    texts: Sequence[TemplateText]

    @cached_property
    def sendable(self) -> list[DraftRow]:
        """Return the rows that will get a mail."""
        return [row for row in self.rows if row.sendable]

    @cached_property
    def unreachable(self) -> list[DraftRow]:
        """Return the rows without an address a mail could reach, and not told yet."""
        return [row for row in self.rows if not row.is_notified and (not row.address or row.bounced)]

    @cached_property
    def notified(self) -> list[DraftRow]:
        """Return the rows that were told meanwhile, elsewhere in Relay."""
        return [row for row in self.rows if row.is_notified]

    @cached_property
    def without_reason(self) -> list[DraftRow]:
        """Return the rows that are still open and have no reason yet."""
        return [row for row in self.sendable if row.needs_reason and row.reason is None]

    @cached_property
    def in_selection(self) -> list[DraftRow]:
        """Return the rows that will be rejected by the telling itself."""
        return [row for row in self.sendable if row.needs_reason]

    @property
    def unconfirmed(self) -> bool:
        """Return whether a person would be rejected whom nobody has confirmed yet."""
        return not all(row.rejecting for row in self.in_selection)

    @property
    def ready(self) -> bool:
        """Return whether it can be sent as it is."""
        return bool(self.sendable and self.texts) and not self.without_reason

    def row(self, message_id: int | None) -> DraftRow | None:
        """Return one person's row."""
        return next((row for row in self.rows if row.message_id == message_id), None)


ROWS: Any = (
    select(
        Message,
        MessageBatch,
        Application.id.label("application_id"),
        Candidate.id.label("candidate_id"),
        Candidate.name.label("name"),
        Candidate.kana.label("kana"),
        select(Position.title).where(Position.id == Application.position_id).scalar_subquery().label("position"),
        Application.stage.label("stage"),
        Application.applied_on.label("applied_on"),
        Application.created_at.label("recorded_at"),
        Application.status.label("status"),
        Application.reason.label("decided_reason"),
        Application.notified_at.label("notified_at"),
        select(Company.live_since).where(Company.id == Message.company_id).scalar_subquery().label("live_since"),
    )
    .join(MessageBatch, MessageBatch.id == Message.batch_id)
    .join(Application, Application.id == Message.subject_id)
    .join(Candidate, Candidate.id == Application.candidate_id)
    .where(MessageBatch.code == bindparam("batch"), Message.state == MessageState.DRAFT)
    .order_by(Message.id)
)
"""The drafts of an act, with it and their people, in the order they were chosen."""
_ONE = select(Message).where(
    batches.OF_BATCH,
    Message.state == MessageState.DRAFT,
    Message.id == bindparam("mail"),
)


def load(session: Session, batch: str) -> Draft | None:
    """Return the draft as last saved, with what became of its people meanwhile; None when there is none."""
    found = session.execute(ROWS, {"batch": batch}).all()
    if not found:
        return None
    texts = templates.choices(session)
    common = Choice(found[0].MessageBatch.reason, found[0].MessageBatch.template_id)
    dead = cautions.bounced(session, [row.Message.to_address for row in found])
    moving = _on_their_way(session, [row.application_id for row in found])
    rows = [_row(row, common, texts, row.Message.to_address in dead, row.application_id in moving) for row in found]
    return Draft(batch, common, rows, texts)


def message(session: Session, batch: str, message_id: int) -> Message | None:
    """Return the draft of one person, as a message that can be shown."""
    return session.scalars(_ONE, {"batch": batch, "mail": message_id}).one_or_none()


def drafts_of(batch: str) -> tuple[Any, ...]:
    """Return the condition that finds the drafts of one act of writing."""
    return batches.mails_of(batch), Message.state == MessageState.DRAFT


def _row(found: Any, common: Choice, texts: Sequence[TemplateText], bounced: bool, moving: bool) -> DraftRow:
    message: Message = found.Message
    own, remark, rejects = own_choice(message), remark_of(message), message.rejects
    decided = found.decided_reason
    is_over = (
        found.notified_at is not None
        or moving
        or found.status not in (ApplicationResult.OPEN, ApplicationResult.REJECTED)
    )
    return DraftRow(
        message_id=message.id,
        application_id=found.application_id,
        candidate_id=found.candidate_id,
        name=found.name,
        kana=found.kana,
        address=message.to_address,
        position=found.position or "",
        stage=found.stage,
        applied_on=found.applied_on,
        recorded_at=found.recorded_at,
        status=found.status,
        decided_reason=decided,
        is_notified=is_over,
        bounced=bounced,
        own=own,
        reason=decided if found.status is not ApplicationResult.OPEN else own.reason or common.reason,
        template=text_for(own, common, found.stage, texts),
        remark=remark,
        sure=tuple(sensitive_words(remark)),
        rejecting=rejects is True or (rejects is False and found.live_since is None),
    )


def own_choice(message: Message) -> Choice:
    """Return what was chosen for one person alone."""
    return Choice(message.reason, message.template_id)


def remark_of(message: Message) -> str:
    """Return the remark to one person. Words that the law keeps out are in it only where they were confirmed."""
    return str(message.values.get(placeholders.REMARK, ""))


def text_for(own: Choice, common: Choice, stage: str, texts: Sequence[TemplateText]) -> TemplateText | None:
    """Return the text one person gets: their own, that of all, or one that fits how far they got."""
    for wanted in (own.template_id, common.template_id):
        if (chosen := next((text for text in texts if text.id == wanted), None)) is not None:
            return chosen
    return templates.fitting(texts, stage)


def _on_their_way(session: Session, application_ids: Sequence[int]) -> set[int]:
    found = session.scalars(_moving(), {"applications": application_ids})
    return {id_ for id_ in found if id_ is not None}


@cache  # tricks: portal.result_draft
def _moving() -> Select[int | None]:
    return select(Message.subject_id).where(
        letters.telling_result(),
        Message.subject_id.in_(bindparam("applications", expanding=True)),
        Message.state.in_(pending_results.ON_THEIR_WAY),
    )
