"""Alerts (お知らせ): who was announced, what is followed, and the mail of a day."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.insight import alerts, digests, lookout, thresholds
from relay.insight.alerts import Followed
from relay.insight.thresholds import Watched
from relay.models import SavedSearch
from relay.portal import portal
from relay.portal.ui import conditions
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.search import query_values
from relay.text import whole_number
from relay.web import done, page


@portal.get("/alerts")
@needs("alerts:use")
@tab(2, _l("お知らせ"))
def alerts_index() -> AnyResponse:
    """Show a page of the people who were announced, and what this member is told of."""
    session, user_id = db.session(), member().user_id
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = alerts.announced(session, user_id, after=after, before=before)
    if not found.rows and not found.at_top:
        return redirect(url_for("portal.alerts_index"))
    return page(
        "portal/alerts/index.html",
        found=found,
        followed=[(each, _address(each)) for each in alerts.followed(session, user_id)],
        unseen=alerts.unseen(session, user_id) if found.at_top else 0,
        most=alerts.COUNT_CAP,
        max_known=thresholds.MAX_KNOWN,
        gets_mail=alerts.gets_mail(session, user_id),
        max_lines=digests.MAX_LINES,
        hour=digests.HOUR.seconds // 3600,
        days=lookout.REMEMBERED.days,
        newer_url=url_for("portal.alerts_index", before=found.previous) if found.previous else "",
        older_url=url_for("portal.alerts_index", after=found.next) if found.next else "",
        **words(),
    )


@portal.post("/alerts/seen")
@needs("alerts:use")
def alerts_seen() -> AnyResponse:
    """Note that everybody up to the newest one on the page was seen; home names them no more."""
    person = member()
    newest = whole_number(request.form.get("newest", ""))
    if newest is not None:
        alerts.note_seen(db.session(), person.company_id, person.user_id, newest)
        db.session.commit()
    return done(None, go_to=url_for("portal.alerts_index"))


@portal.post("/alerts/mail")
@needs("alerts:use")
def alerts_mail() -> AnyResponse:
    """Send the mail of a day, or none."""
    person, on = member(), request.form.get("mail") == "on"
    alerts.set_mail(db.session(), person.company_id, person.user_id, on=on)
    db.session.commit()
    flash(_("新しく合う方がいる日に、メールでもお知らせします") if on else _("お知らせのメールをすべて止めました"))
    return done(None, go_to=url_for("portal.alerts_index"))


@portal.post("/alerts/positions/<int:position_id>")
@needs("alerts:use")
def alerts_position(position_id: int) -> AnyResponse:
    """Be told of people who come to fit a position, or no more."""
    position = position_or_404(position_id)
    back = url_for("portal.position_fits", position_id=position_id)
    return _switch(Watched(position=position), position.title, back)


@portal.post("/alerts/searches/<int:search_id>")
@needs("alerts:use")
def alerts_search(search_id: int) -> AnyResponse:
    """Be told of people who come to fit a saved search, or no more."""
    seen = or_(SavedSearch.user_id == member().user_id, SavedSearch.shared)
    search = db.session.scalars(select(SavedSearch).where(SavedSearch.id == search_id, seen)).one_or_none()
    if search is None:
        raise NotFound
    return _switch(Watched(search=search), search.name, url_for("portal.searches"))


def _switch(of: Watched, name: str, back: str) -> AnyResponse:
    """Follow it, or end that; the form says which, and where it was opened. Sent twice, the second changes nothing."""
    session, person = db.session(), member()
    go_to = url_for("portal.alerts_index") if request.form.get("from") == "alerts" else back
    act: Callable[[Session, int, int, Watched], bool] = alerts.follow if _wants() else _unfollow
    try:
        act(session, person.company_id, person.user_id, of)
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=go_to)
    session.commit()
    if _wants():
        flash(_("「%(name)s」に新しく合う方を、これからお知らせします", name=name))
    else:
        flash(_("「%(name)s」のお知らせを止めました", name=name))
    return done(None, go_to=go_to)


def _wants() -> bool:
    return request.form.get("alert") == "on"


def _unfollow(session: Session, company_id: int, user_id: int, of: Watched) -> bool:
    alert_id = alerts.alert_of(session, user_id, of)
    return alert_id is not None and alerts.unfollow(session, company_id, user_id, alert_id)


def _address(each: Followed) -> str:
    """Return where those who fit are listed."""
    if each.search is not None:
        return conditions.address("portal.pool", query_values.from_values(each.search.conditions))
    assert each.position is not None
    return url_for("portal.position_fits", position_id=each.position.id)
