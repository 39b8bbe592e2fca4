"""Letters about requests: to the partner that is asked, and to the member who asked; to no candidate ever (B-25).

Letters to a partner name company, position and day, and no person; neither do those to HR.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.introductions import asked_mails
from relay.mail import outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import (
    Company,
    IntroductionRequest,
    IntroductionState,
    MailClass,
    Message,
    Partner,
    Role,
    User,
    scopes,
)
from relay.text import mailed_name

ASKED, NEWS = "introduction-request", "introduction-news"
SUBJECT = "introduction-request"
"""The subject of events and mails about a request."""
NO_COMPANY = "letters to a partner about a request, which are on no company's screen"
READERS = "the member who asked, or the administrators: an agent who answers acts in the scope of its partner"


class AskedNews(StrEnum):
    """The news of a request for the partner that is asked."""

    NEW = "new"
    REMINDER = "reminder"
    PASSED = "passed"
    """Its person looked on: another one can be introduced."""
    ENDED = "ended"
    """The company took it back, or its day passed; which, a partner is not told."""


class RequestNews(StrEnum):
    """The news of a request for the company that made it."""

    DECLINED = "declined"
    LAPSED = "lapsed"
    PARTNER_CLOSED = "partner-closed"
    ACCEPTED = "accepted"
    REAPPLIED = "reapplied"
    RECORD = "record"
    """The time of the interview has come: HR is asked to say whether it was held."""
    NOT_MET = "not-met"
    """No interview came about within its days."""
    PROMISE_BROKEN = "promise-broken"
    """The person said that the interview was not as promised."""


def ask_partner(session: Session, request: IntroductionRequest, news: AskedNews) -> None:
    """Queue the letter to everybody who works at the partner; the mail belongs to no company's screen."""
    with scopes.company(session, request.company_id):
        company = session.scalars(select(Company.name).where(Company.id == request.company_id)).one()
    values = {
        "what": news.value,
        "company": company,
        "title": request.title,
        "until": str(request.due_on) if request.due_on else "",
        "partner_id": request.partner_id,
    }
    with scopes.everyone(session, NO_COMPANY):
        working = select(User.email).where(User.partner_id == request.partner_id, User.disabled_at.is_(None))
        for email in session.scalars(working.order_by(User.id)).all():
            outbox.queue(session, ASKED, company_id=None, to=email, subject=(SUBJECT, request.id), values=values)


def tell_company(session: Session, request: IntroductionRequest, news: RequestNews) -> None:
    """Queue the letter to the member who asked; to the administrators where they left."""
    partner = session.scalars(select(Partner.name).where(Partner.id == request.partner_id)).one()
    values = {"what": news.value, "partner": partner, "title": request.title}
    for email in _readers(session, request):
        outbox.queue(
            session, NEWS, company_id=request.company_id, to=email, subject=(SUBJECT, request.id), values=values
        )


def page_of(request_id: int) -> str:
    """Return the address of the page of a request, for its company."""
    return f"{_base_url()}/introductions/requests/{request_id}"


def _readers(session: Session, request: IntroductionRequest) -> list[str]:
    working = select(User.email).where(User.company_id == request.company_id, User.disabled_at.is_(None))
    with scopes.everyone(session, READERS):
        maker = session.scalars(working.where(User.id == request.made_by_user_id)).all()
        return list(maker or session.scalars(working.where(User.role == Role.ADMIN).order_by(User.id)))


def _asked(_session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    kept = message.values
    return {
        "what": kept.get("what", AskedNews.NEW),
        "company": mailed_name(kept.get("company", "")),
        "title": mailed_name(kept.get("title", "")),
        "until": _day(kept.get("until", "")),
        asked_mails.PAGE.key: link(asked_mails.PAGE.purpose),
        "page": f"{_base_url()}/agency/requests/{message.subject_id}",
    }


def _news(_session: Session, message: Message, _link: LinkFor) -> dict[str, Any]:
    kept = message.values
    return {
        "what": kept.get("what", ""),
        "partner": mailed_name(kept.get("partner", "")),
        "title": mailed_name(kept.get("title", "")),
        "page": page_of(message.subject_id or 0),
    }


def _is_answered(session: Session, message: Message) -> bool:
    """Return whether the partner's turn is over, so that asking says what is true no more."""
    kept = message.values
    if kept.get("what") == AskedNews.ENDED or not kept:
        return False
    with scopes.partner(session, kept["partner_id"]):
        state = session.scalars(select(IntroductionRequest.state).where(IntroductionRequest.id == message.subject_id))
        return state.one_or_none() is not IntroductionState.OPEN


def _day(written: str) -> str:
    if not written:
        return ""
    day = date.fromisoformat(written)
    return f"{day.month}/{day.day}"


def _base_url() -> str:
    settings: Settings = current_app.config["RELAY"]
    return settings.base_url


LETTERS = (
    Letter(
        name=ASKED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_asked,
        link=asked_mails.PAGE,
        mint=asked_mails.mint,
        has_lapsed=_is_answered,
        audience="partner",
    ),
    Letter(
        name=NEWS,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_news,
        audience="member",
    ),
)
