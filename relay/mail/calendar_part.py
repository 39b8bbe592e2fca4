"""The appointment that a mail brings into the calendar of its reader; its letter gives it as `calendar`."""

from typing import NamedTuple

CALENDAR_FILE = "interview.ics"
"""What the file is called, attached and to download."""


class CalendarPart(NamedTuple):
    """An iCalendar object, and its method: both are said outside, too (RFC 6047 2.4)."""

    method: str
    data: bytes
