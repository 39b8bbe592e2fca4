"""Settings of the company: how it names itself, whether it relays."""

from collections.abc import Sequence

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.forms.stale import StaleValue, marks, staleness
from relay.identity import companies
from relay.models import Company
from relay.portal import portal
from relay.portal.settings.company_forms import CompanyDetailsForm
from relay.portal.settings.mail_footer import mail_footer, sender_of
from relay.portal.ui.company import own_company
from relay.portal.ui.navigation import tab
from relay.web import done, page


@portal.get("/settings/company")
@needs("settings:read")
@tab(1, _l("会社の情報"))
def settings_company() -> Response:
    """Show how the company names itself, and the lines its mails end with."""
    company = own_company()
    return _company_page(CompanyDetailsForm(None, obj=company), company)


@portal.post("/settings/company")
@needs("settings:write")
def settings_company_post() -> AnyResponse:
    """Change the company's particulars."""
    company, form = own_company(), CompanyDetailsForm()
    if not form.validate():
        return _company_page(form, company, status=422)
    db.session.refresh(company, with_for_update=True)
    stale = staleness(_texts(company), {name: str(value) for name, value in form.data.items()}, form.labels)
    if stale.unanswered:
        return _company_page(form, company, status=409, stale=stale.values)
    for name in stale.dropped:
        form[name].data = getattr(company, name)
    try:
        companies.describe(db.session(), company, form.facts())
        companies.move_to(db.session(), company, form.slug.data)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _company_page(form, own_company(), status=422)
    db.session.commit()
    flash(_("会社の情報を保存しました。"))
    return done(None, go_to=url_for("portal.settings_company"))


@portal.post("/settings/relay")
@needs("settings:write")
def settings_relay() -> AnyResponse:
    """Turn the relay on or off for everybody; there is no switch per person (0.3)."""
    if (wanted := request.form.get("on")) not in {"0", "1"}:
        abort(400)
    on = wanted == "1"
    companies.switch_relay(db.session(), own_company(), on=on)
    db.session.commit()
    flash(_("リレーの案内を始めました。") if on else _("リレーの案内を停止しました。"))
    return done(None, go_to=url_for("portal.settings_company"))


def _texts(company: Company) -> dict[str, str]:
    """Return what the form shows of a company, as it is stored."""
    return {name: str(getattr(company, name)) for name in CompanyDetailsForm(None).labels}


def _company_page(
    form: CompanyDetailsForm, company: Company, status: int = 200, stale: Sequence[StaleValue] = ()
) -> Response:
    return page(
        "portal/settings/company.html",
        status=status,
        stale=stale,
        opened_on=request.form.get("opened") or marks(_texts(company)),
        form=form,
        company=company,
        footer=mail_footer(sender_of(company), relays=company.relay_enabled),
        base_url=settings().base_url,
    )
