"""The page of a position: its contents, the people in its selection, its state, merging it into another."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.bulk import position_admin, runs
from relay.bulk.actions import MergePositions
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import occupations, position_facts, posting
from relay.hiring import positions as verbs
from relay.identity.roles import may
from relay.models import ApplicationResult, Position, PositionState
from relay.network import credits
from relay.outreach import rescout_lists
from relay.portal import portal
from relay.portal.positions.forms import LABELS, text_of
from relay.portal.positions.passing_on import link_of
from relay.portal.positions.states import STATE_TONES, STEPS, told
from relay.portal.ui import conditions
from relay.portal.ui.labels import ShortDays, words
from relay.search import application_search
from relay.search.candidate_search import Query
from relay.web import done, page

STALE_AFTER = timedelta(days=30)
"""As old as contents of an open position may be without a look (B-22)."""
MAX_OPTIONS = 200


@portal.get("/positions/<int:position_id>")
@needs("positions:read")
def position(position_id: int) -> AnyResponse:
    """Show the position with the people in its selection, newest first, at one stage or at all."""
    session, shown = db.session(), position_or_404(position_id)
    asked, stage = conditions.read(request.args), request.args.get("stage", "")[:100]
    query = Query(
        results=(ApplicationResult.OPEN,),
        positions=(position_id,),
        before_id=asked.before_id,
        after_id=asked.after_id,
    )
    found = application_search.applications(session, member().company_id, query, stage)
    address = partial(url_for, "portal.position", position_id=position_id, stage=stage or None)
    if not found.rows and (asked.before_id or asked.after_id):
        return redirect(address())
    numbers = application_search.numbers_of(session, position_id)
    context: dict[str, Any] = {
        "position": shown,
        "facts": _facts(shown),
        "occupation": occupations.get(shown.occupation_id),
        "credit": occupations.CREDIT,
        "posting_facts": position_facts.posted(shown),
        "missing": posting.missing(shown),
        "law": posting.LAW,
        "old": _is_old(shown),
        "former": verbs.former_titles(session, position_id),
        "found": found,
        "numbers": numbers.results,
        "again": rescout_lists.applied_again(session, [row.id for row in found.rows]),
        "rescouts": rescout_lists.of_position(session, position_id),
        "stages": _stages(position_id, stage, numbers),
        "short_days": ShortDays(),
        "steps": STEPS[shown.state],
        "link": link_of(shown),
        "state_tones": STATE_TONES,
        "may_write": may(member().role, "positions:write"),
        "may_go_live": may(member().role, "live:switch"),
        "free_credits": credits.balance(session, member().company_id),
        "may_ask": may(member().role, "introductions:write"),
        "newer_url": address(after=found.previous) if found.previous else "",
        "older_url": address(before=found.next) if found.next else "",
    }
    return page("portal/positions/show.html", **(words() | context))


@portal.post("/positions/<int:position_id>/state")
@needs("positions:write")
def position_state(position_id: int) -> AnyResponse:
    """Open, pause or close it; sent twice, the second changes nothing."""
    session, changed, word = db.session(), position_or_404(position_id), request.form.get("state", "")
    if word not in list(PositionState):
        flash(_("募集の状態を選べませんでした。何も変わっていません。もう一度お試しください。"), "warning")
        return done(None, go_to=url_for("portal.position", position_id=position_id))
    state = PositionState(word)
    verbs.set_state(session, changed, state)
    session.commit()
    flash(told(state) % {"title": changed.title})
    return done(None, go_to=url_for("portal.position", position_id=position_id))


@portal.get("/positions/<int:position_id>/merge")
@needs("positions:write")
def position_merge(position_id: int) -> Response:
    """Show what merging does, and ask into which position."""
    return _merge(position_or_404(position_id))


@portal.post("/positions/<int:position_id>/merge")
@needs("positions:write")
def position_merged(position_id: int) -> AnyResponse:
    """Merge it into another, to be taken back for a day."""
    session, merged, person = db.session(), position_or_404(position_id), member()
    typed = request.form.get("into", "")
    try:
        into = position_admin.other_position(session, merged, typed)
    except DomainError as refused:
        return _merge(merged, status=422, typed=typed, refused=str(refused))
    done_so = _("「%(title)s」を「%(into)s」にまとめました", title=merged.title, into=into.title)
    action = MergePositions(merged.id, into.id)
    outcome = runs.do_to_carriers(session, person.company_id, action, by_user_id=person.user_id)
    session.commit()
    if outcome.running:
        flash(_("人数が多いため、順に進めています。ほかの作業を続けられます。"))
        return done(None, go_to=url_for("portal.activity"))
    flash(done_so, f"undo:{outcome.entry_id}")
    return done(None, go_to=url_for("portal.position", position_id=into.id))


_OTHERS = (
    select(Position.title).where(Position.id != bindparam("merged")).order_by(Position.title_key).limit(MAX_OPTIONS)
)


def _merge(merged: Position, *, status: int = 200, **extra: Any) -> Response:
    numbers = application_search.numbers_of(db.session(), merged.id)
    return page(
        "portal/positions/merge.html",
        status=status,
        position=merged,
        titles=db.session.scalars(_OTHERS, {"merged": merged.id}).all(),
        applications=sum(numbers.results.values()),
        **extra,
    )


def _facts(shown: Position) -> list[tuple[Any, str]]:
    """Return what is written about the position, label and text; what is empty is left out."""
    headcount = text_of("headcount", shown.headcount)
    hired = [(LABELS["headcount"], headcount)] if headcount else []
    return [*position_facts.terms(shown), *hired, *position_facts.texts(shown)]


def _is_old(shown: Position) -> bool:
    """Return whether an open position asks to be looked through again."""
    seen = shown.confirmed_on
    return shown.state is PositionState.OPEN and seen is not None and seen < clock.today() - STALE_AFTER


def _stages(position_id: int, stage: str, numbers: application_search.PositionNumbers) -> list[dict[str, Any]]:
    running = sum(number for _stage, number in numbers.stages)
    named = [("", _("すべて"), running), *((each, each, number) for each, number in numbers.stages if each)]
    return [
        {
            "label": label,
            "n": f"{number:,}",
            "url": url_for("portal.position", position_id=position_id, stage=value or None),
            "current": value == stage,
        }
        for value, label, number in named
    ]
