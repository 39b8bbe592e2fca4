"""Notifying results: whom to tell, what waits, what left, what came back. Telling starts only here (0.3).

Writing is in `writing`, one mail and its history in `messages`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import htmx_flask
from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.markers import polled
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.mail import outbox
from relay.models import MessageState
from relay.models.keyset import Page
from relay.network import links
from relay.outreach import draft_lists, drafts, mailings, pending_results
from relay.outreach import results as notifying
from relay.outreach.pending_results import Criteria, PendingNumbers
from relay.portal import portal
from relay.portal.results import ticks
from relay.portal.results.choosing import kept, read_criteria, ticked
from relay.portal.results.messages import why_undelivered
from relay.portal.ui import orders, shell
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import capped, moment, steps_of, words
from relay.portal.ui.navigation import tab
from relay.search.candidate_search import Query
from relay.search.orders import ListOrder
from relay.web import done, page, wants_fragment

COUNTED_DOWN = timedelta(hours=24)
"""How near a mail's time is counted down to; before that the bar names the day."""


@portal.get("/results")
@needs("results:read")
@tab(1, _l("未連絡"))
def results() -> Response:
    """未連絡: rejected and not told, who waits longest first."""
    return _pending_page()


@portal.get("/results/drafts")
@needs("results:tell")
@tab(2, _l("下書き"))
def results_drafts() -> Response:
    """Show what was begun and neither sent nor given up, and what was stopped; one's own and that of others."""
    return page(
        "portal/results/drafts.html",
        rows=draft_lists.unfinished(db.session()),
        stopped=draft_lists.stopped(db.session()),
        me=member().user_id,
        kept_days=drafts.KEPT.days,
        stopped_days=draft_lists.STOPPED_SHOWN.days,
        **_frame(),
    )


@portal.get("/results/waiting")
@needs("results:read")
@tab(3, _l("送信待ち"))
def results_waiting() -> Response:
    """Show what has been queued and can still be stopped."""
    rows = mailings.waiting(db.session())
    waiting = outbox.waiting(db.session())
    return page(
        "portal/results/waiting.html",
        rows=rows,
        acts=_acts(rows),
        total=mailings.waiting_count(db.session()),
        stoppable={each.batch: each.count for each in waiting.batches} if waiting else {},
        **_frame(),
    )


@portal.get("/results/sent")
@needs("results:read")
@tab(4, _l("送信済み"))
def results_sent() -> Response:
    """Show what has left, with where each person's relay is."""
    args = request.args
    found = mailings.sent(db.session(), after=args.get("after", ""), before=args.get("before", ""))
    people = [row.candidate_id for row in found.rows]
    steps = steps_of(links.statuses(db.session(), people), people)
    return page(
        "portal/results/sent.html",
        found=found,
        total=mailings.sent_count(db.session()),
        steps={row.id: steps[row.candidate_id] for row in found.rows},
        links=_page_links(found),
        **_frame(),
    )


@portal.get("/results/failed")
@needs("results:read")
@tab(5, _l("届いていない"))
def results_failed() -> Response:
    """Show who has still not been told because a mail could not be delivered."""
    return page(
        "portal/results/failed.html",
        rows=mailings.failed(db.session()),
        total=mailings.failed_count(db.session()),
        why=why_undelivered,
        **_frame(),
    )


@portal.get("/results/queue")
@needs("results:read")
@polled
def results_queue() -> Response:
    """Return the bar that counts down; htmx asks for it when the time has come."""
    return page("portal/results/queue.html", "portal/results/_queue_bar.html", **_frame())


@portal.post("/results/stop")
@needs("results:tell")
def result_stop() -> AnyResponse:
    """Keep back what has not left; what the same act decided is open again."""
    batch = request.form.get("batch", "").strip() or None
    if batch is None and "batch" in request.form:
        flash(_("このメールだけを止めることはできません。何も止めていません。"), "warning")
        return done(None, go_to=url_for("portal.results_waiting"))
    count = notifying.stop(db.session(), own_company().id, batch)
    db.session.commit()
    if not count:
        flash(_("止められるメールはありませんでした。すでに送信中です。"), "warning")
        return done(None, go_to=url_for("portal.results_sent"))
    if batch and drafts.stopped_applications(db.session(), batch):
        return done(None, go_to=url_for("portal.results", stopped=batch))
    flash(_("%(count)s名への送信を停止しました。", count=count))
    return done(None, go_to=url_for("portal.results"))


@shell.on_every_page("result_queue")
def result_queue() -> dict[str, Any] | None:
    """Return what the bar on every page says: how many wait, until when, and whether this person may stop them."""
    waiting = outbox.waiting(db.session()) if shell.anything_waiting() else None
    if waiting is None:
        return None
    later = waiting.due_at - clock.now()
    return {
        "count": waiting.count,
        "due_at": waiting.due_at,
        "is_due": waiting.due_at <= clock.now(),
        "minutes": max(1, round(later.total_seconds() / 60)),
        "on_day": moment(waiting.due_at) if later >= COUNTED_DOWN else None,
        "acts": len(waiting.batches),
        "next": waiting.batches[0],
        "may_stop": may(member().role, "results:tell"),
    }


def _pending_page() -> Response:
    args, session = request.args, db.session()
    criteria, chosen = read_criteria(args), ticked(args)
    order = ListOrder.read(args.get("sort", ""))
    query = Query(order=order if order is not None and order.by in pending_results.SORTS else None)
    sort = query.order.written if query.order else None
    place: dict[str, Any] = {"after": args.get("after", ""), "before": args.get("before", "")}
    found = pending_results.rows(session, criteria, query.order, after=place["after"], before=place["before"])
    numbers = pending_results.numbers(session, criteria)
    shown = {row.application_id for row in found.rows}
    others = ticks.elsewhere(chosen, shown)
    narrowed: dict[str, Any] = kept(criteria) | {"sort": sort}
    carried = {name: value for name, value in narrowed.items() if value} | _with_ticks(chosen)
    response = page(
        "portal/results/pending.html",
        "portal/results/_pending.html",
        found=found,
        total=numbers.total,
        criteria=criteria,
        kept=kept(criteria),
        carried=carried,
        sort=sort,
        heads=orders.heads("portal.results", query, pending_results.SORTS, **kept(criteria), **_with_ticks(chosen)),
        order_said=orders.said(query, _l("応募の早い順")),
        ticked=shown & set(chosen),
        ticks_elsewhere=others,
        count_elsewhere=len(set(chosen) - shown),
        all_chosen=args.get("all") == "1",
        paged="after" in args or "before" in args,
        most=notifying.MAX_RECIPIENTS,
        positions=numbers.positions,
        stages=numbers.stages,
        applied=_applied(criteria, numbers),
        stopped=_stopped(args.get("stopped", "")),
        **_frame(pending_count=numbers.total if not criteria.narrows else None),
    )
    if wants_fragment():
        here = url_for("portal.results", **carried, **{name: value for name, value in place.items() if value})
        if htmx_flask.request.htmx.trigger == "search":
            return htmx_flask.make_response(response, replace_url=here)
        return htmx_flask.make_response(response, push_url=here)
    return response


def _with_ticks(chosen: Sequence[int]) -> dict[str, str]:
    return {"ticks": ticks.written(chosen)} if chosen else {}


def _applied(criteria: Criteria, numbers: PendingNumbers) -> list[tuple[str, dict[str, Any]]]:
    """Each condition in force, and the address of the list without it."""
    applied = []
    if criteria.q:
        applied.append((_("名前「%(q)s」", q=criteria.q), kept(replace(criteria, q=""))))
    if criteria.position_id:
        titles = {id_: title for id_, title, _n in numbers.positions}
        title = titles.get(criteria.position_id, _("選んだ求人"))
        applied.append((title, kept(replace(criteria, position_id=None))))
    if criteria.stage:
        applied.append((criteria.stage, kept(replace(criteria, stage=""))))
    return applied


def _stopped(batch: str) -> dict[str, Any] | None:
    """Return what was just stopped, so that it can be written again with what was typed."""
    if not batch:
        return None
    session = db.session()
    count, reopened = mailings.last_stop(session, batch)
    if not count:
        return None
    states = mailings.of_batch(session, batch)
    again = len(pending_results.notifiable(session, drafts.stopped_applications(session, batch)))
    return {
        "batch": batch,
        "count": count,
        "left": states.get(MessageState.SENT, 0) + states.get(MessageState.SENDING, 0),
        "reopened": reopened,
        "again": again,
        "before": max(0, again - count),
    }


def _acts(rows: Sequence[mailings.MailRow]) -> list[list[mailings.MailRow]]:
    """Return the mails by the act that queued them, the next to leave first."""
    acts: dict[str, list[mailings.MailRow]] = {}
    for row in rows:
        acts.setdefault(row.batch, []).append(row)
    return list(acts.values())


def _page_links(found: Page[mailings.MailRow]) -> dict[str, str | None]:
    return {
        "prev": url_for("portal.results_sent", before=found.previous) if found.previous else None,
        "next": url_for("portal.results_sent", after=found.next) if found.next else None,
    }


def _frame(*, pending_count: int | None = None) -> dict[str, Any]:
    """Return what all five lists of /results carry: the numbers in their tabs, and the words."""
    session = db.session()
    if pending_count is None:
        pending_count = pending_results.count(session)
    waiting, failed = mailings.waiting_count(session), mailings.failed_count(session)
    counts = {"portal.results": pending_count} | {
        endpoint: n for endpoint, n in (("portal.results_waiting", waiting), ("portal.results_failed", failed)) if n
    }
    return {
        "tab_counts": {endpoint: capped(n, pending_results.COUNT_CAP) for endpoint, n in counts.items()},
        "may_notify": may(member().role, "results:tell"),
        **words(),
    }
