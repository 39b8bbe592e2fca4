"""Writing a position: a new one, a copy of another, and one that is changed or completed; its occupation by typing."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.bulk import position_admin
from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import marks, staleness
from relay.hiring import occupations, posting
from relay.hiring import positions as verbs
from relay.models import Position
from relay.portal import portal
from relay.portal.positions.forms import LABELS, PositionForm, texts
from relay.portal.ui.company import own_company
from relay.text import whole_number
from relay.web import done, page


@portal.get("/positions/new")
@needs("positions:write")
def position_new() -> Response:
    """Show an empty form, or one that begins with everything but the title of another position."""
    of = whole_number(request.args.get("of", ""))
    if of is None:
        return _form(PositionForm(None, recruiter=own_company().name))
    earlier = position_or_404(of)
    form = PositionForm.of(earlier)
    form.title.data = ""
    return _form(form, earlier=earlier)


@portal.post("/positions/new")
@needs("positions:write")
def position_create() -> AnyResponse:
    """Make the position, and lead to its page."""
    form = PositionForm()
    if not form.validate():
        return _form(form, status=422)
    try:
        made = verbs.create(db.session(), form.values)
    except DomainError as refused:
        return _refused(form, refused)
    db.session.commit()
    flash(_("求人「%(title)s」を作成しました", title=made.title))
    return done(None, go_to=url_for("portal.position", position_id=made.id))


@portal.get("/positions/<int:position_id>/edit")
@needs("positions:write")
def position_edit(position_id: int) -> Response:
    """Show the form with what is stored."""
    position = position_or_404(position_id)
    return _form(PositionForm.of(position), position)


@portal.post("/positions/<int:position_id>/edit")
@needs("positions:write")
def position_save(position_id: int) -> AnyResponse:
    """Save what was sent; what a colleague saved meanwhile is asked about first."""
    position = position_or_404(position_id)
    form = PositionForm.sent_for(position)
    if not form.validate():
        return _form(form, position, status=422)
    session, values = db.session(), form.values
    session.refresh(position, with_for_update=True)
    stale = staleness(texts(verbs.details(position)), texts(values), LABELS)
    if stale.unanswered:
        return _form(form, position, status=409, stale=stale.values)
    try:
        kept = {name: value for name, value in values.items() if name not in stale.dropped}
        changed = position_admin.change(session, position, kept)
    except DomainError as refused:
        return _refused(form, refused, position_id)
    session.commit()
    same = _("変わったところはありませんでした。内容は今日確認したものとして記録しました。")
    flash(_("求人を保存しました") if changed else same)
    return done(None, go_to=url_for("portal.position", position_id=position_id))


@portal.get("/positions/occupations")
@needs("positions:write")
def position_occupations() -> Response:
    """Show occupations that fit what is being typed, to choose one of them."""
    form = PositionForm(request.args)
    return page("portal/positions/_occupations.html", **_occupations(form))


def _refused(form: PositionForm, refused: DomainError, position_id: int | None = None) -> Response:
    db.session.rollback()
    form.title.errors = [*form.title.errors, str(refused)]
    return _form(form, position_or_404(position_id) if position_id else None, status=422)


def _form(form: PositionForm, position: Position | None = None, *, status: int = 200, **extra: Any) -> Response:
    opened_on = request.form.get("opened") or (marks(texts(verbs.details(position))) if position else "")
    return page(
        "portal/positions/edit.html",
        status=status,
        form=form,
        position=position,
        opened_on=opened_on,
        law=posting.LAW,
        written=[item for item in posting.ITEMS if item.is_written],
        former=verbs.former_titles(db.session(), position.id) if position else [],
        credit=occupations.CREDIT,
        **_occupations(form),
        **extra,
    )


def _occupations(form: PositionForm) -> dict[str, Any]:
    """Return the occupations to choose from: the chosen one, then those that fit what was typed."""
    chosen = occupations.get(whole_number(form.occupation_id.data or ""))
    typed = form.occupation.data or ""
    fitting = occupations.search(typed)
    offered = [*([chosen] if chosen else []), *(each for each in fitting if each != chosen)]
    return {
        "chosen": chosen,
        "occupations": offered,
        "typed_occupation": typed,
        "nothing_fits": bool(typed and not fitting),
    }
