"""The ten steps as a page draws them: numbers and dates, never names."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Referral
from relay.models.prepared import read
from relay.network.credits import REFERRALS_PER_CREDIT, Meter
from relay.portal.ui.labels import short_day

_LATEST = (
    select(Referral.completed_at)
    .where(Referral.voided_at.is_(None))
    .order_by(Referral.number.desc())
    .limit(REFERRALS_PER_CREDIT)
)


def referral_progress(session: Session, meter: Meter) -> list[dict[str, Any]]:
    """Return one item per step towards the next credit: those run carry the day their referral was completed."""
    latest = [at for (at,) in read(session, _LATEST)][: meter.done]
    days = [short_day(at) for at in latest][::-1]
    return [_step(n, days, meter) for n in range(1, REFERRALS_PER_CREDIT + 1)]


def _step(n: int, days: list[str], meter: Meter) -> dict[str, Any]:
    if n <= meter.done:
        return {"state": "done", "n": n, "date": days[n - 1] if n <= len(days) else ""}
    if n == meter.done + 1:
        return {"state": "now", "n": n, "date": _("次の方")}
    return {"state": "todo", "n": n, "date": ""}
