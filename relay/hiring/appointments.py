"""Appointments in words, in Japan's time: the day with its weekday, the hours, and both (F-20)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import format_date
from flask_babel import gettext as _

from relay import clock
from relay.models import Slot


class Appointment(NamedTuple):
    """A time with its place, as mails keep it: the slot may be gone when they leave."""

    starts_at: datetime
    minutes: int
    place: str

    @classmethod
    def of(cls, slot: Slot) -> "Appointment":
        """Return the appointment at a slot."""
        return cls(slot.starts_at, slot.minutes, slot.place)

    @property
    def when(self) -> str:
        """Return day and hours: 2026年12月3日（木）14:00〜15:00."""
        return f"{day_words(self.starts_at)}{hours_words(self.starts_at, self.minutes)}"


def day_words(moment: datetime) -> str:
    """Return the day with its weekday: 2026年12月3日（木）."""
    words: str = format_date(moment.astimezone(clock.JAPAN).date(), _("y年M月d日（E）"))
    return words


def hours_words(moment: datetime, minutes: int) -> str:
    """Return from when to when: 14:00〜15:00."""
    begins = moment.astimezone(clock.JAPAN)
    ends = begins + timedelta(minutes=minutes)
    return f"{begins.hour}:{begins:%M}〜{ends.hour}:{ends:%M}"
