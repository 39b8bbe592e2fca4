"""/data-request: an address is typed, and mailed the page on which requests are chosen; nobody has to register.

A stranger may type it, so the request is put aside for everybody alike, and a job decides afterwards whether a mail
leaves: neither the answer nor its time tells whether any company, or the own pages, know the address. The page behind
the link names the company whose mail led there and those that have written to the person, which the mailbox knows
anyway; the others are reached together and stay unnamed (C-25). Nothing happens before its form is sent (C-16).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import throttle
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.infra.keyed_hash import keyed
from relay.mail import outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Candidate,
    Company,
    Job,
    MailClass,
    Message,
    MessageState,
    Profile,
    RequestKind,
    RequestSource,
    TokenPurpose,
    scopes,
)
from relay.rights import data_requests
from relay.rights.data_requests import RequestInput
from relay.text import mail_key, mailbox_of

LETTER = "data-request-asked"
JOB = "data-request-asked"
A_DAY = timedelta(days=1)
BY_ADDRESS = "requests about one's own data: which companies know an address, and mails that belong to none"
LINK = Link(TokenPurpose.CHOOSE_REQUESTS, lifetime=A_DAY, path="/data-request/", key="requests_url")


@dataclass(frozen=True)
class Addressee:
    """A company that a person may choose by its name."""

    company_id: int
    name: str


def ask(session: Session, address: str, company_id: int | None) -> None:
    """Put the request for a usable address aside, known or not; with the company whose mail led to the page."""
    with scopes.everyone(session, BY_ADDRESS):
        message = outbox.queue(session, LETTER, company_id=None, to=address, values={"company_id": company_id})
        message.state = MessageState.DRAFT
        session.flush()
    jobs.enqueue(session, JOB, key=f"{JOB}:{message.id}", payload={"message_id": message.id})


def answer(session: Session, job: Job) -> None:
    """Send the waiting mail where a company or the own pages know its address, once a day; or take it away."""
    with scopes.everyone(session, BY_ADDRESS):
        draft = select(Message).where(Message.id == job.payload["message_id"], Message.state == MessageState.DRAFT)
        message = session.scalars(draft.with_for_update()).one_or_none()
        if message is None:
            return
        key = mail_key(message.to_address)
        if not _is_known(session, key) or _was_written_to(session, key):
            session.delete(message)
            return
        message.state = MessageState.SCHEDULED


def addressees(session: Session, message_id: int) -> tuple[str, Sequence[Addressee]] | None:
    """Return the address that a mail went to, and the companies to be named to its reader; None where it is gone."""
    with scopes.everyone(session, BY_ADDRESS):
        mail = select(Message).where(Message.id == message_id, Message.letter == LETTER, Message.to_address != "")
        message = session.scalars(mail).one_or_none()
        if message is None:
            return None
        wrote = _have_written(session, mail_key(message.to_address))
        named = or_(Company.id.in_(wrote), Company.id == message.values.get("company_id"))
        rows = session.execute(select(Company.id, Company.name).where(named).order_by(Company.id)).all()
        return message.to_address, [Addressee(*row) for row in rows]


def open_requests(
    session: Session,
    message_id: int,
    kinds: Collection[RequestKind],
    company_ids: Collection[int | None],
    *,
    others: bool,
    text: str,
) -> None:
    """Open these requests at the chosen companies, and with `others` at those that know the address and are not named.

    An id that was not among the addressees is left out.
    """
    found = addressees(session, message_id)
    if found is None:
        return
    address, named = found
    chosen = {each.company_id for each in named if each.company_id in company_ids}
    if others:
        with scopes.everyone(session, BY_ADDRESS):
            chosen |= set(_knowing(session, mail_key(address))) - {each.company_id for each in named}
    for company_id in sorted(chosen):
        asked, source = RequestInput(address, text), RequestSource.PUBLIC_PAGE
        data_requests.receive(session, company_id, asked, kinds, source=source)


def sweep(session: Session) -> None:
    """Forget the addresses of mails whose link has run out."""
    done = [state for state in MessageState if state is not MessageState.DRAFT]
    over = (
        Message.state.in_(done),
        Message.letter == LETTER,
        Message.due_at <= clock.now() - 2 * A_DAY,
        Message.to_address != "",
    )
    with scopes.everyone(session, BY_ADDRESS):
        session.execute(update(Message).where(*over).values(to_address="", values={}, last_error=""))


def _is_known(session: Session, key: str) -> bool:
    registered = session.scalar(select(Profile.id).where(Profile.email_key == key).limit(1))
    return registered is not None or bool(_knowing(session, key))


def _knowing(session: Session, key: str) -> Sequence[int]:
    """Return the companies that have a record of an address."""
    return session.scalars(select(Candidate.company_id).where(_known_by(key)).distinct()).all()


def _known_by(key: str) -> ColumnElement[bool]:
    """Select the records of an address, by an index that begins with the company."""
    return and_(Candidate.company_id.in_(select(Company.id)), Candidate.email_key == key)


def _have_written(session: Session, key: str) -> Sequence[int | None]:
    """Return the companies a mail of which is in the mailbox."""
    about = and_(Message.company_id == Candidate.company_id, Message.candidate_id == Candidate.id)
    sent = (Message.state == MessageState.SENT, func.lower(Message.to_address) == key)
    written = select(Message.company_id).join(Candidate, about).where(_known_by(key), *sent)
    return session.scalars(written.distinct()).all()


def _was_written_to(session: Session, key: str) -> bool:
    return throttle.hit(session, keyed(LETTER, mailbox_of(key)), window=A_DAY) > 1


def _context(_session: Session, _message: Message, link: LinkFor) -> dict[str, Any]:
    return {"requests_url": link(TokenPurpose.CHOOSE_REQUESTS), "hours": A_DAY // timedelta(hours=1)}


def _mint(session: Session, message: Message) -> dict[str, str]:
    token = tokens.mint(session, TokenPurpose.CHOOSE_REQUESTS, message.id, message_id=message.id)
    return {LINK.key: tokens.url_of(TokenPurpose.CHOOSE_REQUESTS, token)}


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=_mint,
        link=LINK,
    ),
)
JOBS = (JobKind(JOB, answer, Queue.BULK_ACTIONS),)
