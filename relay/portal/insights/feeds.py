"""Feeds: the addresses by which a spreadsheet reads the company's counts, made, shown once, and revoked."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.forms import required_text
from relay.kpis import definitions, feed_rows, feeds
from relay.kpis.month_counts import COUNTED_BY_PAGE
from relay.models import CaseKind, User
from relay.models.feeds import MAX_FEED_NAME
from relay.models.names import names_by_id
from relay.portal import portal
from relay.portal.ui.labels import long_day
from relay.portal.ui.navigation import tab
from relay.text import whole_number
from relay.web import done, page


class FeedForm(FlaskForm):  # type: ignore[misc]
    """Where a new address is used."""

    name = required_text(_l("使う場所"), _l("使う場所を入力してください。"), MAX_FEED_NAME)


@portal.get("/insights/feeds")
@needs("insights:share")
@tab(9, _l("連携用データ"))
def feeds_index() -> Response:
    """Show the addresses, what they give away, and the steps in each program."""
    return _page(FeedForm(None))


@portal.post("/insights/feeds")
@needs("insights:share")
@fresh
def feed_make() -> Response:
    """Make an address and show it, this once."""
    form = FeedForm()
    if not form.validate():
        return _page(form, status=422)
    session, by = db.session(), member()
    try:
        token = feeds.make(session, by.company_id, form.name.data, by_user_id=by.user_id)
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return _page(form, status=422)
    session.commit()
    return _page(FeedForm(None), token=token)


@portal.post("/insights/feeds/revoke")
@needs("insights:share")
def feed_revoke() -> AnyResponse:
    """Revoke an address at once. One that opens nothing any more is revoked already."""
    by, feed_id = member(), whole_number(request.form.get("feed", "")) or 0
    name = feeds.revoke(db.session(), by.company_id, feed_id, by_user_id=by.user_id)
    db.session.commit()
    if name is not None:
        flash(_("「%(name)s」のアドレスを無効にしました。いまから、このアドレスではデータを読めません。", name=name))
    return done(None, go_to=url_for("portal.feeds_index"))


def _page(form: FeedForm, *, token: str = "", status: int = 200) -> Response:
    session, company_id = db.session(), member().company_id
    there = feeds.living(session, company_id)
    return page(
        "portal/insights/feeds.html",
        status=status,
        form=form,
        made=_addresses(token) if token else None,
        feeds=there,
        makers=names_by_id(session, User.name, (each.made_by_user_id for each in there)),
        most=feeds.MAX_FEEDS,
        months=feed_rows.MONTHS,
        told_from=feed_rows.TOLD_FROM,
        counted_by_page=COUNTED_BY_PAGE,
        header=feed_rows.header(),
        long_day=long_day,
        kinds=[(kind, definitions.CASES[kind].counts) for kind in CaseKind],
    )


def _addresses(token: str) -> dict[str, str]:
    """Return the addresses of one feed, under the configured base URL (C-21)."""
    csv = f"{settings().base_url}{url_for('feeds.kpis_csv', token=token)}"
    return {
        "csv": csv,
        "sheets": f'=IMPORTDATA("{csv}")',
        "excel": f"{csv}?bom=1",
        "json": f"{settings().base_url}{url_for('feeds.kpis_json', token=token)}",
    }
