"""Settings: incidents with personal data (事故), each with its days and its account (A-37, A-41)."""

from collections.abc import Sequence

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.forms import longest
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.portal.ui.stale import StaleValue, marks, staleness
from relay.text import clean_block
from relay.trust import incidents
from relay.trust.incidents import ListedIncident
from relay.web import done, page

_ACCOUNT = _l("事故の記録")
GUIDE = "https://www.ppc.go.jp/personalinfo/legal/leakAction/"
"""The authority's page on leaks, which leads to its form."""


class IncidentForm(FlaskForm):  # type: ignore[misc]
    """The account of an incident."""

    account = TextAreaField(_ACCOUNT, validators=[longest(incidents.MAX_ACCOUNT)])


@portal.get("/settings/incidents")
@needs("incidents:write")
def settings_incidents() -> Response:
    """List the incidents, the newest first."""
    found = incidents.listed(db.session(), after=request.args.get("after", ""), before=request.args.get("before", ""))
    here = "portal.settings_incidents"
    return page(
        "portal/settings/incidents.html",
        found=found,
        newer_url=url_for(here, before=found.previous) if found.previous else "",
        older_url=url_for(here, after=found.next) if found.next else "",
        **words(),
    )


@portal.get("/settings/incidents/<int:incident_id>")
@needs("incidents:write")
def settings_incident(incident_id: int) -> Response:
    """Show one, with the draft of its account where none was written."""
    return _incident(_found(incident_id))


@portal.post("/settings/incidents/<int:incident_id>")
@needs("incidents:write")
def settings_incident_save(incident_id: int) -> AnyResponse:
    """Keep the account."""
    found, form = _found(incident_id, hold=True), IncidentForm()
    if not form.validate():
        return _incident(found, form, status=422)
    stored = {"account": incidents.account(db.session(), found.incident)}
    typed = {"account": clean_block(form.account.data or "")}
    stale = staleness(stored, typed, {"account": _ACCOUNT})
    if stale.unanswered:
        return _incident(found, form, status=409, stale=stale.values)
    if not stale.dropped:
        incidents.save(db.session(), found.incident, typed["account"])
    db.session.commit()
    flash(_("事故の記録を保存しました。"))
    return done(None, go_to=url_for("portal.settings_incident", incident_id=incident_id))


@portal.post("/settings/incidents/<int:incident_id>/close")
@needs("incidents:write")
def settings_incident_close(incident_id: int) -> AnyResponse:
    """Note that it is dealt with. Twice changes nothing."""
    incidents.close(db.session(), _found(incident_id, hold=True).incident, by_user_id=member().user_id)
    db.session.commit()
    flash(_("対応済みにしました。記録は残り、あとからも書き足せます。"))
    return done(None, go_to=url_for("portal.settings_incident", incident_id=incident_id))


def _found(incident_id: int, *, hold: bool = False) -> ListedIncident:
    return incidents.find(db.session(), incident_id, hold=hold) or abort(404)


def _incident(
    found: ListedIncident, form: IncidentForm | None = None, *, status: int = 200, stale: Sequence[StaleValue] = ()
) -> Response:
    account = incidents.account(db.session(), found.incident)
    return page(
        "portal/settings/incident.html",
        status=status,
        incident=found.incident,
        people=found.people,
        report_by=found.report_by,
        form=form or IncidentForm(None, data={"account": account}),
        opened_on=request.form.get("opened") or marks({"account": account}),
        stale=stale,
        guide=GUIDE,
        **words(),
    )
