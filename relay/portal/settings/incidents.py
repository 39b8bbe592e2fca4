"""Settings: incidents with personal data (事故), each with its days and its account (A-37…A-39, A-41)."""

from collections.abc import Sequence

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.forms import longest, required_text
from relay.forms.stale import StaleValue, marks, staleness
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.text import DateProblem, clean, clean_block, parse_recent_date, whole_number
from relay.trust import incidents
from relay.trust.incidents import ListedIncident
from relay.web import done, page

_ACCOUNT = _l("事故の記録")
GUIDE = "https://www.ppc.go.jp/personalinfo/legal/leakAction/"
"""The authority's page on leaks, which leads to its form."""


_HARM = _l("不正アクセスや盗難など、悪意のおそれがある（確報は60日以内）")
MAX_PEOPLE = 100_000_000


class IncidentForm(FlaskForm):  # type: ignore[misc]
    """The account of an incident."""

    account = TextAreaField(_ACCOUNT, validators=[longest(incidents.MAX_ACCOUNT)])
    malicious = BooleanField(_HARM)


class NewIncidentForm(FlaskForm):  # type: ignore[misc]
    """An incident that the company noticed itself: its name, its day, the number of people."""

    what = required_text(_l("何が起きたか"), _l("何が起きたかを入力してください。"), incidents.MAX_WHAT)
    day = StringField(_l("気づいた日"))
    people = StringField(_l("本人の数"))
    malicious = BooleanField(_HARM)

    def validate_day(self, field: Field) -> None:
        """Refuse a day that cannot be read, and one to come; this moment is taken where none was typed."""
        today, typed = clock.today(), (field.data or "").strip()
        try:
            noticed_on = parse_recent_date(typed, today) if typed else today
        except DateProblem as problem:
            raise ValidationError(str(problem)) from problem
        if noticed_on > today:
            raise ValidationError(_("これからの日は記録できません。気づいた日を入力してください。"))
        self.noticed_at = clock.now() if noticed_on == today else clock.end_of_day(noticed_on)

    def validate_people(self, field: Field) -> None:
        """Refuse what is no number; nothing is still being found out."""
        typed = (field.data or "").strip()
        self.count = whole_number(typed)
        if typed and (self.count is None or self.count > MAX_PEOPLE):
            raise ValidationError(_("本人の数は、数字で入力してください。分からないときは空欄のままにします。"))


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


@portal.get("/settings/incidents/new")
@needs("incidents:write")
def settings_incident_new() -> Response:
    """Ask what happened."""
    return page("portal/settings/incident_new.html", form=NewIncidentForm(None))


@portal.post("/settings/incidents/new")
@needs("incidents:write")
def settings_incident_enter() -> AnyResponse:
    """Enter it and go on to its account."""
    form = NewIncidentForm()
    if not form.validate():
        return page("portal/settings/incident_new.html", status=422, form=form)
    entered = incidents.enter(
        db.session(),
        member().company_id,
        clean(form.what.data),
        noticed_at=form.noticed_at,
        people=form.count,
        malicious=form.malicious.data,
        by_user_id=member().user_id,
    )
    db.session.commit()
    flash(_("事故を記録しました。分かったことから、書き足してください。"))
    return done(None, go_to=url_for("portal.settings_incident", incident_id=entered.id))


@portal.get("/settings/incidents/<int:incident_id>/account")
@needs("incidents:write")
def settings_incident_file(incident_id: int) -> Response:
    """Send the account as a text file, for the authority's form."""
    found = _found(incident_id)
    response = Response(incidents.account(db.session(), found.incident), mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="incident-{incident_id}.txt"'
    return response


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
        incidents.save(db.session(), found.incident, typed["account"], malicious=form.malicious.data)
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
        form=form or IncidentForm(None, data={"account": account, "malicious": found.incident.malicious}),
        opened_on=request.form.get("opened") or marks({"account": account}),
        stale=stale,
        guide=GUIDE,
        **words(),
    )
