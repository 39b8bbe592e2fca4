"""Own pages without their number: stopping, erasing, and the way back by address alone (C-20, C-23, C-25).

An erasure that is asked for runs 72 hours later, so that a mere reader of the mail cannot destroy the registration at
once. A request about an address is put aside as a draft for everybody alike; a job looks afterwards whether the address
is registered, so that neither the answer nor its time tells. An unknown address is forgotten by that job.
"""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import throttle
from relay.infra import jobs
from relay.infra.jobs import JobKind, Queue
from relay.infra.keyed_hash import address_hash, keyed
from relay.mail import outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import EventTag, Job, MailClass, Message, MessageState, Profile, Share, TokenPurpose, record, scopes
from relay.models.locking import lock_profile
from relay.network import consents, letters, next_openings, outcome_consents, own_acts, profiles, related_consents
from relay.network.consent_texts import CONSENT_MONTHS
from relay.network.own_acts import OwnAct
from relay.text import mail_key

GRACE = timedelta(hours=72)
ERASE_JOB = "erase-profile"
"""The kind of the job that erases; relay.rights does it."""


def stop_all(session: Session, profile_id: int) -> None:
    """End every consent of the person at once and tell them by mail; asking again changes nothing."""
    related_consents.take_all_back(session, profile_id)
    outcome_consents.take_all_back(session, profile_id)
    profile = _held(session, profile_id)
    if consents.withdraw_all(session, profile_id, way="stopped-all"):
        letters.send(session, letters.SHARING_STOPPED, profile)


def plan_erasure(session: Session, profile_id: int) -> None:
    """End every consent at once and put the erasure off by 72 hours; asking again keeps the first moment."""
    next_openings.take_all_back(session, profile_id)
    related_consents.take_all_back(session, profile_id)
    outcome_consents.take_all_back(session, profile_id)
    profile = _held(session, profile_id)
    consents.withdraw_all(session, profile_id, way="stopped-all")
    if profile.erase_at is not None:
        return
    profile.erase_at = clock.now() + GRACE
    session.flush()
    jobs.enqueue(
        session,
        ERASE_JOB,
        key=f"{ERASE_JOB}:{profile_id}:{profile.erase_at:%Y-%m-%dT%H:%M:%S.%f}",
        payload={"profile_id": profile_id},
        due_at=profile.erase_at,
    )
    record(session, EventTag.ERASURE_PLANNED, profile_id=profile_id, subject=("profile", profile_id))
    values = {"erase_at": profile.erase_at.isoformat()}
    letters.send(session, letters.ERASURE_PLANNED, profile, values=values)


def cancel_erasure(session: Session, profile_id: int) -> None:
    """Take a planned erasure back and say so by mail; what was stopped stays stopped."""
    profile = _held(session, profile_id)
    if profile.erase_at is None:
        return
    profile.erase_at = None
    session.flush()
    record(session, EventTag.ERASURE_CANCELLED, profile_id=profile.id, subject=("profile", profile.id))
    letters.send(session, letters.ERASURE_CANCELLED, profile)


class PauseDayOdd(DomainError):
    """Raise where a pause cannot end on the day that is asked for."""

    code = "pause-day-odd"

    def __init__(self) -> None:
        first, last = pause_days()
        super().__init__(
            _(
                "休止の最後の日は、%(first)sから%(last)sまでの間でお選びください。まだ休止していません。",
                first=format_date(first, "long"),
                last=format_date(last, "long"),
            )
        )


def pause_days() -> tuple[date, date]:
    """Return the first and the last day on which a pause that begins now may end: consents end within that time."""
    return clock.today(), clock.today() + relativedelta(months=CONSENT_MONTHS)


def pause(session: Session, profile_id: int, until: date) -> None:
    """Hide the person from every partner up to and with that day, from the next request on; consents stay.

    The day after, they see the person again by themselves. Raises PauseDayOdd.
    """
    first, last = pause_days()
    if not first <= until <= last:
        raise PauseDayOdd
    profile = _held(session, profile_id)
    profile.paused_until = until
    session.flush()
    record(session, EventTag.SHARING_PAUSED, profile_id=profile_id, subject=("profile", profile_id))
    own_acts.tell(session, profile_id, OwnAct.PAUSED)


def resume(session: Session, profile_id: int) -> None:
    """End a pause before its day; where there is none, nothing changes."""
    profile = _held(session, profile_id)
    paused = profiles.is_paused(profile.paused_until)
    profile.paused_until = None
    session.flush()
    if paused:
        record(session, EventTag.SHARING_RESUMED, profile_id=profile_id, subject=("profile", profile_id))
        own_acts.tell(session, profile_id, OwnAct.RESUMED)


def _held(session: Session, profile_id: int) -> Profile:
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        return session.scalars(select(Profile).execution_options(populate_existing=True)).one()


OWN_PAGE_ASKED = "own-page-asked"
REGISTRATION_ERASED = "registration-erased"
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
    letters.send(session, SHARING_GOES_ON, profile)


def tell_of_erasure(session: Session, address: str) -> None:
    """Tell a person that everything was erased as they asked. The mail belongs to nobody: nobody is left to own it."""
    with scopes.everyone(session, BY_ADDRESS):
        outbox.queue(session, REGISTRATION_ERASED, company_id=None, to=address)


def _forget_address(session: Session, message: Message, _state: MessageState) -> None:
    """Clear where the last mail went, once it has left or cannot."""
    message.to_address, message.last_error = "", ""
    session.flush()


def _registered(session: Session, email_key: str) -> Profile | None:
    return session.scalars(select(Profile).where(Profile.email_key == email_key)).one_or_none()


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE), "find_url": letters.find_url()}


LETTERS = (
    *(
        Letter(
            name=name,
            mail_class=MailClass.TRANSACTIONAL,
            route=MailRoute.INSTALLATION,
            context=_context,
            mint=letters.mint_own_page,
            link=letters.OWN_PAGE_LINK,
            unasked=name == SHARING_GOES_ON,
        )
        for name in (OWN_PAGE_ASKED, SHARING_GOES_ON)
    ),
    Letter(
        name=REGISTRATION_ERASED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=lambda _session, _message, _link: {},
        on_final_state=_forget_address,
    ),
)
JOBS = (JobKind(JOB, answer, Queue.BULK_ACTIONS),)
