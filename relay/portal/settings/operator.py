"""Settings: who runs the installation, and the answer to the law on 募集情報等提供 (0.4)."""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import installation
from relay.models import Company
from relay.portal import portal
from relay.portal.setup.forms import OperatorForm, operator_form
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import long_day
from relay.portal.ui.navigation import tab
from relay.web import done, page

LABOUR_OFFICES = "https://www.mhlw.go.jp/kouseiroudoushou/shozaiannai/roudoukyoku/index.html"
"""The ministry's list of the labour offices, which take the notification and know whether one is needed."""


@portal.get("/settings/operator")
@needs("settings:read")
@tab(9, _l("運営者"))
def settings_operator() -> Response:
    """Show who runs the installation; the company that answers for it may change it, the others only read."""
    company = own_company()
    return _page(company, operator_form(installation.get(db.session()), company))


@portal.post("/settings/operator")
@needs("settings:write")
def settings_operator_post() -> AnyResponse:
    """Keep who runs the installation and the answer."""
    form = OperatorForm()
    if not keep(form):
        return _page(own_company(), form, status=422)
    flash(_("運営者の情報を保存しました。"))
    return done(None, go_to=url_for("portal.settings_operator"))


@portal.post("/settings/operator/report")
@needs("settings:write")
def settings_operator_report() -> AnyResponse:
    """Note that this year's report was handed in."""
    year = clock.today().year
    installation.report_filed(db.session(), own_company(), year)
    db.session.commit()
    flash(_("%(year)s年の事業概況報告書を、提出済みと記しました。", year=year))
    return done(None, go_to=url_for("portal.settings_operator"))


def keep(form: OperatorForm) -> bool:
    """Keep what the form says, if it is right; else the form carries the sentences. Raises NotOperator."""
    session, company = db.session(), own_company()
    installation.check_right(company)
    if not form.validate():
        return False
    try:
        installation.describe(session, company, form.operator())
        installation.answer(session, company, form.given())
    except DomainError as refused:
        session.rollback()
        form.form_errors.append(str(refused))
        return False
    session.commit()
    return True


def _page(company: Company, form: OperatorForm, status: int = 200) -> Response:
    session = db.session()
    row = installation.get(session)
    return page(
        "portal/settings/operator.html",
        status=status,
        form=form,
        answers=company.runs_installation,
        operator=None if company.runs_installation else installation.operator(db.session()).operator_name,
        answered=installation.is_answered(session),
        answered_on=long_day(row.answered_at) if row else "",
        reminders=installation.reminders(session, company.id),
        year=clock.today().year,
        labour_offices=LABOUR_OFFICES,
    )
