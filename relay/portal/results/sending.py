"""Stop everything, and go on: the one switch that is in reach on every page."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.mail import standstill
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.shell import on_every_page
from relay.web import done


@portal.post("/sending/stop")
@needs("sending:stop")
def sending_stop() -> AnyResponse:
    """Hold back everything; nothing is cancelled."""
    standstill.stop(db.session(), own_company())
    db.session.commit()
    return done(None, go_to=url_for("portal.results_waiting"))


@portal.post("/sending/resume")
@needs("sending:stop")
def sending_resume() -> AnyResponse:
    """Let what waits leave."""
    standstill.resume(db.session(), own_company())
    db.session.commit()
    flash(_("送信を再開しました。時刻の来たものから、順に送ります。"))
    return done(None, go_to=url_for("portal.results_waiting"))


@on_every_page("standstill")
def state() -> dict[str, Any] | None:
    """Return what the bar on every page says while everything is stopped; None while mails leave."""
    person = signed_in()
    if person.sending_stopped_at is None:
        return None
    return {
        "since": person.sending_stopped_at,
        "count": standstill.waiting(db.session(), member().company_id),
        "may_resume": may(member().role, "sending:stop"),
    }
