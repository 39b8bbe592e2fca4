"""The link of a company (`/careers/<slug>/relay`), for the templates of mails that leave from elsewhere.

An address that is typed there is mailed a relay link of its own. A stranger may type it, so the request is put aside
for everybody alike, and a job decides afterwards whether a mail leaves: neither the answer nor its time tells whether
the address is known, applied, asked for no more mail or was written to today. The mail names no application.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import throttle
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.infra.keyed_hash import address_hash, keyed
from relay.mail import optouts, outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import (
    Company,
    Consent,
    Job,
    LinkSource,
    LinkState,
    MailClass,
    Message,
    MessageState,
    PendingRegistration,
    RelayLink,
    TokenPurpose,
    scopes,
)
from relay.models.locking import lock_company
from relay.network import links
from relay.network.consent_texts import listed
from relay.network.links import ABOUT_ASKED_FOR, ASKED_FOR, BY_COMPANY_LINK, RELAY_LINK
from relay.network.partners import active_partners
from relay.text import mail_key, mailbox_of

LETTER = "relay-link-asked"
JOB = "relay-link-asked"
A_DAY = timedelta(days=1)
BY_ADDRESS = "network: links that were asked for on a company's public page, and their mails"


_TAKES = select(Company.id).where(
    Company.id == bindparam("company"), Company.relay_enabled, Company.live_since.is_not(None)
)


def is_open(session: Session, company_id: int) -> bool:
    """Return whether the page takes addresses now: the company writes to people, and has a partner to offer."""
    with scopes.company(session, company_id):
        takes = session.scalar(_TAKES, {"company": company_id}) is not None
        return takes and bool(active_partners(session, company_id))


@scopes.in_company
def ask(session: Session, company_id: int, address: str) -> None:
    """Put the request for a usable address aside, known or not."""
    with scopes.everyone(session, BY_ADDRESS):
        message = outbox.queue(session, LETTER, company_id=None, to=address)
        message.state = MessageState.DRAFT
        session.flush()
    payload = {"message_id": message.id, "company_id": company_id}
    jobs.enqueue(session, JOB, key=f"{JOB}:{message.id}", payload=payload)


def answer(session: Session, job: Job) -> None:
    """Send the waiting mail, with a link for its address; or take it away.

    One mail a day and mailbox leaves, none where the person stopped mail of the company, or its page is closed now.
    """
    company_id = job.payload["company_id"]
    with scopes.everyone(session, BY_ADDRESS):
        draft = select(Message).where(Message.id == job.payload["message_id"], Message.state == MessageState.DRAFT)
        message = session.scalars(draft.with_for_update()).one_or_none()
    if message is None:
        return
    may_leave = is_open(session, company_id) and not optouts.is_opted_out(session, company_id, message.to_address)
    with scopes.everyone(session, BY_ADDRESS):
        if not may_leave or was_written_to(session, message.to_address):
            session.delete(message)
            return
        company = session.scalars(select(Company).where(Company.id == company_id)).one()
        message.subject_kind, message.subject_id = ASKED_FOR, _issue(session, company_id, message.to_address).id
        whom = [each for each in (company.name, company.address, company.contact) if each]
        message.values = {"company": company.name, "whom": whom}
        message.state = MessageState.SCHEDULED


def hand_over(session: Session, link: RelayLink, profile_id: int) -> None:
    """Let the mails that brought this link belong to the person who registered by it: they go with the profile."""
    with scopes.everyone(session, BY_ADDRESS):
        session.execute(
            update(Message)
            .where(ABOUT_ASKED_FOR, Message.subject_id == link.id, Message.profile_id.is_(None))
            .values(profile_id=profile_id)
        )


def forget_address(session: Session, key: str, company_id: int | None = None) -> None:
    """End the links that an address (`mail_key`) asked for, of one company or of all, and forget it in their mails."""
    of_company = [RelayLink.company_id == company_id] if company_id is not None else []
    asked_for = (RelayLink.address_hash == address_hash(key), *of_company)
    _forget_mails(session, *asked_for)
    _forget(session, *asked_for)


def forget_people(session: Session, profile_ids: Collection[int]) -> None:
    """End the links by which these people registered: nothing waits for them any more."""
    used = select(Consent.via_relay_link_id).where(Consent.profile_id.in_(profile_ids))
    _forget(session, RelayLink.id.in_(used))


def _forget_mails(session: Session, *which: ColumnElement[bool]) -> None:
    with scopes.everyone(session, BY_ADDRESS):
        mine = (ABOUT_ASKED_FOR, Message.subject_id.in_(select(RelayLink.id).where(BY_COMPANY_LINK, *which)))
        waiting = update(Message).where(*mine, Message.state == MessageState.SCHEDULED)
        session.execute(waiting.values(state=MessageState.CANCELLED, settled_at=clock.now()))
        session.execute(update(Message).where(*mine).values(to_address="", values={}, last_error=""))


def _forget(session: Session, *which: ColumnElement[bool]) -> None:
    with scopes.everyone(session, BY_ADDRESS):
        session.execute(
            update(RelayLink)
            .where(BY_COMPANY_LINK, *which)
            .values(address_hash=None, waits_until=None)
            .execution_options(synchronize_session=False)
        )


def sweep(session: Session) -> None:
    """Delete links that ran out unused, with the address in their mails; of used ones forget what is needed no more."""
    now = clock.now()
    over = (BY_COMPANY_LINK, RelayLink.expires_at <= now)
    unused = select(RelayLink.id).where(
        *over,
        RelayLink.registered_at.is_(None),
        ~exists().where(PendingRegistration.relay_link_id == RelayLink.id),
        ~exists().where(Consent.via_relay_link_id == RelayLink.id),
    )
    with scopes.everyone(session, BY_ADDRESS):
        session.execute(update(RelayLink).where(RelayLink.waits_until <= now).values(waits_until=None))
        session.execute(update(RelayLink).where(*over, RelayLink.waits_until.is_(None)).values(address_hash=None))
        ids = session.scalars(unused.order_by(RelayLink.id).limit(1000)).all()
        mine = (ABOUT_ASKED_FOR, Message.subject_id.in_(ids))
        session.execute(update(Message).where(*mine).values(to_address="", values={}, last_error=""))
        session.execute(delete(RelayLink).where(RelayLink.id.in_(ids)))


def was_written_to(session: Session, address: str) -> bool:
    """Return whether a link left for this mailbox within a day, by this road or another; else note that one does."""
    mailbox = keyed(LETTER, mailbox_of(mail_key(address)))
    return throttle.hit(session, mailbox, window=A_DAY) > 1


def _issue(session: Session, company_id: int, address: str) -> RelayLink:
    """Return the link of an address at the company, good for 60 days from now; asked for again, the same one."""
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        proves, now = address_hash(address), clock.now()
        mine = RelayLink.address_hash == proves, BY_COMPANY_LINK
        link = session.scalars(select(RelayLink).where(*mine)).one_or_none()
        if link is None:
            link = RelayLink(
                company_id=company_id,
                address_hash=proves,
                source=LinkSource.COMPANY_LINK,
                state=LinkState.ISSUED,
                issued_at=now,
                expires_at=now + links.LIFETIME,
            )
            session.add(link)
        link.expires_at = now + links.LIFETIME
        session.flush()
        return link


def _context(_session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {
        "relay_url": link(TokenPurpose.RELAY),
        "days": links.LIFETIME.days,
        "company": message.values.get("company", ""),
        "whom": listed(message.values.get("whom", ())),
    }


def _mint(session: Session, message: Message) -> dict[str, str]:
    link = _link_of(session, message)
    return {RELAY_LINK.key: tokens.url_of(TokenPurpose.RELAY, links.mint(session, link, message.id))}


def _mark(session: Session, message: Message, state: MessageState) -> None:
    """Mark the link as sent, and as not sent where its mail came back; one that was used keeps its state."""
    if state is MessageState.SENT:
        before, after, sent_at = LinkState.ISSUED, LinkState.SENT, clock.now()
    elif state in (MessageState.BOUNCED, MessageState.FAILED):
        before, after, sent_at = LinkState.SENT, LinkState.ISSUED, None
    else:
        return
    link = _link_of(session, message)
    if link.state is before:
        link.state, link.sent_at = after, sent_at


def _link_of(session: Session, message: Message) -> RelayLink:
    with scopes.everyone(session, BY_ADDRESS):
        return session.scalars(select(RelayLink).where(RelayLink.id == message.subject_id)).one()


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=_mint,
        link=RELAY_LINK,
        on_final_state=_mark,
    ),
)
JOBS = (JobKind(JOB, answer, Queue.BULK_ACTIONS),)
