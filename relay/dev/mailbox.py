"""The mailbox in place of a mail server: what was sent, newest first, its text with links that work."""

import re

from flask import Response, abort, url_for
from markupsafe import Markup, escape

from relay.dev import dev
from relay.extensions import settings
from relay.mail.mailbox import Mailbox, MailboxEntry
from relay.web import mail_document, page

_URL = re.compile(r"https?://[^\s<>\"（）]+")
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")


@dev.get("/mailbox")
def mailbox() -> Response:
    """Show every mail kept."""
    return page("dev/mailbox.html", mails=list(Mailbox.of(settings()).newest_first()))


@dev.get("/mailbox/<name>")
def mailbox_mail(name: str) -> Response:
    """Show one mail: headers, the text with links that work, the HTML in a frame."""
    kept = _kept_or_404(name)
    return page(
        "dev/mail.html",
        kept=kept,
        headers=[(header, str(kept.mail[header])) for header in HEADERS if kept.mail[header]],
        text=linked(_part(kept, "plain")),
        html_url=url_for("dev.mailbox_html", name=name),
    )


@dev.get("/mailbox/<name>/html")
def mailbox_html(name: str) -> Response:
    """Show the HTML part under a mail's own policy (E-10); nothing in it can leave its frame."""
    return mail_document(_part(_kept_or_404(name), "html"))


def linked(text: str) -> Markup:
    """Return the text, escaped, with every address in it a plain link."""
    parts: list[Markup] = []
    end = 0
    for found in _URL.finditer(text):
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found.group())]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _kept_or_404(name: str) -> MailboxEntry:
    return Mailbox.of(settings()).find(name) or abort(404)


def _part(kept: MailboxEntry, subtype: str) -> str:
    body = kept.mail.get_body(preferencelist=(subtype,))
    return str(body.get_content()) if body is not None else ""
