"""The kinds of mail the product knows. The room that owns a letter's subject registers it.

A letter is a folder `templates/mail/<name>/` with subject.txt, body.txt and body.html, and up to three functions:
what it says (`context`), the links made while it is sent (`mint`), and what follows once its fate is known (`settled`).
Whose server carries it is said here too, once and for all (C-24).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy.orm import Session

from relay.models import MailClass, Message, MessageState, TokenPurpose

LinkFor = Callable[[TokenPurpose], str]
"""Gives the mailed address for a purpose: while sending the one just minted ('' if none was), in previews dead text."""

Audience = Literal["candidate", "member", "partner"]
"""Who a letter is written to. Only candidates are kept from mail while their company practises."""


class MailRoute(StrEnum):
    """Whose server carries a letter (C-24). Where in doubt, the installation's."""

    INSTALLATION = "installation"
    """The installation's alone: logins, security, invitations, a person's own registration, all that partners get."""
    COMPANY = "company"
    """What a company itself writes to candidates: by its own server, and by the installation's where it has none.

    The test of a server, which travels by the one it tests, is the only other."""
    FORMER = "former"
    """The notice that a server was changed: by the way as it stood before, which the mail carries with it."""


Context = Callable[[Session, Message, LinkFor], dict[str, Any]]
Mint = Callable[[Session, Message], dict[str, str]]
Settled = Callable[[Session, Message, MessageState], None]

LINK_KEYS = {
    TokenPurpose.RELAY: "relay_url",
    TokenPurpose.OWN_PAGE: "own_url",
    TokenPurpose.CHOOSE_PIN: "choose_url",
    TokenPurpose.CONFIRM_ADDRESS: "confirm_url",
    TokenPurpose.AGREE_ADDRESS: "agree_url",
    TokenPurpose.UNSUBSCRIBE: "unsubscribe_url",
    TokenPurpose.INVITE: "invite_url",
    TokenPurpose.PASSWORD: "password_url",
    TokenPurpose.NEW_EMAIL: "new_email_url",
}
"""Under which key `mint` returns the link of a purpose, and templates find it."""


@dataclass(frozen=True)
class Letter:
    """One kind of mail."""

    name: str
    mail_class: MailClass
    route: MailRoute
    context: Context
    mint: Mint | None = None
    settled: Settled | None = None
    audience: Audience = "candidate"
    urgent: bool = False


_letters: dict[str, Letter] = {}


def register(
    name: str,
    *,
    mail_class: MailClass,
    route: MailRoute,
    context: Context,
    mint: Mint | None = None,
    settled: Settled | None = None,
    audience: Audience = "candidate",
    urgent: bool = False,
) -> Letter:
    """Make a letter known. All three functions run in the scope of the message's company.

    - `route` says whose server carries it; a letter without one cannot be registered (C-24).
    - `context(session, message, link)` returns what the templates show. A key 'mail_class' in it overrules the
      letter's class (a result without its relay part is transactional).
    - `mint(session, message)` runs while sending, in a transaction committed before the mail leaves: it makes the
      tokens and returns their addresses under LINK_KEYS; 'mail_class' may be among them and has the last word.
    - `settled(session, message, state)` runs in the transaction that marks the mail sent, failed, bounced, cancelled
      or suppressed. The person may have been erased meanwhile, so it must bear a subject that is gone.
    - `audience` is who reads it; unless said otherwise a candidate, who gets nothing while the company practises.
    - `urgent` letters are about a login, which somebody waits for or is to know of at once: they leave before others.
    """
    letter = Letter(name, mail_class, route, context, mint, settled, audience, urgent)
    _letters[name] = letter
    return letter


def find(name: str) -> Letter:
    """Return the letter of this name. Raises KeyError where no room has registered it."""
    return _letters[name]


def names() -> list[str]:
    """Every letter known."""
    return sorted(_letters)


def urgent() -> list[str]:
    """Return those that leave before others."""
    return [name for name in names() if _letters[name].urgent]


def by_route(route: MailRoute) -> list[str]:
    """Every letter that takes this route."""
    return [name for name in names() if _letters[name].route is route]
