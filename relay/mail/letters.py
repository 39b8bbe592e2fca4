"""The kinds of mail the product knows. The room that owns a letter's subject declares it.

A letter is a folder `templates/mail/<name>/` with subject.txt, body.txt and body.html, and one `Letter`, which declares
the rest: what it says, the page it leads to, whose server carries it (C-24), who reads it and where it is listed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from relay.mail import tokens
from relay.mail.tokens import Link
from relay.models import MailClass, Message, MessageState, TokenPurpose
from relay.text.sentence import Sentence

LinkFor = Callable[[str], str]
"""Gives the mailed address for a purpose: while sending the one just minted ('' if none was), in previews dead text."""

Audience = Literal["candidate", "member", "partner"]
"""Who a letter is written to. Only candidates are kept from mail while their company practises."""


class MailRoute(StrEnum):
    """The server that carries a letter (C-24). Where in doubt, the installation's."""

    INSTALLATION = "installation"
    """The installation's alone: logins, security, invitations, a person's own registration, all that partners get."""
    COMPANY = "company"
    """What a company itself writes to candidates: by its own server, and by the installation's where it has none.

    The test of a server, which travels by the one it tests, is the only other."""
    FORMER = "former"
    """The notice that a server was changed: by the way as it stood before, which the mail carries with it."""


UNSUBSCRIBE_LINK = Link(TokenPurpose.UNSUBSCRIBE, lifetime=None, path="/u/", key="unsubscribe_url")
"""Stands below every letter that people can ask to stop (C-4)."""

OBJECTION_LINK = Link(TokenPurpose.OBJECTION, lifetime=None, path="/object/", key="objection_url")
"""Stands below every mail of a company to a candidate while the company uses selection records (A-42)."""

Context = Callable[[Session, Message, LinkFor], dict[str, Any]]
Mint = Callable[[Session, Message], dict[str, str]]
OnFinalState = Callable[[Session, Message, MessageState], None]
HasLapsed = Callable[[Session, Message], bool]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One kind of mail, with everything that the product knows of it: nobody else asks for a letter by its name.

    All three functions run in the scope of the message's company.
    """

    name: str
    """Also the folder of its templates, and what `Message.letter` holds."""
    mail_class: MailClass
    route: MailRoute
    """Whose server carries it: there is none without (C-24)."""
    context: Context
    """What the templates show. A key 'mail_class' in it overrules the letter's class (a result without its relay part
    is transactional)."""
    mint: Mint | None = None
    """Runs while sending, in a transaction committed before the mail leaves: makes the token and returns its address
    under the key of `link`; 'mail_class' may be among what it returns and has the last word."""
    on_final_state: OnFinalState | None = None
    """Runs in the transaction that marks the mail sent, failed, bounced, cancelled or suppressed; after sent a second
    time, where it came back (failed, bounced). The person may have been erased meanwhile, so it must bear a subject
    that is gone."""
    has_lapsed: HasLapsed | None = None
    """Asked when the mail is about to leave: whether what it says is true no more. It is cancelled then."""
    audience: Audience = "candidate"
    """Who reads it; a candidate gets nothing while the company practises."""
    urgent: bool = False
    """About a login, which somebody waits for or is to know of at once: it leaves before others."""
    link: Link | None = None
    """The page it leads to."""
    once_per_subject: bool = False
    """Whether the database refuses a second one about the same subject while one waits or has left (C-11)."""
    tells_result: bool = False
    """Whether it tells an applicant how the selection ended: nobody changes a result that is about to be told."""
    shown_on_record: bool = False
    """Whether it stands in the timeline of the candidate's record."""
    listed_in_outbox: bool = False
    """Whether the pages of results list it while it waits, once it has left and where it failed."""
    called: Sentence = ""
    """What HR's pages call a mail that tells no result."""
    spares_nights: bool = False
    """Whether it waits for the hours in which the company's results leave."""
    unasked: bool = False
    """Whether its reader neither waits for it nor caused it: of those, few come in a year (relay.mail.allowance)."""
    most_a_year: int = 0
    """How many of an unasked letter a person gets in a year, of all senders together; 0: one from each sender."""

    stops_by_one_click: bool = False
    """Whether mail programs may stop it for its reader by a POST to the page of `link` (RFC 8058)."""

    @property
    def is_a_companys_to_candidates(self) -> bool:
        """Return whether it is what a company itself writes to candidates."""
        return self.audience == "candidate" and self.route is MailRoute.COMPANY

    @property
    def links(self) -> tuple[Link, ...]:
        """Return every page that a mail of this letter may lead to."""
        below = (UNSUBSCRIBE_LINK, OBJECTION_LINK) if self.is_a_companys_to_candidates else (UNSUBSCRIBE_LINK,)
        return (self.link, *below) if self.link else below


_letters: dict[str, Letter] = {}


def register(*declared: Letter) -> None:
    """Make letters known, with the links they lead to (see relay.registry)."""
    for letter in declared:
        _letters[letter.name] = letter
        if letter.link is not None:
            tokens.register(letter.link)


def find(name: str) -> Letter:
    """Return the letter of this name. Raises KeyError where no room has registered it."""
    return _letters[name]


def names() -> list[str]:
    """Return every letter known."""
    return sorted(_letters)


def urgent() -> list[str]:
    """Return those that leave before others."""
    return [name for name in names() if _letters[name].urgent]


def by_route(route: MailRoute) -> list[str]:
    """Return every letter that takes this route."""
    return [name for name in names() if _letters[name].route is route]


def shown_on_record() -> list[str]:
    """Return every letter that a candidate's record shows."""
    return [name for name in names() if _letters[name].shown_on_record]


def listed_in_outbox() -> list[str]:
    """Return every letter that the pages of results list."""
    return [name for name in names() if _letters[name].listed_in_outbox]


def sparing_nights() -> list[str]:
    """Return every letter that leaves in the hours of results alone."""
    return [name for name in names() if _letters[name].spares_nights]


def unasked() -> list[str]:
    """Return every letter that comes without being waited for."""
    return [name for name in names() if _letters[name].unasked]


def telling_result() -> ColumnElement[bool]:
    """Select the mails that tell a result. The second half lets PostgreSQL use the index of what is told once."""
    return Message.letter.in_([name for name in names() if _letters[name].tells_result]) & Message.once_per_subject
