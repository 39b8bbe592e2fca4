"""Whose server carries which letter: declared once, by the letter itself (C-24)."""

import pytest
from flask import Flask

from relay.mail import letters
from relay.mail.letters import Letter, MailRoute
from relay.models import MailClass

ROUTES = {
    "alert-digest": MailRoute.INSTALLATION,
    "month-report": MailRoute.INSTALLATION,
    "morning-mail": MailRoute.INSTALLATION,
    "apology": MailRoute.COMPANY,
    "choose-pin": MailRoute.INSTALLATION,
    "confirm-address": MailRoute.INSTALLATION,
    "data-request-asked": MailRoute.INSTALLATION,
    "done-on-own-page": MailRoute.INSTALLATION,
    "erasure-cancelled": MailRoute.INSTALLATION,
    "erasure-planned": MailRoute.INSTALLATION,
    "handed-link": MailRoute.INSTALLATION,
    "invite-agent": MailRoute.INSTALLATION,
    "invite-member": MailRoute.INSTALLATION,
    "invite-partner": MailRoute.INSTALLATION,
    "interview": MailRoute.COMPANY,
    "interview-invitation": MailRoute.COMPANY,
    "interview-notice": MailRoute.INSTALLATION,
    "introduction-news": MailRoute.INSTALLATION,
    "introduction-request": MailRoute.INSTALLATION,
    "invitation-mistaken": MailRoute.INSTALLATION,
    "licence-ends": MailRoute.INSTALLATION,
    "mail-server-changed": MailRoute.FORMER,
    "webhook-failed": MailRoute.INSTALLATION,
    "mail-test": MailRoute.COMPANY,
    "many-opened": MailRoute.INSTALLATION,
    "new-email": MailRoute.INSTALLATION,
    "other-address-asked": MailRoute.INSTALLATION,
    "own-page": MailRoute.INSTALLATION,
    "own-page-asked": MailRoute.INSTALLATION,
    "partner-joined": MailRoute.INSTALLATION,
    "partner-replaced": MailRoute.INSTALLATION,
    "partnership-ended": MailRoute.INSTALLATION,
    "partnership-ended-notice": MailRoute.INSTALLATION,
    "password": MailRoute.INSTALLATION,
    "registration-erased": MailRoute.INSTALLATION,
    "relay-link-asked": MailRoute.INSTALLATION,
    "request-answered": MailRoute.COMPANY,
    "record-ends": MailRoute.COMPANY,
    "rescout": MailRoute.COMPANY,
    "request-received": MailRoute.COMPANY,
    "result": MailRoute.COMPANY,
    "security-notice": MailRoute.INSTALLATION,
    "new-address": MailRoute.INSTALLATION,
    "new-address-asked": MailRoute.INSTALLATION,
    "profile-confirmation": MailRoute.INSTALLATION,
    "sharing-ends": MailRoute.INSTALLATION,
    "sharing-goes-on": MailRoute.INSTALLATION,
    "sharing-stopped": MailRoute.INSTALLATION,
    "withdrawal-notice": MailRoute.INSTALLATION,
}
"""A new letter belongs in here, and where in doubt to the installation: whoever names a company's server reads it."""


def test_every_letter_is_listed_with_its_route(app: Flask) -> None:
    assert {name: letters.find(name).route for name in letters.names()} == ROUTES


def test_a_letter_without_a_route_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="route"):
        Letter(name="nobodys", mail_class=MailClass.TRANSACTIONAL, context=lambda *_: {})  # type: ignore[call-arg]
