"""Settings: when result mails leave."""

from collections.abc import Sequence

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.extensions import db
from relay.forms.stale import StaleValue, marks, staleness
from relay.identity import companies
from relay.mail import sending_hours
from relay.models import Company
from relay.portal import portal
from relay.portal.settings.results_forms import SendingRuleForm
from relay.portal.ui.company import own_company
from relay.portal.ui.navigation import tab
from relay.web import done, page


@portal.get("/settings/results")
@needs("settings:read")
@tab(6, _l("結果連絡"))
def settings_results() -> Response:
    """Show when result mails leave."""
    company = own_company()
    return _results_page(SendingRuleForm(None, obj=company), company)


@portal.post("/settings/results")
@needs("settings:write")
def settings_results_post() -> AnyResponse:
    """Change when result mails leave; those that wait keep their time."""
    company, form = own_company(), SendingRuleForm()
    if not form.validate():
        return _results_page(form, company, status=422)
    db.session.refresh(company, with_for_update=True)
    stale = staleness(_texts(SendingRuleForm(None, obj=company)), _texts(form), form.labels)
    if stale.unanswered:
        return _results_page(form, company, status=409, stale=stale.values)
    for name in stale.dropped:
        form[name].data = getattr(company, name)
    companies.set_sending_rule(db.session(), company, form.rule())
    db.session.commit()
    flash(_("送る時間の決まりを保存しました。"))
    return done(None, go_to=url_for("portal.settings_results"))


def _texts(form: SendingRuleForm) -> dict[str, str]:
    """Return the values of a form as people read them."""
    return {name: _text(form[name].data) for name in form.labels}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _("はい") if value else _("いいえ")
    return str(value)


def _results_page(
    form: SendingRuleForm, company: Company, status: int = 200, stale: Sequence[StaleValue] = ()
) -> Response:
    return page(
        "portal/settings/results.html",
        status=status,
        form=form,
        stale=stale,
        opened_on=request.form.get("opened") or marks(_texts(SendingRuleForm(None, obj=company))),
        hours=sending_hours,
    )
