"""Home: one list of what to do today, then the ten steps, and lines of what they brought."""

import math
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.models import Candidate, Company, Import, ResultsFrom
from relay.models.prepared import read
from relay.network import figures, matching
from relay.network.credits import Meter
from relay.outreach import readiness
from relay.portal import portal
from relay.portal.credits.steps import referral_progress
from relay.portal.home.today import MAX_LINES, todos
from relay.portal.home.value import first_line
from relay.portal.ui import shell
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day, words
from relay.portal.ui.navigation import tab
from relay.web import page

MAX_IMPORTS = 3
"""How many imports are named that made registrations by the company's own link count."""
ENOUGH_TO_EXPECT = 20
"""How many people must have been told before a share of them says anything about the next ones."""

_ANYBODY = select(Candidate.id).limit(1)


@portal.get("/")
@needs("home:read")
@tab(1, _l("ホーム"))
def home() -> AnyResponse:
    """Show the first page; a company without anyone is shown how to begin."""
    session, company_id = db.session(), member().company_id
    if not read(session, _ANYBODY):
        return page("portal/home/start.html", **_preparation())
    meter = shell.meter()
    waiting = todos(session, member())
    return page(
        "portal/home/index.html",
        todos=waiting[:MAX_LINES],
        further=waiting[MAX_LINES:],
        figures=meter,
        steps=referral_progress(session, meter),
        first_line=first_line(session, meter),
        value=_value(figures.funnel(session, company_id), meter),
        by_link=_by_link(session, company_id, meter),
        may_ask=may(member().role, "introductions:write"),
        **_preparation(),
        **words(),
    )


def _preparation() -> dict[str, Any]:
    """Return the checks until all are green and the company is live, and what to do next by how the company works."""
    person, company = signed_in(), own_company()
    go_live_checks = readiness.go_live_checks(db.session(), company)
    if all(check.done for check in go_live_checks) and not person.practising:
        go_live_checks = []
    return {
        "go_live_checks": go_live_checks,
        "practising": person.practising,
        "suggestion": _suggestion(company),
        "shows_link": company.results_from is ResultsFrom.ATS,
        "may_set_up": may(person.role, "setup:run"),
        "may_go_live": may(person.role, "live:switch"),
    }


def _suggestion(company: Company) -> str:
    """Return what helps most, by where the company said it tells results from today."""
    if company.results_from is ResultsFrom.ATS:
        return _(
            "%(ats)sで結果を伝えているあいだは、書き出したファイルを月に一度ほど取り込むと、人材プールがそろいます。"
            "見送りのメールのテンプレートに会社のリンクを貼ると、希望する方に案内が届きます。",
            ats=company.ats_name or _("採用管理システム"),
        )
    if company.results_from is ResultsFrom.MAIL:
        return _(
            "ご自分のメールで結果を伝えている方は、次の見送りの結果連絡からRelayで送ってみてください。"
            "宛先ごとの文面と送信の記録が残り、リレーの案内が添えられます。"
        )
    return ""


def _by_link(session: Session, company_id: int, meter: Meter) -> list[str]:
    """Return what the company's own link brought: both ways in numbers from ten on, and the newest imports."""
    brought = matching.brought(session, company_id)
    lines = []
    if brought and meter.total >= figures.ENOUGH:
        count = sum(brought.values())
        lines.append(
            _(
                "リレー完了の内訳：結果連絡のメールから%(mails)s名、会社のリンクから%(link)s名。",
                mails=f"{meter.total - count:,}",
                link=f"{count:,}",
            )
        )
    newest = sorted((each for each in brought if each is not None), reverse=True)[:MAX_IMPORTS]
    which = select(Import.id, Import.created_at).where(Import.id.in_(newest)).order_by(Import.id.desc())
    rows: Iterable[Any] = session.execute(which) if newest else ()
    lines += [
        _(
            "%(day)sの取り込みで、会社のリンクから登録された方%(n)s名の応募が確認でき、リレー完了に数えました。",
            day=long_day(came_at.astimezone(clock.JAPAN).date()),
            n=f"{brought[import_id]:,}",
        )
        for import_id, came_at in rows
    ]
    return lines


def _value(totals: figures.Funnel | None, meter: Meter) -> str:
    """Return what the invitations brought, and what they let expect once there are enough; nothing without totals."""
    if totals is None:
        return ""
    so_far = _(
        "これまでに案内した%(told)s名のうち、%(completed)s名がリレー完了まで進みました（%(day)sまでの合計）。",
        told=f"{totals.told:,}",
        completed=f"{totals.completed:,}",
        day=long_day(totals.day),
    )
    if totals.told < ENOUGH_TO_EXPECT or not totals.completed:
        return so_far
    share = min(totals.completed / totals.told, 1)
    return so_far + _(
        "同じ割合なら、次の紹介枠までは、あと%(more)s名ほどへの案内が目安です。",
        more=f"{math.ceil(meter.to_next / share):,}",
    )
