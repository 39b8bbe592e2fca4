"""Going live: what changes, what must be ready first, what happens with how many, and the one button."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField
from wtforms.validators import InputRequired

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import db
from relay.mail import practice
from relay.outreach import pending_results, readiness
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import capped, words
from relay.rights import record_ends
from relay.web import done, page


class GoLiveForm(FlaskForm):  # type: ignore[misc]
    """The word that it is meant: from then on mails reach candidates."""

    sure = BooleanField(
        _l("これから送るメールが候補者に届くことを確認しました"),
        validators=[
            InputRequired(
                _l("候補者に届くことを確認し、チェックを入れてください。本番の送信は、まだ始まっていません。")
            )
        ],
    )


@portal.get("/live")
@needs("live:switch")
def go_live() -> Response:
    """Show the checks, and what will be different from then on."""
    return _page(GoLiveForm(None))


@portal.post("/live")
@needs("live:switch")
@fresh
def go_live_start() -> AnyResponse:
    """Begin real sending; what is missing is named, and a second factor is enrolled first where it is required."""
    session, me, form = db.session(), member(), GoLiveForm()
    if own_company().live_since is None and not form.validate():
        return _page(form, status=422)
    try:
        readiness.go_live(session, own_company(), by_user_id=me.user_id)
    except readiness.SecondFactorMissing:
        session.rollback()
        return redirect(url_for("my_account.second_factor", next=url_for("portal.go_live")), 303)
    except readiness.NotReady as refused:
        session.rollback()
        return _page(GoLiveForm(None), trouble=str(refused), status=409)
    session.commit()
    flash(_("本番の送信を始めました。これから送るメールは、候補者に届きます。"))
    return done(None, go_to=url_for("portal.home"))


def _page(form: GoLiveForm, *, trouble: str = "", status: int = 200) -> Response:
    session, company = db.session(), own_company()
    go_live_checks = readiness.go_live_checks(session, company)
    is_live = company.live_since is not None
    pending = 0 if is_live else pending_results.count(session)
    return page(
        "portal/practice/go_live.html",
        status=status,
        form=form,
        company=company,
        go_live_checks=go_live_checks,
        missing=readiness.missing(go_live_checks),
        needs_second_factor=readiness.needs_second_factor(session, company, member().user_id),
        pending=capped(pending, pending_results.COUNT_CAP, _("名")) if pending else "",
        by_itself=0 if is_live else record_ends.due_by_itself(session, company.id),
        practised=0 if is_live else practice.number(session, company.id),
        trouble=trouble,
        moment=words()["moment"],
    )
