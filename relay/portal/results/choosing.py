"""Read whom a form about results means: the people ticked, the conditions of the list, the reason chosen."""

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from relay.extensions import db
from relay.models import RejectionReason
from relay.outreach import pending_results
from relay.outreach.pending_results import Criteria
from relay.outreach.results import MAX_RECIPIENTS
from relay.portal.results import ticks
from relay.text import whole_number
from relay.web import done


def chosen_ids(matching: Callable[[int], list[int]] | None = None) -> list[int]:
    """Return the applications ticked in a list: on this page and others, or all that match but those unticked.

    `matching` gives so many of those the conditions of the list fit; without it, of 未連絡.
    """
    form = request.form
    ticked = _numbers(form.getlist("id"))
    if form.get("all") != "1":
        return list(dict.fromkeys([*ticked, *ticks.read(form.get("ticks", ""))]))[:MAX_RECIPIENTS]
    unticked = set(_numbers(form.getlist("shown"))) - set(ticked)
    found = (matching or _pending)(MAX_RECIPIENTS + len(unticked))
    return [id_ for id_ in found if id_ not in unticked][:MAX_RECIPIENTS]


def ticked(values: MultiDict[str, str]) -> list[int]:
    """Return the applications ticked so far, from the address of the list."""
    return list(dict.fromkeys([*ticks.read(values.get("ticks", "")), *_numbers(values.getlist("id"))]))


def _pending(limit: int) -> list[int]:
    return pending_results.ids(db.session(), read_criteria(request.form), limit)


def _numbers(typed: list[str]) -> list[int]:
    return [number for number in map(whole_number, typed) if number is not None]


def back_empty_handed(chosen: list[int]) -> AnyResponse:
    """Nobody of those chosen can be told: say so above the list."""
    if chosen:
        flash(_("選んだ方には、すでに結果を伝えたか、送信待ちの結果連絡があります。"), "warning")
    else:
        flash(_("結果を伝える方を、一覧から選んでください。"), "warning")
    return done(None, go_to=url_for("portal.results"))


def say_left_out(count: int) -> None:
    """Say how many of those chosen cannot be told (any more)."""
    if count:
        sentence = _(
            "選んだ方のうち%(count)s名は、すでに伝えたか送信待ち、または辞退・入社などで終わっているため、外しました。",
            count=count,
        )
        flash(sentence, "warning")


def read_reason(word: str) -> RejectionReason | None:
    """Return the reason a form names, if it is one of the list (B-4)."""
    return RejectionReason(word) if word in set(RejectionReason) else None


def read_criteria(values: MultiDict[str, str]) -> Criteria:
    """Return the conditions that narrow the list, from a form or an address."""
    return Criteria(
        position_id=whole_number(values.get("position", "")),
        stage=values.get("stage", "")[:100],
        q=values.get("q", "").strip()[:100],
    )


def kept(criteria: Criteria) -> dict[str, Any]:
    """Return the conditions as an address carries them."""
    kept = {"q": criteria.q, "position": criteria.position_id, "stage": criteria.stage}
    return {name: value for name, value in kept.items() if value}
