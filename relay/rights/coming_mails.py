"""これから届くメール: the mails that leave by the calendar to a registered person who does nothing, with their days.

Each module that writes by the calendar says when it will, from the constants that its job goes by, so that the own page
and the jobs cannot differ. Answers to acts, and news of a partner or an invitation, are not foreseen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relay.network import confirmations, renewals
from relay.rights import record_ends
from relay.text.sentence import Sentence


@dataclass(frozen=True)
class ComingMail:
    """One mail to come: the day on which it leaves, and what it is about."""

    on: date
    subject: Sentence


CALENDAR: tuple[tuple[Sentence, Callable[[Session, int], list[date]]], ...] = (
    (_l("登録された内容が、いまもそのとおりかどうかの確認"), confirmations.expected),
    (_l("登録先への情報の提供が、1か月以内に終わることのお知らせ"), renewals.expected),
    (_l("応募の記録の保管が、2週間後に終わることのお知らせ（保管に同意された企業から）"), record_ends.expected),
)
"""What each mail is about, and the days on which it leaves to a person who does nothing."""


def of_profile(session: Session, profile_id: int) -> list[ComingMail]:
    """Return the mails to come, the first of them first."""
    coming = [ComingMail(day, subject) for subject, days in CALENDAR for day in days(session, profile_id)]
    return sorted(coming, key=lambda each: each.on)
