"""A company's beginning, step by step: every step can be left for later and taken up again at /setup."""

from collections.abc import Sequence

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.forms.stale import StaleValue, marks
from relay.identity import companies, installation
from relay.insight.costs import baseline
from relay.mail.compose import Sender
from relay.models import Company, ResultsFrom
from relay.portal import portal
from relay.portal.insights.baseline import BaselineForm, as_read, save
from relay.portal.settings import mail_pages
from relay.portal.settings.company_forms import CompanyDetailsForm
from relay.portal.settings.mail_footer import mail_footer, sender_of
from relay.portal.settings.operator import LABOUR_OFFICES, keep
from relay.portal.settings.partners import invitation_context
from relay.portal.settings.privacy import privacy_context
from relay.portal.setup import steps as setup_steps
from relay.portal.setup.forms import OperatorForm, ResultsForm, operator_form
from relay.portal.ui.company import own_company
from relay.web import done, page


@portal.get("/setup")
@needs("setup:run")
def setup() -> Response:
    """Show all steps with what is done, and the first that is not."""
    session, company = db.session(), own_company()
    return page(
        "portal/setup/index.html",
        steps=[step for step in setup_steps.steps(session, company) if step.key != setup_steps.LAST],
        following=setup_steps.open_steps(session, company)[:1],
        asks_factor=setup_steps.asks_factor(session, company),
    )


@portal.get("/setup/company")
@needs("setup:run")
def setup_company() -> Response:
    """Show how the company names itself, and while it is typed the lines its mails will end with."""
    company = own_company()
    form = CompanyDetailsForm(None, obj=company)
    form.reply_to.data = company.reply_to or signed_in().email
    return _company_page(form, company, _typed(company) if request.args else sender_of(company))


@portal.post("/setup/company")
@needs("setup:run")
def setup_company_post() -> AnyResponse:
    """Keep it; then go on, or stay to look at the lines."""
    company, form = own_company(), CompanyDetailsForm()
    if not form.validate():
        return _company_page(form, company, sender_of(company), status=422)
    try:
        companies.describe(db.session(), company, form.facts())
        companies.move_to(db.session(), company, form.slug.data)
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        company = own_company()
        return _company_page(form, company, sender_of(company), status=422)
    db.session.commit()
    flash(_("会社の情報を保存しました。"))
    return done(None, go_to=_onwards("company"))


@portal.get("/setup/results")
@needs("setup:run")
def setup_results() -> Response:
    """Ask where results are told from today."""
    company = own_company()
    chosen = company.results_from.value if company.results_from else None
    return _results_page(ResultsForm(None, data={"results_from": chosen, "ats_name": company.ats_name}))


@portal.post("/setup/results")
@needs("setup:run")
def setup_results_post() -> AnyResponse:
    """Keep it; the home page and the privacy text are proposed from it."""
    form = ResultsForm()
    if not form.validate():
        return _results_page(form, status=422)
    where = ResultsFrom(form.results_from.data)
    companies.set_results_from(db.session(), own_company(), where, form.ats_name.data or "")
    db.session.commit()
    return done(None, go_to=_onwards("results"))


@portal.get("/setup/privacy")
@needs("setup:run")
def setup_privacy() -> Response:
    """Show the purposes and the public page on personal data, with the form of the settings."""
    return page("portal/setup/privacy.html", **privacy_context(), **setup_steps.frame("privacy"))


@portal.get("/setup/sending")
@needs("setup:run")
def setup_sending() -> Response:
    """Show the mail server and the sending test, with the form of the settings."""
    return page(
        "portal/setup/sending.html",
        **mail_pages.context(mail_pages.own()) | mail_pages.installation_context() | setup_steps.frame("sending"),
    )


@portal.get("/setup/operator")
@needs("setup:run")
def setup_operator() -> AnyResponse:
    """Show what the law asks of the operator of the installation; any other company goes on to the next step."""
    company = own_company()
    if not company.runs_installation:
        return redirect(setup_steps.address("import"), 303)
    return _operator_page(operator_form(installation.get(db.session()), company))


@portal.post("/setup/operator")
@needs("setup:run")
def setup_operator_post() -> AnyResponse:
    """Keep the answer, and go on."""
    form = OperatorForm()
    if not keep(form):
        return _operator_page(form, status=422)
    return done(None, go_to=_onwards("operator"))


@portal.get("/setup/import")
@needs("setup:run")
def setup_import() -> Response:
    """Show the way to the first file."""
    return page("portal/setup/import.html", company=own_company(), **setup_steps.frame("import"))


@portal.get("/setup/partner")
@needs("setup:run")
def setup_partner() -> Response:
    """Show the invitation of the first partner, with the form of the settings."""
    return page("portal/setup/partner.html", **invitation_context() | setup_steps.frame("partner"))


@portal.get("/setup/baseline")
@needs("setup:run")
def setup_baseline() -> Response:
    """Ask for the year before Relay, to compare with; it can be left unknown."""
    said = baseline.get(db.session(), own_company().id)
    return _baseline_page(BaselineForm.of(said), marks(as_read(said)))


@portal.post("/setup/baseline")
@needs("setup:run")
def setup_baseline_post() -> AnyResponse:
    """Keep what was typed, and go on."""
    form = BaselineForm()
    stale = save(form)
    if stale is not None:
        return _baseline_page(form, request.form.get("opened", ""), status=409 if stale else 422, stale=stale)
    return done(None, go_to=_onwards("baseline"))


@portal.get("/setup/done")
@needs("setup:run")
def setup_done() -> Response:
    """Show what practising means, what is still open, and where to go from here."""
    company = own_company()
    return page(
        "portal/setup/done.html",
        waiting=setup_steps.open_steps(db.session(), company),
        from_ats=company.results_from is ResultsFrom.ATS,
        **setup_steps.frame(setup_steps.LAST),
    )


def _onwards(current: str) -> str:
    """Return the address of the next step, or of this one where the person wants to stay and look."""
    return setup_steps.address(current) if "stay" in request.form else setup_steps.next_address(current)


def _typed(company: Company) -> Sender:
    """Return the company as it is being typed, for the lines beside the form."""
    values = {name: request.args.get(name, "").strip() for name in ("name", "address", "contact", "reply_to")}
    return Sender(**values | {"name": values["name"] or company.name})


def _company_page(form: CompanyDetailsForm, company: Company, sender: Sender, status: int = 200) -> Response:
    return page(
        "portal/setup/company.html",
        "portal/setup/_footer.html",
        status=status,
        form=form,
        company=company,
        footer=mail_footer(sender, relays=company.relay_enabled),
        base_url=settings().base_url,
        asks_factor=setup_steps.asks_factor(db.session(), company),
        **setup_steps.frame("company"),
    )


def _results_page(form: ResultsForm, status: int = 200) -> Response:
    return page("portal/setup/results.html", status=status, form=form, **setup_steps.frame("results"))


def _baseline_page(form: BaselineForm, opened: str, *, status: int = 200, stale: Sequence[StaleValue] = ()) -> Response:
    return page(
        "portal/setup/baseline.html",
        status=status,
        form=form,
        opened_on=opened,
        stale=stale,
        **setup_steps.frame("baseline"),
    )


def _operator_page(form: OperatorForm, status: int = 200) -> Response:
    return page(
        "portal/setup/operator.html",
        status=status,
        form=form,
        labour_offices=LABOUR_OFFICES,
        **setup_steps.frame("operator"),
    )
