"""見送りにして結果を書く: who is in selection and would be rejected by telling, confirmed before anything is written.

The selection is a draft on the server, so that the page has an address, and survives reload, Back and a lost session.
Nobody is rejected here: telling decides and queues in one act, and stopping the mail takes both back.
"""

import unicodedata
from dataclasses import replace
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.insight.openings import for_people
from relay.models import ApplicationResult
from relay.outreach import draft_rows, drafts
from relay.outreach.draft_rows import Draft
from relay.portal import portal
from relay.portal.results.choosing import chosen_ids, read_reason, say_left_out
from relay.portal.results.drafts import answer_gone
from relay.portal.results.pagination import page_of
from relay.portal.ui import conditions
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.search import application_search
from relay.text import whole_number
from relay.web import done, page

MAX_UNCOUNTED = 20
"""So many people are rejected without their number being typed."""


@portal.post("/applications/reject")
@needs("results:tell")
def applications_reject() -> AnyResponse:
    """Begin to reject those ticked in 選考; nothing is decided by it."""
    chosen = chosen_ids(_in_selection)
    try:
        draft = drafts.start(db.session(), own_company(), chosen, by_user_id=member().user_id)
    except drafts.NobodyToNotify:
        flash(_("見送りにする方を、選考中の方から選んでください。"), "warning")
        return done(None, go_to=url_for("portal.applications"))
    db.session.commit()
    say_left_out(len(set(chosen)) - len(draft.rows))
    return done(None, go_to=url_for("portal.result_draft_reject", batch=draft.batch))


@portal.get("/results/drafts/<batch>/reject")
@needs("results:tell")
def result_draft_reject(batch: str) -> AnyResponse:
    """Show who would be rejected: how many, by name, and for which reason."""
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    if not draft.in_selection:
        return done(None, go_to=url_for("portal.result_draft", batch=batch))
    return _asking(draft)


@portal.post("/results/drafts/<batch>/reject")
@needs("results:tell")
def result_draft_reject_confirm(batch: str) -> AnyResponse:
    """Confirm them, and go on to writing. Pressed twice it changes nothing more."""
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    if not draft.in_selection:
        return done(None, go_to=url_for("portal.result_draft", batch=batch))
    reason = read_reason(request.form.get("reason", ""))
    number_fault = _number_fault(len(draft.in_selection))
    if reason is None or number_fault:
        return _asking(draft, checked=True, number_fault=number_fault)
    shown = whole_number(request.form.get("people", ""))
    expected = -1 if shown is None else shown
    try:
        drafts.confirm_rejections(
            db.session(), own_company(), batch, reason, expected=expected, by_user_id=member().user_id
        )
    except drafts.PeopleChanged as refused:
        db.session.rollback()
        return _asking(draft, checked=True, number_fault=str(refused))
    db.session.commit()
    return done(None, go_to=url_for("portal.result_draft", batch=batch))


def _in_selection(limit: int) -> list[int]:
    query = replace(conditions.read(request.form).by_age, tags=())
    stage = request.form.get("stage", "")[:100]
    return application_search.in_selection(db.session(), member().company_id, query, stage, limit)


def _number_fault(count: int) -> str:
    """Return what is wrong with the number that was typed; "" where none is needed."""
    if count <= MAX_UNCOUNTED:
        return ""
    typed = unicodedata.normalize("NFKC", request.form.get("number", "")[:20]).strip().removesuffix(_("名")).strip()
    if not typed:
        return _("見送りにする人数を入力してください。まだ誰も見送りにしていません。")
    if whole_number(typed) != count:
        return _(
            "入力した人数（%(typed)s）が、見送りにする人数と違います。まだ誰も見送りにしていません。"
            "人数を確認して、もう一度入力してください。",
            typed=typed,
        )
    return ""


def _asking(draft: Draft, *, checked: bool = False, number_fault: str = "") -> Response:
    people = page_of(draft.in_selection)
    reason = read_reason(request.form.get("reason", "")) if checked else draft.common.reason
    context: dict[str, Any] = {
        "draft": draft,
        "people": people,
        "fitting": for_people(db.session(), member().company_id, {row.candidate_id for row in people.rows}),
        "count": len(draft.in_selection),
        "decided": [row for row in draft.sendable if row.status is ApplicationResult.REJECTED],
        "asks_number": len(draft.in_selection) > MAX_UNCOUNTED,
        "reason": reason,
        "reason_missing": checked and reason is None,
        "number_fault": number_fault,
        "typed": request.form.get("number", "")[:20],
        **words(),
    }
    return page("portal/results/reject.html", status=422 if checked else 200, **context)
