"""The people behind a number, and the written definitions."""

import re
from datetime import date
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.kpis import case_lists, definitions
from relay.kpis.case_lists import CaseFilter
from relay.kpis.period import EVER
from relay.models import CaseKind, RejectionReason, RescoutAnswer
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import Sentence
from relay.web import page

_BY_REASON = (CaseKind.REJECTED, CaseKind.REJECTED_RETURNED, CaseKind.REJECTED_REUSED)
_REASONS: dict[str, Sentence] = {reason.value: reason.label for reason in RejectionReason}
_ANSWERS: dict[str, Sentence] = {answer.value: answer.label for answer in RescoutAnswer}
_MONTH = re.compile(r"(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"[0-9]{1,18}")


@portal.get("/insights/cases")
@needs("insights:read")
def insights_cases() -> AnyResponse:
    """Show the cases of a number, the newest first: who it is, on which day, for which position."""
    asked = request.args.get("kind", CaseKind.APPLIED)
    of = CaseKind(asked) if asked in set(CaseKind) else abort(404)
    wanted = CaseFilter(_month("since"), _month("until"), request.args.get("key"), _number())
    place = {"after": request.args.get("after", ""), "before": request.args.get("before", "")}
    found = case_lists.page(db.session(), of, wanted, **place)
    here: dict[str, Any] = {name: value for name, value in request.args.items() if name not in place}
    return page(
        "portal/insights/cases.html",
        kind=of,
        definition=definitions.CASES[of],
        rows=[(row, _key_words(of, row.key, row.number)) for row in found.rows],
        narrowed=_narrowed(of, wanted),
        next_url=url_for(".insights_cases", **here, after=found.next) if found.next else "",
        previous_url=url_for(".insights_cases", **here, before=found.previous) if found.previous else "",
        **words(),
    )


@portal.get("/insights/definitions")
@needs("insights:read")
@tab(10, _l("数字の定義"))
def insights_definitions() -> AnyResponse:
    """Show of each number when a case counts and on which day, and of each rate what is divided by what."""
    return page(
        "portal/insights/definitions.html", cases=definitions.CASES, kpis=definitions.KPIS, rating=definitions.RATING
    )


def _month(name: str) -> date | None:
    found = _MONTH.fullmatch(request.args.get(name, ""))
    return date(int(found[1]), int(found[2]), 1) if found else None


def _number() -> int | None:
    found = _NUMBER.fullmatch(request.args.get("number", ""))
    return int(found[0]) if found else None


def _key_words(kind: CaseKind, key: str, number: int) -> str:
    """Return what a case is kept apart by, in words."""
    if kind in _BY_REASON:
        return str(_REASONS[key]) if key in _REASONS else _("理由の記録なし")
    if kind is CaseKind.CONTACTED:
        return str(_ANSWERS[key]) if key in _ANSWERS else _("返事はまだありません")
    if kind is CaseKind.STEP:
        return _("%(step)s：%(n)s日", step=key, n=number)
    return _("%(n)s日", n=number) if kind is CaseKind.NOTIFIED else ""


def _narrowed(kind: CaseKind, wanted: CaseFilter) -> list[str]:
    """Return the conditions of the list in words."""
    said = []
    if wanted.since and wanted.until and wanted.since > EVER:
        said.append("〜".join(dict.fromkeys(f"{each.year}/{each.month}" for each in (wanted.since, wanted.until))))
    if wanted.key is not None:
        worded = kind in (*_BY_REASON, CaseKind.CONTACTED)
        said.append(_key_words(kind, wanted.key, 0) if worded else wanted.key or _("記録なし"))
    return said
