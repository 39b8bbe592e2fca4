"""Acts of writing to many: one row each, which all their mails refer to. In the scope of one company."""

from uuid import uuid4

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import BatchKind, BatchState, Message, MessageBatch, MessageState, scopes


@scopes.in_company
def begin(
    session: Session, company_id: int, *, by_user_id: int | None, kind: BatchKind = BatchKind.RESULT
) -> MessageBatch:
    """Add an act of writing, of which nothing has been sent yet."""
    batch = MessageBatch(
        company_id=company_id,
        code=uuid4().hex,
        kind=kind,
        state=BatchState.DRAFT,
        by_user_id=by_user_id,
        created_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    return batch


def hold(session: Session, code: str) -> MessageBatch | None:
    """Return the act of this code, held until the transaction ends: before its mails, so that two acts take turns."""
    found = select(MessageBatch).where(MessageBatch.code == code).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def mails_of(code: str) -> ColumnElement[bool]:
    """Select the mails of one act."""
    return Message.batch_id == select(MessageBatch.id).where(MessageBatch.code == code).scalar_subquery()


OF_BATCH = Message.batch_id == select(MessageBatch.id).where(MessageBatch.code == bindparam("batch")).scalar_subquery()
"""The same in a statement that is kept, which is given the code as `batch`."""
_CODE = select(MessageBatch.code).where(MessageBatch.id == bindparam("batch"))


def code_of(session: Session, message: Message) -> str:
    """Return the code of the act that a mail belongs to, '' for a mail of none."""
    return session.scalar(_CODE, {"batch": message.batch_id}) or ""


def mark_sent(batch: MessageBatch) -> None:
    """Note that the mails of an act were queued in earnest."""
    batch.state, batch.sent_at = BatchState.SENT, clock.now()


def mark_stopped(session: Session, ids: set[int]) -> None:
    """Note of those acts that have no mail waiting any more that they were stopped."""
    waits = select(Message.id).where(Message.batch_id == MessageBatch.id, Message.state == MessageState.SCHEDULED)
    sent = update(MessageBatch).where(MessageBatch.id.in_(ids), MessageBatch.state == BatchState.SENT, ~waits.exists())
    session.execute(sent.values(state=BatchState.STOPPED))
