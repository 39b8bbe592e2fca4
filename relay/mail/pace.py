"""How fast a company's mails leave: so many a minute of what its acts queued, counted for all workers together (C-11).

Mails that belong to no act (a new password, an invitation, what a candidate asked for) neither wait nor count.
"""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import keyed
from relay.models import Message, MessageState, RateCount, scopes
from relay.models.upsert import upsert

WINDOW = timedelta(minutes=1)


def may_go(session: Session, message: Message, moment: datetime, rate: int) -> bool:
    """Return whether the mail may leave this minute, which then counts it. Without a rate everything may."""
    if not rate or message.batch_id is None:
        return True
    return _count(session, scopes.required(message.company_id), moment) <= rate


def put_off(session: Session, message: Message, moment: datetime) -> None:
    """Let everything the company's acts have due wait for the next minute, so that others' mails come first."""
    due = update(Message).where(
        Message.company_id == message.company_id,
        Message.state == MessageState.SCHEDULED,
        Message.batch_id.is_not(None),
        Message.due_at <= moment,
    )
    session.execute(due.values(due_at=_window(moment) + WINDOW), execution_options={"synchronize_session": False})
    session.expire(message)


def _count(session: Session, company_id: int, moment: datetime) -> int:
    key = keyed("mails-of-a-minute", f"{company_id}:{_window(moment).isoformat()}")
    counted = upsert(session, RateCount).values(key=key, window_start=_window(moment), count=1)
    again = counted.on_conflict_do_update(index_elements=[RateCount.key], set_={"count": RateCount.count + 1})
    return int(session.execute(again.returning(RateCount.count)).scalar_one())


def _window(moment: datetime) -> datetime:
    return moment - (moment - clock.EPOCH) % WINDOW
