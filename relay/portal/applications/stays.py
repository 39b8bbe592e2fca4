"""People who were hired, half a year and a year on (/applications/stays): one tap says whether they are still there."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import application_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import stays
from relay.models import Candidate
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.text import whole_number
from relay.web import page

IN_LIST = "list"
"""The value of a form that was sent from the list."""


@portal.get("/applications/stays")
@needs("pool:read")
def applications_stays() -> AnyResponse:
    """Show a page of the hires whose mark waits for a word."""
    session, after, before = db.session(), request.args.get("after", ""), request.args.get("before", "")
    found = stays.rows(session, after=after, before=before)
    if not found.rows and not found.at_top:
        return redirect(url_for("portal.applications_stays"))
    return page(
        "portal/applications/stays.html",
        found=found,
        days=stays.ASKED_FOR.days,
        earlier_url=url_for("portal.applications_stays", before=found.previous) if found.previous else "",
        later_url=url_for("portal.applications_stays", after=found.next) if found.next else "",
        **words(),
    )


@portal.post("/applications/<int:application_id>/stay")
@needs("pool:write")
def application_stay_record(application_id: int) -> AnyResponse:
    """Add the word; a form sent twice adds one."""
    application, session = application_or_404(application_id), db.session()
    months, there = whole_number(request.form.get("months", "")) or 0, request.form.get("there") == "1"
    name = session.scalars(select(Candidate.name).where(Candidate.id == application.candidate_id)).one()
    try:
        stays.tell(session, application_id, months, there=there, by_user_id=member().user_id)
        session.commit()
        said = {"name": name, "months": months, "word": _("在籍") if there else _("退職")}
        flash(_("%(name)sさんの入社から%(months)sか月の「%(word)s」を記録しました", **said))
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
    if request.form.get("from") == IN_LIST:
        return redirect(url_for("portal.applications_stays"), 303)
    return redirect(url_for("portal.record", candidate_id=application.candidate_id), 303)
