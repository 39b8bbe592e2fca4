"""The letter 'result': what it says, the relay link made while it is sent, and what follows once its fate is known.

The result itself never depends on the relay part, which is added by one uniform rule asked again at sending (C-7, 0.3).
"""

from datetime import date
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import retention
from relay.hiring import decisions
from relay.mail import optouts, preview_links, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    EventTag,
    MailClass,
    MailTemplateVersion,
    Message,
    MessageState,
    NotifiedBy,
    PartnerKind,
    TokenPurpose,
    event_data,
    record,
    scopes,
)
from relay.models.prepared import read
from relay.network import links
from relay.network.partners import active_partners
from relay.outreach import placeholders
from relay.trust import terms

NAME = "result"
TEXT = "text"
"""Value of a sample (see `samples`): subject and body themselves, while they are being written."""
KEPT_UNTIL = "kept_until"
RELAY_UNTIL = "relay_until"
PARTNERS = "relay_partners"
"""What a sent mail said beside the company's words, kept with it so that it can be shown as it was."""

_FATE = {
    MessageState.SENT: EventTag.RESULT_SENT,
    MessageState.CANCELLED: EventTag.RESULT_CANCELLED,
    MessageState.FAILED: EventTag.RESULT_FAILED,
    MessageState.BOUNCED: EventTag.RESULT_FAILED,
    MessageState.SUPPRESSED: EventTag.RESULT_FAILED,
}
_LEFT = (MessageState.SENT, MessageState.BOUNCED, MessageState.FAILED)


def gets_relay_part(session: Session, message: Message) -> bool:
    """Return whether this mail carries (or carried) the relay part: by the uniform rule, nothing else (0.3, C-2)."""
    if message.state in _LEFT:
        return message.mail_class is MailClass.RELAY
    if message.company_id is None:
        return False
    practice = bool(message.practice)
    if TEXT in message.values:
        return not links.refusals(session, message.company_id, [0], practice=practice)
    if message.candidate_id is None:
        return False
    if links.refusals(session, message.company_id, [message.candidate_id], practice=practice):
        return False
    return practice or not optouts.is_opted_out(session, message.company_id, message.to_address, MailClass.RELAY)


_WORDING = select(MailTemplateVersion.subject, MailTemplateVersion.body).where(
    MailTemplateVersion.id == bindparam("version")
)
_KEPT = select(Candidate.basis, Candidate.retain_until).where(Candidate.id == bindparam("person"))
_THEIRS = select(Application.id, Application.status, Application.decided_on).where(
    Application.candidate_id == bindparam("person")
)


def texts(session: Session, message: Message) -> tuple[str, list[str]]:
    """Return the filled subject and paragraphs of a message, from the wording it refers to."""
    wording = message.values.get(TEXT) or next(iter(read(session, _WORDING, version=message.template_version_id)), None)
    if wording is None:
        return "", []
    subject, body = wording
    values = {name: str(message.values.get(name, "")) for name in placeholders.EVERY}
    return placeholders.fill(subject, _for_subject(values)), placeholders.paragraphs(body, values)


def _for_subject(values: dict[str, str]) -> dict[str, str]:
    """Return the titles cut, so that they do not push the rest out of a subject line (C-12)."""
    titles = {name: values[name] for name in (placeholders.POSITION, placeholders.OFFERED)}
    return values | {name: title if len(title) <= 30 else f"{title[:29]}…" for name, title in titles.items()}


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    subject, paragraphs = texts(session, message)
    url = link(TokenPurpose.RELAY)
    offers = bool(url) and (_is_minted(message, url) or gets_relay_part(session, message))
    days = _days(session, message)
    return {
        "subject": subject,
        "paragraphs": [paragraph.split("\n") for paragraph in paragraphs],
        "kept_until": _written(days[KEPT_UNTIL]),
        "relay": _relay(session, message, days[RELAY_UNTIL]) if offers else None,
        "relay_url": url if offers else "",
        "mail_class": MailClass.RELAY if offers else MailClass.TRANSACTIONAL,
    }


def _is_minted(message: Message, url: str) -> bool:
    """Return whether the link was made for this mail in this transaction, so that the rule was asked a moment ago.

    Links of practice are made without asking, and those of previews not at all.
    """
    return not message.practice and url not in preview_links.of([links.RELAY_LINK]).values()


def _relay(session: Session, message: Message, until: date | None) -> dict[str, Any]:
    """Return what the relay part says; `alone` when only practice shows it, for want of a partner."""
    alone = bool(message.practice) and not active_partners(session, scopes.required(message.company_id))
    name = str(message.values.get(placeholders.NAME, ""))
    return {"until": _written(until), "partners": _partners(session, message), "alone": alone, "name": name}


def _days(session: Session, message: Message) -> dict[str, date | None]:
    """Return the two days a mail names: as they were when it was sent, or as they would be now."""
    if KEPT_UNTIL in message.values:
        kept, until = message.values[KEPT_UNTIL], message.values[RELAY_UNTIL]
        return {
            KEPT_UNTIL: date.fromisoformat(kept) if kept else None,
            RELAY_UNTIL: date.fromisoformat(until) if until else None,
        }
    kept_until = _kept_until(session, message)
    longest = clock.today() + links.LIFETIME
    return {KEPT_UNTIL: kept_until, RELAY_UNTIL: min(longest, kept_until) if kept_until else longest}


def _kept_until(session: Session, message: Message) -> date | None:
    """Return the last day the person is kept, with this result told; none while another selection runs (A-24)."""
    candidate = next(iter(read(session, _KEPT, person=message.candidate_id)), None)
    if candidate is None:
        return None
    results = []
    for id_, status, decided_on in read(session, _THEIRS, person=message.candidate_id):
        is_notified_now = id_ == message.subject_id and status is ApplicationResult.OPEN
        results.append((ApplicationResult.REJECTED, clock.today()) if is_notified_now else (status, decided_on))
    in_force = terms.of_company(session, scopes.required(message.company_id))
    last = retention.last_day(in_force, candidate.basis, results)
    return max(last, candidate.retain_until or last) if last else None


def _written(day: date | None) -> str:
    return format_date(day, "long") if day else ""


def _partners(session: Session, message: Message) -> str:
    """Return what kinds of partners the page names; a sentence in a mail has to be true for everyone who reads it."""
    if PARTNERS in message.values:
        return str(message.values[PARTNERS])
    kinds = {card.kind for card in active_partners(session, scopes.required(message.company_id))}
    if kinds == {PartnerKind.SCHOOL}:
        return _("学校")
    return _("紹介会社や学校") if PartnerKind.SCHOOL in kinds else _("紹介会社")


def _mint(session: Session, message: Message) -> dict[str, Any]:
    days = _days(session, message)
    application = _application(session, message)
    minted: dict[str, Any] = {"mail_class": MailClass.TRANSACTIONAL}
    if application is not None and gets_relay_part(session, message):
        issued = links.issue(session, application=application, address=message.to_address)
        days[RELAY_UNTIL] = issued.expires_at.astimezone(clock.JAPAN).date()
        url = tokens.url_of(TokenPurpose.RELAY, links.mint(session, issued, message.id))
        minted = {links.RELAY_LINK.key: url, "mail_class": MailClass.RELAY}
    said = {name: day.isoformat() if day else "" for name, day in days.items()}
    message.values = message.values | said | {PARTNERS: _partners(session, message)}
    return minted


def _on_final_state(session: Session, message: Message, state: MessageState) -> None:
    application = _application(session, message)
    if application is None:  # erased meanwhile
        return
    if state is MessageState.SENT:
        _note_notified(session, application)
    elif state in (MessageState.BOUNCED, MessageState.FAILED) and message.once_per_subject:
        _note_not_notified(session, application)  # another told the person where this one was sent by mistake
    elif state is MessageState.CANCELLED and message.rejects:
        decisions.reopen_if_rejected_here(session, application)
    record(
        session,
        _FATE[state],
        company_id=application.company_id,
        subject=("application", application.id),
        data=event_data.ResultFinal(candidate_id=application.candidate_id, message_id=message.id, state=state.value),
    )


def _note_notified(session: Session, application: Application) -> None:
    moment = clock.now()
    if application.notified_at is None:
        application.notified_at, application.notified_by, application.updated_at = moment, NotifiedBy.RELAY, moment
    session.flush()
    links.mark_sent(session, application.company_id, application.id)


def _note_not_notified(session: Session, application: Application) -> None:
    """Take back that the person was told, where the mail came back after it had left.

    Not where they registered by its link, for then they read it.
    """
    if application.notified_by is not NotifiedBy.RELAY or links.has_registered(session, application):
        return
    application.notified_at, application.notified_by, application.updated_at = None, None, clock.now()
    session.flush()
    links.mark_returned(session, application.company_id, application.id)


_APPLICATION = select(Application).where(Application.id == bindparam("application"))


def _application(session: Session, message: Message) -> Application | None:
    return session.scalars(_APPLICATION, {"application": message.subject_id}).one_or_none()


LETTERS = (
    Letter(
        name=NAME,
        mail_class=MailClass.RELAY,
        route=MailRoute.COMPANY,
        context=_context,
        mint=_mint,
        on_final_state=_on_final_state,
        link=links.RELAY_LINK,
        once_per_subject=True,
        tells_result=True,
        spares_nights=True,
        shown_on_record=True,
        listed_in_outbox=True,
    ),
)
