"""The forms about the person's own words: correct them (A-35), or confirm them as they are where it is asked (B-22)."""

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.forms.stale import staleness
from relay.landing import landing
from relay.landing.forms import CorrectionForm
from relay.landing.own_page import back, inside, show
from relay.network import confirmations, corrections
from relay.network.profiles import ITEMS


@landing.post("/me/<token>/facts")
def own_facts(token: str) -> AnyResponse:
    """Store the correction; a form that was opened before another one was saved is asked about, with both values."""
    session, profile_id = db.session(), inside(token).subject_id
    form = CorrectionForm(request.form, hidden=corrections.hidden(session, profile_id))
    if not form.validate():
        return show(profile_id, status=422, facts_form=form)
    stored = corrections.hold(session, profile_id)
    stale = staleness({code: stored[code] for code in form.codes}, form.cleaned, ITEMS)
    if stale.unanswered:
        session.rollback()
        return show(profile_id, status=409, facts_form=form, stale=stale.values)
    for code in stale.dropped:
        form[code].data = stored[code]
    try:
        changed = corrections.correct(session, profile_id, form.fields)
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, facts_form=form, trouble=str(error))
    session.commit()
    return back(token, "corrected" if changed else "unchanged")


@landing.post("/me/<token>/confirmation")
def own_confirmation(token: str) -> AnyResponse:
    """Note that all is still right as it is written; where nothing is asked, nothing changes."""
    session, profile_id = db.session(), inside(token).subject_id
    try:
        asked = confirmations.confirm(session, profile_id)
    except DomainError as error:
        session.rollback()
        return show(profile_id, status=422, trouble=str(error))
    session.commit()
    return back(token, "confirmed" if asked else "")
