"""Telling results: whom to tell, what waits, what left, what came back. Telling starts only here (0.3).

Writing is in `writing`, one mail and its history in `messages`.
"""

from dataclasses import replace
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access import needs, signed_in
from relay.errors import DomainError
from relay.extensions import db
from relay.identity.companies import by_id
from relay.identity.roles import may
from relay.mail import outbox
from relay.models import Application, Company, DecisionReason, MessageState
from relay.network import links
from relay.outreach import mailings, untold
from relay.outreach import results as telling
from relay.outreach.untold import Criteria
from relay.portal import portal
from relay.portal.words import relay_legs, words
from relay.selection import decisions
from relay.web import done, page


@portal.get("/results")
@needs("results:read")
def results() -> Response:
    """まだ伝えていない方: undecided, or rejected and not told; who waits longest first."""
    return _untold_page()


@portal.get("/results/waiting")
@needs("results:read")
def results_waiting() -> Response:
    """What has been queued and can still be stopped."""
    found = mailings.waiting(db.session(), **_place())
    return page(
        "portal/results/waiting.html",
        found=found,
        total=mailings.waiting_count(db.session()),
        stopping_possible={row.batch for row in found.rows if row.state is MessageState.SCHEDULED},
        links=_page_links(found, "portal.results_waiting"),
        **_frame("waiting"),
    )


@portal.get("/results/sent")
@needs("results:read")
def results_sent() -> Response:
    """What has left, with where each person's relay stands."""
    found = mailings.sent(db.session(), **_place())
    statuses = links.statuses(db.session(), [row.candidate_id for row in found.rows])
    return page(
        "portal/results/sent.html",
        found=found,
        total=mailings.sent_count(db.session()),
        legs={row.id: relay_legs(statuses.get(row.candidate_id)) for row in found.rows},
        links=_page_links(found, "portal.results_sent"),
        **_frame("sent"),
    )


@portal.get("/results/failed")
@needs("results:read")
def results_failed() -> Response:
    """Who has still not been told because a mail could not be delivered."""
    found = mailings.failed(db.session(), **_place())
    return page(
        "portal/results/failed.html",
        found=found,
        total=mailings.failed_count(db.session()),
        links=_page_links(found, "portal.results_failed"),
        **_frame("failed"),
    )


@portal.get("/results/queue")
@needs("results:read")
def results_queue() -> Response:
    """The bar that counts down; htmx asks for it when the time has come."""
    return page("portal/results/queue.html", "portal/_queue_bar.html", **_frame("waiting"))


@portal.post("/results/stop")
@needs("results:tell")
def result_stop() -> AnyResponse:
    """Keep back what has not left; what the same act decided is open again."""
    batch = request.form.get("batch", "").strip() or None
    count = telling.stop(db.session(), company().id, batch)
    db.session.commit()
    if not count:
        flash(_("止められるメールはありませんでした。すでに送信を始めています。"), "warning")
        return done(None, go_to=url_for("portal.results_sent"))
    if batch:
        return done(None, go_to=url_for("portal.results", stopped=batch))
    flash(_("%(count)s名への送信を止めました。", count=count))
    return done(None, go_to=url_for("portal.results"))


@portal.post("/results/elsewhere")
@needs("results:tell")
def results_elsewhere() -> AnyResponse:
    """Record that people were told another way. Asks first: who, and why where it is still open."""
    chosen = chosen_ids()
    people = untold.tellable(db.session(), chosen)
    if not people:
        return back_empty_handed(chosen)
    reason, typed = read_reason(request.form.get("reason", "")), bool(request.form.get("confirmed"))
    needed = any(person.decided_on is None for person in people)
    if typed and (reason is not None or not needed):
        return _record_elsewhere([person.application_id for person in people], reason)
    return page(
        "portal/results/elsewhere.html",
        status=422 if typed else 200,
        people=people,
        needed=needed,
        missing=typed,
        dropped=len(set(chosen)) - len(people),
        **_frame("untold"),
    )


@portal.context_processor
def _bar() -> dict[str, Any]:
    return {"result_queue": result_queue}


def result_queue() -> dict[str, Any] | None:
    """What the bar on every page says: how many wait, until when, and whether this person may stop them."""
    waiting = outbox.waiting(db.session())
    if waiting is None:
        return None
    return {
        "count": waiting.count,
        "due_at": waiting.due_at,
        "is_due": waiting.due_at <= clock.now(),
        "minutes": max(1, round((waiting.due_at - clock.now()).total_seconds() / 60)),
        "acts": len(waiting.batches),
        "next": waiting.batches[0],
        "may_stop": may(signed_in().role, "results:tell"),
    }


def company() -> Company:
    """The company of whoever is signed in."""
    company_id = signed_in().company_id
    assert company_id is not None
    return by_id(db.session(), company_id)


def chosen_ids() -> list[int]:
    """The applications ticked in the list: those of the page, or all that match but those unticked."""
    form = request.form
    ticked = [int(value) for value in form.getlist("id") if value.isdecimal()]
    if form.get("all") != "1":
        return ticked[: telling.MOST]
    unticked = {int(value) for value in form.getlist("shown") if value.isdecimal()} - set(ticked)
    matching = untold.ids(db.session(), read_criteria(form), telling.MOST + len(unticked))
    return [id_ for id_ in matching if id_ not in unticked][: telling.MOST]


def back_empty_handed(chosen: list[int]) -> AnyResponse:
    """Nobody of those chosen can be told: say so above the list."""
    if chosen:
        flash(_("選んだ方には、すでに結果を伝えたか、送信待ちの結果連絡があります。"), "warning")
    else:
        flash(_("結果を伝える方を、一覧から選んでください。"), "warning")
    return done(None, go_to=url_for("portal.results"))


def read_reason(word: str) -> DecisionReason | None:
    """The reason a form names, if it is one of the six (B-4)."""
    return DecisionReason(word) if word in set(DecisionReason) else None


def read_criteria(values: MultiDict[str, str]) -> Criteria:
    """What narrows the list, as a form or an address says it."""
    position = values.get("position", "")
    return Criteria(
        position_id=int(position) if position.isdecimal() else None,
        stage=values.get("stage", "")[:100],
        q=values.get("q", "").strip()[:100],
    )


def _untold_page() -> Response:
    args, session = request.args, db.session()
    criteria = read_criteria(args)
    found = untold.rows(
        session,
        criteria,
        after=untold.read_cursor(args.get("after", "")),
        before=untold.read_cursor(args.get("before", "")),
    )
    total = untold.count(session, criteria)
    return page(
        "portal/results/untold.html",
        "portal/results/_untold.html",
        found=found,
        total=total,
        criteria=criteria,
        kept=_kept(criteria),
        all_chosen=args.get("all") == "1",
        paged="after" in args or "before" in args,
        most=telling.MOST,
        positions=untold.positions(session, criteria),
        stages=untold.stages(session, criteria),
        applied=_applied(criteria),
        stopped=_stopped(args.get("stopped", "")),
        **_frame("untold", untold_count=total if not criteria.narrows else None),
    )


def _applied(criteria: Criteria) -> list[tuple[str, dict[str, Any]]]:
    """Each condition in force, and the address of the list without it."""
    applied = []
    if criteria.q:
        applied.append((_("名前「%(q)s」", q=criteria.q), _kept(replace(criteria, q=""))))
    if criteria.position_id:
        titles = {id_: title for id_, title, _n in untold.positions(db.session(), criteria)}
        title = titles.get(criteria.position_id, _("選んだ求人"))
        applied.append((title, _kept(replace(criteria, position_id=None))))
    if criteria.stage:
        applied.append((criteria.stage, _kept(replace(criteria, stage=""))))
    return applied


def _kept(criteria: Criteria) -> dict[str, Any]:
    """The conditions as an address carries them."""
    kept = {"q": criteria.q, "position": criteria.position_id, "stage": criteria.stage}
    return {name: value for name, value in kept.items() if value}


def _stopped(batch: str) -> dict[str, Any] | None:
    """What was just stopped, so that it can be written anew with what was typed."""
    if not batch:
        return None
    counts = mailings.of_batch(db.session(), batch)
    stopped = counts.get(MessageState.CANCELLED, 0)
    left = counts.get(MessageState.SENT, 0) + counts.get(MessageState.SENDING, 0)
    if not stopped:
        return None
    return {"batch": batch, "count": stopped, "left": left, "reopened": mailings.reopened(db.session(), batch)}


def _record_elsewhere(application_ids: list[int], reason: DecisionReason | None) -> AnyResponse:
    wanted = select(Application).where(Application.id.in_(application_ids)).order_by(Application.id)
    applications = db.session.scalars(wanted.with_for_update()).all()
    try:
        noted = decisions.tell_elsewhere(db.session(), applications, by_user_id=signed_in().user_id, reason=reason)
    except DomainError as refused:
        db.session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.results"))
    db.session.commit()
    flash(_("%(count)s名を「別の方法で伝えた」と記録しました。Relayから結果のメールは送りません。", count=len(noted)))
    return done(None, go_to=url_for("portal.results"))


def _place() -> dict[str, int | None]:
    read = {name: request.args.get(name, "") for name in ("after", "before")}
    return {name: int(value) if value.isdecimal() else None for name, value in read.items()}


def _page_links(found: mailings.MailPage, endpoint: str) -> dict[str, str | None]:
    return {
        "prev": url_for(endpoint, before=found.newer) if found.newer else None,
        "next": url_for(endpoint, after=found.older) if found.older else None,
    }


def _frame(current: str, untold_count: int | None = None) -> dict[str, Any]:
    """What all four views of /results carry: their tabs with numbers, and the words."""
    session = db.session()
    if untold_count is None:
        untold_count = untold.count(session)
    waiting, failed = mailings.waiting_count(session), mailings.failed_count(session)
    capped = words()["capped"]
    most = untold.MOST_COUNTED
    tabs = [
        ("untold", url_for("portal.results"), _("まだ伝えていない方"), capped(untold_count, most)),
        ("waiting", url_for("portal.results_waiting"), _("送信待ち"), capped(waiting, most) if waiting else None),
        ("sent", url_for("portal.results_sent"), _("送信済み"), None),
        ("failed", url_for("portal.results_failed"), _("送れなかったもの"), capped(failed, most) if failed else None),
    ]
    return {
        "tabs": [{"url": url, "label": label, "n": n, "current": key == current} for key, url, label, n in tabs],
        "may_tell": may(signed_in().role, "results:tell"),
        **words(),
    }
