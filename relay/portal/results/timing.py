"""When the results being written leave: the chosen time, and what the company's rule makes of it."""

from datetime import datetime, timedelta

from flask import request
from flask_babel import gettext as _

from relay import clock
from relay.mail import sending_hours
from relay.models import Company
from relay.outreach import results
from relay.outreach.draft_rows import Draft, DraftRow
from relay.text import clean, plain_ascii


def leaves_at(company: Company) -> datetime | None:
    """Return when mails confirmed now leave, where the hour keeps them; None where only the delay does."""
    moment = results.soonest(company)
    return moment if moment > clock.now() + timedelta(minutes=company.send_delay_minutes) else None


def held_by_day(company: Company, draft: Draft) -> list[tuple[datetime, list[DraftRow]]]:
    """Return whose mail waits for a day after the application, by the time it leaves if it is confirmed now."""
    soonest = results.soonest(company)
    held: dict[datetime, list[DraftRow]] = {}
    for row in draft.sendable:
        leaves = sending_hours.earliest(company, soonest, applied_on=row.applied_on, recorded_at=row.recorded_at)
        if leaves > soonest:
            held.setdefault(leaves, []).append(row)
    return sorted(held.items())


def chosen_time() -> datetime | None:
    """Return the typed time, in Japan; None where none was typed. Raises TimeRefused where it is none."""
    typed = clean(plain_ascii(request.form.get("at", "")))
    if not typed:
        return None
    try:
        return datetime.strptime(typed.replace("T", " ")[:16], "%Y-%m-%d %H:%M").replace(tzinfo=clock.JAPAN)
    except ValueError:
        raise results.TimeRefused(
            _("「%(typed)s」は日時として読めません。2026-12-07 9:00のように入力してください。", typed=typed[:30])
        ) from None
