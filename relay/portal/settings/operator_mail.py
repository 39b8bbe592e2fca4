"""Settings of the operating company: the installation's mail server, for letters about logins (C-24)."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import installation
from relay.mail import server_settings, servers
from relay.portal import portal
from relay.portal.settings import mail_pages
from relay.portal.settings.mail_forms import ShareForm
from relay.portal.setup import steps as setup_steps
from relay.portal.ui.company import own_company
from relay.web import done


@portal.get("/settings/operator/mail")
@needs("settings:read")
def settings_operator_mail() -> AnyResponse:
    """Show the installation's server, and whether a test mail arrived; at other companies, the company's own."""
    if not own_company().runs_installation:
        return redirect(url_for("portal.settings_mail"), 303)
    return mail_pages.overview(mail_pages.of_installation())


@portal.get("/settings/operator/mail/server")
@needs("settings:write")
@fresh
def settings_operator_mail_server() -> AnyResponse:
    """Show the form of the installation's server for the chosen service; at other companies, of the company's own."""
    if not own_company().runs_installation:
        return redirect(url_for("portal.settings_mail"), 303)
    return mail_pages.form_page(mail_pages.of_installation())


@portal.post("/settings/operator/mail/server")
@needs("settings:write")
@fresh
def settings_operator_mail_server_post() -> AnyResponse:
    """Let this server carry the installation's letters."""
    return mail_pages.keep(mail_pages.of_installation())


@portal.post("/settings/operator/mail/server/remove")
@needs("settings:write")
@fresh
def settings_operator_mail_remove() -> AnyResponse:
    """Forget the installation's server, while nobody else depends on it."""
    return mail_pages.forget(mail_pages.of_installation())


@portal.post("/settings/operator/mail/test")
@needs("settings:write")
def settings_operator_mail_test() -> AnyResponse:
    """Mail a code to the person who asks."""
    return mail_pages.send_code(mail_pages.of_installation())


@portal.post("/settings/operator/mail/code")
@needs("settings:write")
def settings_operator_mail_code() -> AnyResponse:
    """Try the code that arrived."""
    return mail_pages.try_code(mail_pages.of_installation())


@portal.post("/settings/operator/mail/share")
@needs("settings:write")
@fresh
def settings_operator_mail_share() -> AnyResponse:
    """Let the company's own server, which was tested, carry the installation's letters too: one tick."""
    company, form = own_company(), ShareForm()
    installation.check_right(company)
    if not form.validate():
        return mail_pages.overview(mail_pages.own(), share_form=form, status=422)
    try:
        server_settings.share(db.session(), company, by_user_id=member().user_id)
    except DomainError as refused:
        db.session.rollback()
        return mail_pages.overview(mail_pages.own(), refused=str(refused), status=422)
    db.session.commit()
    flash(_("ログインや招待のメールも、自社の送信サーバーから送ります。"))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))


@portal.post("/settings/operator/mail/confirm")
@needs("settings:write")
@fresh
def settings_operator_mail_confirm() -> AnyResponse:
    """Keep the server that an upgrade took over."""
    installation.check_right(own_company())
    row = servers.of_installation(db.session())
    if row is not None:
        server_settings.confirm(db.session(), row)
        db.session.commit()
        flash(_("引き継いだ送信サーバーを、このまま使います。"))
    return done(None, go_to=setup_steps.after(url_for("portal.settings_mail")))
