"""Home: what to do today first, then the ten legs, then a few figures with their n."""

import math
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access import needs, signed_in
from relay.extensions import db
from relay.identity.roles import may
from relay.models import Candidate, Company, ResultsFrom
from relay.network import credits, figures
from relay.network.credits import Meter
from relay.outreach import readiness
from relay.portal import portal
from relay.portal.credits.steps import course
from relay.portal.home.today import todos
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.web import page

ENOUGH_TO_EXPECT = 20
"""How many people must have been told before a share of them says anything about the next ones."""


@portal.get("/")
@needs("home:read")
@tab(1, _l("ホーム"))
def home() -> AnyResponse:
    """The first page; a company without anyone is shown how to begin."""
    session, person = db.session(), signed_in()
    company_id = person.company_id or 0
    if session.scalars(select(Candidate.id).limit(1)).first() is None:
        return page("portal/home/start.html", **_preparation())
    meter, totals = credits.meter(session, company_id), figures.funnel(session, company_id)
    return page(
        "portal/home/index.html",
        todos=todos(session, person),
        figures=meter,
        legs=course(session, meter),
        expectation=_expectation(totals, meter) if totals else "",
        totals=totals,
        funnel=_funnel(totals) if totals else [],
        enough=figures.ENOUGH,
        **_preparation(),
        **words(),
    )


def _preparation() -> dict[str, Any]:
    """The lamps, until all of them are green and the company is live; and what to do next by how the company works."""
    person, company = signed_in(), own_company()
    lamps = readiness.lamps(db.session(), company)
    if all(lamp.done for lamp in lamps) and not person.practising:
        lamps = []
    return {
        "lamps": lamps,
        "practising": person.practising,
        "suggestion": _suggestion(company),
        "may_set_up": may(person.role, "setup:run"),
        "may_go_live": may(person.role, "live:switch"),
    }


def _suggestion(company: Company) -> str:
    """What helps most, by where the company said it tells results from today."""
    if company.results_from is ResultsFrom.ATS:
        return _(
            "%(ats)sで結果を伝えているあいだは、書き出したファイルを月に一度ほど取り込むと、人材プールがそろいます。"
            "見送りの連絡をRelayから送ると、提携先のご案内が添えられます。",
            ats=company.ats_name or _("採用管理システム"),
        )
    if company.results_from is ResultsFrom.MAIL:
        return _(
            "ご自分のメールで結果を伝えている方は、次の見送りの連絡からRelayで送ってみてください。"
            "宛先ごとの文面と送信の記録が残り、提携先のご案内が添えられます。"
        )
    return ""


def _expectation(totals: figures.Funnel, meter: Meter) -> str:
    """What the company's own figures let it expect of the ten legs, with their n; nothing before there are enough."""
    if totals.told < ENOUGH_TO_EXPECT or not totals.completed:
        return ""
    share = min(totals.completed / totals.told, 1)
    return _(
        "これまでに案内した%(told)s名のうち、%(completed)s名がリレー完了まで進みました。"
        "同じ割合なら、次の枠までは、あと%(more)s名ほどへの案内が目安です。",
        told=f"{totals.told:,}",
        completed=f"{totals.completed:,}",
        more=f"{math.ceil(meter.to_next / share):,}",
    )


def _funnel(totals: figures.Funnel) -> list[dict[str, Any]]:
    """The relay in totals; a visit may be a mail scanner's, so it is said so (C-15)."""
    rows = (
        (_("案内を送信"), totals.told, ""),
        (_("ページの閲覧"), totals.shown, _("おおよその人数。メールの自動検査を含むことがあります")),
        (_("リレー完了"), totals.completed, _("紹介会社への登録")),
    )
    return [
        {"label": label, "n": n, "share": min(n / totals.told, 1) if totals.told else 0, "note": note}
        for label, n, note in rows
    ]
