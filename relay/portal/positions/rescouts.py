"""再スカウト: people of the pool are written to about an open position, each mail on the page before it is sent (C-2).

The mails are those `send` queues; one that became another meanwhile is shown again and not sent.
"""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member, signed_in
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Position, PositionState
from relay.outreach import rescout_people, rescouts, templates
from relay.outreach.rescouts import MAX_RECIPIENTS, RescoutDraft, RescoutRemarkDoubted, Seen
from relay.outreach.templates import TemplateText
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.text import whole_number
from relay.web import done, page

MAX_POSITIONS = 200


@portal.get("/positions/<int:position_id>/rescouts")
@needs("results:tell")
def position_rescouts(position_id: int) -> AnyResponse:
    """Show each mail as it would leave to the people chosen, and of the others why they get none."""
    position = position_or_404(position_id)
    chosen = _chosen(request.args.getlist("id"))
    if not chosen:
        flash(_("再スカウトを送る方を、一覧から選んでください。"), "warning")
        return redirect(url_for("portal.position_fits", position_id=position_id), 303)
    return _read(position, chosen, _text(request.args.get("template", "")), {})


@portal.post("/positions/<int:position_id>/rescouts")
@needs("results:tell")
def position_rescouts_send(position_id: int) -> AnyResponse:
    """Queue the mails that were on the page; sent twice, the second finds nobody. With `show`, show them again."""
    position, form = position_or_404(position_id), request.form
    seen = [_seen(number) for number in _numbers(form.getlist("id"))]
    text = _text(form.get("template", ""))
    remarks = {each.candidate_id: each.remark for each in seen}
    if text is None or "show" in form:
        return _read(position, list(remarks), text, remarks)
    try:
        told = rescouts.send(
            db.session(), own_company(), position, text, seen, by_user_id=member().user_id,
            confirmed="confirmed" in form,
        )  # fmt: skip
    except DomainError as refused:
        db.session.rollback()
        doubted = isinstance(refused, RescoutRemarkDoubted)
        again = position_or_404(position_id)
        return _read(again, list(remarks), text, remarks, status=422, refused=str(refused), doubted=doubted)
    db.session.commit()
    flash(_("%(count)s名に再スカウトのメールを送ります。送信までは止められます。", count=told.count))
    if left_out := len(seen) - told.count:
        flash(_("%(count)s名には、選ばなかったか、いまは送れないため、送りません。", count=left_out), "warning")
    return done(None, go_to=url_for("portal.position", position_id=position_id))


@portal.post("/pool/rescouts")
@needs("results:tell")
def pool_rescouts() -> AnyResponse:
    """Lead the people ticked in the pool to the choice of a position."""
    chosen = _chosen(request.form.getlist("id"))
    if not chosen:
        flash(_("再スカウトを送る方を、一覧から選んでください。"), "warning")
        return done(None, go_to=url_for("portal.pool"))
    return done(None, go_to=url_for("portal.pool_rescouts_position", id=chosen))


_NEWEST_OPEN = (
    select(Position.id, Position.title)
    .where(Position.state == PositionState.OPEN)
    .order_by(Position.id.desc())
    .limit(MAX_POSITIONS)
)


@portal.get("/pool/rescouts")
@needs("results:tell")
def pool_rescouts_position() -> Response:
    """Ask about which open position they are to be written to."""
    chosen = _numbers(request.args.getlist("id"))
    found = db.session.execute(_NEWEST_OPEN).all()
    return page(
        "portal/pool/rescouts.html",
        chosen=chosen,
        positions=found,
        most=MAX_RECIPIENTS,
    )


def _read(
    position: Position,
    chosen: list[int],
    text: TemplateText | None,
    remarks: dict[int, str],
    *,
    status: int = 200,
    refused: str = "",
    doubted: bool = False,
) -> Response:
    session, company = db.session(), own_company()
    people = rescout_people.recipients(session, company.id, position.id, chosen)
    mails: list[RescoutDraft] = []
    if text is not None and position.state is PositionState.OPEN:
        mails = rescouts.drafts(session, company, position, people, text, remarks, by_user_id=member().user_id)
    context: dict[str, Any] = {
        "position": position,
        "people": people,
        "mails": mails,
        "barred": [each for each in people if each.bar is not None],
        "text": text,
        "texts": templates.choices(session, templates.RESCOUT),
        "is_open": position.state is PositionState.OPEN,
        "practising": signed_in().practising,
        "refused": refused,
        "doubted": doubted,
        "ticked": {number for number in chosen if f"one-{number}" in request.form},
        "most": MAX_RECIPIENTS,
    }
    return page("portal/positions/rescouts.html", status=status, **(words() | context))


def _seen(number: int) -> Seen:
    form = request.form
    return Seen(
        number, form.get(f"seal-{number}", ""), form.get(f"remark-{number}", ""), singly=f"one-{number}" in form
    )


def _text(chosen: str) -> TemplateText | None:
    """Return the text that was chosen, else the first; None where the company has none."""
    offered, number = templates.choices(db.session(), templates.RESCOUT), whole_number(chosen)
    return next((text for text in offered if text.id == number), offered[0] if offered else None)


def _chosen(typed: list[str]) -> list[int]:
    """Return the first people of those chosen; where they are more than are written to at once, say so."""
    if len(typed) > MAX_RECIPIENTS:
        flash(
            _(
                "%(all)s名を選びました。一度に送れるのは%(most)s名までのため、先頭の%(most)s名にご案内します。"
                "ほかの方は、もう一度選んでください。",
                all=len(typed),
                most=MAX_RECIPIENTS,
            ),
            "warning",
        )
    return _numbers(typed)


def _numbers(typed: list[str]) -> list[int]:
    found = [number for number in map(whole_number, typed[:MAX_RECIPIENTS]) if number is not None]
    return list(dict.fromkeys(found))
