"""On a record: the person's erasure is put off, or no longer (A-28)."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates import holds
from relay.candidates.holds import HoldDayRefused
from relay.extensions import db
from relay.models import HoldReason
from relay.portal import portal
from relay.portal.candidates.hold_form import HoldForm
from relay.portal.candidates.show import record_page


@portal.post("/pool/<int:candidate_id>/holds")
@needs("pool:write")
def record_hold(candidate_id: int) -> AnyResponse:
    """Put the erasure off until a day; who asks answers for it."""
    candidate, form = candidate_or_404(candidate_id), HoldForm()
    if not form.validate():
        return record_page(candidate, status=422, hold_form=form)
    reason = HoldReason(form.reason.data)
    try:
        holds.set_hold(db.session(), candidate, reason, form.last_day, owner_user_id=member().user_id)
    except HoldDayRefused as refused:
        form.until.errors = [str(refused)]
        return record_page(candidate, status=422, hold_form=form)
    return _done(candidate_id, _("この方の消去を保留しました"))


@portal.post("/pool/<int:candidate_id>/holds/<int:hold_id>/release")
@needs("pool:write")
def record_hold_release(candidate_id: int, hold_id: int) -> AnyResponse:
    """End a hold; doing it twice changes nothing."""
    candidate = candidate_or_404(candidate_id)
    holds.release(db.session(), candidate, hold_id, by_user_id=member().user_id)
    return _done(candidate_id, _("消去の保留を解除しました"))


def _done(candidate_id: int, told: str) -> AnyResponse:
    db.session.commit()
    flash(told)
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)
