"""The apology after a mail that was sent by mistake: a text that is drawn up, read and sent by a person.

It goes to the address the mail went to, at any hour, and names a colleague and a telephone number. It carries no link,
and says to everybody the same of the link before: the company does not know who registered by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.errors import DomainError
from relay.mail import batches, outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import (
    BatchKind,
    Candidate,
    Company,
    MailClass,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    scopes,
)
from relay.network.mistaken import Contact
from relay.outreach import letter, placeholders, wording
from relay.outreach.results import Queued
from relay.text import clean, clean_block

NAME = "apology"
TAKES = (placeholders.NAME, placeholders.COMPANY)
"""The placeholders that an apology may hold."""
_UNSENT = (MessageState.CANCELLED, MessageState.FAILED, MessageState.BOUNCED, MessageState.SUPPRESSED)


@dataclass(frozen=True)
class ApologyText:
    """The subject and the body, with placeholders."""

    subject: str
    body: str


class Recipient(NamedTuple):
    """One person to apologise to, at the address their mail went to; `invited` where it held a relay link."""

    mistake: Mistake
    name: str
    address: str
    application_id: int | None
    candidate_id: int

    @property
    def invited(self) -> bool:
        """Return whether the mail had a link, of which the apology says that it is frozen."""
        return self.mistake.relay_link_id is not None


class NobodyToApologiseTo(DomainError):
    """Raise where everybody chosen has an apology already that waits or left, or is erased."""

    code = "nobody-to-apologise-to"
    message = _l("選んだ方には、すでにお詫びを送ったか、送信を待っています。二重には送りません。")


class ApologyRefused(DomainError):
    """Raise where the text cannot be sent as it is."""

    code = "apology-refused"


_MAIL = select(Message).where(Message.id == bindparam("mail"))


def draw_up(session: Session, company: Company, mistake: Mistake) -> ApologyText:
    """Return the text to begin with. A stranger who got the mail is not told the person's name a second time."""
    message = session.scalars(_MAIL, {"mail": mistake.message_id}).one()
    day = (message.settled_at or mistake.at).astimezone(clock.JAPAN).date()
    parts = (
        _("このメールを受け取られた方へ") if mistake.kind is MistakeKind.ADDRESS else _("{{氏名}}様"),
        _("{{会社名}}の採用担当です。"),
        _(
            "%(month)s月%(day)s日にお送りした「%(subject)s」は、当社の手違いによるものでした。"
            "ご心配とご迷惑をおかけし、誠に申し訳ありません。",
            month=day.month,
            day=day.day,
            subject=letter.texts(session, message)[0],
        ),
        _said(mistake),
    )
    return ApologyText(_("%(company)s：先日のご連絡についてのお詫び", company=company.name), "\n\n".join(parts))


@cache  # tricks: portal.message_apology
def _recipients() -> Select[*tuple[Any, ...]]:
    return (
        select(Mistake, Candidate.name, Message.to_address, Message.subject_id, Candidate.id)
        .join(Message, Message.id == Mistake.message_id)
        .join(Candidate, Candidate.id == Message.candidate_id)
        .where(Mistake.incident_id == bindparam("incident"), Mistake.kind == bindparam("kind"), _unanswered())
        .order_by(Mistake.id != bindparam("mistake"), Mistake.id)
    )


def recipients(session: Session, mistake: Mistake) -> list[Recipient]:
    """Return to whom the same apology can go: the mails of its incident with the same fault and without an apology.

    That of the mistake itself comes first.
    """
    of = {"incident": mistake.incident_id, "kind": mistake.kind, "mistake": mistake.id}
    return [Recipient(*row) for row in session.execute(_recipients(), of)]


_STATE = select(Message.state).where(Message.id == bindparam("mail"))


def state(session: Session, mistake: Mistake) -> MessageState | None:
    """Return how far the newest apology for a mistake is; None where none was written."""
    return session.scalar(_STATE, {"mail": mistake.apology_id})


def check(text: ApologyText) -> ApologyText:
    """Return the text as it is kept. Raises ApologyRefused (B-16, C-12, E-15)."""
    subject, body = clean(placeholders.canonical(text.subject)), clean_block(placeholders.canonical(text.body))
    if found := wording.check(subject, body).refusals:
        raise ApologyRefused(found[0][1])
    if strange := [name for name in placeholders.named(subject + body) if name not in TAKES]:
        known = "、".join(f"{{{{{name}}}}}" for name in TAKES)
        raise ApologyRefused(
            _l(
                "お詫びに使える差し込みは%(known)sだけです。「%(name)s」を書き直してください。",
                known=known,
                name=strange[0],
            )
        )
    return ApologyText(subject, body)


def send(
    session: Session,
    company: Company,
    mistake: Mistake,
    chosen: Sequence[int],
    text: ApologyText,
    contact: Contact,
    *,
    by_user_id: int | None,
) -> Queued:
    """Queue the apology to those of the chosen mistakes that have none.

    It leaves after the company's delay, at any hour. Raises NobodyToApologiseTo, ApologyRefused.
    """
    kept = check(text)
    with scopes.company(session, company.id):
        held = select(Mistake.id).where(Mistake.id.in_(chosen)).order_by(Mistake.id).with_for_update()
        wanted = set(session.scalars(held))
        people = [each for each in recipients(session, mistake) if each.mistake.id in wanted]
        if not people:
            raise NobodyToApologiseTo
        batch = batches.begin(session, company.id, by_user_id=by_user_id, kind=BatchKind.APOLOGY)
        batches.mark_sent(batch)
        due = clock.now() + timedelta(minutes=company.send_delay_minutes)
        for each in people:
            mail = outbox.queue(
                session,
                NAME,
                company_id=company.id,
                to=each.address,
                subject=("application", each.application_id),
                candidate_id=each.candidate_id,
                values=_values(company, each, kept, contact),
                due_at=due,
                batch_id=batch.id,
                by_user_id=by_user_id,
            )
            each.mistake.apology_id = mail.id
        session.flush()
    return Queued(batch.code, len(people), due)


def _said(mistake: Mistake) -> str:
    if mistake.kind is MistakeKind.ADDRESS:
        return _(
            "宛先を誤り、ほかの方へのご連絡をお送りしていました。お手数ですが、先日のメールは削除してくださいますよう"
            "お願いします。"
        )
    if mistake.reopened:
        return _("見送りのご連絡は取り消します。選考は、いまも続いています。改めて、当社からご連絡します。")
    return _("先日のご連絡の内容は、いったん取り消します。改めて、当社からご連絡します。")


def _values(company: Company, to: Recipient, text: ApologyText, contact: Contact) -> dict[str, Any]:
    return {
        "subject": text.subject,
        "body": text.body,
        placeholders.NAME: clean(to.name),
        placeholders.COMPANY: company.name,
        "contact_name": contact.name,
        "contact_phone": contact.phone,
        "invited": to.invited,
    }


def _unanswered() -> ColumnElement[bool]:
    """Select the mistakes without an apology that waits or left."""
    apology = aliased(Message)
    written = select(apology.id).where(apology.id == Mistake.apology_id, apology.state.not_in(_UNSENT))
    return ~written.exists()


def _context(_session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    values = {name: str(message.values.get(name, "")) for name in TAKES}
    return {
        "subject": placeholders.fill(str(message.values.get("subject", "")), values),
        "paragraphs": placeholders.paragraphs(str(message.values.get("body", "")), values),
        "invited": bool(message.values.get("invited")),
        "contact_name": message.values.get("contact_name", ""),
        "contact_phone": message.values.get("contact_phone", ""),
    }


LETTERS = (
    Letter(
        name=NAME,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_context,
        called=_l("お詫び"),
        shown_on_record=True,
        listed_in_outbox=True,
        unasked=True,
    ),
)
