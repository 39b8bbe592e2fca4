"""The sample files as they would come today: real processes run by the real clock, and a file's dates grow old.

A record is kept for a year, so a file of one day would bring letters about its end some weeks later, and nobody later
still. Every date is moved by the days since the file was written.
"""

import re
import tempfile
from datetime import date, timedelta
from pathlib import Path

from relay import clock

_SAMPLES = Path(__file__).parent.parent / "samples"
_WRITTEN = date(2026, 11, 21)
_TODAY = tempfile.TemporaryDirectory(prefix="relay-samples-")


def _of_today(name: str) -> Path:
    moved = clock.today() - _WRITTEN
    written = (_SAMPLES / name).read_text(encoding="utf-8-sig")
    path = Path(_TODAY.name) / name
    path.write_text(re.sub(r"\d{4}/\d\d/\d\d", lambda day: _later(day[0], moved), written), encoding="utf-8-sig")
    return path


def _later(day: str, moved: timedelta) -> str:
    return f"{date.fromisoformat(day.replace('/', '-')) + moved:%Y/%m/%d}"


SAMPLE, NEXT_WEEK = _of_today("herp.csv"), _of_today("herp-a-week-later.csv")
