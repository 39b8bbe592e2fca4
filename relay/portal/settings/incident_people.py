"""Settings: the people whom an incident concerns, by the log, as list and file, and a text to tell them (A-40)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from flask import Response, abort, flash, request, stream_with_context, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import ValidationError

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import begin_reading, db, short_write
from relay.models import Incident, User, act_as, acting, scopes
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day, words
from relay.rights import incident_people
from relay.rights.incident_people import COUNT_CAP, LogPeriod
from relay.search import export as pool_export
from relay.search.export import ExportPurpose, Format
from relay.text import DateProblem, parse_recent_date
from relay.text.spreadsheet import csv_utf8
from relay.trust import incidents
from relay.web import done, page

EVERYBODY = 0


class LogPeriodForm(FlaskForm):  # type: ignore[misc]
    """The question to the log."""

    since = StringField(_l("この日から"))
    until = StringField(_l("この日まで"))
    user = SelectField(_l("操作した人"), coerce=int)
    exports = BooleanField(_l("一覧がファイルに書き出されていたときは、その時に登録されていた方も含める"))

    def validate_since(self, field: Field) -> None:
        """Refuse a day that cannot be read."""
        self.first = _day(field)

    def validate_until(self, field: Field) -> None:
        """Refuse a day that cannot be read, and one before the first."""
        self.last = _day(field)
        if self.last < getattr(self, "first", self.last):
            raise ValidationError(_("終わりの日が、始まりの日より前です。日付を確認してください。"))

    @property
    def period(self) -> LogPeriod:
        """Return the question that was typed."""
        days = clock.start_of_day(self.first), clock.end_of_day(self.last)
        return LogPeriod(*days, user_id=self.user.data or None, exports=self.exports.data)


def _day(field: Field) -> date:
    try:
        return parse_recent_date((field.data or "").strip(), clock.today())
    except DateProblem as problem:
        raise ValidationError(str(problem)) from problem


@portal.get("/settings/incidents/<int:incident_id>/people")
@needs("incidents:write")
def settings_incident_people(incident_id: int) -> Response:
    """Show the list, and the question it answers."""
    return _shown(_found(incident_id))


@portal.post("/settings/incidents/<int:incident_id>/people")
@needs("incidents:write")
def settings_incident_ask(incident_id: int) -> AnyResponse:
    """Keep the question to the log, and show the list that follows."""
    incident, form = _found(incident_id, hold=True), LogPeriodForm()
    form.user.choices = _users()
    if not form.validate():
        return _shown(incident, form, status=422)
    incident_people.ask(db.session(), incident, form.period)
    db.session.commit()
    flash(_("操作ログから、対象の方を調べました。条件は、この事故の記録に残ります。"))
    return done(None, go_to=url_for("portal.settings_incident_people", incident_id=incident_id))


@portal.post("/settings/incidents/<int:incident_id>/people/file")
@needs("incidents:write")
@fresh
def settings_incident_people_file(incident_id: int) -> Response:
    """Send the list as a file (CSV, UTF-8), read while it leaves; the log says before that it was taken (E-16)."""
    incident, company_id = _found(incident_id), member().company_id
    count, actor = incident_people.count(db.session(), incident), acting(db.session())
    with short_write() as writing:
        act_as(writing, actor)
        pool_export.log_beginning(writing, company_id, purpose=ExportPurpose.REQUEST, format_=Format.CSV, rows=count)
    response = Response(stream_with_context(csv_utf8(_table(company_id, incident_id))), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="incident-{incident_id}-people.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _table(company_id: int, incident_id: int) -> Iterator[Sequence[str]]:
    yield _("氏名"), _("メールアドレス"), _("最後に開かれた日時")
    begin_reading()
    with db.session.session_factory() as session, scopes.company(session, company_id):
        found = incidents.find(session, incident_id)
        for each in incident_people.everybody(session, found.incident) if found else ():
            yield each.name, each.email, format_datetime(each.opened_at, "yyyy/MM/dd HH:mm") if each.opened_at else ""


def _typed(moment: datetime) -> str:
    return long_day(moment.astimezone(clock.JAPAN).date())


def _found(incident_id: int, *, hold: bool = False) -> Incident:
    found = incidents.find(db.session(), incident_id, hold=hold) or abort(404)
    return found.incident


_USERS = select(User.id, User.name).order_by(User.name, User.id).limit(1_000)


def _users() -> list[tuple[int, str]]:
    names = db.session.execute(_USERS)
    return [(EVERYBODY, str(_("全員"))), *((row.id, row.name) for row in names)]


def _shown(incident: Incident, form: LogPeriodForm | None = None, *, status: int = 200) -> Response:
    session, here = db.session(), "portal.settings_incident_people"
    if form is None:
        form = LogPeriodForm(
            None,
            data={
                "since": _typed(incident.log_since or incident.noticed_at),
                "until": _typed(incident.log_until or incident.noticed_at),
                "user": incident.log_user_id or EVERYBODY,
                "exports": incident.log_exports,
            },
        )
        form.user.choices = _users()
    found = incident_people.listed(
        session, incident, after=request.args.get("after", ""), before=request.args.get("before", "")
    )
    count = incident_people.count(session, incident)
    return page(
        "portal/settings/incident_people.html",
        status=status,
        incident=incident,
        form=form,
        found=found,
        count=_("%(n)s名以上", n=f"{COUNT_CAP:,}") if count > COUNT_CAP else _("%(n)s名", n=f"{count:,}"),
        drafted=[each for each in incident_people.notice(session, own_company(), incident).split("\n") if each],
        newer_url=url_for(here, incident_id=incident.id, before=found.previous) if found.previous else "",
        older_url=url_for(here, incident_id=incident.id, after=found.next) if found.next else "",
        **words(),
    )
