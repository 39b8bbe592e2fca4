"""When the results being written leave: the chosen time, and what the company's rule makes of it."""

from datetime import datetime, time, timedelta

from flask import request
from flask_babel import gettext as _

from relay import clock
from relay.mail import sending_hours
from relay.models import Company
from relay.outreach import results
from relay.outreach.draft_rows import Draft, DraftRow
from relay.portal.ui.labels import moment
from relay.text import clean, plain_ascii

MORNING, AFTERNOON = time(9), time(17)
TYPED = "typed"
"""The mark of a time that is typed."""


def leaves_at(company: Company) -> datetime | None:
    """Return when mails confirmed now leave, where the hour keeps them; None where only the delay does."""
    soonest = results.soonest(company)
    return soonest if soonest > clock.now() + timedelta(minutes=company.send_delay_minutes) else None


def held_by_day(company: Company, draft: Draft) -> list[tuple[datetime, list[DraftRow]]]:
    """Return whose mail waits for a day after the application, by the time it leaves if it is confirmed now."""
    soonest = results.soonest(company)
    held: dict[datetime, list[DraftRow]] = {}
    for row in draft.sendable:
        leaves = sending_hours.earliest(company, soonest, applied_on=row.applied_on, recorded_at=row.recorded_at)
        if leaves > soonest:
            held.setdefault(leaves, []).append(row)
    return sorted(held.items())


def offered_times(company: Company) -> list[tuple[str, str]]:
    """Return times to choose from, each as the form sends it and in words: this afternoon, a morning, next Monday."""
    now = clock.now().astimezone(clock.JAPAN)
    today = now.date()
    afternoon = datetime.combine(today, AFTERNOON, tzinfo=clock.JAPAN)
    following = sending_hours.working_day(today, 1) if company.daytime_only else today + timedelta(days=1)
    monday = today + timedelta(days=7 - today.weekday())
    if company.daytime_only and sending_hours.is_day_off(monday):
        monday = sending_hours.working_day(monday, 1)
    morning = _("明日の朝") if following == today + timedelta(days=1) else _("次の営業日の朝")
    wanted = [(_("今日の夕方"), afternoon)] if afternoon > now and may_leave(company, afternoon) else []
    wanted.append((morning, datetime.combine(following, MORNING, tzinfo=clock.JAPAN)))
    if monday != following:
        wanted.append((_("来週のはじめ"), datetime.combine(monday, MORNING, tzinfo=clock.JAPAN)))
    return [(f"{at:%Y-%m-%dT%H:%M}", f"{name}（{moment(at)}）") for name, at in wanted]


def may_leave(company: Company, at: datetime) -> bool:
    """Return whether the company's rule lets mails leave at this time."""
    return not company.daytime_only or sending_hours.is_open(at)


def chosen_time() -> datetime | None:
    """Return the offered or typed time, in Japan; None where neither is. Raises TimeRefused where it is no time.

    A time that is typed counts, whatever is marked: nobody types one to send at once.
    """
    marked, typed = (clean(plain_ascii(request.form.get(name, ""))) for name in ("when", "at"))
    if marked == TYPED and not typed:
        raise results.TimeRefused(_("送る日時を入力してください。まだ送っていません。"))
    typed = typed if marked in ("", TYPED) else marked
    if not typed:
        return None
    try:
        return datetime.strptime(typed.replace("T", " ")[:16], "%Y-%m-%d %H:%M").replace(tzinfo=clock.JAPAN)
    except ValueError:
        raise results.TimeRefused(
            _("「%(typed)s」は日時として読めません。2026-12-07 9:00のように入力してください。", typed=typed[:30])
        ) from None
