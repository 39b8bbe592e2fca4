"""Settings: the company's own mail server, which carries its results, and whether mails arrive."""

from flask import Response
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.portal import portal
from relay.portal.settings import mail_pages
from relay.portal.ui.navigation import tab


@portal.get("/settings/mail")
@needs("settings:read")
@tab(7, _l("メールの送信"))
def settings_mail() -> Response:
    """Show how mails leave, and whether a test mail arrived."""
    return mail_pages.overview(mail_pages.own())


@portal.get("/settings/mail/server")
@needs("settings:write")
@fresh
def settings_mail_server() -> Response:
    """Show the form of the company's own server, filled in for the chosen service."""
    return mail_pages.form_page(mail_pages.own())


@portal.post("/settings/mail/server")
@needs("settings:write")
@fresh
def settings_mail_server_post() -> AnyResponse:
    """Let the company's own server carry its results."""
    return mail_pages.keep(mail_pages.own())


@portal.post("/settings/mail/server/remove")
@needs("settings:write")
@fresh
def settings_mail_remove() -> AnyResponse:
    """Let the installation's server carry the company's results again."""
    return mail_pages.forget(mail_pages.own())


@portal.post("/settings/mail/test")
@needs("settings:write")
def settings_mail_test() -> AnyResponse:
    """Mail a code to the person who asks."""
    return mail_pages.send_code(mail_pages.own())


@portal.post("/settings/mail/code")
@needs("settings:write")
def settings_mail_code() -> AnyResponse:
    """Try the code that arrived."""
    return mail_pages.try_code(mail_pages.own())
