"""A text while it is being written, shown as the mail a made-up person would get.

One per login, kept as a draft message so that the frame that shows it has an address; nothing of a person is in it.
"""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import outbox
from relay.models import Company, MailClass, Message, MessageState
from relay.outreach import letter, results


def of_text(company: Company, user_id: int, sender: str, subject: str, body: str) -> Message:
    """The sample mail of a text, not stored."""
    values = results.merge_values(
        _("山田 はるか"), _("経理"), company.name, sender, _("（ひとことを書くと、ここに入ります）")
    )
    return Message(
        company_id=company.id,
        letter=letter.NAME,
        mail_class=MailClass.RELAY,
        subject_kind="sample",
        to_address="",
        values={**values, letter.TEXT: [subject, body]},
        state=MessageState.DRAFT,
        due_at=clock.now(),
        message_id=outbox.new_message_id(),
        created_at=clock.now(),
        by_user_id=user_id,
    )


def keep(session: Session, company: Company, user_id: int, sender: str, subject: str, body: str) -> Message:
    """Keep the sample in place of this login's earlier one."""
    session.execute(delete(Message).where(*_mine(user_id)))
    sample = of_text(company, user_id, sender, subject, body)
    session.add(sample)
    session.flush()
    return sample


def latest(session: Session, user_id: int) -> Message | None:
    """The sample this login looked at last."""
    return session.scalars(select(Message).where(*_mine(user_id)).order_by(Message.id.desc()).limit(1)).one_or_none()


def _mine(user_id: int) -> tuple[Any, ...]:
    return Message.state == MessageState.DRAFT, Message.subject_kind == "sample", Message.by_user_id == user_id
