"""Home: what to do today first, then the ten legs, then a few figures with their n."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access import needs, signed_in
from relay.extensions import db
from relay.models import Candidate
from relay.network import credits, figures
from relay.outreach import mailings, untold
from relay.portal import portal
from relay.portal.course import course
from relay.portal.words import words
from relay.rights import retention
from relay.web import page

DAYS_AHEAD = 30


@portal.get("/")
@needs("home:read")
def home() -> AnyResponse:
    """The first page; a company without anyone is shown how to begin."""
    session, company_id = db.session(), signed_in().company_id or 0
    if session.scalars(select(Candidate.id).limit(1)).first() is None:
        return page("portal/home/start.html")
    meter = credits.meter(session, company_id)
    leaving = retention.next_run(session, days=DAYS_AHEAD, limit=1)
    return page(
        "portal/home/index.html",
        untold=untold.count(session),
        untold_most=untold.MOST_COUNTED,
        undelivered=mailings.failed_count(session),
        leaving=leaving,
        days=DAYS_AHEAD,
        figures=meter,
        legs=course(session, meter),
        funnel=_funnel(figures.funnel(session, company_id)),
        **words(),
    )


def _funnel(totals: figures.Funnel) -> list[dict[str, Any]]:
    """The relay in totals; a visit may be a mail scanner's, so it is said so (C-15)."""
    rows = (
        (_("案内を送った"), totals.told, ""),
        (_("ページが開かれた"), totals.shown, _("自動の確認を含むことがあります")),
        (_("登録した"), totals.registered, ""),
        (_("リレー完了"), totals.completed, _("紹介会社への同意まで")),
    )
    return [
        {"label": label, "n": n, "share": min(n / totals.told, 1) if totals.told else 0, "note": note}
        for label, n, note in rows
    ]
