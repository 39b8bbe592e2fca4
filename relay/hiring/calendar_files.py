"""An appointment as calendars read it: iCalendar with its time zone (RFC 5545), asked for or cancelled (RFC 5546).

One UID however often it moves, and a SEQUENCE that counts up: a calendar keeps one entry, the newest.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText

from relay import clock

ZONE = "Asia/Tokyo"
PRODUCT = "-//Relay//Interviews//JA"
_NINE = timedelta(hours=9)


class CalendarMethod(StrEnum):
    """The purposes of such a file: please put it down, take it away, and a copy without an addressee (RFC 5546 3.2)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


class CalendarEntry(NamedTuple):
    """The appointment: when and where, called what, from whom to whom."""

    uid: str
    sequence: int
    starts_at: datetime
    minutes: int
    place: str
    summary: str
    description: str
    organizer: str
    organizer_name: str
    attendee: str = ""


def write(entry: CalendarEntry, method: CalendarMethod) -> bytes:
    """Return the file of one appointment, as of now."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_zone())
    calendar.add_component(_event(entry, method))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: CalendarEntry, method: CalendarMethod) -> Event:
    event, begins = Event(), entry.starts_at.astimezone(clock.JAPAN)
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", clock.now())
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=entry.minutes))
    event.add("summary", entry.summary)
    event.add("status", "CANCELLED" if method is CalendarMethod.CANCEL else "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    if entry.description:
        event.add("description", entry.description)
    organizer = vCalAddress(f"mailto:{entry.organizer}")
    organizer.params["CN"] = vText(entry.organizer_name)
    event["organizer"] = organizer
    if entry.attendee and method is not CalendarMethod.PUBLISH:
        attendee = vCalAddress(f"mailto:{entry.attendee}")
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        attendee.params["RSVP"] = vText("FALSE")
        event.add("attendee", attendee, encode=False)
    return event


def _zone() -> Timezone:
    """Return the zone of Japan, which keeps no summer time."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", ZONE)
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  (RFC 5545 3.6.5 wants it without a zone)
    standard.add("tzoffsetfrom", _NINE)
    standard.add("tzoffsetto", _NINE)
    standard.add("tzname", "JST")
    zone.add_component(standard)
    return zone
