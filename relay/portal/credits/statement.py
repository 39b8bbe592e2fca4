"""The ledger of one month as a statement to print and as a file, and a credit as a ticket for the desk (B-17, B-20).

A month that is over gives the same bytes whenever it is asked for: nothing on it is of the day it is printed, and it
knows referrals by number and day, so that neither a voiding nor an erasure later changes it.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import Response, abort, request, stream_with_context, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import begin_reading, db
from relay.network import credit_months, credits
from relay.network.credit_months import LedgerMonth
from relay.network.credits import REFERRALS_PER_CREDIT, CountedReferral
from relay.portal import portal
from relay.portal.credits.lines import PrintedLine, printed
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day
from relay.text.spreadsheet import csv_utf8
from relay.web import page


@portal.get("/credits/statement")
@needs("credits:read")
def credits_statement() -> AnyResponse:
    """Show a month of the ledger as it is printed, the oldest line first; without a month, this one."""
    session, company_id, month = db.session(), member().company_id, _month()
    found = credit_months.page_of_month(session, company_id, month, after=request.args.get("after", ""))
    first = credit_months.first_month(session, company_id)
    lines = printed(found.rows)
    return page(
        "portal/credits/statement.html",
        month=month,
        title=_("%(year)s年%(month)s月", year=month.first.year, month=month.first.month),
        slug=own_company().slug,
        lines=lines,
        behind=_behind(lines),
        opening=credit_months.carried_into(session, company_id, month),
        closing=credit_months.carried_into(session, company_id, month.next),
        at_top=found.at_top,
        further_url=_url(month, after=found.next) if found.next else "",
        earlier_url=_url(month.previous) if first is not None and first < month else "",
        later_url=_url(month.next) if month.over else "",
        long_day=long_day,
    )


@portal.get("/credits/statement/file")
@needs("credits:read")
def credits_statement_file() -> AnyResponse:
    """Send a month of the ledger as a file (CSV, UTF-8), read while it leaves (E-16)."""
    month = _month()
    rows = _table(member().company_id, month)
    response = Response(stream_with_context(csv_utf8(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="relay-credits-{month}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@portal.get("/credits/<int:credit_id>/ticket")
@needs("credits:read")
def credit_ticket(credit_id: int) -> AnyResponse:
    """Show a credit as a ticket of two sides: its number, the day, the ten days behind it, and the rule."""
    line = credits.credit(db.session(), member().company_id, credit_id) or abort(404)
    return page("portal/credits/ticket.html", line=printed([line])[0], ten=REFERRALS_PER_CREDIT, long_day=long_day)


def _behind(lines: Sequence[PrintedLine]) -> dict[int, Markup]:
    """Return the referrals behind each line in words, by its number: a page may show five hundred of them."""
    sentence, comma = f'<span class="nowrap">{_("登録%(number)s番（%(day)s）")}</span>', _("、")
    return {
        line.number: Markup(comma.join(_said(sentence, each) for each in line.referrals))  # noqa: S704  (numbers, days)
        for line in lines
    }


def _said(sentence: str, each: CountedReferral) -> str:
    return sentence % {"number": each.number, "day": f"{each.day.year}/{each.day.month}/{each.day.day}"}


def _month() -> LedgerMonth:
    return LedgerMonth.read(request.args.get("month", str(LedgerMonth.of(clock.today()))))


def _url(month: LedgerMonth, **place: Any) -> str:
    return url_for("portal.credits_statement", month=str(month), **place)


def _table(company_id: int, month: LedgerMonth) -> Iterator[Sequence[object]]:
    yield (
        _("番号"), _("日付"), _("種別"), _("内容"), _("理由"), _("増"), _("減"), _("空き"), _("確保中"),
        _("対象の紹介枠"), _("対象の登録"),
    )  # fmt: skip
    begin_reading()
    with db.session.session_factory() as session:
        for line in credit_months.lines_of_month(session, company_id, month):
            yield _row(printed([line])[0])


def _row(line: PrintedLine) -> Sequence[object]:
    return (
        line.number,
        _typed(line.day),
        line.name,
        line.words,
        line.reason,
        max(line.amount, 0),
        max(-line.amount, 0),
        line.free,
        line.set_aside,
        line.credit,
        "、".join(_("%(number)s番（%(day)s）", number=each.number, day=_typed(each.day)) for each in line.referrals),
    )


def _typed(day: date) -> str:
    return f"{day:%Y/%m/%d}"
