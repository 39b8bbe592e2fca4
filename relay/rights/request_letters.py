"""The mails about a request at a company: that it was received, and how it was answered; each leads to its page.

The link is good for the address it was mailed to: it opens nothing where the person is written to elsewhere by now.

They are what the company itself writes, so its own server carries them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from relay.infra.keyed_hash import address_hash
from relay.mail import outbox, practice, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Company,
    DataRequest,
    MailClass,
    Message,
    MessageState,
    RequestKind,
    TokenPurpose,
    scopes,
)
from relay.rights import disclosure

RECEIVED = "request-received"
ANSWERED = "request-answered"
SUBJECT = "data-request"
PAGE = Link(TokenPurpose.DATA_REQUEST, lifetime=timedelta(days=30), path="/my-request/", key="request_url")


def acknowledge(session: Session, made: Sequence[DataRequest]) -> None:
    """Tell the person what was received and until when it is answered; ask who is not proven to confirm (A-34).

    Nobody is told who has no mail, or whose company only practises.
    """
    told = [each for each in made if each.address]
    if not told or practice.is_practising(session, told[0].company_id):
        return
    first = told[0]
    asks = any(each.proven_at is None and each.kind is not RequestKind.COMPLAINT for each in told)
    values = {
        "kinds": [each.kind.value for each in told],
        "due_on": first.due_on.isoformat(),
        "received_on": first.received_on.isoformat(),
        "asks": asks,
    }
    _send(session, RECEIVED, first, values)


def send_answer(session: Session, request: DataRequest) -> None:
    """Mail the answer. Raises PracticeOnly while the company practises."""
    if request.address:
        values = _answer(request.kind, request.answer)
        if disclosure.is_available(request):
            values |= {"file": True, "withheld": not request.evaluations}
        _send(session, ANSWERED, request, values)


def send_refusal(session: Session, request: DataRequest) -> None:
    """Mail that the request is not met, with its reason (A-32). Raises PracticeOnly while the company practises."""
    if request.address:
        _send(session, ANSWERED, request, _answer(request.kind, request.answer) | {"refused": True})


@scopes.in_company
def send_erased(session: Session, company_id: int, request_id: int, address: str, text: str) -> None:
    """Tell a person who was just erased that it is done; the address goes when the mail has left."""
    if address:
        values = _answer(RequestKind.ERASURE, text) | {"erased": True}
        outbox.queue(session, ANSWERED, company_id=company_id, to=address, subject=(SUBJECT, request_id), values=values)


def forget(session: Session, request_ids: Sequence[int]) -> None:
    """Empty the mails about these requests. The companies are named for the index that begins with them."""
    companies = select(DataRequest.company_id).where(DataRequest.id.in_(request_ids))
    about = (Message.company_id.in_(companies), Message.practice.is_(False), Message.letter.in_((RECEIVED, ANSWERED)))
    session.execute(
        update(Message)
        .where(*about, Message.subject_kind == SUBJECT, Message.subject_id.in_(request_ids))
        .values(to_address="", values={}, last_error="")
        .execution_options(synchronize_session=False)
    )


_LAST_STATE = (
    select(Message.state)
    .where(Message.letter.in_((RECEIVED, ANSWERED)), Message.to_address == bindparam("address"))
    .order_by(Message.id.desc())
    .limit(1)
)


def did_not_arrive(session: Session, request: DataRequest) -> bool:
    """Return whether the last mail about a request to this address of the company in scope came back or failed."""
    last = session.scalars(_LAST_STATE, {"address": request.address}).first()
    return last in (MessageState.BOUNCED, MessageState.FAILED)


def _send(session: Session, letter: str, request: DataRequest, values: dict[str, Any]) -> None:
    outbox.queue(
        session,
        letter,
        company_id=request.company_id,
        to=request.address,
        subject=(SUBJECT, request.id),
        candidate_id=request.candidate_id,
        values=values,
    )


def _answer(kind: RequestKind, text: str) -> dict[str, Any]:
    return {"kind": kind.value, "text": text}


def _received(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    values = message.values
    kinds = [RequestKind(each) for each in values.get("kinds", ())]
    return {
        "company": _name(session, message),
        "kinds": [str(each.label) for each in kinds],
        "stopped": RequestKind.STOP in kinds,
        "asks": bool(values.get("asks")),
        "received_on": _day(values.get("received_on")),
        "due_on": _day(values.get("due_on")),
        "request_url": link(TokenPurpose.DATA_REQUEST),
    }


def _answered(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    kind = message.values.get("kind")
    return {
        "company": _name(session, message),
        "kind": str(RequestKind(kind).label) if kind else "",
        "paragraphs": [each.strip() for each in str(message.values.get("text", "")).split("\n\n") if each.strip()],
        "refused": bool(message.values.get("refused")),
        "days": disclosure.AVAILABLE.days if message.values.get("file") else 0,
        "withheld": disclosure.withheld() if message.values.get("withheld") else "",
        "request_url": "" if message.values.get("erased") else link(TokenPurpose.DATA_REQUEST),
    }


def _name(session: Session, message: Message) -> str:
    return session.scalars(select(Company.name).where(Company.id == scopes.required(message.company_id))).one()


def _day(text: str | None) -> str:
    return format_date(date.fromisoformat(text), "long") if text else ""


def _mint(session: Session, message: Message) -> dict[str, str]:
    if message.values.get("erased"):
        return {}
    token = tokens.mint(
        session,
        TokenPurpose.DATA_REQUEST,
        message.subject_id or 0,
        company_id=message.company_id,
        candidate_id=message.candidate_id,
        message_id=message.id,
        address_hash=address_hash(message.to_address),
    )
    return {PAGE.key: tokens.url_of(TokenPurpose.DATA_REQUEST, token)}


def _forget_the_erased(_session: Session, message: Message, _state: MessageState) -> None:
    """Empty the mail to a person who was erased, once it has left or failed."""
    if message.values.get("erased"):
        message.to_address, message.values, message.last_error = "", {}, ""


LETTERS = (
    Letter(
        name=RECEIVED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_received,
        mint=_mint,
        link=PAGE,
    ),
    Letter(
        name=ANSWERED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_answered,
        mint=_mint,
        on_final_state=_forget_the_erased,
        link=PAGE,
    ),
)
