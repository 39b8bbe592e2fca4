"""The way back to one's own page, for as long as it exists: by address alone, and after a company's erasure.

A request about an address is put aside as a draft for everybody alike; a job looks afterwards whether the address is
registered, so that neither the answer nor its time tells (C-20, C-23). An unknown address is forgotten by that job.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import throttle
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.infra.keyed_hash import address_hash, keyed
from relay.mail import outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import Job, MailClass, Message, MessageState, Profile, Share, TokenPurpose, scopes
from relay.network import own_page_letters
from relay.text import mail_key

OWN_PAGE_ASKED = "own-page-asked"
SHARING_GOES_ON = "sharing-goes-on"
JOB = "own-page-asked"
MAX_A_DAY = 5
"""How many mails with the link an address is sent within a day, known or not."""
A_DAY = timedelta(days=1)
BY_ADDRESS = "network: mail about an own page, asked for by its address"


def ask(session: Session, address: str) -> bool:
    """Put the request for a usable address aside, known or not; False, and nothing done, past MAX_A_DAY."""
    if throttle.hit(session, keyed("own-page-asked", address_hash(address)), window=A_DAY) > MAX_A_DAY:
        return False
    with scopes.everyone(session, BY_ADDRESS):
        message = outbox.queue(session, OWN_PAGE_ASKED, company_id=None, to=address)
        message.state = MessageState.DRAFT
        session.flush()
    jobs.enqueue(session, JOB, key=f"{JOB}:{message.id}", payload={"message_id": message.id})
    return True


def answer(session: Session, job: Job) -> None:
    """Send the waiting mail where its address is registered; else take it away."""
    with scopes.everyone(session, BY_ADDRESS):
        draft = select(Message).where(Message.id == job.payload["message_id"], Message.state == MessageState.DRAFT)
        message = session.scalars(draft.with_for_update()).one_or_none()
        if message is None:
            return
        profile = _registered(session, mail_key(message.to_address))
        if profile is None:
            session.delete(message)
            return
        message.profile_id, message.to_address = profile.id, profile.email
        message.subject_kind, message.subject_id = "profile", profile.id
        message.state = MessageState.SCHEDULED


def tell_that_sharing_goes_on(session: Session, email_key: str) -> None:
    """Tell a registered person, whom a company has just erased, that partners still see them, with the link to end it.

    Nobody is told who shares with nobody.
    """
    with scopes.everyone(session, BY_ADDRESS):
        profile = _registered(session, email_key)
        if profile is None:
            return
        standing = select(Share.id).where(Share.profile_id == profile.id, Share.until >= clock.now())
        if session.scalar(standing.limit(1)) is None:
            return
    own_page_letters.send(session, SHARING_GOES_ON, profile)


def _registered(session: Session, email_key: str) -> Profile | None:
    return session.scalars(select(Profile).where(Profile.email_key == email_key)).one_or_none()


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE), "find_url": own_page_letters.find_url()}


LETTERS = tuple(
    Letter(
        name=name,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=own_page_letters.mint_own_page,
        link=own_page_letters.OWN_PAGE_LINK,
    )
    for name in (OWN_PAGE_ASKED, SHARING_GOES_ON)
)
JOBS = (JobKind(JOB, answer, Queue.BULK_ACTIONS),)
