"""Writing results: one row per person, the mail exactly as each will see it, a confirmation, and sending.

What is typed is a draft on the server, so every page has an address without personal data and works without script.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.mail import compose
from relay.network import links
from relay.network.links import LinkRefusal
from relay.outreach import cautions, draft_rows, drafts, pending_results, placeholders, results
from relay.outreach.draft_rows import Choice, Draft, DraftRow
from relay.outreach.drafts import Change, RemarkProblem
from relay.outreach.first_lines import first_lines
from relay.outreach.oddities import OddPerson, odd_people
from relay.portal import portal
from relay.portal.results.choosing import back_empty_handed, chosen_ids, read_reason, say_left_out
from relay.portal.results.elsewhere import ask_elsewhere
from relay.portal.results.pagination import page_of
from relay.portal.results.timing import chosen_time, held_by_day, leaves_at, offered_times
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.text import whole_number
from relay.web import done, mail_document, page, wants_fragment


@portal.post("/results/drafts")
@needs("results:tell")
def result_draft_create() -> AnyResponse:
    """Begin to write to the people ticked, or to those whose mails were just stopped."""
    stopped = request.form.get("stopped", "")
    chosen = chosen_ids() or (drafts.stopped_applications(db.session(), stopped) if stopped else [])
    try:
        draft = drafts.start(db.session(), own_company(), chosen, by_user_id=member().user_id, resume=stopped)
    except drafts.NobodyToNotify:
        return back_empty_handed(chosen)
    db.session.commit()
    say_left_out(len(set(chosen)) - len(draft.rows))
    return done(None, go_to=url_for("portal.result_draft", batch=draft.batch))


@portal.get("/results/drafts/<batch>")
@needs("results:tell")
def result_draft(batch: str) -> AnyResponse:
    """Show the page on which results are written."""
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    if draft.unconfirmed:
        return done(None, go_to=url_for("portal.result_draft_reject", batch=batch))
    return _writing_page(draft)


@portal.post("/results/drafts/<batch>")
@needs("results:tell")
def result_draft_save(batch: str) -> AnyResponse:
    """Keep what was typed; then show a person's mail, leave someone out, or go on to the confirmation."""
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    common, changes = _typed(draft)
    problems = drafts.save(db.session(), own_company(), batch, common, changes, by_user_id=member().user_id)
    if (leave_out := whole_number(request.form.get("drop", ""))) is not None:
        drafts.drop(db.session(), batch, leave_out)
    db.session.commit()
    return _after_saving(batch, changes, problems)


@portal.get("/results/drafts/<batch>/discard")
@needs("results:tell")
def result_draft_discard_ask(batch: str) -> AnyResponse:
    """Ask whether what was typed may go."""
    draft = draft_rows.load(db.session(), batch)
    return answer_gone(batch) if draft is None else page("portal/results/discard.html", draft=draft)


@portal.post("/results/drafts/<batch>/discard")
@needs("results:tell")
def result_draft_discard(batch: str) -> AnyResponse:
    """Stop writing; nobody's state changes."""
    if not drafts.discard(db.session(), batch):
        return answer_gone(batch)
    db.session.commit()
    flash(_("下書きを破棄しました。どなたの状態も変わっていません。"))
    return done(None, go_to=url_for("portal.results"))


@portal.get("/results/drafts/<batch>/confirm")
@needs("results:tell")
def result_draft_confirm(batch: str) -> AnyResponse:
    """Show who will be told what and when, in one look, before it is queued (F-8)."""
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    if draft.unconfirmed or not draft.ready:
        return done(None, go_to=url_for("portal.result_draft", batch=batch, check=1))
    return _confirm_page(draft)


@portal.post("/results/drafts/<batch>/tell")
@needs("results:tell")
def result_draft_send(batch: str) -> AnyResponse:
    """Tell everyone who was confirmed. Pressed twice, or in two tabs, it tells once."""
    expected = whole_number(request.form.get("people", ""))
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        return answer_gone(batch)
    if draft.ready and not draft.unconfirmed and not _meant_so(draft):
        return _confirm_page(draft, unmeant=True)
    try:
        told = drafts.send(
            db.session(),
            own_company(),
            batch,
            expected=-1 if expected is None else expected,
            by_user_id=member().user_id,
            due_at=chosen_time(),
        )
    except results.TimeRefused as refused:
        db.session.rollback()
        return _confirm_page(draft, time_refused=str(refused))
    except DomainError as refused:
        db.session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.result_draft", batch=batch))
    db.session.commit()
    if told.practice:
        return done(None, go_to=url_for("portal.practice_sent", batch=told.batch))
    if told.due_at <= clock.now():
        flash(ngettext("%(num)s名に送信しています。", "%(num)s名に送信しています。", told.count))
        return done(None, go_to=url_for("portal.results_sent"))
    return done(None, go_to=url_for("portal.results_waiting"))


@portal.get("/results/drafts/<batch>/<int:message_id>/mail")
@needs("results:tell")
def result_draft_document(batch: str, message_id: int) -> Response:
    """Show one person's mail as it would leave now, for the frame on the page."""
    message = draft_rows.message(db.session(), batch, message_id) or abort(404)
    return mail_document(compose.render(db.session(), message, preview=True).html)


def _after_saving(batch: str, changes: Mapping[int, Change], problems: list[RemarkProblem]) -> AnyResponse:
    draft = draft_rows.load(db.session(), batch)
    if draft is None:
        flash(_("全員を外したため、下書きを破棄しました。"))
        return done(None, go_to=url_for("portal.results"))
    notified_elsewhere = whole_number(request.form.get("elsewhere", ""))
    if notified_elsewhere is not None and (row := draft.row(notified_elsewhere)) is not None:
        return ask_elsewhere(pending_results.notifiable(db.session(), [row.application_id]), draft=batch)
    if request.form.get("go") == "discard":
        return done(None, go_to=url_for("portal.result_draft_discard_ask", batch=batch))
    wants_on = request.form.get("go") == "confirm"
    if wants_fragment():
        return page("portal/results/_saved.html", "portal/results/_saved.html", **_context(draft, changes, problems))
    if problems or (wants_on and not draft.ready):
        return _writing_page(draft, changes, problems, check=wants_on, status=422)
    if wants_on:
        return done(None, go_to=url_for("portal.result_draft_confirm", batch=batch))
    shown = whole_number(request.form.get("show", ""))
    if shown is None:
        return done(None, go_to=url_for("portal.result_draft", batch=batch))
    return done(None, go_to=url_for("portal.result_draft", batch=batch, show=shown, _anchor="preview"))


def answer_gone(batch: str) -> AnyResponse:
    """Answer for a draft that is there no more: sent, by this window or another, or left behind."""
    if not drafts.was_sent(db.session(), batch):
        abort(404)
    flash(_("この結果連絡は、すでに受け付けています。二重には送りません。"), "warning")
    return done(None, go_to=url_for("portal.results_waiting"))


def _writing_page(
    draft: Draft,
    changes: Mapping[int, Change] | None = None,
    problems: list[RemarkProblem] | None = None,
    *,
    check: bool = False,
    status: int = 200,
) -> Response:
    context = _context(draft, changes or {}, problems or [])
    context["check"] = check or context["check"]
    return page("portal/results/write.html", status=status, **context)


def _context(
    draft: Draft, changes: Mapping[int, Change] | None = None, problems: list[RemarkProblem] | None = None
) -> dict[str, Any]:
    shown = draft.row(_shown_id(draft)) or draft.rows[0]
    company = own_company()
    addresses = [row.address for row in draft.sendable]
    return {
        "draft": draft,
        "typed": changes or {},
        "problems": {problem.message_id: problem for problem in problems or []},
        "shown": shown,
        "written": _written(draft, shown),
        "relay": _relay(draft, company.id),
        "lately": cautions.lately_notified(db.session(), addresses),
        "doubled": cautions.doubled(addresses),
        "odd": _odd(draft),
        "without_position": [row for row in draft.sendable if not row.position],
        "unplaced": [row for row in draft.sendable if row.remark and not has_place_for_remark(row)],
        "delay": company.send_delay_minutes,
        "leaves_at": leaves_at(company),
        "check": request.values.get("check") == "1",
        "saved_at": clock.now(),
        **words(),
    }


def _confirm_page(draft: Draft, *, unmeant: bool = False, time_refused: str = "") -> Response:
    """Everybody with greeting, address and first lines, those who would be rejected by it first."""
    company, sender = own_company(), results.sender_name(db.session(), member().user_id)
    decided = [row for row in draft.sendable if not row.needs_reason]
    people = page_of([*draft.in_selection, *decided])
    return page(
        "portal/results/confirm.html",
        status=422 if unmeant or time_refused else 200,
        people=people,
        beginnings={row.message_id: first_lines(row, company.name, sender) for row in people.rows},
        unmeant=unmeant,
        time_refused=time_refused,
        at=request.form.get("at", ""),
        when=request.form.get("when", ""),
        offered_times=offered_times(company),
        held=held_by_day(company, draft),
        furthest=results.FURTHEST,
        **_context(draft),
    )


def _odd(draft: Draft) -> list[OddPerson]:
    sender = results.sender_name(db.session(), member().user_id)
    return odd_people(draft.sendable, own_company().name, sender)


def _meant_so(draft: Draft) -> bool:
    """Return whether the writer has confirmed what looks odd, for as many people as it concerns now.

    In practice only the writer reads it.
    """
    odd = _odd(draft) if own_company().live_since else []
    return not odd or whole_number(request.form.get("odd", "")) == len(odd)


def _written(draft: Draft, shown: DraftRow) -> compose.Mail | None:
    message = draft_rows.message(db.session(), draft.batch, shown.message_id)
    if message is None or not draft.texts:
        return None
    return compose.render(db.session(), message, preview=True)


def _relay(draft: Draft, company_id: int) -> dict[str, Any]:
    """Return who gets the relay part and who does not, with the one reason each (0.3)."""
    refused = links.refusals(db.session(), company_id, {row.candidate_id for row in draft.sendable})
    left_out: dict[LinkRefusal, list[DraftRow]] = {}
    for row in draft.sendable:
        if (why := refused.get(row.candidate_id)) is not None:
            left_out.setdefault(why, []).append(row)
    return {
        "count": sum(row.candidate_id not in refused for row in draft.sendable),
        "left_out": [(why.sentence, rows) for why, rows in left_out.items()],
        "last_day": clock.today() + links.LIFETIME,
    }


def _shown_id(draft: Draft) -> int | None:
    message_id = whole_number(request.values.get("show", "") or request.form.get("shown", ""))
    if message_id is not None:
        return message_id
    return draft.sendable[0].message_id if draft.sendable else None


def _typed(draft: Draft) -> tuple[Choice, dict[int, Change]]:
    """Return what the form says, for all and for each."""
    form = request.form
    common = Choice(read_reason(form.get("reason", "")), whole_number(form.get("template", "")))
    changes = {}
    for row in draft.rows:
        id_ = row.message_id
        if f"remark-{id_}" not in form:
            continue
        own = Choice(read_reason(form.get(f"reason-{id_}", "")), whole_number(form.get(f"template-{id_}", "")))
        changes[id_] = Change(own, form.get(f"remark-{id_}", ""), sure=form.get(f"sure-{id_}") == "1")
    return common, changes


def has_place_for_remark(row: DraftRow) -> bool:
    """Return whether the person's text has a place for the remark; without one it would silently be lost."""
    return row.template is not None and placeholders.REMARK in placeholders.named(row.template.body)
