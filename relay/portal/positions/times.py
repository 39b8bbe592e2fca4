"""The times a position offers for interviews: added several at once, listed with who took them, removed while free."""

from itertools import groupby
from typing import Any

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import interviews, slots
from relay.hiring.appointments import day_words, hours_words
from relay.identity.roles import may
from relay.models import Position, Slot
from relay.portal import portal
from relay.portal.positions.times_form import TimesForm
from relay.web import done, page


@portal.get("/positions/<int:position_id>/times")
@needs("positions:read")
def position_times(position_id: int) -> Response:
    """Show the times from today on, and the form that adds some."""
    return _page(position_or_404(position_id), TimesForm(None))


@portal.post("/positions/<int:position_id>/times")
@needs("interviews:write")
def position_times_add(position_id: int) -> AnyResponse:
    """Add what was typed, as a whole, and write to those who wait for it; a line that cannot be read adds nothing."""
    position, form, session, person = position_or_404(position_id), TimesForm(), db.session(), member()
    if not form.validate():
        return _page(position, form, status=422)
    try:
        had_none = not slots.offers_times(session, position_id)
        added = slots.offer(
            session,
            person.company_id,
            position_id,
            form.typed,
            minutes=form.minutes.data,
            place=form.place.data or "",
            by_user_id=person.user_id,
        )
        told = interviews.tell_waiting(session, position_id, had_none=had_none) if added else 0
    except DomainError as refused:
        session.rollback()
        form.times.errors = [*form.times.errors, str(refused)]
        return _page(position_or_404(position_id), form, status=422)
    session.commit()
    flash(_added(added, len(form.typed), told))
    return done(None, go_to=url_for("portal.position_times", position_id=position_id))


@portal.post("/positions/<int:position_id>/times/<int:slot_id>/removal")
@needs("interviews:write")
def position_time_remove(position_id: int, slot_id: int) -> AnyResponse:
    """Remove a time that nobody took; doing it twice changes nothing."""
    position, session = position_or_404(position_id), db.session()
    theirs = session.scalars(select(Slot.position_id).where(Slot.id == slot_id)).one_or_none()
    if theirs not in (None, position_id):
        abort(404)
    try:
        removed = slots.remove(session, slot_id)
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.position_times", position_id=position.id))
    session.commit()
    flash(_("候補日時を削除しました") if removed else _("この候補日時は、すでに削除されています"))
    return done(None, go_to=url_for("portal.position_times", position_id=position.id))


def _added(added: int, typed: int, told: int) -> str:
    said = [_("候補日時を%(n)s件追加しました", n=added) if added else _("新しい候補日時はありませんでした")]
    if added < typed:
        said.append(_("%(n)s件は、すでに追加されていました", n=typed - added))
    if told:
        said.append(_("新しい日時をお待ちの%(n)s名に、メールでお知らせします", n=told))
    return "。".join(said)


def _page(position: Position, form: TimesForm, *, status: int = 200) -> Response:
    listed = slots.of_position(db.session(), position.id)
    context: dict[str, Any] = {
        "position": position,
        "form": form,
        "days": [(day, list(times)) for day, times in groupby(listed, key=lambda slot: day_words(slot.starts_at))],
        "free": sum(1 for each in listed if each.application_id is None and not each.is_past),
        "hours_words": hours_words,
        "may_write": may(member().role, "interviews:write"),
    }
    return page("portal/positions/times.html", status=status, **context)
