"""Mails about interviews: the invitation to pick a time, and what becomes of it, to the person and to the member.

All of them are waited for: a selection the person applied for asks for a meeting, and the rest is the receipt of what
either side did, or the reminder of it (C-1). So none counts among the unasked mails of a year. A member who left
gets none. The appointment travels with the mail, for the calendar of its reader (RFC 6047).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.hiring import calendar_files, promised
from relay.hiring.appointments import Appointment
from relay.hiring.calendar_files import CalendarEntry, CalendarMethod
from relay.infra.keyed_hash import address_hash
from relay.mail import outbox, practice, servers, tokens
from relay.mail.calendar_part import CalendarPart
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    InterviewInvitation,
    MailClass,
    Message,
    Position,
    Slot,
    TokenPurpose,
    scopes,
)
from relay.text import addr_spec, clean, mailed_name

INVITATION, NEWS, NOTICE = "interview-invitation", "interview", "interview-notice"
PAGE = Link(TokenPurpose.INTERVIEW, lifetime=timedelta(days=180), path="/interview/", key="interview_url")


class InterviewNews(StrEnum):
    """The news of an appointment that a mail tells."""

    BOOKED = "booked"
    MOVED = "moved"
    GIVEN_UP = "given-up"
    """By the person."""
    CALLED_OFF = "called-off"
    """By the company."""
    ENDED = "ended"
    """Called off because the selection ended."""
    ERASED = "erased"
    """Called off because the record of the person was erased."""
    REMINDER = "reminder"
    PROMISE_OVER = "promise-over"
    """No appointment: what was promised to an introduced person is over without it (B-26)."""


@dataclass(frozen=True)
class _Addressed:
    """The person an invitation is about, and the names a mail says."""

    name: str
    email: str
    position: str


@dataclass(frozen=True)
class BookingNotes:
    """The sentences a mail about an appointment says besides, to the person and to the member who invited."""

    person: Sequence[str] = ()
    member: Sequence[str] = ()


def ask(session: Session, invitation: InterviewInvitation, *, again: bool = False) -> None:
    """Queue the mail that asks the person to pick a time; `again` where new times are there."""
    about = _addressed(session, invitation)
    values = {"invitation_id": invitation.id, "name": about.name, "position": about.position, "again": again}
    if about.email:
        outbox.queue(session, INVITATION, to=about.email, values=values, **_where(invitation))


def was_asked(session: Session, candidate_id: int, invitation_id: int) -> bool:
    """Return whether the person was asked by a mail; one who came to the page by a yes was not."""
    return bool(asked_at(session, candidate_id, invitation_id))


def asked_at(session: Session, candidate_id: int, invitation_id: int) -> list[datetime]:
    """Return when the person was asked by a mail to pick a time, the oldest first."""
    asked = select(Message).where(Message.candidate_id == candidate_id, Message.letter == INVITATION)
    found = session.scalars(asked.order_by(Message.id)).all()
    return [each.created_at for each in found if _invitation_of(each) == invitation_id]


def tell(
    session: Session,
    invitation: InterviewInvitation,
    appointment: Appointment,
    news: InterviewNews,
    *,
    others: bool = False,
    goes_on: bool = True,
    due_at: datetime | None = None,
    notes: BookingNotes | None = None,
) -> None:
    """Queue what became of an appointment, to the person and to the member who invited.

    `others`: whether other times are left to pick; `goes_on`: whether there can be new ones. A person without an
    address, and a member who left, get none.
    """
    about = _addressed(session, invitation)
    values = {
        "invitation_id": invitation.id,
        "name": about.name,
        "position": about.position,
        "news": news.value,
        "starts_at": appointment.starts_at.isoformat(),
        "minutes": appointment.minutes,
        "place": appointment.place,
        "uid": invitation.uid,
        "sequence": invitation.sequence,
        "others": others,
        "open": goes_on and invitation.closed_at is None,
    }
    member = practice.own_address(session, invitation.company_id, invitation.by_user_id)
    said = notes or BookingNotes()
    for letter, to, more in ((NEWS, about.email, said.person), (NOTICE, member, said.member)):
        if to:
            told = values | {"notes": list(more)}
            outbox.queue(session, letter, to=to, values=told, due_at=due_at, **_where(invitation))


def tell_of_promise_over(session: Session, invitation: InterviewInvitation) -> None:
    """Queue to the person that the promise of a meeting is over without one; their application goes on (B-26)."""
    about = _addressed(session, invitation)
    values = {
        "invitation_id": invitation.id,
        "name": about.name,
        "position": about.position,
        "news": InterviewNews.PROMISE_OVER.value,
    }
    if about.email:
        outbox.queue(session, NEWS, to=about.email, values=values, **_where(invitation))


def tell_of_erasure(session: Session, invitation: InterviewInvitation, slot: Slot) -> None:
    """Queue to the member who invited that an interview is off, before its person's rows go.

    The mail belongs to nobody and names the position and the time alone: with them the member's calendar lets the
    entry go (RFC 5546 3.2.5).
    """
    appointment = Appointment.of(slot)
    values = {
        "position": _addressed(session, invitation).position,
        "news": InterviewNews.ERASED.value,
        "starts_at": appointment.starts_at.isoformat(),
        "minutes": appointment.minutes,
        "place": appointment.place,
        "uid": invitation.uid,
        "sequence": invitation.sequence + 1,
    }
    to = practice.own_address(session, invitation.company_id, invitation.by_user_id)
    if to:
        outbox.queue(
            session, NOTICE, company_id=invitation.company_id, to=to, values=values, by_user_id=invitation.by_user_id
        )


def mint(session: Session, invitation: InterviewInvitation, message_id: int | None) -> str:
    """Make a token of the person's page and return it."""
    return tokens.mint(
        session,
        TokenPurpose.INTERVIEW,
        invitation.id,
        company_id=invitation.company_id,
        candidate_id=invitation.candidate_id,
        message_id=message_id,
        address_hash=address_hash(_addressed(session, invitation).email),
    )


def address_of(session: Session, invitation: InterviewInvitation) -> str:
    """Return where the person is written to now: the link of an address that was corrected opens nothing."""
    return _addressed(session, invitation).email


def published(session: Session, invitation: InterviewInvitation, slot: Slot, address: str) -> bytes:
    """Return the appointment as a file to download, with the address of the page in it."""
    about, company = _addressed(session, invitation), _company(session, invitation.company_id)
    summary, description = _to_person(company.name, about.position, address)
    entry = CalendarEntry(
        invitation.uid,
        invitation.sequence,
        *Appointment.of(slot),
        summary,
        description,
        _organizer(company, servers.sender_for(session, invitation.company_id)),
        company.name,
    )
    return calendar_files.write(entry, CalendarMethod.PUBLISH)


def _where(invitation: InterviewInvitation) -> dict[str, Any]:
    return {
        "company_id": invitation.company_id,
        "subject": ("application", invitation.application_id),
        "candidate_id": invitation.candidate_id,
        "by_user_id": invitation.by_user_id,
    }


def _addressed(session: Session, invitation: InterviewInvitation) -> _Addressed:
    about = (
        select(Candidate.name, Candidate.email, Position.title)
        .select_from(Application)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Position, Position.id == Application.position_id)
        .where(Application.id == invitation.application_id)
    )
    name, email, title = session.execute(about).one()
    return _Addressed(clean(name), email or "", title or "")


def _company(session: Session, company_id: int) -> Company:
    return session.scalars(select(Company).where(Company.id == company_id)).one()


def _organizer(company: Company, mail_from: str) -> str:
    """Return the address that answers of calendars reach: where the company reads its mail."""
    return addr_spec(company.reply_to or mail_from)


def _to_person(company: str, position: str, address: str) -> tuple[str, str]:
    """Return what the entry in the person's calendar is called, and what it says."""
    summary = _("面談（%(company)s）", company=company)
    lines = [position, _("日時の変更・取り消し：%(address)s", address=address) if address else ""]
    return summary, "\n".join(line for line in lines if line)


def _asking(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    company = _company(session, scopes.required(message.company_id))
    return {
        "company": company.name,
        "name": message.values.get("name", ""),
        "position": message.values.get("position", ""),
        "again": message.values.get("again", False),
        "interview_url": link(TokenPurpose.INTERVIEW),
    }


def _news(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    company, kept = _company(session, scopes.required(message.company_id)), message.values
    address = link(TokenPurpose.INTERVIEW)
    summary, description = _to_person(company.name, kept.get("position", ""), address)
    return {
        "company": company.name,
        "interview_url": address,
        "promised_until": _promised_until(session, message),
        **_told(kept),
        **_for_calendar(session, message, company, summary, description),
    }


def _notice(session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    company, kept = _company(session, scopes.required(message.company_id)), message.values
    settings: Settings = current_app.config["RELAY"]
    address = f"{settings.base_url}/pool/{message.candidate_id}" if message.candidate_id else settings.base_url
    name = mailed_name(kept.get("name", ""))
    summary = _("面談：%(name)sさん", name=name) if name else _("面談の取り消し")
    description = "\n".join(line for line in (kept.get("position", ""), address) if line)
    return {
        "record_url": address,
        **_told(kept),
        "name": name,
        **_for_calendar(session, message, company, summary, description),
    }


def _promised_until(session: Session, message: Message) -> str:
    """Return the last day of a promised interview, in words; empty where none is promised."""
    day = promised.until(session, message.subject_id) if message.subject_id is not None else None
    return format_date(day, "long") if day is not None else ""


def _told(kept: dict[str, Any]) -> dict[str, Any]:
    appointment = _appointment(kept)
    return {
        "name": kept.get("name", ""),
        "position": kept.get("position", ""),
        "news": kept.get("news", ""),
        "others": kept.get("others", False),
        "open": kept.get("open", False),
        "when": appointment.when if appointment else "",
        "place": kept.get("place", ""),
        "notes": kept.get("notes", []),
    }


def _for_calendar(
    session: Session, message: Message, company: Company, summary: str, description: str
) -> dict[str, Any]:
    """Return the part for calendars; a reminder brings none, for nothing has changed."""
    kept, appointment = message.values, _appointment(message.values)
    if appointment is None or kept["news"] == InterviewNews.REMINDER:
        return {}
    entry = CalendarEntry(
        kept["uid"],
        kept["sequence"],
        *appointment,
        summary,
        description,
        _organizer(company, servers.sender_for(session, company.id)),
        company.name,
        addr_spec(message.to_address),
    )
    gone = kept["news"] not in (InterviewNews.BOOKED, InterviewNews.MOVED)
    method = CalendarMethod.CANCEL if gone else CalendarMethod.REQUEST
    return {"calendar": CalendarPart(method.value, calendar_files.write(entry, method))}


def _appointment(kept: dict[str, Any]) -> Appointment | None:
    """Return the appointment a mail keeps; None once its values were erased."""
    if "starts_at" not in kept:
        return None
    return Appointment(datetime.fromisoformat(kept["starts_at"]), kept["minutes"], kept["place"])


def _mint(session: Session, message: Message) -> dict[str, str]:
    """Make the link while the mail is sent; none where the invitation went with its person."""
    wanted = select(InterviewInvitation).where(InterviewInvitation.id == _invitation_of(message))
    invitation = session.scalars(wanted).one_or_none()
    if invitation is None:
        return {PAGE.key: ""}
    return {PAGE.key: tokens.url_of(TokenPurpose.INTERVIEW, mint(session, invitation, message.id))}


def _invitation_of(message: Message) -> int:
    """Return the number of the invitation a mail is about; 0 once its values were erased."""
    return int(message.values.get("invitation_id", 0))


def _is_answered(session: Session, message: Message) -> bool:
    """Return whether there is nothing left to pick: the person has a time, or the invitation is open no more."""
    still = (
        select(InterviewInvitation.id)
        .join(Application, Application.id == InterviewInvitation.application_id)
        .where(
            InterviewInvitation.id == _invitation_of(message),
            InterviewInvitation.closed_at.is_(None),
            InterviewInvitation.slot_id.is_(None),
            Application.status == ApplicationResult.OPEN,
        )
    )
    return session.scalars(still).one_or_none() is None


def _is_untrue(session: Session, message: Message) -> bool:
    """Return whether a reminder names a time that was moved, called off, or has come. Other news stay true."""
    appointment = _appointment(message.values)
    if appointment is None or message.values["news"] != InterviewNews.REMINDER:
        return appointment is None
    still = select(InterviewInvitation.id).where(
        InterviewInvitation.id == _invitation_of(message),
        InterviewInvitation.slot_id.is_not(None),
        InterviewInvitation.sequence == message.values["sequence"],
    )
    return appointment.starts_at <= clock.now() or session.scalars(still).one_or_none() is None


LETTERS = (
    Letter(
        name=INVITATION,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_asking,
        mint=_mint,
        link=PAGE,
        has_lapsed=_is_answered,
        called=_l("面談の日時のご案内"),
        shown_on_record=True,
        listed_in_outbox=True,
        spares_nights=True,
    ),
    Letter(
        name=NEWS,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_news,
        mint=_mint,
        link=PAGE,
        has_lapsed=_is_untrue,
        called=_l("面談のご連絡"),
        shown_on_record=True,
        listed_in_outbox=True,
    ),
    Letter(
        name=NOTICE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_notice,
        has_lapsed=_is_untrue,
        audience="member",
    ),
)
