"""Calendar files as two libraries read them: one of Python, and the one that mail programs in browsers use."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar

from tests.programs import found

_READER = Path(__file__).parent / "node" / "calendar.mjs"


def by_icalendar(data: bytes) -> dict[str, Any]:
    """What the Python library makes of it."""
    calendar = Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    attendees = event.get("attendee", [])
    return {
        "events": 1,
        "method": str(calendar["method"]),
        "uid": str(event["uid"]),
        "sequence": event["sequence"],
        "start": utc(event["dtstart"].dt),
        "end": utc(event["dtend"].dt),
        "zone": event["dtstart"].params["TZID"],
        "status": str(event["status"]),
        "location": str(event["location"]),
        "summary": str(event["summary"]),
        "description": str(event["description"]),
        "organizer": str(event["organizer"]),
        "attendees": [str(each) for each in (attendees if isinstance(attendees, list) else [attendees])],
    }


def utc(moment: datetime) -> str:
    """The moment as ical.js writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def by_ical_js(data: bytes) -> dict[str, Any]:
    """What the library that mail programs in browsers use makes of it."""
    read = subprocess.run([found("node"), str(_READER)], input=data, capture_output=True, check=True, timeout=60)
    answer: dict[str, Any] = json.loads(read.stdout)
    return answer
