"""The free introductions a company earned (紹介枠): the way to the next, totals, every line of the ledger (B-17)."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.models import HintKind
from relay.network import credit_months, figures, honouring, outcome_totals, referrals
from relay.network import credits as ledger
from relay.portal import portal
from relay.portal.credits.lines import printed
from relay.portal.credits.steps import referral_progress
from relay.portal.ui import shell
from relay.portal.ui.labels import ShortDays, words
from relay.portal.ui.navigation import tab
from relay.web import page

_IN_PRIVATE = _l("登録の状況")
HINT_WORDS = {
    HintKind.OWN_DOMAIN: _l("自社のメールドメインへの案内"),
    HintKind.SAME_MINUTE: _l("短い時間に続いた登録"),
    HintKind.OTHER_ADDRESS: _IN_PRIVATE,
    HintKind.SAME_NETWORK: _IN_PRIVATE,
}
"""What HR reads. One word for what HR must not tell apart: which address and which network a person used."""


@portal.get("/credits")
@needs("credits:read")
@tab(1, _l("紹介枠"))
def credits() -> AnyResponse:
    """Show the meter and the statement, a page of lines at a time."""
    session, company_id = db.session(), member().company_id
    statement = ledger.statement(session, company_id, after=request.args.get("before", ""))
    meter = shell.meter()
    totals = figures.funnel(session, company_id)
    return page(
        "portal/credits/index.html",
        figures=meter,
        steps=referral_progress(session, meter),
        lines=printed(statement.rows),
        short_days=ShortDays(),
        tickets=ledger.in_force(session, company_id, [line.credit_id for line in statement.rows]),
        set_aside=ledger.set_aside_credits(session, company_id),
        month=credit_months.LedgerMonth.of(clock.today()),
        older_url=url_for("portal.credits", before=statement.next) if statement.next else "",
        newest_url="" if statement.at_top else url_for("portal.credits"),
        totals=totals,
        funnel=_funnel(totals) if totals else [],
        enough=figures.ENOUGH,
        outcome_totals=outcome_totals.totals(session, company_id),
        agencies=honouring.agencies(session, company_id),
        year=clock.today().year,
        may_ask=may(member().role, "introductions:write"),
        may_review=may(member().role, "referrals:review"),
        **words(),
    )


@portal.get("/credits/hints")
@needs("referrals:review")
def credits_hints() -> AnyResponse:
    """Show the referrals the operator may want to look at: number, day and no more of a person than HR knows."""
    found = referrals.page_of_hints(db.session(), member().company_id, after=request.args.get("before", ""))
    return page(
        "portal/credits/hints.html",
        rows=[(each, list(dict.fromkeys(HINT_WORDS[kind] for kind in each.kinds))) for each in found.rows],
        older_url=url_for("portal.credits_hints", before=found.next) if found.next else "",
        newest_url="" if found.at_top else url_for("portal.credits_hints"),
        **words(),
    )


def _funnel(totals: figures.Funnel) -> list[dict[str, Any]]:
    """Return the relay in totals; a visit may be a mail scanner's, so it is said so (C-15)."""
    rows = (
        (_("案内を送信"), totals.told, ""),
        (_("ページの閲覧"), totals.shown, _("おおよその人数。メールの自動検査を含むことがあります。")),
        (_("リレー完了"), totals.completed, _("紹介会社への登録")),
    )
    return [
        {"label": label, "n": n, "share": min(n / totals.told, 1) if totals.told else 0, "note": note}
        for label, n, note in rows
    ]
