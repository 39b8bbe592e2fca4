"""A text while it is being written, shown as the mail a made-up person would get.

One per login, kept as a draft message so that the frame that shows it has an address; nothing of a person is in it.
"""

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters, outbox
from relay.models import Company, Message, MessageState
from relay.outreach import letter, placeholders, results


def of_text(company: Company, user_id: int, sender: str, subject: str, body: str, which: str = letter.NAME) -> Message:
    """Return the sample mail of a text, not stored; `which` is the letter it belongs to."""
    values = results.merge_values(
        _("山田 はるか"), _("経理"), company.name, sender, _("（ひとことを書くと、ここに入ります）")
    )
    return Message(
        company_id=company.id,
        letter=which,
        mail_class=letters.find(which).mail_class,
        subject_kind="sample",
        to_address="",
        values={**values, placeholders.OFFERED: _("経理"), letter.TEXT: [subject, body]},
        state=MessageState.DRAFT,
        due_at=clock.now(),
        message_id=outbox.new_message_id(),
        created_at=clock.now(),
        by_user_id=user_id,
    )


def keep(session: Session, company: Company, user_id: int, sender: str, subject: str, body: str, which: str) -> Message:
    """Keep the sample in place of this login's earlier one."""
    mine = (Message.state == MessageState.DRAFT, Message.subject_kind == "sample", Message.by_user_id == user_id)
    session.execute(delete(Message).where(*mine))
    sample = of_text(company, user_id, sender, subject, body, which)
    session.add(sample)
    session.flush()
    return sample


_LATEST = (
    select(Message)
    .where(
        Message.state == MessageState.DRAFT,
        Message.subject_kind == "sample",
        Message.by_user_id == bindparam("user"),
    )
    .order_by(Message.id.desc())
    .limit(1)
)


def latest(session: Session, user_id: int) -> Message | None:
    """Return the sample this login looked at last."""
    return session.scalars(_LATEST, {"user": user_id}).one_or_none()
