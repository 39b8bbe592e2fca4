"""The last lines of a company's mails, from the layout that mails are written on."""

from flask import render_template

from relay.extensions import db
from relay.mail import compose, letters, preview_links
from relay.mail.compose import Sender
from relay.models import Company


def mail_footer(sender: Sender, *, relays: bool) -> str:
    """Return the lines under every mail to a candidate; the link in them is a dead sample."""
    dead = preview_links.of([letters.UNSUBSCRIBE_LINK])
    return render_template("mail/_layout.txt", sender=sender, stops=relays, **dead).strip()


def sender_of(company: Company) -> Sender:
    """Return the company as its mails name it now."""
    url = compose.privacy_page(db.session(), company.id)
    return Sender(company.name, company.address, company.contact, company.reply_to, url)
