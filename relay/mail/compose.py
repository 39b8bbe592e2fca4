"""From a message to the mail a person reads: text and HTML, one layout with the lines the law wants (C-4, C-12).

What a company or a person typed is filled in as values; only our own files are templates (E-15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import current_app
from flask_babel import gettext as _
from jinja2 import Environment, StrictUndefined
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.mail import letters, practice, preview_links, servers, tokens
from relay.mail.calendar_part import CALENDAR_FILE, CalendarPart
from relay.mail.server_route import ServerRoute
from relay.mail.transport import Envelope
from relay.models import Company, Installation, MailClass, Message, PrivacyText, scopes
from relay.models.prepared import Prepared
from relay.text import addr_spec, clean, mailed_name

ASKED_TO_STOP = frozenset({MailClass.RELAY, MailClass.PROMO})
"""Classes a person can stop, and which therefore say how (C-1, C-4)."""


@dataclass(frozen=True)
class Sender:
    """The sender of a mail, as the law wants it named."""

    name: str
    address: str = ""
    contact: str = ""
    reply_to: str = ""
    privacy_url: str = ""
    requests_url: str = ""
    """Where its reader asks for stopping, erasure, correction and disclosure; for candidates alone."""


@dataclass(frozen=True)
class Mail:
    """A written mail."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]
    calendar: CalendarPart | None = None


@dataclass(frozen=True)
class MailContent:
    """Everything a mail is written from: the message, its sender and the values its templates need."""

    message: Message
    sender: Sender
    mail_class: MailClass
    context: dict[str, Any]
    preview: bool
    mail_from: str
    """The address it comes from: the one its server sends for."""
    tells_of_record: bool = False
    """Whether it says that the company uses selection records, and how to object (A-42)."""
    calendar: CalendarPart | None = None
    """The appointment it tells, for the calendar of its reader."""

    @property
    def says_how_to_stop(self) -> bool:
        """Return whether this mail must say how to stop its like."""
        return self.mail_class in ASKED_TO_STOP

    @property
    def can_be_stopped(self) -> bool:
        """Return whether its reader could stop its like: not the member who practises, who only sees how it looks."""
        return self.says_how_to_stop and not self.message.practice


class MailWords(NamedTuple):
    """Subject and text of a mail."""

    subject: str
    text: str


def render(session: Session, message: Message, *, preview: bool, links: Mapping[str, str] | None = None) -> Mail:
    """Write the mail of a message; in a preview, and for a sent mail on screen, every link is dead.

    `message` need not be stored yet. `links` are those `mint` gave while sending.
    """
    return write(draft(session, message, preview=preview, links=links or {}))


def previews(session: Session, messages: Sequence[Message]) -> list[MailWords]:
    """Write the words of mails of one letter and company as they would leave; their letterhead is read once for all."""
    assert len({(each.letter, each.company_id, each.practice) for each in messages}) <= 1
    head = _letterhead(session, messages[0]) if messages else None
    return [_words(_context(draft(session, each, preview=True, links={}, head=head))) for each in messages]


@dataclass(frozen=True)
class Letterhead:
    """The head that mails of one letter and company share: sender, address they come from, and use of records."""

    sender: Sender
    mail_from: str
    uses_records: bool


def draft(
    session: Session, message: Message, *, preview: bool, links: Mapping[str, str], head: Letterhead | None = None
) -> MailContent:
    """Ask the letter what it says, and settle its class; `head` is its letterhead where that is known."""
    letter = letters.find(message.letter)
    mailed = letter.links
    known = preview_links.of(mailed) if preview else dict.fromkeys((each.key for each in mailed), "") | dict(links)

    def link(purpose: str) -> str:
        return known[tokens.link_of(purpose).key]

    context: dict[str, Any] = known | letter.context(session, message, link)
    if not preview:
        context |= links
    calendar = context.pop("calendar", None)
    context["practice"] = practice.banner(session, message)
    mail_class = MailClass(context.pop("mail_class", None) or message.mail_class or letter.mail_class)
    head = head or _letterhead(session, message)
    sender = head.sender if letter.audience == "candidate" else _as_carried(head.sender)
    tells = letter.is_a_companys_to_candidates and message.candidate_id is not None and head.uses_records
    return MailContent(message, sender, mail_class, context, preview, head.mail_from, tells, calendar)


def write(draft: MailContent) -> Mail:
    """Put a draft into words with the letter's three templates and the one layout."""
    context = _context(draft)
    words = _words(context)
    html = _fill(f"{context['folder']}/body.html", context | {"subject": words.subject})
    html = preview_links.deaden(html) if draft.preview else html
    return Mail(words.subject, words.text, html, _headers(draft), draft.calendar)


def _context(draft: MailContent) -> dict[str, Any]:
    """Return what the templates of a draft are given."""
    return draft.context | {
        "folder": f"mail/{draft.message.letter}",
        "sender": draft.sender,
        "stops": draft.says_how_to_stop,
        "tells_of_record": draft.tells_of_record,
        "preview": draft.preview,
    }


def _words(context: dict[str, Any]) -> MailWords:
    mark = _("【練習】") if context["practice"] else ""
    subject = mark + clean(_fill(f"{context['folder']}/subject.txt", context))
    text = _fill(f"{context['folder']}/body.txt", context | {"subject": subject}).strip() + "\n"
    return MailWords(subject, text)


def envelope(mail: Mail, message: Message, route: ServerRoute) -> Envelope:
    """Return the bytes that travel, the addresses on the outside, and the way they take."""
    letter = EmailMessage(policy=WIRE)
    letter["To"] = addr_spec(message.to_address)
    letter["Subject"] = mail.subject
    for name, value in mail.headers.items():
        letter[name] = value
    letter["Message-ID"] = message.message_id
    letter["Date"] = format_datetime(clock.now())
    letter.set_content(mail.text, cte="base64")
    letter.add_alternative(mail.html, subtype="html", cte="base64")
    if mail.calendar is not None:
        _attach(letter, mail.calendar)
    return Envelope(addr_spec(route.sender), addr_spec(message.to_address), letter.as_bytes(), route)


def _attach(letter: EmailMessage, calendar: CalendarPart) -> None:
    """Add an appointment twice: for calendars that read the mail (RFC 6047), and as a file to open by hand."""
    method = {"method": calendar.method}
    letter.add_alternative(calendar.data.decode(), subtype="calendar", cte="base64", params=method)
    letter.add_attachment(calendar.data, maintype="application", subtype="ics", filename=CALENDAR_FILE)


class _Wire(EmailPolicy):
    """SMTP's rules, with headers that are read by machines left in one piece: folding would encode a long link."""

    def fold(self, name: str, value: str) -> str:
        return self._whole(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self._whole(name, value).encode("ascii") or super().fold_binary(name, value)

    def _whole(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name in {"List-Unsubscribe", "Message-ID"} else ""


WIRE = _Wire(linesep=SMTP.linesep)


def _headers(draft: MailContent) -> dict[str, str]:
    sender = draft.sender
    name = str(Address(display_name=clean(sender.name))).removesuffix("<>")
    headers = {"From": f"{name}<{addr_spec(draft.mail_from)}>"}
    if sender.reply_to:
        headers["Reply-To"] = addr_spec(sender.reply_to)
    headers["Auto-Submitted"] = "auto-generated"
    if draft.can_be_stopped:
        reply_to = quote(addr_spec(sender.reply_to), safe="@")
        routes = [draft.context["unsubscribe_url"], f"mailto:{reply_to}" if reply_to else ""]
        headers["List-Unsubscribe"] = ", ".join(f"<{route}>" for route in routes if route)
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter = letters.find(draft.message.letter)
    if letter.stops_by_one_click and letter.link is not None and not draft.preview:
        headers["List-Unsubscribe"] = f"<{draft.context[letter.link.key]}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _fill(template: str, context: dict[str, Any]) -> str:
    """Without Flask's context processors, which know requests; a name that is missing is an error, not a blank."""
    return _environment().get_template(template).render(context)


def _environment() -> Environment:
    made: Environment | None = current_app.extensions.get("relay_mail_environment")
    if made is None:
        made = current_app.jinja_env.overlay(undefined=StrictUndefined)
        current_app.extensions["relay_mail_environment"] = made
    return made


class _Named(NamedTuple):
    """A company as its mails name it."""

    slug: str
    name: str
    address: str
    contact: str
    reply_to: str
    record_use_since: date | None
    has_privacy_page: bool


_PUBLISHED = exists().where(PrivacyText.company_id == Company.id, PrivacyText.published_at.is_not(None))
_NAMED = Prepared(
    select(
        Company.slug,
        Company.name,
        Company.address,
        Company.contact,
        Company.reply_to,
        Company.record_use_since,
        _PUBLISHED,
    ).where(Company.id == bindparam("company")),
    _Named,
)
_WITH_PRIVACY_PAGE = select(Company.slug).where(_PUBLISHED, Company.id == bindparam("company"))


def _letterhead(session: Session, message: Message) -> Letterhead:
    """Return what the mail says of its sender; companies that use selection records say so in each mail (A-42)."""
    mail_from = servers.sender_of(session, message)
    company = _named(session, message.company_id)
    if company is None:
        sender = Sender(name=_of_the_installation(session), contact=mail_from, requests_url=requests_page(""))
        return Letterhead(sender, mail_from, uses_records=False)
    sender = Sender(
        company.name,
        company.address,
        company.contact,
        company.reply_to,
        privacy_url=_privacy_url(company.slug) if company.has_privacy_page else "",
        requests_url=requests_page(company.slug),
    )
    return Letterhead(sender, mail_from, uses_records=company.record_use_since is not None)


def _named(session: Session, company_id: int | None) -> _Named | None:
    if company_id is None:
        return None
    with scopes.company(session, company_id):
        return _NAMED.first(session, company=company_id)


def _as_carried(sender: Sender) -> Sender:
    """Return what a letter to staff or a partner says of its company: these go to invited people, by Relay's sender."""
    name = mailed_name(sender.name, otherwise="Relay")
    return replace(
        sender, requests_url="", name=name, address=mailed_name(sender.address), contact=mailed_name(sender.contact)
    )


def _of_the_installation(session: Session) -> str:
    """Relay, and who runs it, once that is known."""
    operator = session.scalar(select(Installation.operator_name))
    return _("Relay（運営：%(operator)s）", operator=operator) if operator else "Relay"


def requests_page(slug: str) -> str:
    """Return the address of the page for requests about one's own data, with the company that a mail comes from."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}/data-request" + (f"?company={slug}" if slug else "")


def privacy_page(session: Session, company_id: int) -> str:
    """Return the address of the company's public page on personal data; nothing while it has none."""
    with scopes.company(session, company_id):
        slug = session.scalar(_WITH_PRIVACY_PAGE, {"company": company_id})
    return _privacy_url(slug) if slug else ""


def _privacy_url(slug: str) -> str:
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}/careers/{slug}/privacy"
